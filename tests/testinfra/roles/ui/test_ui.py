"""The UI's files: what is cached, what is not, and what a browser is told about security."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests
from testinfra.host import Host


URL = "http://172.30.90.32"
SECURITY_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def page() -> requests.Response:
    return requests.get(f"{URL}/", timeout=5)


def test_deep_links_lead_to_the_page() -> None:
    assert requests.get(f"{URL}/workouts/17", timeout=5).text == page().text


def test_hashed_files_are_kept_and_the_page_is_not() -> None:
    assert page().headers["Cache-Control"] == "no-cache"
    style = re.search(r'href="(styles-\w+\.css)"', page().text)
    assert style
    answer = requests.get(f"{URL}/{style[1]}", timeout=5)
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_page_is_compressed_and_its_settings_are_never_kept() -> None:
    assert page().headers["Content-Encoding"] == "gzip"
    assert requests.get(f"{URL}/config.json", timeout=5).headers["Cache-Control"] == "no-cache"


def test_no_folder_is_listed(on: Callable[[str], Host]) -> None:
    server = on("test-ui")
    folder = "/var/www/discordgym/current/shelf"
    server.check_output(f"mkdir {folder} && touch {folder}/hidden.txt")
    for path in ("/shelf/", "/shelf"):
        answer = requests.get(f"{URL}{path}", timeout=5)
        assert (answer.status_code, answer.text) == (200, page().text)
    server.check_output(f"rm --recursive {folder}")


@pytest.mark.parametrize("path", ["/", "/config.json", "/missing.js"])
def test_every_answer_tells_browsers_to_be_careful(path: str) -> None:
    headers = requests.get(f"{URL}{path}", timeout=5).headers
    assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "default-src 'self';" in headers["Content-Security-Policy"]
    assert "nginx/" not in headers["Server"]


def test_a_missing_file_is_an_error() -> None:
    assert requests.get(f"{URL}/missing.js", timeout=5).status_code == 404


def test_the_policy_names_the_one_api() -> None:
    policy = page().headers["Content-Security-Policy"]
    assert "connect-src 'self' http://localhost:3001 ws://localhost:3001;" in policy
    assert "unsafe" not in policy
    assert requests.get(f"{URL}/config.json", timeout=5).json() == {"apiUrl": "http://localhost:3001"}
