"""The load balancer: who serves, what is repeated, and what is not."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from deployment import deploy
from testinfra.host import Host


ADDRESS = "172.30.90.31"
URL = f"http://{ADDRESS}:3001"
BACKENDS = {f"test-api-{number}": f"http://172.30.90.2{number}:8080" for number in (1, 2, 3)}
PRIMARIES = {"test-api-1", "test-api-2"}
SERVERS_FILE = "/var/lib/nginx-upstreams/api_backend.servers"
STAND_IN = Path(__file__).with_name("stand_in.py")

FAIL_TIMEOUT_SECONDS = 5
# The objectives of a drill.
LONGEST_SECONDS = 1.1
LATER_SPIKE_SECONDS = 0.3
RETURN_SECONDS = 5
# A backup's help for those that it stood in for, and a change of nginx's workers.
HELP_SECONDS = 7
# Until a sick backend is out, with some room for a machine under load.
SETTLE_SECONDS = 3

On = Callable[[str], Host]


def served_by(path: str = "/", count: int = 20) -> set[str]:
    answers = [requests.get(URL + path, timeout=10) for _ in range(count)]
    assert {answer.status_code for answer in answers} == {200}
    return {answer.headers["X-App-Name"] for answer in answers}


def seconds_until_served_by(names: set[str]) -> float:
    """Ask until these and no others serve."""
    began = time.monotonic()
    while served_by() != names:
        assert time.monotonic() - began < 2 * RETURN_SECONDS, f"still served by {served_by()}"
        time.sleep(0.1)
    return time.monotonic() - began


def executed(key: str) -> int:
    return sum(int(requests.get(f"{url}/executed?id={key}", timeout=5).text) for url in BACKENDS.values())


def write(path: str, key: str | None = None) -> int:
    headers = {} if key is None else {"Idempotency-Key": key}
    return requests.post(URL + path, headers=headers, timeout=10).status_code


def out(balancer: Host) -> set[str]:
    """The addresses of the backends that are out."""
    lines = balancer.check_output(f"cat {SERVERS_FILE}").splitlines()
    return {line.split()[1] for line in lines if line.endswith(" down;")}


@contextmanager
def stand_in(host: Host, address: str, name: str, behaviour: str, port: int = 8080) -> Iterator[None]:
    """Have another backend serve, in the place of the first where the port is its."""
    if port == 8080:
        host.check_output("systemctl stop third-party")
    host.check_output(
        "systemd-run --unit stand-in python3 -c %s %s %s %s %s",
        STAND_IN.read_text(),
        address,
        str(port),
        name,
        behaviour,
    )
    try:
        yield
    finally:
        host.check_output("systemctl stop stand-in")
        host.check_output("systemctl start third-party")


class Load:
    """Requests at a constant rate, each in its time whatever became of the others."""

    RATE = 25

    def __init__(self) -> None:
        self.running = True
        self.answers: list[Future[tuple[float, float, int]]] = []
        self.pool = ThreadPoolExecutor(64)
        self.pace = self.pool.submit(self._send)

    def _send(self) -> None:
        began = time.monotonic()
        while self.running:
            scheduled = began + len(self.answers) / self.RATE
            time.sleep(max(0.0, scheduled - time.monotonic()))
            self.answers.append(self.pool.submit(self._ask, scheduled))

    @staticmethod
    def _ask(scheduled: float) -> tuple[float, float, int]:
        status = requests.get(URL, timeout=10).status_code
        return scheduled, time.monotonic() - scheduled, status

    def end(self) -> list[tuple[float, float, int]]:
        """When each request was due, how long it took since, and its status."""
        self.running = False
        self.pace.result()
        return [answer.result() for answer in self.answers]


@pytest.fixture(autouse=True)
def healthy(on: On) -> Iterator[None]:
    """Each test begins with nobody left out by the one before."""
    yield
    seconds_until_served_by(PRIMARIES)
    assert out(on("test-lb")) == set()


def test_primaries_share_the_load_and_the_backup_rests() -> None:
    assert served_by() == PRIMARIES


def test_the_service_answers_for_its_health() -> None:
    assert requests.get(f"{URL}/health", timeout=5).status_code == 200


def test_polling_stays_with_the_backend_of_its_session() -> None:
    for name in BACKENDS:
        assert served_by(f"/socket.io/?sid={name}.secret", 5) == {name}
    assert served_by("/socket.io/?sid=unknown.secret") == PRIMARIES


def test_a_write_without_a_key_is_never_sent_twice() -> None:
    key = secrets.token_hex(8)
    assert write(f"/work?id={key}&break=1") == 502
    assert executed(key) == 1


def test_a_write_with_a_key_is_sent_again_and_answered(on: On) -> None:
    keys = [secrets.token_hex(8) for _ in range(4)]
    with stand_in(on("test-api-1"), "172.30.90.21", "test-api-1", "forgetful"):
        seconds_until_served_by(PRIMARIES)
        assert [write(f"/work?id={key}", key) for key in keys] == [200] * len(keys)
        assert int(requests.get(f"{BACKENDS['test-api-1']}/forgotten", timeout=5).text) > 0
        others = [BACKENDS["test-api-2"], BACKENDS["test-api-3"]]
        for key in keys:
            assert sum(int(requests.get(f"{url}/executed?id={key}", timeout=5).text) for url in others) == 1


def test_one_that_takes_long_is_waited_for(on: On) -> None:
    key = secrets.token_hex(8)
    assert write(f"/work?id={key}&milliseconds=3000", key) == 200
    assert executed(key) == 1
    assert out(on("test-lb")) == set()


def test_a_request_that_fails_everywhere_does_not_close_the_service() -> None:
    key = secrets.token_hex(8)
    assert write(f"/work?id={key}&break=1", key) == 502
    # More often where a kept connection breaks, which nginx does not count as a try.
    assert len(BACKENDS) <= executed(key) <= 2 * len(BACKENDS)
    # Now nginx has left out every backend.
    assert requests.get(f"{URL}/health", timeout=5).status_code == 200
    assert served_by() == PRIMARIES
    for following in (None, secrets.token_hex(8)):
        key = following or secrets.token_hex(8)
        assert write(f"/work?id={key}", following) == 200
        assert executed(key) == 1


def test_a_write_without_a_key_is_sent_once_even_if_all_backends_are_left_out() -> None:
    broken = secrets.token_hex(8)
    assert write(f"/work?id={broken}&break=1", broken) == 502
    key = secrets.token_hex(8)
    assert write(f"/work?id={key}&break=1") == 502
    assert executed(key) == 1
    time.sleep(FAIL_TIMEOUT_SECONDS + 1)


def test_the_backup_serves_only_alone(on: On) -> None:
    first, second = on("test-api-1"), on("test-api-2")
    first.check_output("systemctl stop third-party")
    assert served_by() == {"test-api-2"}
    second.check_output("systemctl stop third-party")
    assert served_by() == {"test-api-3"}
    time.sleep(SETTLE_SECONDS)
    assert out(on("test-lb")) == {"172.30.90.21:8080", "172.30.90.22:8080"}
    first.check_output("systemctl start third-party")
    second.check_output("systemctl start third-party")
    # It hands back: first it helps them, who have just started, and then it rests.
    assert seconds_until_served_by(PRIMARIES | {"test-api-3"}) < RETURN_SECONDS
    assert seconds_until_served_by(PRIMARIES) < HELP_SECONDS


def test_a_hung_backend_is_taken_out_and_put_back(on: On) -> None:
    sick, balancer = on("test-api-1"), on("test-lb")
    load = Load()
    time.sleep(1)
    sick.check_output("systemctl kill --signal=STOP third-party")
    hung = time.monotonic()
    time.sleep(8)
    assert out(balancer) == {"172.30.90.21:8080"}
    assert served_by("/socket.io/?sid=test-api-1.secret", 5) <= {"test-api-2"}
    answers = load.end()
    sick.check_output("systemctl kill --signal=CONT third-party")

    assert {status for _, _, status in answers} == {200}
    longest = max(seconds for _, seconds, _ in answers)
    later = max(seconds for due, seconds, _ in answers if due > hung + SETTLE_SECONDS)
    print(f"{len(answers)} requests, longest {longest * 1000:.0f} ms, later {later * 1000:.0f} ms")
    assert longest < LONGEST_SECONDS
    assert later < LATER_SPIKE_SECONDS
    assert seconds_until_served_by(PRIMARIES) < RETURN_SECONDS
    journal = balancer.check_output("journalctl --unit discordgym-upstream-checker --output cat --lines 20")
    assert "test-api-1 (172.30.90.21:8080) is sick: no answer, while others are well" in journal
    assert "test-api-1 (172.30.90.21:8080) is well again" in journal


def test_a_backend_that_answers_503_costs_no_request(on: On) -> None:
    with stand_in(on("test-api-1"), "172.30.90.21", "test-api-1", "well"):
        seconds_until_served_by(PRIMARIES)
        load = Load()
        time.sleep(1)
        assert requests.get(f"{BACKENDS['test-api-1']}/fall-ill", timeout=5).status_code == 503
        time.sleep(SETTLE_SECONDS)
        assert out(on("test-lb")) == {"172.30.90.21:8080"}
        assert {status for _, _, status in load.end()} == {200}


@pytest.mark.parametrize("status", [404, 409, 418, 419, 429, 501])
def test_what_is_the_clients_fault_is_never_repeated(status: int) -> None:
    key = secrets.token_hex(8)
    assert write(f"/work?id={key}&status={status}", key) == status
    assert executed(key) == 1


def test_a_websocket_passes_and_outlives_a_change_of_the_backends(on: On) -> None:
    with (
        stand_in(on("test-api-1"), "172.30.90.21", "test-api-1", "well"),
        socket.create_connection((ADDRESS, 3001), timeout=5) as client,
    ):
        seconds_until_served_by(PRIMARIES)
        client.sendall(
            b"GET /socket.io/?sid=test-api-1.secret HTTP/1.1\r\nHost: lb\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        assert client.recv(1024).startswith(b"HTTP/1.1 101 ")
        on("test-api-2").check_output("systemctl stop third-party")
        time.sleep(SETTLE_SECONDS)
        assert out(on("test-lb")) == {"172.30.90.22:8080"}
        client.sendall(b"ping")
        assert client.recv(1024) == b"ping"
        on("test-api-2").check_output("systemctl start third-party")


def test_one_line_adds_a_backend_and_a_rerun_leaves_out_who_is_out(on: On, inventory: Path, tmp_path: Path) -> None:
    balancer, sick = on("test-lb"), on("test-api-2")
    line = tmp_path / "more.yml"
    line.write_text("api: { hosts: { test-api-4: { stack_address: 172.30.90.21, api_port: 8081 } } }")
    sick.check_output("systemctl stop third-party")
    time.sleep(SETTLE_SECONDS)
    assert out(balancer) == {"172.30.90.22:8080"}
    again = deploy(inventory, "--limit=nginx_lb")
    assert again.returncode == 0, again.stdout
    assert "changed=0 " in again.stdout, again.stdout

    # Its port is its own, as every host variable may be; the host is that of another, which saves a container.
    with stand_in(on("test-api-1"), "172.30.90.21", "test-api-4", "well", port=8081):
        grown = deploy(inventory, f"--inventory={line}", "--limit=nginx_lb")
        assert grown.returncode == 0, grown.stdout
        assert out(balancer) == {"172.30.90.22:8080"}
        seconds_until_served_by({"test-api-1", "test-api-4"})
        assert deploy(inventory, "--limit=nginx_lb").returncode == 0
        assert "172.30.90.21:8081" not in balancer.check_output(f"cat {SERVERS_FILE}")
    sick.check_output("systemctl start third-party")


def test_nginx_starts_whatever_became_of_its_backends_file(on: On) -> None:
    balancer = on("test-lb")
    balancer.check_output(f"rm {SERVERS_FILE} && systemctl restart nginx")
    assert served_by() == PRIMARIES
    balancer.check_output(
        f"systemctl stop discordgym-upstream-checker && echo 'server 172.30.90.99:1 down;' > {SERVERS_FILE}"
    )
    balancer.check_output("systemctl restart nginx && systemctl start discordgym-upstream-checker")
    assert served_by() == PRIMARIES


def test_a_killed_nginx_comes_back(on: On) -> None:
    on("test-lb").check_output("systemctl kill --signal=KILL nginx")
    time.sleep(SETTLE_SECONDS)
    assert served_by() == PRIMARIES


def test_the_checker_is_nobody_and_cannot_write_what_nginx_reads(on: On) -> None:
    balancer = on("test-lb")
    process = balancer.check_output("systemctl show --property MainPID --value discordgym-upstream-checker")
    status = balancer.file(f"/proc/{process}/status").content_string
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    assert fields["Uid"].split()[0] != "0"
    assert int(fields["CapEff"], 16) == 0
    assert balancer.file(SERVERS_FILE).user == "root"
    assert balancer.file(SERVERS_FILE).mode == 0o644


def test_the_log_tells_which_backend_said_what(on: On) -> None:
    last = on("test-lb").check_output("tail -n 1 /var/log/nginx/load_balancer.log")
    for field in ('"upstream":"172.30.90.2', '"upstream_status":"200"', '"upstream_seconds":"', '"request_id":"'):
        assert field in last
