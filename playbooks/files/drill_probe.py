#!/usr/bin/env python3
"""Play the people who use the reference application, and write down what each of them got.

Requests are sent at a constant rate whatever becomes of the others, each on a connection of its own and without a
second try, so that nothing but the service itself hides a failure. Their latency counts from the moment they were due:
one that had to wait for its turn waited. Besides, two people follow a chat room live, one by websocket, one by polling.

The folder holds config.json; written are began, requests.jsonl, live.jsonl and summary.json. The probe ends when the
file `stop` appears there, on SIGTERM or SIGINT, or after longest_seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import logging
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TextIO

import aiohttp
import socketio


SECONDS_BETWEEN_MESSAGES = 0.5
CONNECT_SECONDS = 5
LEAVE_SECONDS = 0.3
BACKEND_TRIES = 30
# The user interface's own figures: a page of the history, and how far back late commits are looked for.
HISTORY_LIMIT = 50
HISTORY_OVERLAP = 20
# As long as the application's pings need to reveal a connection that died in silence.
LIVE_GRACE_SECONDS = 10
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


def due(start: float, number: int, rate: float) -> float:
    """Tell when a request is due, whatever became of the ones before it."""
    return start + number / rate


def is_write(number: int, share: float) -> bool:
    """Spread the writes evenly: after any number of requests their share is right to within one."""
    return int((number + 1) * share) > int(number * share)


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


def backend_of(session_id: str | None) -> str:
    """Tell which backend holds a live connection: its session's id is `<backend>.<random>`."""
    return (session_id or "").rpartition(".")[0]


def pause() -> float:
    """Choose how long a client waits before it tries again: not all of them at the same moment."""
    return random.uniform(0.1, 0.5)


@dataclass
class Inbox:
    """The messages that one live client knows, and the times in which it may have missed some."""

    known: set[int] = field(default_factory=set)
    complete: bool = False
    complete_up_to: int = 0
    reconnects: list[dict[str, Any]] = field(default_factory=list)

    def add(self, messages: Iterable[int]) -> list[int]:
        """Take messages in; return those that were new."""
        new = [message for message in messages if message not in self.known]
        self.known.update(new)
        if self.complete:
            self.complete_up_to = max(self.known, default=0)
        return new

    def lost(self, at: float, backend: str) -> None:
        """Note that the connection is gone; one that goes before all was fetched prolongs the same absence."""
        if self.complete:
            self.reconnects.append({"lost_at": round(at, 6), "back_at": None, "from": backend, "to": ""})
        self.complete = False

    def caught_up(self, at: float, backend: str) -> None:
        """Note that the client is connected and lacks nothing."""
        if self.reconnects and self.reconnects[-1]["back_at"] is None:
            self.reconnects[-1].update(back_at=round(at, 6), to=backend)
        self.complete = True
        self.add([])

    def fetch_after(self) -> int:
        """Tell after which message to ask: ids are handed out before commits, so a smaller one may appear later."""
        return max(0, self.complete_up_to - HISTORY_OVERLAP)

    def missed(self, posted: Iterable[int]) -> list[int]:
        return [message for message in posted if message not in self.known]

    def summary(self, posted: Sequence[int]) -> dict[str, Any]:
        missed = self.missed(posted)
        received = len(posted) - len(missed)
        return {"sent": len(posted), "received": received, "missed": missed, "reconnects": self.reconnects}


