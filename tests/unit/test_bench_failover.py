"""The comparison of load balancers: what a drill showed of each, the table, who was worse; and its probe."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from ansible_collections.discordgym.stack.plugins.module_utils.drill_record import read_record
from ansible_collections.discordgym.stack.tools.failover_figures import (
    Fault,
    Outcome,
    Throughput,
    defeats,
    notes,
    outcome,
    table,
    throughput,
)


PROBE = Path(__file__).parents[2] / "playbooks/files/drill_probe.py"
MARKS = {"baseline": 100.0, "fault": 105.0, "effective": 105.5, "heal": 120.0, "healed": 121.0, "end": 129.0}
RATE = 10
KILL = Fault("kill", ("api-1",), ("--fault=kill", "--hold"))
WELL = Outcome("kill", "ours", 240, 0, 0, 0, 0, 0, 0.074)
THROUGH = {"ours": Throughput(3000, 0), "caddy": Throughput(1000, 0)}
WRK = """\
Running 5s test @ http://172.30.80.31:3001/health/live
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     9.95ms   12.73ms 150.41ms   88.06%
    Req/Sec     2.71k   458.37     3.79k    71.00%
  26989 requests in 5.00s, 7.54MB read
{trouble}Requests/sec:   5394.03
Transfer/sec:      1.51MB
"""


def write_requests(folder: Path, failures: Sequence[int] = (), backend: str = "api-2") -> dict[str, int]:
    """Write down a probe's requests, every second one a write; return what a faultless database holds of them."""
    rows, stored = [], {}
    for number in range(29 * RATE):
        key = f"d1-{number:06d}" if number % 2 else ""
        status = 503 if number in failures else 200
        due = 100 + number / RATE
        error = "" if status == 200 else "status"
        rows.append([due, due, 0.01, "write" if key else "read", status, error, backend, key, 1, None])
        if key and not error:
            stored[key] = 1
    (folder / "requests.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps({"live": {}, "run_id": "d1"}), encoding="utf-8")
    return stored


def test_counts_the_failures_since_the_fault_by_kind(tmp_path: Path) -> None:
    stored = write_requests(tmp_path, failures=(60, 61, 63))
    measured = outcome(tmp_path, KILL, "ours", RATE, MARKS, stored)
    assert (measured.failed, measured.failed_reads, measured.failed_writes) == (3, 1, 2)
    assert (measured.requests, measured.lost, measured.duplicated) == (240, 0, 0)
    assert measured.longest_seconds == 0.01
    assert measured.doubts == []


def test_counts_what_the_database_lost_and_what_it_holds_twice(tmp_path: Path) -> None:
    stored = write_requests(tmp_path)
    del stored["d1-000101"]
    stored["d1-000103"] = stored["d1-000105"] = 2
    measured = outcome(tmp_path, KILL, "ours", RATE, MARKS, stored)
    assert (measured.failed, measured.lost, measured.duplicated) == (0, 1, 2)


def test_a_failure_before_the_fault_is_no_figure_but_a_doubt(tmp_path: Path) -> None:
    stored = write_requests(tmp_path, failures=(10,))
    measured = outcome(tmp_path, KILL, "ours", RATE, MARKS, stored)
    assert measured.failed == 0
    (doubt,) = measured.doubts
    assert "failed before the fault" in doubt


@pytest.mark.parametrize(
    "fault",
    [KILL, Fault("kill_primaries", ("api-1", "api-2"), ("--fault=kill", "--hold")), Fault("host_down", ("api-1",))],
)
def test_a_target_that_serves_on_is_a_doubt(tmp_path: Path, fault: Fault) -> None:
    stored = write_requests(tmp_path, backend="api-1")
    (doubt,) = outcome(tmp_path, fault, "ours", RATE, MARKS, stored).doubts
    assert "the fault had no effect" in doubt


def test_a_target_that_is_only_restarted_serves_on(tmp_path: Path) -> None:
    stored = write_requests(tmp_path, backend="api-1")
    assert (
        outcome(tmp_path, Fault("restart", ("api-1",), ("--fault=restart",)), "ours", RATE, MARKS, stored).doubts == []
    )


def test_a_probe_that_recorded_nothing_is_no_zero(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="caddy was sent no request while kill lasted"):
        outcome(tmp_path, KILL, "caddy", RATE, MARKS, {})


def test_reads_what_wrk_printed() -> None:
    assert throughput(WRK.format(trouble="")) == Throughput(5394.03, 0)


def test_counts_every_error_that_wrk_saw() -> None:
    trouble = "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 30\n"
    assert throughput(WRK.format(trouble=trouble)) == Throughput(5394.03, 40)


def test_refuses_what_is_no_measurement_of_wrk() -> None:
    with pytest.raises(ValueError, match="unable to connect"):
        throughput("unable to connect to 172.30.80.31:3001 Connection refused")


def test_adds_what_was_measured_at_the_same_time() -> None:
    assert sum([Throughput(1500.5, 1), Throughput(2000, 2)], Throughput(0, 0)) == Throughput(3500.5, 3)


def test_the_table_puts_the_load_balancers_side_by_side() -> None:
    peer = replace(WELL, load_balancer="caddy", failed=12, failed_reads=7, failed_writes=5, lost=1, longest_seconds=5.0)
    assert table([WELL, peer], THROUGH, Throughput(4000, 0)).splitlines() == [
        "                                 ours   caddy",
        "kill        failed (GET + POST)  0      12 (7 + 5)",
        "            lost                 0      1",
        "            duplicated           0      0",
        "            longest answer       74 ms  5.00 s",
        "throughput  requests/s           3,000  1,000",
        "            of the primaries'    75%    25%",
    ]


def test_a_doubtful_figure_is_marked_and_explained() -> None:
    doubtful = replace(WELL, doubts=["The probe was late."])
    peer = replace(WELL, load_balancer="caddy")
    _, failed, *_ = table([doubtful, peer], THROUGH, Throughput(4000, 0)).splitlines()
    assert failed.split()[-3:] == ["0", "?", "0"]
    assert list(notes([doubtful, peer], THROUGH)) == ["? ours, kill: The probe was late."]


def test_requests_that_failed_for_wrk_are_told() -> None:
    assert list(notes([WELL], {"caddy": Throughput(9000, 31)})) == ["caddy, throughput: 31 requests failed."]


@pytest.mark.parametrize("figure", ["failed", "lost", "duplicated"])
def test_ours_is_worse_where_any_peer_fails_less(figure: str) -> None:
    def with_figure(load_balancer: str, count: int) -> Outcome:
        changed: dict[str, Any] = {figure: count}
        return replace(WELL, load_balancer=load_balancer, **changed)

    measured = [with_figure("original", 9), with_figure("ours", 2), with_figure("haproxy", 1)]
    assert list(defeats(measured)) == [f"kill: {figure} 2, but 1 with haproxy."]


def test_ours_is_not_worse_for_a_draw_nor_for_a_longer_answer_nor_for_another_fault() -> None:
    ours = replace(WELL, failed=1, failed_writes=1, longest_seconds=3.0)
    assert not list(defeats([ours, replace(ours, load_balancer="caddy", longest_seconds=0.1)]))
    assert not list(defeats([ours, replace(WELL, load_balancer="caddy", fault="hang")]))


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program itself, whose own modules lie beside it."""
    monkeypatch.syspath_prepend(PROBE.parents[2] / "tools")
    return importlib.import_module("bench_failover")


def test_knows_the_hosts_of_the_inventories(program: Any) -> None:
    broken = {host for fault in program.FAULTS.values() for host in fault.hosts}
    used = {host for host, _ in program.LOAD_BALANCERS.values()} | broken | {program.DATABASE_HOST}
    addresses = program.read_lab().addresses
    assert used <= addresses.keys()
    assert len(set(addresses.values())) == len(addresses)


def test_chooses_faults_by_their_names(program: Any) -> None:
    assert [fault.name for fault in program.faults_named("hang,kill")] == ["hang", "kill"]
    with pytest.raises(argparse.ArgumentTypeError, match="there is no fire: choose from kill, hang,"):
        program.faults_named("kill,fire")


def test_the_probe_sends_the_load_without_live_clients(tmp_path: Path) -> None:
    """The real program, in an application that knows neither rooms nor Socket.IO."""
    paths: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        paths.append(f"{request.method} {request.path}")
        return web.json_response({"id": 7}, status=201 if request.method == "POST" else 200)

    async def measure() -> tuple[int | None, str]:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            (address,) = runner.addresses
            config = {
                "url": f"http://127.0.0.1:{address[1]}",
                "origin": "http://ui.test",
                "rate": 40,
                "write_share": 0.5,
            }
            config |= {"timeout_seconds": 2, "longest_seconds": 20, "run_id": "d0123456789", "live": False}
            (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(PROBE), str(tmp_path), stderr=subprocess.PIPE
            )
            async with asyncio.timeout(15):
                while not (tmp_path / "began").exists() and process.returncode is None:
                    await asyncio.sleep(0.02)
                await asyncio.sleep(0.5)
                (tmp_path / "stop").touch()
                _, said = await process.communicate()
            return process.returncode, said.decode()
        finally:
            await runner.cleanup()

    assert asyncio.run(measure()) == (0, "")
    assert set(paths) == {"POST /auth/register", "GET /workouts", "POST /workouts"}
    record = read_record(tmp_path)
    assert record.live == {}
    assert record.run_id == "d0123456789"
    assert len(record.requests) >= 15
    assert len(record.requests) == len(paths) - 1
    assert not any(request.failed for request in record.requests)


def test_the_probe_refuses_a_service_that_takes_no_account(tmp_path: Path) -> None:
    config = {"url": "http://127.0.0.1:9", "origin": "http://ui.test", "rate": 40, "write_share": 0.5}
    config |= {"timeout_seconds": 2, "longest_seconds": 20, "run_id": "d0123456789", "live": False}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    result = subprocess.run([sys.executable, str(PROBE), str(tmp_path)], check=False, capture_output=True, text=True)
    assert result.returncode == 1
    assert (
        result.stderr
        == "drill_probe: http://127.0.0.1:9 cannot be measured: POST /auth/register got no answer (refused).\n"
    )
    assert not (tmp_path / "began").exists()
