"""Every port of the original answers on localhost, and none of them to just anybody."""

from __future__ import annotations

import socket

import requests
from deployed import Stack


STUDIO_URL = "http://localhost:5556"


def exchange(port: int, request: bytes = b"") -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request)
        return connection.recv(1024)


def test_ui_serves_its_page_and_knows_the_api(stack: Stack) -> None:
    page = requests.get(stack.ui_url, timeout=5)
    assert page.status_code == 200
    assert "<title>DiscordGym</title>" in page.text
    assert requests.get(f"{stack.ui_url}/config.json", timeout=5).json() == {"apiUrl": stack.api_url}


def test_api_answers_and_names_its_instance(stack: Stack) -> None:
    answer = requests.get(f"{stack.api_url}/health/ready", timeout=5)
    assert answer.status_code == 200
    assert answer.headers["X-Served-By"] in stack.names("api")
    assert requests.get(f"{stack.api_url}/auth/me", timeout=5).status_code == 401


def test_mariadb_greets() -> None:
    assert b"MariaDB" in exchange(3307)


def test_redis_asks_for_a_password() -> None:
    assert exchange(6379, b"PING\r\n").startswith(b"-NOAUTH")


def test_redis_opens_to_its_password(stack: Stack) -> None:
    login = f"AUTH discordgym_app {stack.secrets()['redis_app']}\r\n".encode()
    assert exchange(6379, login) == b"+OK\r\n"


def test_studio_asks_for_a_login(stack: Stack) -> None:
    assert requests.get(STUDIO_URL, timeout=5).status_code == 401
    login = ("admin", stack.secrets()["prisma_studio"])
    assert requests.get(STUDIO_URL, auth=login, timeout=5).status_code == 200
    foreign = {"Origin": "http://elsewhere.example"}
    assert requests.post(STUDIO_URL, auth=login, headers=foreign, timeout=5).status_code == 403


def test_published_ports_are_open_to_this_machine_alone(stack: Stack) -> None:
    """A port published on all addresses would answer on the lab network's gateway too."""
    gateway = stack.variables(stack.names()[0])["lab_network"]["gateway"]
    for port in (80, 3001, 3307, 6379, 5556):
        with socket.socket() as connection:
            connection.settimeout(2)
            assert connection.connect_ex((gateway, port)) != 0, f"{gateway}:{port} is open"
