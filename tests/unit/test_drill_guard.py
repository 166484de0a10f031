"""What a drill broke is mended although its playbook was interrupted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.discordgym.stack.plugins.action.drill_guard import same_command


PROGRAM = Path(__file__).parents[2] / "playbooks/files/drill_guard.py"


@pytest.fixture
def playbook() -> Iterator[subprocess.Popen[bytes]]:
    """Stand in for the playbook's process."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def guard(process: int, folder: Path, seconds: float = 30, command: str = "touch healed") -> subprocess.Popen[str]:
    words = [sys.executable, str(PROGRAM), str(process), str(folder), str(seconds), "--", "sh", "-c", command]
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_an_interrupted_drill_is_mended_and_its_probe_ended(tmp_path: Path, playbook: subprocess.Popen[bytes]) -> None:
    guarding = guard(playbook.pid, tmp_path, command="echo mending; touch healed")
    with pytest.raises(subprocess.TimeoutExpired):
        guarding.wait(0.5)
    assert not (tmp_path / "healed").exists()
    playbook.terminate()
    told, _ = guarding.communicate(timeout=10)
    assert (tmp_path / "healed").exists()
    assert (tmp_path / "stop").exists()
    assert (tmp_path / "mending.log").read_text() == "mending\n"
    log = tmp_path / "mending.log"
    assert told == f"The drill was interrupted: mending what it broke, see {log}.\nMended.\n"


def test_a_drill_that_mended_by_itself_is_left_alone(tmp_path: Path, playbook: subprocess.Popen[bytes]) -> None:
    guarding = guard(playbook.pid, tmp_path)
    (tmp_path / "mended").touch()
    assert guarding.communicate(timeout=10) == ("", "")
    assert not (tmp_path / "healed").exists()


def test_a_drill_that_takes_too_long_is_mended(tmp_path: Path, playbook: subprocess.Popen[bytes]) -> None:
    told, _ = guard(playbook.pid, tmp_path, seconds=0.3).communicate(timeout=10)
    assert told.startswith("The drill did not mend what it broke within 0.3 s: mending")
    assert (tmp_path / "healed").exists()


def test_a_drill_that_ended_before_it_was_guarded_is_mended(tmp_path: Path, playbook: subprocess.Popen[bytes]) -> None:
    playbook.kill()
    playbook.wait()
    guard(playbook.pid, tmp_path).communicate(timeout=10)
    assert (tmp_path / "healed").exists()


def test_mending_that_fails_names_the_remedy(tmp_path: Path, playbook: subprocess.Popen[bytes]) -> None:
    playbook.kill()
    guarding = guard(playbook.pid, tmp_path, command="echo no host; exit 2")
    _, told = guarding.communicate(timeout=10)
    assert guarding.returncode == 1
    assert told == f"Mending failed, see {tmp_path / 'mending.log'}: run playbooks/heal.yml yourself.\n"


def test_the_mending_playbook_is_run_as_the_drill_was() -> None:
    argv = ["ansible-playbook", "playbooks/failover.yml", "-i", "inventories/ha", "-e", "drill_fault=hang"]
    assert same_command(argv, ["playbooks/failover.yml"], "/x/heal.yml") == [
        "ansible-playbook",
        "-i",
        "inventories/ha",
        "-e",
        "drill_fault=hang",
        "/x/heal.yml",
    ]
