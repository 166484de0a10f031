"""The UI's files: what is cached, what is not, and what a browser is told about security."""

from __future__ import annotations

import re

import requests


URL = "http://172.30.90.32"


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


def test_a_missing_file_is_an_error() -> None:
    assert requests.get(f"{URL}/missing.js", timeout=5).status_code == 404


def test_the_policy_names_the_one_api() -> None:
    policy = page().headers["Content-Security-Policy"]
    assert "connect-src 'self' http://localhost:3001 ws://localhost:3001;" in policy
    assert "unsafe" not in policy
    assert page().headers["X-Content-Type-Options"] == "nosniff"
    assert requests.get(f"{URL}/config.json", timeout=5).json() == {"apiUrl": "http://localhost:3001"}
