"""What a person sees when the inventory is unsound."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path


SCENARIO = Path(__file__).parents[1]
ROOT = SCENARIO.parents[1]

PROBLEMS = (SCENARIO / "tests/refusal.txt").read_text(encoding="utf-8")


def refusal(*arguments: str) -> str:
    """Run the role as a user does, over the unsound inventory, and return what it prints."""
    inventories = [f"--inventory={SCENARIO / name}" for name in ("inventory", "unsound")]
    run = subprocess.run(
        ["ansible-playbook", str(SCENARIO / "converge.yml"), *inventories, *arguments],
        # Molecule forces colour, which would stand between the words.
        env=os.environ | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_FORCE_COLOR": "0", "NO_COLOR": "1"},
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert run.returncode == 2, run.stdout
    return run.stdout


def test_all_problems_are_told_at_once() -> None:
    assert PROBLEMS in refusal()


def test_a_limit_and_check_mode_tell_the_same() -> None:
    assert PROBLEMS in refusal("--limit", "absent-studio", "--check")


def test_no_secret_is_shown_however_verbose_the_run() -> None:
    output = refusal("-vvv")
    assert PROBLEMS in output
    assert "hunter2" not in output
    assert sha256(b"mariadb_app").hexdigest() not in output
