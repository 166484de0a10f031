"""The load balancer's checker: who is out, what nginx reads, and what it makes of real answers."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.discordgym.stack.roles.nginx_lb.files import upstream_checker as checker
from ansible_collections.discordgym.stack.roles.nginx_lb.files.upstream_checker import (
    Answers,
    Checker,
    Health,
    Lists,
    Server,
    Settings,
    Wish,
)


TIMEOUT = 0.2


def server(number: int, backup: bool = False) -> Server:
    return Server(f"api-{number}", f"10.0.0.{number}", 3000, f"10.0.0.{number}:3000", backup)


FIRST, SECOND, BACKUP = server(1), server(2), server(3, backup=True)
ENDPOINTS = frozenset(s.endpoint for s in (FIRST, SECOND, BACKUP))


def answers(failures: dict[Server, str], slow: Iterable[Server] = ()) -> Answers:
    """What the three backends answer: well and promptly, but for some."""
    prompt = {FIRST, SECOND, BACKUP} - set(failures) - set(slow)
    return Answers(dict.fromkeys((FIRST, SECOND, BACKUP), "") | failures, frozenset(prompt))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        upstream="api_backend",
        servers=(FIRST, SECOND, BACKUP),
        max_fails=1,
        fail_timeout="3s",
        ready_path="/ready",
        interval=0.05,
        timeout=TIMEOUT,
        falls=2,
        rises=2,
        folder=tmp_path / "nginx",
        request=tmp_path / "run/request.json",
    )


# ---- Who is out


@pytest.mark.parametrize(
    ("answers", "sick"),
    [
        ("+", False),
        ("-", False),
        ("--", True),
        ("-+-", False),
        ("--+", True),
        ("--+-+", True),
        ("--++", False),
        ("----++", False),
    ],
)
def test_a_backend_falls_and_rises_by_two_answers_in_a_row(answers: str, sick: bool) -> None:
    health = Health()
    for answer in answers:
        health = checker.judged(health, answer == "-", falls=2, rises=2)
    assert health.sick is sick


@pytest.mark.parametrize(
    ("sick", "out"),
    [
        ((), ()),
        ((FIRST,), (FIRST,)),
        ((FIRST, SECOND), (FIRST, SECOND)),
        ((BACKUP,), (BACKUP,)),
        ((FIRST, SECOND, BACKUP), ()),
    ],
)
def test_never_is_everybody_out(sick: Sequence[Server], out: Sequence[Server]) -> None:
    wanted = checker.to_take_out([s.endpoint for s in sick], ENDPOINTS)
    assert wanted == {s.endpoint for s in out}


def test_a_single_backend_and_one_that_has_left_the_inventory_are_never_out() -> None:
    assert checker.to_take_out([FIRST.endpoint], frozenset({FIRST.endpoint})) == frozenset()
    assert checker.to_take_out(["10.9.9.9:3000"], ENDPOINTS) == frozenset()


def test_each_change_is_told_in_a_line_with_its_reason(settings: Settings) -> None:
    judge = Checker(settings).judge
    sick, well = answers({FIRST: "status 503"}), answers({})
    assert judge(sick) == []
    assert judge(sick) == ["api-1 (10.0.0.1:3000) is sick: status 503, 2 in a row"]
    assert judge(sick) == []
    assert judge(well) == []
    assert judge(well) == ["api-1 (10.0.0.1:3000) is well again"]
    everybody = answers(dict.fromkeys(settings.servers, "refused"))
    judge(everybody)
    assert judge(everybody)[-1] == "every backend is sick, so all of them stay in"


def test_one_that_hangs_is_out_at_once_with_its_connections(settings: Settings) -> None:
    asking = Checker(settings)
    hung = answers({FIRST: "no answer"})
    assert asking.judge(hung) == ["api-1 (10.0.0.1:3000) is sick: no answer, while others are well"]
    assert asking.wanted == Wish(Lists(frozenset({FIRST.endpoint})), frozenset({FIRST.endpoint}))
    asking.judge(answers({FIRST: "status 503"}))
    assert asking.wanted == Wish(Lists(frozenset({FIRST.endpoint})))


@pytest.mark.parametrize("slow", [{SECOND: "no answer"}, {SECOND: "", BACKUP: ""}, {SECOND: "refused"}])
def test_silence_must_last_where_others_are_slow_or_sick_too(settings: Settings, slow: dict[Server, str]) -> None:
    asking = Checker(settings)
    silent = answers({FIRST: "no answer"} | slow, slow=slow)
    assert asking.judge(silent) == []
    assert asking.wanted == Wish()
    assert "api-1 (10.0.0.1:3000) is sick: no answer, 2 in a row" in asking.judge(silent)
    assert FIRST.endpoint in asking.wanted.severed


def test_where_all_are_silent_nobody_is_out(settings: Settings) -> None:
    asking = Checker(settings)
    for _ in range(3):
        asking.judge(answers(dict.fromkeys(settings.servers, "no answer")))
    assert asking.wanted == Wish()


def test_those_that_were_sick_together_come_back_before_any_is_out(settings: Settings) -> None:
    """The first one that is well again could not do the work of all."""
    asking = Checker(settings)
    for _ in range(settings.falls):
        asking.judge(answers(dict.fromkeys(settings.servers, "status 503")))
    first_is_back = answers({SECOND: "status 503", BACKUP: "status 503"})
    for _ in range(settings.rises - 1 + checker.ROUNDS_OF_RETURN - 1):
        asking.judge(first_is_back)
    assert asking.wanted == Wish()
    asking.judge(first_is_back)
    assert asking.wanted == Wish(Lists(frozenset({SECOND.endpoint, BACKUP.endpoint})))


def test_one_that_is_out_and_silent_for_a_moment_keeps_its_connections(settings: Settings) -> None:
    """Others are busy, too, and would have to begin anew what it works on."""
    asking = Checker(settings)
    for _ in range(settings.falls):
        asking.judge(answers({FIRST: "status 503"}))
    asking.judge(answers({FIRST: "no answer"}, slow=(SECOND, BACKUP)))
    assert asking.wanted == Wish(Lists(frozenset({FIRST.endpoint})))
    asking.judge(answers({FIRST: "no answer"}, slow=(SECOND, BACKUP)))
    assert asking.wanted == Wish(Lists(frozenset({FIRST.endpoint})), frozenset({FIRST.endpoint}))


def rounds(asking: Checker, failures: dict[Server, str], count: int = 2) -> Checker:
    """Let a checker judge the same answers so often; two are enough to fall or to rise."""
    for _ in range(count):
        asking.judge(answers(failures))
    return asking


def test_the_spare_one_helps_those_that_it_stood_in_for_when_they_come_back(settings: Settings) -> None:
    """A process that has just started is slow, and two such ones would be overrun by the load of both."""
    asking = rounds(Checker(settings), {FIRST: "refused", SECOND: "refused"})
    assert asking.wanted == Wish(Lists(frozenset({FIRST.endpoint, SECOND.endpoint})))
    assert rounds(asking, {SECOND: "refused"}).wanted == Wish(Lists(frozenset({SECOND.endpoint}), help=True))
    assert rounds(asking, {}).wanted == Wish(Lists(help=True))
    assert rounds(asking, {}, checker.ROUNDS_OF_HELP).wanted == Wish()


def test_the_spare_one_rests_while_one_serves_that_was_never_gone(settings: Settings) -> None:
    asking = rounds(Checker(settings), {FIRST: "refused"})
    assert rounds(asking, {}).wanted == Wish()
    # The one that is left has just come: it is helped at once, and until both have been there for long.
    assert rounds(asking, {SECOND: "refused"}, 1).wanted == Wish(Lists(help=True))
    assert rounds(asking, {SECOND: "refused"}).wanted == Wish(Lists(frozenset({SECOND.endpoint}), help=True))
    assert rounds(asking, {}, checker.ROUNDS_OF_HELP).wanted == Wish(Lists(help=True))
    assert rounds(asking, {}).wanted == Wish()


def test_the_journal_tells_when_the_spare_one_helps(settings: Settings) -> None:
    asking = rounds(Checker(settings), {FIRST: "refused", SECOND: "refused"}, settings.falls)
    told = [message for _ in range(checker.ROUNDS_OF_HELP + 5) for message in asking.judge(answers({}))]
    assert told[-2:] == ["the spare ones help the others", "the spare ones help the others no more"]


@pytest.mark.parametrize(
    "gone", [{BACKUP: "refused"}, {FIRST: "status 503", SECOND: "status 503", BACKUP: "status 503"}]
)
def test_nobody_helps_where_the_spare_one_is_sick_or_nobody_was_out(
    settings: Settings, gone: dict[Server, str]
) -> None:
    asking = rounds(Checker(settings), gone | {FIRST: "refused", SECOND: "refused"})
    still = {BACKUP: "refused"} if len(gone) == 1 else {}
    assert not rounds(asking, still, checker.ROUNDS_OF_RETURN + 2).wanted.lists.help


# ---- What nginx reads


def test_a_spare_one_that_helps_is_one_of_them(settings: Settings) -> None:
    servers, last_resort, _ = checker.rendered(settings, Lists(help=True)).values()
    assert "server 10.0.0.3:3000 max_fails=1 fail_timeout=3s;" in servers
    assert "server 10.0.0.3:3000 max_fails=0 fail_timeout=3s;" in last_resort
    servers, *_ = checker.rendered(settings, Lists()).values()
    assert "server 10.0.0.3:3000 max_fails=1 fail_timeout=3s backup;" in servers


def test_one_who_is_out_is_down_in_each_list_and_gets_no_session(settings: Settings) -> None:
    servers, last_resort, sessions = checker.rendered(settings, Lists(frozenset({SECOND.endpoint}))).values()
    assert "server 10.0.0.1:3000 max_fails=1 fail_timeout=3s;" in servers
    assert "server 10.0.0.2:3000 max_fails=1 fail_timeout=3s down;" in servers
    assert "server 10.0.0.2:3000 max_fails=0 fail_timeout=3s down;" in last_resort
    assert sessions.splitlines()[1:] == [r'"~^api\-1\." 10.0.0.1:3000;', r'"~^api\-3\." 10.0.0.3:3000;']


def test_what_is_rendered_is_read_back(settings: Settings) -> None:
    assert checker.told(settings) is None
    for lists in (Lists(frozenset({FIRST.endpoint, BACKUP.endpoint})), Lists(frozenset({FIRST.endpoint}), help=True)):
        checker.write(checker.rendered(settings, lists))
        assert checker.told(settings) == lists


def test_a_new_backend_is_in_and_a_sick_one_stays_out(settings: Settings) -> None:
    checker.render(settings, wanted=Lists(frozenset({SECOND.endpoint})))
    assert checker.render(settings, wanted=None) == []

    grown = replace(settings, servers=(*settings.servers, server(4)))
    assert settings.servers_file in checker.render(grown, wanted=None)
    assert "server 10.0.0.4:3000 max_fails=1 fail_timeout=3s;" in settings.servers_file.read_text()
    assert checker.told(settings) == Lists(frozenset({SECOND.endpoint}))


def test_the_last_one_in_comes_back_when_the_others_leave_the_inventory(settings: Settings) -> None:
    checker.render(settings, wanted=Lists(frozenset({FIRST.endpoint})))
    checker.render(replace(settings, servers=(FIRST,)), wanted=None)
    assert checker.told(settings) == Lists()


@pytest.mark.parametrize("left", [None, "", "server 10.9.9.9:3000 max_fails=1 down;\n"])
def test_whatever_is_left_of_the_file_it_is_valid_afterwards(settings: Settings, left: str | None) -> None:
    settings.folder.mkdir()
    if left is not None:
        settings.servers_file.write_text(left)
    checker.render(settings, wanted=None)
    text = settings.servers_file.read_text()
    assert text.count("server ") == len(settings.servers)
    assert "10.9.9.9" not in text


# ---- Requests


def test_a_request_is_made_once_and_not_too_soon_after_another(settings: Settings) -> None:
    checker.render(settings, wanted=None)
    asking = Checker(settings)
    assert not asking.reconcile(now=10.0)

    asking.healths[FIRST] = Health(sick=True)
    assert asking.reconcile(now=10.0)
    assert json.loads(settings.request.read_text()) == {"out": [FIRST.endpoint], "help": False, "severed": []}
    asking.healths[SECOND] = Health(sick=True)
    assert not asking.reconcile(now=10.4)
    assert asking.reconcile(now=10.6)
    assert json.loads(settings.request.read_text())["out"] == [FIRST.endpoint, SECOND.endpoint]

    wish = checker.take_request(settings)
    assert wish == Wish(Lists(frozenset({FIRST.endpoint, SECOND.endpoint})))
    checker.render(settings, wish.lists)
    assert not settings.request.exists()
    assert not asking.reconcile(now=20.0)


def test_one_that_is_silent_is_requested_at_once(settings: Settings) -> None:
    checker.render(settings, wanted=None)
    asking = Checker(settings)
    asking.healths[FIRST] = Health(sick=True)
    assert asking.reconcile(now=10.0)
    asking.judge(answers({SECOND: "no answer"}))
    assert asking.reconcile(now=10.1)
    assert not asking.reconcile(now=10.2)


def test_a_lost_or_stale_file_is_requested_anew(settings: Settings) -> None:
    assert Checker(settings).reconcile(now=10.0)
    checker.render(replace(settings, servers=(server(9), FIRST)), wanted=Lists(frozenset({server(9).endpoint})))
    assert Checker(settings).reconcile(now=10.0)


def test_a_restart_puts_nobody_back(settings: Settings) -> None:
    checker.render(settings, wanted=Lists(frozenset({FIRST.endpoint})))
    assert Checker(settings).wanted == Wish(Lists(frozenset({FIRST.endpoint})))


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What root would run."""
    run: list[str] = []

    def running(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        run.append(" ".join(command))
        return subprocess.CompletedProcess(command, 0, "ESTAB 10.0.0.9:40000 10.0.0.1:3000\n")

    monkeypatch.setattr(subprocess, "run", running)
    return run


def test_a_request_reloads_nginx_where_it_changes_something(settings: Settings, commands: list[str]) -> None:
    checker.render(settings, wanted=None)
    for out, count in (([], 0), ([FIRST.endpoint], 1), ([FIRST.endpoint], 1), (sorted(ENDPOINTS), 2)):
        checker.request(settings, Wish(Lists(frozenset(out))))
        checker.apply(settings)
        assert len(commands) == count
    checker.apply(settings)
    assert checker.told(settings) == Lists()
    assert commands == ["systemctl try-reload-or-restart nginx.service"] * 2


def test_connections_are_broken_off_before_the_reload_and_after_it(settings: Settings, commands: list[str]) -> None:
    checker.render(settings, wanted=None)
    checker.request(settings, Wish(Lists(frozenset({FIRST.endpoint, SECOND.endpoint})), frozenset({FIRST.endpoint})))
    checker.apply(settings)
    kill, reload, again = commands
    assert kill == again == "ss --kill --tcp --numeric --no-header dst 10.0.0.1:3000"
    assert reload.startswith("systemctl")


def test_no_connection_is_broken_off_to_one_that_is_in_or_unknown(settings: Settings, commands: list[str]) -> None:
    checker.render(settings, wanted=None)
    checker.request(settings, Wish(Lists(frozenset({FIRST.endpoint})), frozenset({SECOND.endpoint, "10.9.9.9:22"})))
    checker.apply(settings)
    checker.request(settings, Wish(Lists(ENDPOINTS), ENDPOINTS))
    checker.apply(settings)
    assert [command for command in commands if command.startswith("ss")] == []


# ---- Asking


@asynccontextmanager
async def backend(number: int, answer: bytes | None) -> AsyncIterator[Server]:
    """A backend that says this, or nothing at all."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is not None:
            writer.write(answer)
            writer.close()

    listening = await asyncio.start_server(respond, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield Server(f"api-{number}", "127.0.0.1", port, f"127.0.0.1:{port}", False)
    finally:
        listening.close()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", ""),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", ""),
        (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", "status 500"),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "status 503"),
        (b"SSH-2.0\r\n", "no HTTP answer"),
        (b"", "no HTTP answer"),
        (None, "no answer"),
    ],
)
def test_what_counts_as_a_failure(settings: Settings, answer: bytes | None, failure: str) -> None:
    async def asked() -> dict[Server, str]:
        async with backend(1, answer) as asked_one:
            return dict((await checker.ask(replace(settings, servers=(asked_one,)))).failures)

    assert list(asyncio.run(asked()).values()) == [failure]


def test_who_does_not_listen_is_refused(settings: Settings) -> None:
    async def asked() -> dict[Server, str]:
        async with backend(1, b"") as gone:
            pass
        return dict((await checker.ask(replace(settings, servers=(gone,)))).failures)

    assert list(asyncio.run(asked()).values()) == ["refused"]


def test_one_that_goes_on_answering_others_is_not_silent_but_busy(settings: Settings) -> None:
    """With a real connection, of which the kernel tells; nobody may judge by one that was only accepted."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Checks get nothing, whoever says hello is told something again and again.
        if await reader.readline() == b"hello\n":
            while True:
                writer.write(b"still here\n")
                await asyncio.sleep(0.02)

    async def scenario() -> None:
        listening = await asyncio.start_server(respond, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        asked = Server("api-1", "127.0.0.1", port, f"127.0.0.1:{port}", False)
        local = replace(settings, servers=(asked,), timeout=0.6)
        assert (await checker.ask(local)).failures == {asked: "no answer"}
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        assert (await checker.ask(local)).failures == {asked: "no answer"}
        writer.write(b"hello\n")
        assert (await checker.ask(local)).failures == {}
        writer.transport.abort()
        listening.close()

    asyncio.run(scenario())


def test_a_round_ends_with_its_timeout_and_is_believed(settings: Settings) -> None:
    async def asked() -> tuple[float, float]:
        async with backend(1, None) as hung, backend(2, b"HTTP/1.1 200 OK\r\n\r\n") as well:
            began = time.monotonic()
            given = await checker.ask(replace(settings, servers=(hung, well)))
            assert given.failures == {hung: "no answer", well: ""}
            assert given.prompt == {well}
            assert given.hung == {hung}
            return time.monotonic() - began, given.held_up

    seconds, held_up = asyncio.run(asked())
    assert TIMEOUT <= seconds < 2 * TIMEOUT
    assert checker.believable(held_up, TIMEOUT)


def test_a_checker_that_is_held_up_takes_nobody_out(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    async def held_up() -> Checker:
        async with backend(1, b"HTTP/1.1 200 OK\r\n\r\n") as well, backend(2, None) as hung:
            local = replace(settings, servers=(well, hung))
            checker.render(local, wanted=None)
            asking = Checker(local)
            running = asyncio.create_task(asking.run())
            for _ in range(4):
                await asyncio.sleep(0.02)
                # As if the processor was somebody else's: nobody's answer can be read in time.
                time.sleep(1.5 * TIMEOUT)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            return asking

    asking = asyncio.run(held_up())
    assert asking.wanted == Wish()
    assert "was held up for 0." in capsys.readouterr().out


def test_the_running_checker_takes_out_and_puts_back(settings: Settings) -> None:
    """The whole way with real connections, the part of the one who applies requests played by the test."""

    async def requested(local: Settings, within: float) -> list[str]:
        async with asyncio.timeout(within):
            while not local.request.exists():
                await asyncio.sleep(0.01)
        wish = checker.take_request(local)
        assert wish is not None
        checker.render(local, wish.lists)
        return sorted(wish.lists.out)

    async def scenario() -> None:
        status = {"line": b"HTTP/1.1 200 OK\r\n\r\n"}

        async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(status["line"])
            writer.close()

        listening = await asyncio.start_server(respond, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        changing = Server("api-1", "127.0.0.1", port, f"127.0.0.1:{port}", False)
        async with backend(2, b"HTTP/1.1 200 OK\r\n\r\n") as well:
            local = replace(settings, servers=(changing, well))
            checker.render(local, wanted=None)
            running = asyncio.create_task(Checker(local).run())
            await asyncio.sleep(0.3)
            assert not local.request.exists()
            status["line"] = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
            assert await requested(local, within=1) == [changing.endpoint]
            status["line"] = b"HTTP/1.1 200 OK\r\n\r\n"
            assert await requested(local, within=2) == []
            running.cancel()
        listening.close()

    asyncio.run(scenario())
