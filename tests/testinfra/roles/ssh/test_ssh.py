"""The development setup on a host that was reached by SSH."""

from __future__ import annotations

from collections.abc import Callable

import requests
from testinfra.host import Host


HOST = "http://172.30.90.60"


def test_it_was_an_unprivileged_user(on: Callable[[str], Host]) -> None:
    assert on("test-ssh").check_output("whoami") == "deployer"


def test_the_services_answer() -> None:
    assert requests.get(f"{HOST}/", timeout=5).status_code == 200
    assert requests.get(f"{HOST}:3000/health/ready", timeout=5).status_code == 200
    assert requests.get(f"{HOST}:5556/", timeout=5).status_code == 401
