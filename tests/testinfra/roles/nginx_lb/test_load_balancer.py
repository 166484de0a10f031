"""The load balancer: who serves, what is repeated, and what is not."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import requests
from testinfra.host import Host


URL = "http://172.30.90.31:3001"
BACKENDS = {f"test-api-{number}": f"http://172.30.90.2{number}:8080" for number in (1, 2, 3)}
FAIL_TIMEOUT_SECONDS = 10


def served_by(path: str = "/", count: int = 20) -> set[str]:
    answers = [requests.get(URL + path, timeout=10) for _ in range(count)]
    assert {answer.status_code for answer in answers} == {200}
    return {answer.headers["X-App-Name"] for answer in answers}


def executed(key: str) -> int:
    return sum(int(requests.get(f"{url}/executed?id={key}", timeout=5).text) for url in BACKENDS.values())


def test_primaries_share_the_load_and_the_backup_rests() -> None:
    assert served_by() == {"test-api-1", "test-api-2"}


def test_the_service_answers_for_its_health() -> None:
    assert requests.get(f"{URL}/health", timeout=5).status_code == 200


def test_polling_stays_with_the_backend_of_its_session() -> None:
    for name in BACKENDS:
        assert served_by(f"/socket.io/?sid={name}.secret", 5) == {name}
    assert served_by("/socket.io/?sid=unknown.secret") == {"test-api-1", "test-api-2"}


def test_a_write_without_a_key_is_never_sent_twice() -> None:
    key = secrets.token_hex(8)
    assert requests.post(f"{URL}/work?id={key}&break=1", timeout=10).status_code == 502
    assert executed(key) == 1


def test_a_write_with_a_key_is_sent_again() -> None:
    time.sleep(FAIL_TIMEOUT_SECONDS + 1)
    key = secrets.token_hex(8)
    requests.post(f"{URL}/work?id={key}&break=1", headers={"Idempotency-Key": key}, timeout=10)
    assert executed(key) > 1


def test_the_backup_serves_only_alone(on: Callable[[str], Host]) -> None:
    time.sleep(FAIL_TIMEOUT_SECONDS + 1)
    first, second = on("test-api-1"), on("test-api-2")
    first.check_output("systemctl stop third-party")
    assert served_by() == {"test-api-2"}
    second.check_output("systemctl stop third-party")
    assert served_by() == {"test-api-3"}
    first.check_output("systemctl start third-party")
    second.check_output("systemctl start third-party")
    time.sleep(FAIL_TIMEOUT_SECONDS + 1)
    assert served_by() == {"test-api-1", "test-api-2"}


def test_the_log_tells_which_backend_said_what(on: Callable[[str], Host]) -> None:
    last = on("test-lb").check_output("tail -n 1 /var/log/nginx/load_balancer.log")
    for field in ('"upstream":"172.30.90.2', '"upstream_status":"200"', '"upstream_seconds":"', '"request_id":"'):
        assert field in last
