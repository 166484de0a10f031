"""The people whom a drill plays, against a small service that can be told to misbehave."""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count, cycle, pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from aiohttp import web


PROGRAM = Path(__file__).parents[2] / "playbooks" / "files" / "drill_probe.py"
# As Python itself does for the program.
sys.path.insert(0, str(PROGRAM.parent))

import drill_http  # noqa: E402
import drill_live  # noqa: E402
import drill_probe  # noqa: E402


ORIGIN = "http://ui.test"
# A machine that is busy takes seconds to start a program.
PATIENCE_SECONDS = 30
RUN_ID = "d0123456789"
# Columns of requests.jsonl.
SCHEDULED, SENT, SECONDS, KIND, STATUS, ERROR, BACKEND, ID, ATTEMPTS, FIRST_FAILED = range(10)


class Application:
    """As much of the reference application as the probe uses."""

    def __init__(self) -> None:
        self.url = ""
        self.stored: Counter[str] = Counter()
        self.messages: dict[str, int] = {}
        self.reads = 0
        self.refused = False
        self.silent = False
        self.locked = False
        self.open = asyncio.Event()
        self.open.set()
        self.drops: set[str] = set()
        self.peers: set[object] = set()
        self.joined: dict[str, str] = {}
        self.live = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins=ORIGIN)
        names = cycle(["one", "two", "three", "four", "five", "six", "seven"])
        numbers = count()
        self.live.eio.generate_id = lambda: f"{next(names)}.{next(numbers)}"
        self.live.on("join", self._join)
        self._ids = count(1)
        self._runner: web.AppRunner | None = None
        self._port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Application]:
        site = web.Application(middlewares=[self._admit])
        self.live.attach(site)
        site.add_routes(
            [
                web.post("/auth/register", self._register),
                web.post("/rooms", self._make_room),
                web.get("/workouts", self._workouts),
                web.post("/workouts", self._store),
                web.post("/rooms/3/messages", self._post),
                web.get("/rooms/3/messages", self._history),
            ]
        )
        runner = web.AppRunner(site, shutdown_timeout=0.1)
        await runner.setup()
        self._runner = runner
        await self.reopen()
        self.url = f"http://127.0.0.1:{self._port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def reopen(self) -> None:
        """Listen, always on the same port."""
        assert self._runner is not None
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Listen no longer."""
        assert self._runner is not None
        for site in list(self._runner.sites):
            await site.stop()

    @web.middleware
    async def _admit(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self.refused:
            raise web.HTTPServiceUnavailable
        if request.headers.get("Origin") != ORIGIN:
            raise web.HTTPForbidden
        if request.path != "/auth/register" and request.cookies.get("discordgym.sid") != "s%3Asecret":
            raise web.HTTPUnauthorized
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername"))
        if request.path == "/workouts":
            await self.open.wait()
        return await handler(request)

    async def _register(self, request: web.Request) -> web.StreamResponse:
        account = await request.json()
        assert account["username"] == f"drill-{RUN_ID}" and len(account["password"]) >= 16
        response = web.json_response({"id": 7}, status=201)
        response.set_cookie("discordgym.sid", "s%3Asecret", httponly=True)
        return response

    async def _make_room(self, request: web.Request) -> web.StreamResponse:
        assert (await request.json())["name"] == RUN_ID
        return web.json_response({"id": 3}, status=201)

    async def _workouts(self, request: web.Request) -> web.StreamResponse:
        self.reads += 1
        self._drop(request, "read")
        return web.json_response({"items": []}, headers={"X-Served-By": "one"})

    async def _store(self, request: web.Request) -> web.StreamResponse:
        key, name = request.headers["Idempotency-Key"], (await request.json())["name"]
        assert key == name
        self.stored[name] = self.stored[name] or 1
        self._drop(request, "write")
        return web.json_response({"id": 1}, status=201, headers={"X-Served-By": "two"})

    async def _post(self, request: web.Request) -> web.StreamResponse:
        key = request.headers["Idempotency-Key"]
        new = key not in self.messages
        message = {"id": self.messages.setdefault(key, next(self._ids) if new else 0), "roomId": 3}
        if new and not self.silent:
            await self.live.emit("message", message, room="room")
        self._drop(request, "message")
        return web.json_response(message, status=201)

    async def _history(self, request: web.Request) -> web.StreamResponse:
        after, limit = int(request.query["after"]), int(request.query["limit"])
        return web.json_response({"items": [{"id": i} for i in self.messages.values() if i > after][:limit]})

    async def _join(self, sid: str, room: dict[str, int]) -> dict[str, object]:
        assert room == {"roomId": 3}
        if self.locked:
            return {"error": {"status": 503}}
        await self.live.enter_room(sid, "room")
        self.joined[self.live.transport(sid)] = sid
        return {"ok": True}

    def _drop(self, request: web.Request, kind: str) -> None:
        """Close the connection instead of an answer, once."""
        if kind in self.drops:
            self.drops.remove(kind)
            assert request.transport is not None
            request.transport.close()


class Probe:
    """The real program, and what it wrote."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process) -> None:
        self.folder, self.process = folder, process

    @classmethod
    @asynccontextmanager
    async def begun(cls, folder: Path, application: Application, **changed: object) -> AsyncIterator[Probe]:
        configure(folder, application.url, **changed)
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(PROGRAM), str(folder), stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (folder / "began").exists() and process.returncode is None:
                    await asyncio.sleep(0.02)
            yield cls(folder, process)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def stop(self) -> None:
        (self.folder / "stop").touch()
        assert await self.ended() == (0, "")

    async def ended(self) -> tuple[int | None, str]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            stdout, stderr = await self.process.communicate()
        assert stdout == b""
        return self.process.returncode, stderr.decode()

    def requests(self) -> list[list[Any]]:
        return sorted(lines(self.folder / "requests.jsonl"), key=lambda request: float(request[SCHEDULED]))

    def events(self, client: str, kind: str) -> list[dict[str, Any]]:
        events = lines(self.folder / "live.jsonl")
        return [event for event in events if (event["client"], event["event"]) == (client, kind)]

    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = json.loads((self.folder / "summary.json").read_text())
        return summary


