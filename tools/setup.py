#!/usr/bin/env python3
"""Prepare a checkout: the virtual environment with everything the controller needs.

Runs with the system's Python and standard library alone, because nothing else is there yet.
A second run with unchanged requirements does nothing.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys

from system import ROOT, SetupError, install_packages, run, say


VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements.txt"
STAMP = VENV / "requirements.sha256"


def make_venv() -> None:
    """Create the environment; Debian ships venv's pip apart from Python."""
    if (VENV / "bin" / "python").exists():
        return
    say("making the virtual environment in .venv")
    try:
        import ensurepip  # noqa: F401  # whether it is there is the question
    except ImportError:
        install_packages("python3-venv")
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def locked_version(name: str) -> str:
    """The requirement line `name==version` of the lock file."""
    for line in REQUIREMENTS.read_text().splitlines():
        if line.startswith(f"{name}=="):
            return line
    raise SetupError(f"requirements.txt does not lock {name}: run `make requirements`.")


def install_requirements() -> None:
    """Install the locked requirements by uv, which takes seconds where pip takes a minute."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == digest:
        return
    say("installing the Python requirements")
    python = str(VENV / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", locked_version("uv")], check=True)
    subprocess.run(
        [str(VENV / "bin" / "uv"), "pip", "sync", "--quiet", "--python", python, str(REQUIREMENTS)],
        check=True,
    )
    STAMP.write_text(digest)


def main() -> int:
    """Set up and say what was done; return the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever runs this may have an older one
        raise SetupError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
    make_venv()
    install_requirements()
    return 0


if __name__ == "__main__":
    run("setup", main)
