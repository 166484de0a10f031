"""The web server goes on with what it has while its configuration is broken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from deployment import deploy
from testinfra.host import Host


URL = "http://172.30.90.32"
ELSEWHERE = "http://elsewhere.example:3001"
BROKEN_FILE = "/etc/nginx/conf.d/broken.conf"
RELOAD_SECONDS = 5


@pytest.fixture
def server(on: Callable[[str], Host], inventory: Path) -> Iterator[Host]:
    """The host with somebody's broken file in nginx's folder; mended and deployed again in the end."""
    host = on("test-ui")
    host.check_output(f"echo 'nonsense;' > {BROKEN_FILE}")
    yield host
    host.check_output(f"rm --force {BROKEN_FILE}")
    assert deploy(inventory).returncode == 0


def allowed_connections() -> str:
    """The part of the content security policy that names the API."""
    policy = requests.get(f"{URL}/", timeout=5).headers["Content-Security-Policy"]
    return next(part for part in policy.split("; ") if part.startswith("connect-src"))


def process(server: Host) -> str:
    return str(server.check_output("systemctl show --property MainPID --value nginx"))


def test_a_broken_file_is_refused_and_the_old_configuration_serves(server: Host, inventory: Path) -> None:
    before = allowed_connections(), process(server)
    refused = deploy(inventory, ui_api_url=ELSEWHERE)
    assert refused.returncode != 0
    message = " ".join(refused.stdout.split())
    assert "test-ui: nginx refuses its new configuration and goes on with the one before" in message
    assert f'unknown directive "nonsense" in {BROKEN_FILE}' in message
    assert (allowed_connections(), process(server)) == before

    server.check_output(f"rm {BROKEN_FILE}")
    assert deploy(inventory, ui_api_url=ELSEWHERE).returncode == 0
    # A reload has ended for systemd when nginx was told of it; the workers follow.
    deadline = time.monotonic() + RELOAD_SECONDS
    while ELSEWHERE not in allowed_connections() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ELSEWHERE in allowed_connections(), "what was refused is still not in force after the repair"


def test_a_value_that_breaks_it_does_not_end_what_serves(server: Host, inventory: Path) -> None:
    """The restart that was wanted as well is not made."""
    server.check_output(f"rm {BROKEN_FILE}")
    before = allowed_connections(), process(server)
    broken = deploy(inventory, ui_api_url='http://quoted".example', nginx_worker_connections=2048)
    assert broken.returncode != 0
    assert (allowed_connections(), process(server)) == before