def configure(folder: Path, url: str, **changed: object) -> Any:
    config: dict[str, Any] = {"url": url, "origin": ORIGIN, "rate": 50, "write_share": 0.5, "timeout_seconds": 2}
    config |= {"longest_seconds": 20, "run_id": RUN_ID, "live_backend": ""} | changed
    (folder / "config.json").write_text(json.dumps(config))
    return drill_http.Config(**config)


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def eventually(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)


async def unheard_message(application: Application) -> int:
    """Have a message written of which nobody who is there is told; tell its id."""
    await eventually(lambda: application.messages)
    before = len(application.messages)
    application.silent = True
    await eventually(lambda: len(application.messages) > before)
    application.silent = False
    return before + 1


# ---- The arithmetic


def test_requests_are_due_at_a_constant_rate() -> None:
    assert [drill_probe.due(100.0, number, 4) for number in range(4)] == [100.0, 100.25, 100.5, 100.75]


@pytest.mark.parametrize(
    ("share", "kinds"), [(0.5, "rwrwrwrwrw"), (0.2, "rrrrwrrrrw"), (0.0, "rrrrrrrrrr"), (1.0, "wwwwwwwwww")]
)
def test_writes_are_spread_evenly(share: float, kinds: str) -> None:
    assert "".join("w" if drill_probe.is_write(number, share) else "r" for number in range(10)) == kinds


def broken_off(cause: BaseException) -> aiohttp.ClientPayloadError:
    error = aiohttp.ClientPayloadError("Response payload is not completed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (TimeoutError(), "timeout"),
        (aiohttp.ServerTimeoutError(), "timeout"),
        (aiohttp.ClientOSError(errno.ECONNREFUSED, "refused"), "refused"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "refused"),
        (aiohttp.ClientOSError(errno.ECONNRESET, "reset"), "reset"),
        (aiohttp.ClientConnectionResetError("Cannot write to closing transport"), "reset"),
        (BrokenPipeError(), "reset"),
        (broken_off(ConnectionResetError(errno.ECONNRESET, "reset")), "reset"),
        (broken_off(ValueError("not enough data")), "disconnected"),
        (aiohttp.ServerDisconnectedError(), "disconnected"),
        (aiohttp.ClientOSError(errno.EHOSTUNREACH, "no route"), "other"),
        (aiohttp.InvalidURL("nonsense"), "other"),
    ],
)
def test_a_missing_answer_has_one_word(error: BaseException, word: str) -> None:
    assert drill_http.error_class(error) == word


@pytest.mark.parametrize(("session_id", "name"), [("api-1.x.Yz", "api-1.x"), ("Yz", ""), (None, "")])
def test_a_session_names_its_backend(session_id: str | None, name: str) -> None:
    assert drill_live.backend_of(session_id) == name


