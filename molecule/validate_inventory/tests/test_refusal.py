"""What a person sees when the inventory is unsound."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from deployment import play


SCENARIO = Path(__file__).parents[1]
PROBLEMS = (SCENARIO / "tests/refusal.txt").read_text(encoding="utf-8")


def refusal(*arguments: str) -> str:
    """Run the role as a user does, over the unsound inventory, and return what it prints."""
    run = play(SCENARIO / "inventory", "converge.yml", f"--inventory={SCENARIO / 'unsound'}", *arguments)
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