@dataclass(frozen=True)
class Service:
    """The application as its users reach it."""

    http: aiohttp.ClientSession
    config: Config

    async def ask(self, method: str, path: str, key: str = "", body: object = None) -> Answer:
        """Send one request once, to a path of the service or a whole URL, and read the whole answer."""
        backend = ""
        headers = {"Idempotency-Key": key} if key else None
        url = path if "://" in path else self.config.url + path
        try:
            async with self.http.request(method, url, headers=headers, json=body, allow_redirects=False) as response:
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

    async def use(self, number: int, scheduled: float, requests: TextIO) -> None:
        """Send one request of the load, and write down what came of it."""
        key = f"{self.config.run_id}-{number:06d}" if is_write(number, self.config.write_share) else ""
        kind, sent = "write" if key else "read", now()
        for _ in range(1 + self.config.retries):
            if key:
                answer = await self.ask("POST", "/workouts", key, {"name": key, "performedOn": "2026-01-01"})
            else:
                answer = await self.ask("GET", self.config.read_url or "/workouts?page=1&pageSize=1")
            if answer.status not in (0, 503):
                break
        times = [round(moment, 6) for moment in (scheduled, sent, now() - scheduled)]
        print(json.dumps([*times, kind, answer.status, answer.error, answer.backend, key]), file=requests)

    async def load(self, start: float, requests: TextIO, stop: asyncio.Event) -> None:
        """Send each request when it is due; return when the last one is answered."""
        in_flight: set[asyncio.Task[None]] = set()
        for number in count():
            scheduled = due(start, number, self.config.rate)
            await asyncio.sleep(max(0, scheduled - now()))
            if stop.is_set():
                break
            in_flight.add(task := asyncio.create_task(self.use(number, scheduled, requests)))
            task.add_done_callback(in_flight.discard)
        await asyncio.gather(*in_flight)

    async def chat(self, room: int, posted: list[int], stop: asyncio.Event) -> None:
        """Write to the room, one message after the other and each until it is acknowledged."""
        for number in count():
            next_due = now() + SECONDS_BETWEEN_MESSAGES
            key = f"{self.config.run_id}-m{number:06d}"
            while (answer := await self.ask("POST", f"/rooms/{room}/messages", key, {"text": key})).error:
                await asyncio.sleep(pause())
            posted.append(int(json.loads(answer.body)["id"]))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(0, next_due - now()))
                return


class LiveClient:
    """A person who follows the room by one transport, and comes back as the user interface does."""

    def __init__(self, service: Service, transport: str, room: int, journal: TextIO) -> None:
        self.inbox, self.whole = Inbox(), asyncio.Event()
        self._service, self._transport, self._room, self._journal = service, transport, room, journal
        self._lost, self._backend = asyncio.Event(), ""
        self._client: Any = None

    async def begin(self, backend: str) -> None:
        """Connect for the first time, to a certain backend if one is named."""
        for _ in range(BACKEND_TRIES):
            try:
                await self._connect()
            except Exception as error:
                raise UnusableError(f"The service takes no {self._transport} connection: {error}.") from error
            if backend in ("", self._backend):
                return
            await self.leave()
        raise UnusableError(f"None of {BACKEND_TRIES} {self._transport} connections was held by {backend}.")

    async def stay(self) -> None:
        """Follow the room, through as many connections as it takes."""
        while True:
            self._note("connected")
            catching_up = asyncio.create_task(self._catch_up())
            await self._lost.wait()
            catching_up.cancel()
            self.whole.clear()
            self.inbox.lost(now(), self._backend)
            self._note("disconnected")
            while self._lost.is_set():
                await asyncio.sleep(pause())
                try:
                    await self._connect()
                except Exception:  # a person tries again, whatever it was
                    await self.leave()

    async def leave(self) -> None:
        """Give the connection up, whatever is wrong with it."""
        with suppress(Exception):
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._client.disconnect()

    async def _connect(self) -> None:
        lost = asyncio.Event()
        self._client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=self._service.http)
        self._client.on("message", lambda message: self._take("message", [message]))
        self._client.on("disconnect", lambda *_: lost.set())
        async with asyncio.timeout(CONNECT_SECONDS):
            url = self._service.config.url
            await self._client.connect(url, transports=[self._transport], wait_timeout=CONNECT_SECONDS)
        # One event per connection: what an earlier one says late does not concern this one.
        self._lost, self._backend = lost, backend_of(self._client.sid)

    async def _catch_up(self) -> None:
        """Join before reading, so that nothing falls between the history and the live messages."""
        while not (await self._join() and await self._fetch()):
            await asyncio.sleep(pause())
        self.inbox.caught_up(now(), self._backend)
        self.whole.set()

    async def _join(self) -> bool:
        try:
            return "error" not in await self._client.call("join", {"roomId": self._room}, timeout=CONNECT_SECONDS)
        except socketio.exceptions.SocketIOError:
            return False

    async def _fetch(self) -> bool:
        after = self.inbox.fetch_after()
        while True:
            path = f"/rooms/{self._room}/messages?after={after}&limit={HISTORY_LIMIT}"
            answer = await self._service.ask("GET", path)
            if answer.error:
                return False
            page = json.loads(answer.body)["items"]
            self._take("fetched", page)
            if len(page) < HISTORY_LIMIT:
                return True
            after = page[-1]["id"]

    def _take(self, event: str, messages: Iterable[dict[str, Any]]) -> None:
        for message in self.inbox.add(message["id"] for message in messages):
            self._note(event, message)

    def _note(self, event: str, message: int | None = None) -> None:
        place = {"client": self._transport, "event": event, "backend": self._backend}
        print(json.dumps({"at": round(now(), 6), **place, "message": message}), file=self._journal)


