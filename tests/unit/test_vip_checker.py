"""The check of the VIP's holder: what it makes of answers, and what it takes to change its mind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from ansible_collections.discordgym.stack.roles.nginx_lb.files import vip_checker as checker
from ansible_collections.discordgym.stack.roles.nginx_lb.files.vip_checker import Host, Judge, Settings


TIMEOUT = 0.1
SILENT, CLOSED = "silent", "closed"


@asynccontextmanager
async def host(name: str, answer: str) -> AsyncIterator[Host]:
    """Somebody who answers with this line, or accepts and says nothing, or refuses."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if answer != SILENT:
            writer.write(f"{answer}\r\n\r\n".encode())
        else:
            await asyncio.sleep(2 * TIMEOUT)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if answer == CLOSED:
        server.close()
    try:
        yield Host(name, "127.0.0.1", port)
    finally:
        server.close()


@asynccontextmanager
async def nobody() -> AsyncIterator[Host]:
    """A port whose queue is full, so that nothing answers a connection, as where packets are dropped."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(2):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        yield Host("nobody", "127.0.0.1", full.getsockname()[1])


LIVES, FORBIDDEN, LATELY_MADE = "HTTP/1.1 200 OK", "HTTP/1.1 403 Forbidden", "HTTP/1.1 404 Not Found"


def settings(own: Host, peers: list[Host], others: list[Host], file: Path = Path("unfit")) -> Settings:
    return Settings(own, peers, others, "/lives", 0.02, TIMEOUT, falls=3, rises=2, file=file)


@pytest.mark.parametrize(
    ("own", "peer", "reason"),
    [
        (LIVES, LIVES, ""),
        (LIVES, SILENT, ""),
        (LIVES, CLOSED, ""),
        (LATELY_MADE, LATELY_MADE, ""),
        (SILENT, LIVES, "nginx does not answer, while that of peer does"),
        (CLOSED, LIVES, "nginx does not answer, while that of peer does"),
        (SILENT, SILENT, ""),
        (SILENT, CLOSED, ""),
        (LIVES, FORBIDDEN, "peer does not know this load balancer"),
    ],
)
def test_who_is_fit(own: str, peer: str, reason: str) -> None:
    async def judged() -> str:
        async with host("own", own) as own_host, host("peer", peer) as peer_host:
            return await checker.unfitness(settings(own_host, [peer_host], []))

    assert asyncio.run(judged()) == reason


@pytest.mark.parametrize(
    ("backends", "reason"),
    [([LIVES], ""), ([CLOSED], ""), ([SILENT], ""), ([], "cut off from everybody")],
)
def test_one_is_cut_off_if_nobody_at_all_is_there(backends: list[str], reason: str) -> None:
    """Somebody who refuses a connection is there."""

    async def judged() -> str:
        async with AsyncExitStack() as stack:
            own = await stack.enter_async_context(host("own", LIVES))
            silence = await stack.enter_async_context(nobody())
            others = [await stack.enter_async_context(host("backend", answer)) for answer in backends]
            return await checker.unfitness(settings(own, [silence], [*others, silence]))

    assert asyncio.run(judged()) == reason


@pytest.mark.parametrize(
    ("findings", "unfit"),
    [
        ("--", False),
        ("---", True),
        ("--+--", False),
        ("---+", True),
        ("---+-+", True),
        ("---++", False),
    ],
)
def test_it_takes_several_findings_in_a_row(findings: str, unfit: bool) -> None:
    judge = Judge(False, falls=3, rises=2)
    changes = [judge.weigh(finding == "-") for finding in findings]
    assert judge.unfit == unfit
    assert changes.count(True) == (0 if "---" not in findings else 1 + ("++" in findings))


@pytest.fixture
def run_for(tmp_path: Path) -> Callable[[str, str, float], str]:
    """Let it run with a file that says this, and tell what the file says then."""

    def ran(said: str, own: str, seconds: float) -> str:
        file = tmp_path / "unfit"
        file.write_text(said)

        async def run() -> None:
            async with host("own", own) as own_host, host("peer", LIVES) as peer:
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await checker.run(settings(own_host, [peer], [], file))

        asyncio.run(run())
        return file.read_text()

    return ran


def test_it_goes_on_with_what_keepalived_was_told_last(run_for: Callable[[str, str, float], str]) -> None:
    assert run_for("0\n", SILENT, 2 * TIMEOUT) == "0\n"
    assert run_for("0\n", SILENT, 8 * TIMEOUT) == "1\n"
    assert run_for("1\n", SILENT, 8 * TIMEOUT) == "1\n"
    assert run_for("1\n", LIVES, 8 * TIMEOUT) == "0\n"


def test_settings_may_come_as_strings() -> None:
    """As all that is given on a command line."""
    entry = {"name": "lb-2", "address": "10.0.0.2", "port": "3001", "endpoint": "10.0.0.2:3001", "backup": False}
    read = checker.settings_from(
        {
            "own": entry,
            "peers": [entry],
            "others": [],
            "path": "/lives",
            "interval": "0.25",
            "timeout": "0.3",
            "falls": "4",
            "rises": "2",
            "file": "/run/unfit",
        }
    )
    assert read.peers[0] == Host("lb-2", "10.0.0.2", 3001)
    assert (read.interval, read.timeout, read.falls, read.file) == (0.25, 0.3, 4, Path("/run/unfit"))
