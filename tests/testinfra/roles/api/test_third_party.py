"""A third-party Node application, deployed by variables alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from recovery import seconds_to_recover
from testinfra.host import Host


URL = "http://172.30.90.21:8080"


@pytest.fixture(scope="module")
def server(on: Callable[[str], Host]) -> Host:
    return on("test-api")


def test_it_serves_with_its_own_environment() -> None:
    answer = requests.get(f"{URL}/greeting", timeout=5)
    assert answer.text == 'Quotes "and" $dollars'
    assert answer.headers["X-App-Name"] == "test-api"


def test_the_release_is_current(server: Host) -> None:
    assert server.file("/opt/third-party/current").linked_to == "/opt/third-party/releases/3.1.4"


def test_it_runs_as_its_own_user_in_a_sandbox(server: Host) -> None:
    assert server.check_output("systemctl show --property User --value third-party") == "third-party"
    verdict = server.check_output("systemd-analyze security --no-pager third-party | tail -n 1")
    assert float(verdict.split(": ")[1].split()[0]) < 3.0, verdict


def test_the_environment_is_roots_alone(server: Host) -> None:
    environment = server.file("/etc/third-party/environment")
    assert (environment.user, environment.mode) == ("root", 0o600)


def test_systemd_brings_it_back(server: Host) -> None:
    main_process = "systemctl show --property MainPID --value third-party"
    killed = server.check_output(main_process)
    answers = f"""python3 -c 'from urllib.request import urlopen; urlopen("{URL}/up", timeout=1)'"""
    assert seconds_to_recover(server, "third-party", answers) < 4
    assert server.check_output(main_process) != killed