def open_session(config: Config) -> aiohttp.ClientSession:
    """Make the session of one user, with a connection of its own for every request."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        # The lab is asked by its address, for which cookies are not kept otherwise.
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        headers={"Origin": config.origin, "Connection": "close"},
        timeout=aiohttp.ClientTimeout(total=config.timeout_seconds),
    )
    # It would send a GET again whose connection was closed, and nobody would see the failure. There is no public
    # option; aiohttp's own test client sets it so, too.
    session._retry_connection = False
    return session


async def watch(folder: Path, until: float, files: Sequence[TextIO], stop: asyncio.Event) -> None:
    """Bring what was recorded to the disk every second, and notice the word to stop."""
    for tick in count():
        if now() > until or (folder / "stop").exists():
            stop.set()
        if tick % 10 == 0:
            for file in files:
                file.flush()
        await asyncio.sleep(0.1)


async def all_whole(clients: Iterable[LiveClient], posted: Iterable[int]) -> None:
    """Wait until every live client has every message."""
    while not all(client.whole.is_set() and not client.inbox.missed(posted) for client in clients):
        await asyncio.sleep(0.05)


async def probe(folder: Path, config: Config) -> None:
    """Set up the account, the room and the live clients; measure until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clients: dict[str, LiveClient] = {}
    tasks: list[asyncio.Task[None]] = []
    posted: list[int] = []
    with ExitStack() as files:
        paths = (folder / "requests.jsonl", folder / "live.jsonl")
        requests, live = journals = [files.enter_context(path.open("w", buffering=1 << 20)) for path in paths]
        async with open_session(config) as http:
            try:
                service = Service(http, config)
                account = {"username": f"drill-{config.run_id}", "password": secrets.token_urlsafe(24)}
                user_id = await service.create("/auth/register", account)
                room = await service.create("/rooms", {"name": config.run_id})
                for transport, backend in (("websocket", config.live_backend), ("polling", "")):
                    clients[transport] = client = LiveClient(service, transport, room, live)
                    await client.begin(backend)
                    tasks.append(asyncio.create_task(client.stay()))
                try:
                    await asyncio.wait_for(all_whole(clients.values(), posted), CONNECT_SECONDS)
                except TimeoutError as error:
                    raise UnusableError(f"The live clients could not join room {room}.") from error

                start = now()
                (folder / "began").touch()
                tasks.append(asyncio.create_task(watch(folder, start + config.longest_seconds, journals, stop)))
                tasks.append(chatting := asyncio.create_task(service.chat(room, posted, stop)))
                await service.load(start, requests, stop)
                await asyncio.wait([chatting], timeout=config.timeout_seconds)
                chatting.cancel()
                with suppress(TimeoutError):
                    await asyncio.wait_for(all_whole(clients.values(), posted), LIVE_GRACE_SECONDS)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*(client.leave() for client in clients.values()))
    summary = {
        "live": {transport: client.inbox.summary(posted) for transport, client in clients.items()},
        "processor_seconds": round(time.process_time(), 3),
        "run_id": config.run_id,
        "user_id": user_id,
    }
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")


def main() -> int:
    """Run the probe; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds config.json, and gets what was measured")
    folder: Path = parser.parse_args().folder
    # The library's complaints about lost connections; live.jsonl tells of them.
    logging.getLogger("engineio.client").setLevel(logging.CRITICAL)
    try:
        config = read_config(folder)
        # Who shares the processor with the service measures his own waiting; only a privileged user may go first.
        with suppress(PermissionError):
            os.nice(-10)
        asyncio.run(probe(folder, config))
    except UnusableError as error:
        print(f"drill_probe: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
