"""The development setup on a host that was reached by SSH."""

from __future__ import annotations

import requests
import testinfra


HOST = "http://172.30.90.60"


def test_it_was_an_unprivileged_user_who_became_root() -> None:
    # Past SSH, which is what is looked at.
    journal = testinfra.get_host("docker://test-ssh").check_output("journalctl --no-pager")
    assert "Accepted publickey for deployer" in journal
    assert "Accepted publickey for root" not in journal


def test_the_services_answer() -> None:
    assert requests.get(f"{HOST}/", timeout=5).status_code == 200
    assert requests.get(f"{HOST}:3000/health/ready", timeout=5).status_code == 200
    assert requests.get(f"{HOST}:5556/", timeout=5).status_code == 401
