"""The people who follow a chat room live while a drill runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TextIO

import socketio
from drill_http import Service, UnusableError, now, pause


SECONDS_BETWEEN_MESSAGES = 0.5
CONNECT_SECONDS = 5
LEAVE_SECONDS = 0.3
BACKEND_TRIES = 30
# The user interface's own figures: a page of the history, and how far back late commits are looked for.
HISTORY_LIMIT = 50
HISTORY_OVERLAP = 20
# As long as the application's pings need to reveal a connection that died in silence.
GRACE_SECONDS = 10


def backend_of(session_id: str | None) -> str:
    """Tell which backend holds a live connection: its session's id is `<backend>.<random>`."""
    return (session_id or "").rpartition(".")[0]


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
        self.fell_behind()

    def fell_behind(self) -> None:
        """Note that messages may be missing although the connection held."""
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


class LiveClient:
    """A person who follows the room by one transport, and comes back as the user interface does."""

    def __init__(self, service: Service, transport: str, room: int, journal: TextIO) -> None:
        self.inbox, self.whole = Inbox(), asyncio.Event()
        self._service, self._transport, self._room, self._journal = service, transport, room, journal
        self._lost, self._behind, self._backend = asyncio.Event(), asyncio.Event(), ""
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
            keeping_up = asyncio.create_task(self._keep_up())
            await self._lost.wait()
            keeping_up.cancel()
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
        self._client.on("behind", lambda *_: self._behind.set())
        self._client.on("disconnect", lambda *_: lost.set())
        async with asyncio.timeout(CONNECT_SECONDS):
            url = self._service.config.url
            await self._client.connect(url, transports=[self._transport], wait_timeout=CONNECT_SECONDS)
        # One event per connection: what an earlier one says late does not concern this one.
        self._lost, self._backend = lost, backend_of(self._client.sid)

    async def _keep_up(self) -> None:
        """Catch up, now and whenever the backend says that it may not have heard of every message."""
        while True:
            self._behind.clear()
            await self._catch_up()
            await self._behind.wait()
            self.whole.clear()
            self.inbox.fell_behind()
            await asyncio.sleep(pause())

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


class Audience:
    """A chat room, somebody who writes to it, and two people who follow it live."""

    def __init__(self, service: Service, journal: TextIO) -> None:
        self._service, self._journal = service, journal
        self._room = 0
        self._clients: dict[str, LiveClient] = {}
        self._posted: list[int] = []
        self._staying: list[asyncio.Task[None]] = []

    async def gather(self, websocket_backend: str) -> None:
        """Make the room, and wait until both follow it; the websocket on a certain backend if one is named."""
        self._room = await self._service.create("/rooms", {"name": self._service.config.run_id})
        for transport, backend in (("websocket", websocket_backend), ("polling", "")):
            self._clients[transport] = client = LiveClient(self._service, transport, self._room, self._journal)
            await client.begin(backend)
            self._staying.append(asyncio.create_task(client.stay()))
        try:
            await asyncio.wait_for(self._all_whole(), CONNECT_SECONDS)
        except TimeoutError as error:
            raise UnusableError(f"The live clients could not join room {self._room}.") from error

    async def entertain(self, stop: asyncio.Event) -> None:
        """Write to the room, one message after the other and each until it is acknowledged."""
        for number in count():
            next_due = now() + SECONDS_BETWEEN_MESSAGES
            key = f"{self._service.config.run_id}-m{number:06d}"
            path = f"/rooms/{self._room}/messages"
            while (answer := await self._service.ask("POST", path, key, {"text": key})).error:
                await asyncio.sleep(pause())
            self._posted.append(int(json.loads(answer.body)["id"]))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(0, next_due - now()))
                return

    async def catch_up(self) -> None:
        """Give both the time to get what they lack."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_whole(), GRACE_SECONDS)

    async def leave(self) -> None:
        """Give the connections up."""
        for task in self._staying:
            task.cancel()
        await asyncio.gather(*(client.leave() for client in self._clients.values()))

    def summary(self) -> dict[str, Any]:
        """Tell what each got."""
        return {transport: client.inbox.summary(self._posted) for transport, client in self._clients.items()}

    async def _all_whole(self) -> None:
        while not all(
            client.whole.is_set() and not client.inbox.missed(self._posted) for client in self._clients.values()
        ):
            await asyncio.sleep(0.05)
