"""Fixtures of the tests that look at one role's hosts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import testinfra
from testinfra.host import Host


@pytest.fixture(scope="session")
def inventory(request: pytest.FixtureRequest) -> Path:
    """The scenario's inventory."""
    return Path(request.config.getoption("ansible_inventory")).resolve()


@pytest.fixture(scope="session")
def on(inventory: Path) -> Callable[[str], Host]:
    """A host to run commands on, by its name."""
    return lambda name: testinfra.get_host(f"ansible://{name}?ansible_inventory={inventory}")


@pytest.fixture(scope="session")
def secret(inventory: Path) -> Callable[[str], str]:
    """One of the scenario's secrets, by its file's name."""
    return lambda name: (inventory / ".secrets" / name).read_text().split()[0]
