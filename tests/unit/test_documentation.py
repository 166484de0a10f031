"""What is generated is up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


ROOT = Path(__file__).parents[2]


def test_the_documented_variables_are_those_of_the_specifications() -> None:
    check = subprocess.run(
        [sys.executable, str(ROOT / "docs/generate_variables.py"), "--check"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert check.stderr == ""
    assert check.returncode == 0
