"""Fixtures of the tests that look at a whole deployed stack, from outside and inside."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import testinfra
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner


UI_URL = "http://localhost"
API_URL = "http://localhost:3001"


@dataclass(frozen=True)
class Stack:
    """The deployed stack, as its inventory describes it."""

    inventory: Path
    runner: AnsibleRunner

    def names(self, group: str = "all") -> list[str]:
        """The group's hosts in the inventory's order."""
        return [str(name) for name in self.runner.get_hosts(group)]

    def variables(self, name: str) -> dict[str, Any]:
        """The inventory's variables of a host."""
        return self.runner.get_variables(name)

    def host(self, name: str) -> Host:
        """A host to run commands on."""
        return testinfra.get_host(f"ansible://{name}?ansible_inventory={self.inventory}")

    def address(self, name: str) -> str:
        """The address of a host on the stack's network; the controller is one of its operators."""
        return str(self.variables(name)["stack_address"])

    def backend_urls(self) -> dict[str, str]:
        """The URL of each API instance, past the load balancer, by host name."""
        return {name: f"http://{self.address(name)}:3000" for name in self.names("api")}

    def secrets(self) -> dict[str, str]:
        """The lab's secrets by file name."""
        folder = self.inventory / ".secrets"
        return {path.name: path.read_text().split()[0] for path in sorted(folder.iterdir())}


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Stack:
    inventory = Path(request.config.getoption("ansible_inventory")).resolve()
    return Stack(inventory, AnsibleRunner(str(inventory)))


@pytest.fixture
def member() -> Iterator[Callable[[], requests.Session]]:
    """Make logged-in sessions of new members through the public API."""
    sessions: list[requests.Session] = []

    def register() -> requests.Session:
        session = requests.Session()
        sessions.append(session)
        name = f"test-{secrets.token_hex(6)}"
        answer = session.post(
            f"{API_URL}/auth/register",
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
