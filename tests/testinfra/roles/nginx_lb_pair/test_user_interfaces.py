"""Two user interfaces behind the load balancers: all passes unchanged, and none is missed."""

from __future__ import annotations

import re
import time

import pytest
import requests
from balancer_pair import INTERFACES, VIP, On, docker
from prober import Prober


LONGEST_SECONDS = 1.1
# What names the server or the moment, and what belongs to one connection.
OF_THE_HOP = {"Connection", "Date", "ETag", "Keep-Alive", "Last-Modified", "Transfer-Encoding", "X-Served-By"}


def answer(address: str, path: str, encoding: str) -> requests.Response:
    return requests.get(f"http://{address}{path}", headers={"Accept-Encoding": encoding}, timeout=5)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("kind", ["page", "deep link", "hashed file", "settings", "missing file"])
def test_an_answer_passes_unchanged(kind: str, encoding: str) -> None:
    page = answer(VIP, "/", encoding)
    style = re.search(r'href="(styles-\w+\.css)"', page.text)
    assert style
    path = {
        "page": "/",
        "deep link": "/workouts/17",
        "hashed file": f"/{style[1]}",
        "settings": "/config.json",
        "missing file": "/missing.js",
    }[kind]
    passed = answer(VIP, path, encoding)
    direct = answer(INTERFACES[passed.headers["X-Served-By"]], path, encoding)

    def lasting(response: requests.Response) -> list[tuple[str, str]]:
        """Every header as it stands there, one that comes twice too."""
        return sorted((name, value) for name, value in response.raw.headers.items() if name not in OF_THE_HOP)

    assert (passed.status_code, passed.content) == (direct.status_code, direct.content)
    assert lasting(passed) == lasting(direct)
    assert passed.headers.get("ETag") == direct.headers.get("ETag")


def test_both_serve() -> None:
    assert {answer(VIP, "/", "gzip").headers["X-Served-By"] for _ in range(20)} == INTERFACES.keys()


def wait_until_it_serves(name: str) -> None:
    """By itself, seen from here; the load balancers find out on their own."""
    began = time.monotonic()
    while True:
        try:
            assert answer(INTERFACES[name], "/", "gzip").status_code == 200
            return
        except requests.RequestException:
            assert time.monotonic() - began < 30, f"{name} does not come back"
            time.sleep(0.1)


@pytest.mark.parametrize("fault", ["kill", "hang", "host_down"])
def test_nobody_notices_that_one_is_gone(on: On, fault: str) -> None:
    name = "test-pair-ui-1"
    with Prober(VIP, 80, "/config.json", rate=50, timeout=5) as prober:
        time.sleep(1)
        if fault == "kill":
            on(name).check_output("systemctl kill --signal=KILL nginx")
        elif fault == "hang":
            on(name).check_output("systemctl kill --signal=STOP nginx")
        else:
            docker("kill", name)
        # More than once the time after which nginx would try it again.
        time.sleep(12)
        if fault == "hang":
            on(name).check_output("systemctl kill --signal=CONT nginx")
        elif fault == "host_down":
            docker("start", name)
        wait_until_it_serves(name)
        time.sleep(8)
    print(prober)
    assert prober.failed == 0
    assert prober.longest < LONGEST_SECONDS
    assert {probe.served_by for probe in prober.probes[-100:]} == INTERFACES.keys()
