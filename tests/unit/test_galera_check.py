"""The check of a database node: when it may be written to, and what it says of a server that hangs."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
import time
import types
from collections.abc import Iterator

import pytest


# The hosts have it from Debian; here nothing connects to a database.
sys.modules.setdefault("pymysql", types.SimpleNamespace(MySQLError=Exception))  # type: ignore[arg-type]

from ansible_collections.discordgym.stack.roles.mariadb.files import galera_check  # noqa: E402
from ansible_collections.discordgym.stack.roles.mariadb.files.galera_check import (  # noqa: E402
    Check,
    Observation,
    Server,
)


WELL = {
    "ready": "ON",
    "cluster_status": "Primary",
    "local_state_comment": "Synced",
    "cluster_size": "3",
    "cluster_conf_id": "7",
}


def judged(status: dict[str, str], age: float = 0.0, error: str = "") -> tuple[bool, str]:
    well, told = galera_check.verdict(Observation(status, 100.0, error), 100.0 + age, patience=0.7)
    return well, str(told["reason"])


@pytest.mark.parametrize("state", ["Synced", "Donor/Desynced"])
def test_a_member_may_be_written_to(state: str) -> None:
    assert judged(WELL | {"local_state_comment": state}) == (True, "")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"ready": "OFF"}, "not ready"),
        ({"cluster_status": "non-Primary"}, "not in a component that may write"),
        ({"cluster_status": "Disconnected"}, "not in a component that may write"),
        ({"local_state_comment": "Joined"}, "behind the others"),
        ({"local_state_comment": "Initialized"}, "behind the others"),
    ],
)
def test_another_may_not(status: dict[str, str], reason: str) -> None:
    assert judged(WELL | status) == (False, reason)


def test_a_server_that_hangs_or_is_gone_may_not() -> None:
    assert judged(WELL, age=0.6) == (True, "")
    assert judged(WELL, age=0.8) == (False, "no answer for 0.8 s")
    assert judged({}, error="OperationalError: gone") == (False, "OperationalError: gone")


def test_what_is_told_is_http_with_json() -> None:
    head, body = galera_check.response(*galera_check.verdict(Observation(WELL, 1.0), 1.0, 0.7)).split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    told = json.loads(body)
    assert (told["state"], told["cluster_status"], told["cluster_size"], told["ready"], told["view"]) == (
        "Synced",
        "Primary",
        3,
        True,
        7,
    )
    assert galera_check.response(False, told).startswith(b"HTTP/1.1 503 ")


class HangingServer(Server):
    """Answers once, and then no more."""

    def __init__(self) -> None:
        super().__init__("/nowhere")
        self.answers = 1
        self.released = threading.Event()

    def ask(self) -> Observation:
        if not self.answers:
            self.released.wait()
        self.answers -= 1
        return Observation(WELL, time.monotonic())


@pytest.fixture
def hanging() -> Iterator[HangingServer]:
    server = HangingServer()
    yield server
    server.answers = 10**6
    server.released.set()


def test_an_answer_does_not_wait_for_a_server_that_hangs(hanging: HangingServer) -> None:
    async def answers() -> list[bytes]:
        check = Check(hanging, patience=0.3)
        serving = asyncio.create_task(check.serve("127.0.0.1", port))
        told = []
        for pause in (0.2, 0.4):
            await asyncio.sleep(pause)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            told.append(await asyncio.wait_for(reader.readline(), 0.2))
            writer.close()
        serving.cancel()
        return told

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    well, hung = asyncio.run(answers())
    assert well == b"HTTP/1.1 200 OK\r\n"
    assert hung == b"HTTP/1.1 503 Service Unavailable\r\n"