# ---- What a live client knows


def test_what_came_live_is_not_fetched_again() -> None:
    inbox = drill_live.Inbox()
    inbox.caught_up(1, "one")
    assert inbox.add([30]) == [30]
    assert inbox.add([29, 30, 31]) == [29, 31]
    assert inbox.missed([28, 29, 30, 31, 32]) == [28, 32]


def test_while_something_may_be_missing_the_next_fetch_begins_before_it() -> None:
    inbox = drill_live.Inbox()
    assert inbox.fetch_after() == 0
    inbox.caught_up(1, "one")
    inbox.add([50])
    inbox.lost(2, "one")
    inbox.add([90])
    assert inbox.fetch_after() == 30
    inbox.caught_up(3, "two")
    assert inbox.fetch_after() == 70


def test_an_absence_lasts_until_everything_was_fetched() -> None:
    inbox = drill_live.Inbox()
    inbox.caught_up(1, "one")
    inbox.lost(2, "one")
    inbox.lost(3, "two")
    assert inbox.reconnects == [{"lost_at": 2, "back_at": None, "from": "one", "to": ""}]
    inbox.caught_up(4, "three")
    assert inbox.reconnects == [{"lost_at": 2, "back_at": 4, "from": "one", "to": "three"}]


# ---- The program


def test_a_service_that_answers(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            Application().running() as application,
            Probe.begun(tmp_path, application, live_backend="two") as probe,
        ):
            await eventually(lambda: len(application.messages) >= 3)
            await probe.stop()
            requests, summary = probe.requests(), probe.summary()

            assert len(requests) >= 50
            for earlier, later in pairwise(requests):
                assert later[SCHEDULED] - earlier[SCHEDULED] == pytest.approx(0.02, abs=1e-5)
            assert all(request[SENT] >= request[SCHEDULED] for request in requests)
            assert {(request[KIND], request[STATUS], request[ERROR], request[BACKEND]) for request in requests} == {
                ("read", 200, "", "one"),
                ("write", 201, "", "two"),
            }
            assert [request[ID] for request in requests[:4]] == ["", f"{RUN_ID}-000001", "", f"{RUN_ID}-000003"]
            assert application.stored == {request[ID]: 1 for request in requests if request[ID]}
            assert len(application.peers) >= len(requests), "requests shared a connection"

            posted = list(application.messages.values())
            for client in ("websocket", "polling"):
                nothing_missed = {"sent": len(posted), "received": len(posted), "missed": [], "reconnects": []}
                assert summary["live"][client] == nothing_missed
                assert sorted(event["message"] for event in probe.events(client, "message")) == posted
            assert [event["backend"] for event in probe.events("websocket", "connected")] == ["two"]
            assert (summary["run_id"], summary["user_id"]) == (RUN_ID, 7)
            assert 0 < summary["processor_seconds"] < 5

    asyncio.run(scenario())


def test_what_is_due_during_a_stall_shows_the_whole_stall(tmp_path: Path) -> None:
    stalls: list[tuple[float, float]] = []

    async def scenario() -> None:
        async with Application().running() as application, Probe.begun(tmp_path, application) as probe:
            await eventually(lambda: application.reads >= 5)
            application.open.clear()
            stalls.append((time.time(), await asyncio.sleep(0.5, 0) or time.time()))
            application.open.set()
            await asyncio.sleep(0.3)
            # The probe itself, too: what it could send late only was late for whoever waited for it.
            probe.process.send_signal(signal.SIGSTOP)
            stalls.append((time.time(), await asyncio.sleep(0.5, 0) or time.time()))
            probe.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.2)
            await probe.stop()

        for begin, end in stalls:
            stalled = [request for request in probe.requests() if begin + 0.05 < request[SCHEDULED] < end - 0.05]
            assert len(stalled) >= 19, "requests were left out"
            for request in stalled:
                assert request[SECONDS] >= end - request[SCHEDULED] - 0.02, (
                    "the latency was not counted from the schedule"
                )
                assert request[ERROR] == ""
                # Nobody waits for the answers of others.
                assert request[SENT] - request[SCHEDULED] < 0.25 or (begin, end) == stalls[1]

    asyncio.run(scenario())


