"""The third backend is a backup: it serves when both others are down, and only then."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests
from deployed import Stack


REQUESTS = 40
RECOVERY_SECONDS = 30


def served_by(stack: Stack) -> set[str]:
    """Who answered a series of requests, each of which must succeed."""
    backends = set()
    for _ in range(REQUESTS):
        answer = requests.get(f"{stack.api_url}/health/ready", timeout=10)
        assert answer.status_code == 200, answer.text
        backends.add(answer.headers["X-Served-By"])
    return backends


@pytest.fixture
def api_hosts(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """The two primaries and the backup, all back at work afterwards."""
    first, second, third = stack.names("api")
    yield first, second, third
    for name in (first, second):
        stack.host(name).check_output("systemctl start discordgym-api")
    deadline = time.monotonic() + RECOVERY_SECONDS
    while served_by(stack) != {first, second}:
        assert time.monotonic() < deadline, "the primaries do not carry load again"


def test_backup_serves_only_without_primaries(stack: Stack, api_hosts: tuple[str, str, str]) -> None:
    first, second, third = api_hosts
    assert served_by(stack) == {first, second}

    stack.host(first).check_output("systemctl kill --signal=KILL discordgym-api && systemctl stop discordgym-api")
    assert served_by(stack) == {second}, "one primary is left, so the backup must rest"

    stack.host(second).check_output("systemctl kill --signal=KILL discordgym-api && systemctl stop discordgym-api")
    assert served_by(stack) == {third}
