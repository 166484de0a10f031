"""The reference application over HTTP, as the people whom a drill plays use it."""

from __future__ import annotations

import errno
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp


# The controller's clock may be set while a drill runs; latencies must not jump with it.
EPOCH_OFFSET = time.time() - time.monotonic()


class UnusableError(Exception):
    """There is nothing to measure; the text says why in one sentence."""


@dataclass(frozen=True)
class Config:
    """What config.json says."""

    url: str
    origin: str
    rate: float
    write_share: float
    timeout_seconds: float
    longest_seconds: float
    run_id: str
    live_backend: str = ""
    retries: int = 0
    # What is read instead of the application's workouts, such as the user interface's page.
    read_url: str = ""
    # How long the first answer is waited for, where there may be a second one (as long as any, if 0).
    first_patience_seconds: float = 0
    # Whether two people follow a chat room live beside the load.
    live: bool = True
    # Whether it is tried all the time if the service's address can be reached at all.
    knock: bool = False


@dataclass(frozen=True)
class Answer:
    """What came of one HTTP request; status 0 is no answer, or half of one."""

    status: int
    error: str
    backend: str
    body: bytes = b""


def read_config(folder: Path) -> Config:
    try:
        return Config(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise UnusableError(f"{folder / 'config.json'} is no configuration: {error}.") from error


def now() -> float:
    return EPOCH_OFFSET + time.monotonic()


def error_class(error: BaseException) -> str:
    """Tell in one word why there is no whole answer."""
    numbers = {getattr(cause, "errno", None) for cause in (error, error.__cause__)}
    if isinstance(error, TimeoutError):
        return "timeout"
    if errno.ECONNREFUSED in numbers:
        return "refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError) or numbers & {errno.ECONNRESET, errno.EPIPE}:
        return "reset"
    broken_off = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError)
    return "disconnected" if broken_off else "other"


def pause(shortest: float = 0.1) -> float:
    """Choose for how many seconds a client waits before it tries again: not all of them at the same moment."""
    return random.uniform(shortest, shortest + 0.4)


@dataclass(frozen=True)
class Service:
    """The application as its users reach it."""

    http: aiohttp.ClientSession
    config: Config

    async def ask(
        self, method: str, path: str, key: str = "", body: object = None, patience: float | None = None
    ) -> Answer:
        """Send one request once, to a path of the service or a whole URL, and read the whole answer."""
        backend = ""
        headers = {"Idempotency-Key": key} if key else None
        url = path if "://" in path else self.config.url + path
        timeout = aiohttp.ClientTimeout(total=patience or self.config.timeout_seconds)
        try:
            async with self.http.request(
                method, url, headers=headers, json=body, allow_redirects=False, timeout=timeout
            ) as response:
                backend = response.headers.get("X-Served-By", "")
                content = await response.read()
                return Answer(response.status, "" if 200 <= response.status < 300 else "status", backend, content)
        except (aiohttp.ClientError, OSError) as error:
            return Answer(0, error_class(error), backend)

    async def create(self, path: str, body: object) -> int:
        """Create what the probe cannot do without; return its id."""
        answer = await self.ask("POST", path, body=body)
        if answer.error:
            result = f"status {answer.status}" if answer.status else f"no answer ({answer.error})"
            raise UnusableError(f"{self.config.url} cannot be measured: POST {path} got {result}.")
        return int(json.loads(answer.body)["id"])


def open_session(config: Config) -> aiohttp.ClientSession:
    """Make the session of one user, with a connection of its own for every request."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        # The lab is asked by its address, for which cookies are not kept otherwise.
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        headers={"Origin": config.origin, "Connection": "close"},
    )
    # It would send a GET again whose connection was closed, and nobody would see the failure. There is no public
    # option; aiohttp's own test client sets it so, too.
    session._retry_connection = False
    return session