@pytest.mark.parametrize("retries", [0, 1])
def test_a_dropped_connection_is_a_failure_unless_clients_retry(tmp_path: Path, retries: int) -> None:
    async def scenario() -> None:
        async with Application().running() as application:
            config = configure(tmp_path, application.url, retries=retries)
            probe = asyncio.create_task(drill_probe.probe(tmp_path, config))
            await eventually(lambda: application.reads >= 5)
            application.drops = {"read", "write", "message"}
            await eventually(lambda: not application.drops)
            (tmp_path / "stop").touch()
            await asyncio.wait_for(probe, PATIENCE_SECONDS)

            requests = lines(tmp_path / "requests.jsonl")
            failed = sorted(request[KIND:BACKEND] for request in requests if request[ERROR])
            expected = [["read", 0, "disconnected"], ["write", 0, "disconnected"]]
            assert failed == (expected if retries == 0 else [])
            reads = [request for request in requests if request[KIND] == "read"]
            assert application.reads == len(reads) + retries
            repeated = [request for request in requests if request[ATTEMPTS] > 1]
            assert sorted(request[KIND] for request in repeated) == ["read", "write"][: 2 * retries]
            assert all(request[SENT] <= request[FIRST_FAILED] <= time.time() for request in repeated)
            assert [request for request in requests if request[FIRST_FAILED] and not request[ERROR]] == repeated
            assert set(application.stored) == {request[ID] for request in requests if request[ID]}
            # A message whose post got no answer was posted again, by its key.
            live = json.loads((tmp_path / "summary.json").read_text())["live"]
            assert live["polling"]["sent"] == len(application.messages)

    asyncio.run(scenario())


def test_a_first_answer_that_does_not_come_is_waited_for_no_longer_than_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Application().running() as application:
            config = configure(tmp_path, application.url, retries=1, first_patience_seconds=0.4, live=False)
            probe = asyncio.create_task(drill_probe.probe(tmp_path, config))
            await eventually(lambda: application.reads >= 5)
            application.open.clear()
            await asyncio.sleep(0.8)
            application.open.set()
            (tmp_path / "stop").touch()
            await asyncio.wait_for(probe, PATIENCE_SECONDS)

    asyncio.run(scenario())
    requests = lines(tmp_path / "requests.jsonl")
    assert not any(request[ERROR] for request in requests)
    repeated = [request for request in requests if request[ATTEMPTS] > 1]
    assert repeated
    for request in repeated:
        assert request[FIRST_FAILED] - request[SENT] >= 0.39
        assert request[SECONDS] >= request[FIRST_FAILED] - request[SCHEDULED] - 1e-5


def test_knocks_tell_when_nobody_opens(tmp_path: Path) -> None:
    async def scenario() -> tuple[float, float]:
        async with Application().running() as application:
            config = configure(tmp_path, application.url, rate=1, knock=True, live=False)
            probe = asyncio.create_task(drill_probe.probe(tmp_path, config))
            await eventually((tmp_path / "began").exists)
            await asyncio.sleep(0.3)
            closed = time.time()
            await application.close()
            await asyncio.sleep(0.3)
            opened = time.time()
            await application.reopen()
            await asyncio.sleep(0.3)
            (tmp_path / "stop").touch()
            await asyncio.wait_for(probe, PATIENCE_SECONDS)
            return closed, opened

    closed, opened = asyncio.run(scenario())
    knocks = lines(tmp_path / "knocks.jsonl")
    for earlier, later in pairwise(sorted(knock[0] for knock in knocks)):
        assert later - earlier == pytest.approx(0.01, abs=1e-5)
    refused = [scheduled for scheduled, _, error in knocks if error == "refused"]
    assert closed - 0.1 < min(refused) and max(refused) < opened + 0.1
    assert len(refused) > 20
    assert any(scheduled > opened and not error for scheduled, _, error in knocks)


def test_a_knock_that_nobody_answers_is_given_up() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        with socket.socket() as first, socket.socket() as second:
            for waiting in (first, second):
                waiting.setblocking(False)
                waiting.connect_ex(address)
            assert asyncio.run(drill_probe.knock(address)) == "timeout"


