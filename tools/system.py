"""What the set-up scripts share: talking to the person, and installing Debian packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def as_root(command: list[str]) -> list[str]:
    """The command with what it takes to run it as root.

    Raises SetupError where neither root nor sudo without a password is at hand.
    """
    if os.geteuid() == 0:
        return command
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "--non-interactive", "true"], check=False, capture_output=True).returncode == 0:
        return [sudo, "--preserve-env=DEBIAN_FRONTEND", *command]
    raise SetupError(f"`{' '.join(command)}` needs root: run it as root, or allow this user sudo without a password.")


def install_packages(*packages: str) -> None:
    """Install Debian packages without their recommendations.

    Raises SetupError where there is no apt.
    """
    if not shutil.which("apt-get"):
        raise SetupError(f"{', '.join(packages)} must be installed; that is done by itself on Debian and Ubuntu only.")
    say(f"installing {', '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        result = subprocess.run(as_root(command), env=environment, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            raise SetupError(f"`{' '.join(command)}` failed:\n{result.stdout}{result.stderr}")


def run(program: str, main: Callable[[], int]) -> None:
    """Run a script's main function and exit with its status, or with one sentence about what went wrong."""
    try:
        sys.exit(main())
    except SetupError as error:
        sys.exit(f"{program}: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{program}: `{' '.join(error.cmd)}` failed with exit status {error.returncode}.")
    except KeyboardInterrupt:
        sys.exit(f"{program}: interrupted.")
