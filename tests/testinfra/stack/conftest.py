"""Fixtures of the tests that look at a whole deployed stack, from outside and inside."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from deployed import Stack
from testinfra.utils.ansible_runner import AnsibleRunner


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Stack:
    inventory = Path(request.config.getoption("ansible_inventory")).resolve()
    return Stack(inventory, AnsibleRunner(str(inventory)))


@pytest.fixture
def member(stack: Stack) -> Iterator[Callable[[], requests.Session]]:
    """Make logged-in sessions of new members through the public API."""
    sessions: list[requests.Session] = []

    def register() -> requests.Session:
        session = requests.Session()
        sessions.append(session)
        name = f"test-{secrets.token_hex(6)}"
        answer = session.post(
            f"{stack.api_url}/auth/register",
            json={"username": name, "password": secrets.token_urlsafe(16)},
            headers={"Idempotency-Key": secrets.token_hex(16)},
            timeout=10,
        )
        assert answer.status_code == 201, answer.text
        session.headers["X-Test-Name"] = name
        return session

    yield register
    for session in sessions:
        session.close()
