"""Prisma Studio: behind a password, deaf to other sites, itself on loopback."""

from __future__ import annotations

from collections.abc import Callable

import requests
from testinfra.host import Host


URL = "http://172.30.90.33:5556/"


def test_it_asks_for_a_password(secret: Callable[[str], str]) -> None:
    assert requests.get(URL, timeout=5).status_code == 401
    assert requests.get(URL, auth=("admin", "wrong"), timeout=5).status_code == 401
    assert requests.get(URL, auth=("admin", secret("prisma_studio")), timeout=5).status_code == 200


def test_it_is_deaf_to_other_sites(secret: Callable[[str], str]) -> None:
    login = ("admin", secret("prisma_studio"))
    for headers in ({"Origin": "http://elsewhere.example"}, {}):
        assert requests.post(URL, auth=login, headers=headers, timeout=5).status_code == 403
    own = {"Origin": "http://localhost:5556"}
    assert requests.post(URL, auth=login, headers=own, timeout=5).status_code != 403


def test_it_listens_on_loopback(on: Callable[[str], Host]) -> None:
    sockets = on("test-studio").check_output("ss --listening --tcp --numeric --no-header 'sport = 5555'")
    assert sockets.split()[3] == "127.0.0.1:5555", sockets


def test_no_password_is_in_the_process_list(on: Callable[[str], Host], secret: Callable[[str], str]) -> None:
    arguments = on("test-studio").check_output("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert "studio --browser none --port 5555" in arguments
    for name in ("mariadb_studio", "prisma_studio"):
        assert secret(name) not in arguments, name