def test_a_message_that_came_while_the_connection_was_lost_is_fetched(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Application().running() as application, Probe.begun(tmp_path, application) as probe:
            unheard = await unheard_message(application)
            for sid in application.joined.values():
                await application.live.disconnect(sid)
            await eventually(lambda: len(application.messages) > unheard + 1)
            await probe.stop()

        for client in ("websocket", "polling"):
            live = probe.summary()["live"][client]
            assert live["missed"] == []
            (reconnect,) = live["reconnects"]
            assert 0.1 <= reconnect["back_at"] - reconnect["lost_at"] < 1
            assert reconnect["from"] == probe.events(client, "disconnected")[0]["backend"]
            assert reconnect["to"] == probe.events(client, "connected")[1]["backend"] != reconnect["from"]
            assert unheard in [event["message"] for event in probe.events(client, "fetched")]
            assert unheard not in [event["message"] for event in probe.events(client, "message")]

    asyncio.run(scenario())


def test_a_message_that_the_backend_never_heard_of_is_fetched_when_it_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Application().running() as application, Probe.begun(tmp_path, application) as probe:
            unheard = await unheard_message(application)
            await application.live.emit("behind")
            await eventually(lambda: len(application.messages) > unheard + 1)
            await probe.stop()

        for client in ("websocket", "polling"):
            live = probe.summary()["live"][client]
            assert (live["missed"], live["reconnects"]) == ([], [])
            assert unheard in [event["message"] for event in probe.events(client, "fetched")]

    asyncio.run(scenario())


def test_a_message_that_never_came_was_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill_live, "GRACE_SECONDS", 0.2)

    async def scenario() -> None:
        async with Application().running() as application:
            config = configure(tmp_path, application.url, rate=5)
            probe = asyncio.create_task(drill_probe.probe(tmp_path, config))
            await eventually(lambda: application.messages)
            application.silent = True
            await eventually(lambda: len(application.messages) == 2)
            application.silent = False
            await eventually(lambda: len(application.messages) == 3)
            (tmp_path / "stop").touch()
            await asyncio.wait_for(probe, PATIENCE_SECONDS)

    asyncio.run(scenario())
    live = json.loads((tmp_path / "summary.json").read_text())["live"]
    assert {name: client["missed"] for name, client in live.items()} == {"websocket": [2], "polling": [2]}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    async def scenario() -> None:
        async with Application().running() as application, Probe.begun(tmp_path, application) as probe:
            probe.process.send_signal(number)
            assert await probe.ended() == (0, "")
            assert probe.summary()["live"]["polling"]["missed"] == []

    asyncio.run(scenario())


def test_it_ends_by_itself_when_nobody_tells_it_to(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Application().running() as application, asyncio.timeout(PATIENCE_SECONDS):
            await drill_probe.probe(tmp_path, configure(tmp_path, application.url, longest_seconds=0.5))

    asyncio.run(scenario())
    assert 20 <= len(lines(tmp_path / "requests.jsonl")) <= 40


def test_an_unusable_service_is_told_in_one_line(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Application().running() as application:
            application.refused = True
            async with Probe.begun(tmp_path, application) as probe:
                url = application.url
                sentence = f"drill_probe: {url} cannot be measured: POST /auth/register got status 503.\n"
                assert await probe.ended() == (1, sentence)

    asyncio.run(scenario())
    assert not (tmp_path / "began").exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"url": "http://127.0.0.1:9"}, "cannot be measured: POST /auth/register got no answer \\(refused\\)."),
        ({"live_backend": "eight"}, "None of 30 websocket connections was held by eight."),
        ({"origin": "http://elsewhere.test"}, "cannot be measured: POST /auth/register got status 403."),
        ({}, "The live clients could not join room 3."),
    ],
)
def test_what_is_unusable_is_left_with_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], sentence: str
) -> None:
    monkeypatch.setattr(drill_live, "CONNECT_SECONDS", 0.3)

    async def scenario() -> None:
        async with Application().running() as application:
            application.locked = True
            config = configure(tmp_path, **{"url": application.url} | changed)
            with pytest.raises(drill_http.UnusableError, match=sentence):
                await asyncio.wait_for(drill_probe.probe(tmp_path, config), PATIENCE_SECONDS)
            await eventually(lambda: all(socket.closed for socket in application.live.eio.sockets.values()))

    asyncio.run(scenario())
    assert not (tmp_path / "began").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        ("{", "Expecting property name"),
        ("{}", "missing 7 required positional arguments"),
        ('{"rates": 1}', "unexpected keyword argument 'rates'"),
    ],
)
def test_a_wrong_configuration_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    reason: str,
) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    monkeypatch.setattr(sys, "argv", ["drill_probe.py", str(tmp_path)])
    assert drill_probe.main() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


def test_it_explains_itself(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["drill_probe.py", "--help"])
    with pytest.raises(SystemExit, match="0"):
        drill_probe.main()
    assert "config.json" in capsys.readouterr().out
