"""The program that breaks a service and mends it: which commands it gives, and what it leaves behind."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest


PATH = Path(__file__).parents[2] / "playbooks/files/drill_fault.py"


class Host:
    """The program on a host whose commands are only written down."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        specification = importlib.util.spec_from_file_location("drill_fault", PATH)
        assert specification is not None
        assert specification.loader is not None
        self.program: Any = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(self.program)
        self.state = folder / "state.json"
        self.mended = folder / "mended.json"
        self.kills = folder / "kills"
        self.lock = folder / "lock"
        self.drop_in = folder / "units" / "drill.conf"
        self.commands: list[str] = []
        self.given: list[str] = []
        self.answers: list[int] = []
        monkeypatch.setattr(self.program, "STATE", self.state)
        monkeypatch.setattr(self.program, "MENDED", self.mended)
        monkeypatch.setattr(self.program, "KILLS", self.kills)
        monkeypatch.setattr(self.program, "LOCK", self.lock)
        monkeypatch.setattr(self.program, "drop_in", lambda _: self.drop_in)
        monkeypatch.setattr(self.program.subprocess, "run", self._run)

    def _run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(" ".join(command))
        if options.get("input"):
            self.given.append(options["input"])
        return subprocess.CompletedProcess(command, self.answers.pop(0) if self.answers else 0, "", "")

    def begin(self, *arguments: str) -> list[str]:
        self.commands.clear()
        heal_at = f"--heal-at={time.time() + 15.5}"
        self.program.begin(self.program.parser().parse_args(["begin", "--unit=api", heal_at, *arguments]))
        return self.commands

    def heal(self) -> list[str]:
        self.commands.clear()
        self.program.heal()
        return self.commands


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


@pytest.mark.parametrize("fault", ["kill", "stop", "hang", "partition", "error", "freeze", "repeat_kill"])
def test_every_fault_is_on_record_and_ends_by_itself_before_it_begins(host: Host, fault: str) -> None:
    host.mended.write_text("of the drill before")
    commands = host.begin(f"--fault={fault}")
    assert json.loads(host.state.read_text())["fault"] == fault
    assert not host.mended.exists()
    assert commands[0].startswith("systemd-run --unit=discordgym-drill-heal --on-active=15.")
    assert len(commands) > 1


@pytest.mark.parametrize("fault", ["kill", "stop", "hang", "partition", "error", "freeze", "repeat_kill"])
def test_mending_starts_the_unit_ends_the_timer_and_leaves_nothing(host: Host, fault: str) -> None:
    host.begin(f"--fault={fault}", "--hold")
    before = time.time()
    commands = host.heal()
    assert before <= json.loads(host.mended.read_text())["healed"] <= time.time()
    assert "systemctl start api" in commands or "systemctl restart api" in commands
    assert commands[-1] == "systemctl stop discordgym-drill-heal.timer"
    assert not host.state.exists()
    assert not host.drop_in.exists()
    assert host.heal() == []


def test_who_orders_it_while_the_timer_mends_waits_for_that(host: Host) -> None:
    host.begin("--fault=stop")
    second = threading.Thread(target=host.heal)
    with host.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second.start()
        second.join(0.3)
        assert second.is_alive()
        host.state.unlink()
    second.join(5)
    assert not second.is_alive()
    assert host.commands == []


def test_a_kill_is_left_to_systemd_unless_held(host: Host) -> None:
    assert "systemctl daemon-reload" not in host.begin("--fault=kill")
    assert not host.drop_in.exists()
    host.begin("--fault=kill", "--hold")
    assert host.drop_in.read_text() == "[Service]\nRestartSec=75\n"
    assert host.heal()[:2] == ["systemctl daemon-reload", "systemctl restart api"]


def test_a_hang_stops_all_processes_and_goes_on_with_them(host: Host) -> None:
    assert host.begin("--fault=hang")[-1] == "systemctl kill --kill-whom=all --signal=STOP api"
    assert "systemctl kill --kill-whom=all --signal=CONT api" in host.heal()


def test_a_partition_spares_the_controller_s_port_and_the_loopback(host: Host) -> None:
    host.begin("--fault=partition", "--spare-port=2222")
    assert "policy drop" in host.given[0]
    assert "tcp dport 2222 accept" in host.given[0]
    assert "iif lo accept" in host.given[0]
    assert host.heal()[0] == "nft --file -"
    assert "delete table inet discordgym_drill" in host.given[1]


@pytest.mark.parametrize("fault", ["kill", "restart", "partition"])
def test_several_hosts_break_at_the_same_moment(host: Host, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    waited: list[int] = []
    monkeypatch.setattr(host.program, "wait_until", lambda moment: waited.extend([int(moment), len(host.commands)]))
    commands = host.begin(f"--fault={fault}", "--at=1795467943.5")
    # After the timer that mends, if there is anything to mend, and before anything is broken.
    assert waited == [1795467943, len(commands) - 1]


def test_who_is_killed_again_and_again_is_back_before_each_kill(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(host.program, "wait_until", waited.append)
    monkeypatch.setattr(host.program, "SECONDS_BETWEEN_LOOKS", 0.0)
    commands = host.begin("--fault=repeat_kill", "--at=1000", "--every=5", "--turn=1", "--turns=2", "--kills=5")
    assert commands[-1].endswith(" kills --unit=api --at=1000.0 --every=5.0 --turn=1 --turns=2 --kills=5")
    host.commands.clear()
    look, kill = "systemctl is-active --quiet api", "systemctl kill --kill-whom=main --signal=KILL api"
    # The kill is an answer too.
    host.answers = [0, 0, 3, 3, 0]
    host.program.kill_in_turn("api", 1000.0, 5.0, range(1, 5, 2))
    assert waited == [1005.0, 1015.0]
    assert host.commands == [look, kill, look, look, look, kill]
    host.heal()
    assert json.loads(host.mended.read_text())["kills"] == 2


def test_kills_of_an_earlier_drill_do_not_count(host: Host) -> None:
    host.kills.write_text("20")
    host.begin("--fault=repeat_kill")
    host.heal()
    assert json.loads(host.mended.read_text())["kills"] == 0


def test_a_moment_that_is_over_is_not_waited_for(host: Host) -> None:
    began = time.monotonic()
    host.program.wait_until(time.time() + 0.2)
    host.program.wait_until(1.0)
    assert 0.19 < time.monotonic() - began < 5


def test_a_restart_leaves_nothing_to_mend(host: Host) -> None:
    host.mended.write_text("of the drill before")
    assert host.begin("--fault=restart") == ["systemctl restart api"]
    assert host.heal() == []
    assert not host.mended.exists()


def test_the_sick_server_answers_everything_with_503(host: Host) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), host.program.SickHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/workouts"
    try:
        for body in (None, b'{"name": "squats"}'):
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=5)
            assert error.value.code == 503
    finally:
        server.shutdown()
