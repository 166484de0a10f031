#!/usr/bin/env python3
"""Make sure that a Docker engine answers, since the lab's hosts are containers.

Installs and starts Debian's engine where none answers and root is at hand, and lets the kernel watch as many files as
the lab's hosts need; changes nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from system import SetupError, as_root, install_packages, run, say


SOCKET = Path("/var/run/docker.sock")
LOG = "/var/log/dockerd.log"
START_SECONDS = 60
# All lab hosts share root's limit. Each takes up to eight, and where none is left its systemd ends with status 255; the
# kernel's own limit of 128 is too small for the cluster.
INOTIFY_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_INSTANCES = 512


def engine_answers() -> bool:
    """Whether an engine answers; a client alone says nothing about that."""
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], check=False, capture_output=True).returncode == 0


def refuse_foreign_engine() -> None:
    """Stop where an engine is there but closed to this user, or somewhere else."""
    if os.environ.get("DOCKER_HOST"):
        raise SetupError(
            f"no engine answers at DOCKER_HOST={os.environ['DOCKER_HOST']}: start it, or unset DOCKER_HOST."
        )
    if SOCKET.exists() and not os.access(SOCKET, os.R_OK | os.W_OK):
        raise SetupError(
            f"{SOCKET} is closed to this user: join the group docker (`sudo usermod -aG docker $USER`), "
            "then log in again."
        )


def start() -> None:
    """Start the engine by the init system, or by hand where none runs."""
    if Path("/proc/1/comm").read_text().strip() == "systemd":
        subprocess.run(as_root(["systemctl", "enable", "--now", "docker"]), check=True)
    else:
        command = as_root(["sh", "-c", f"exec setsid dockerd >>{LOG} 2>&1 </dev/null"])
        subprocess.Popen(command, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while not engine_answers():
        refuse_foreign_engine()
        if time.monotonic() > deadline:
            raise SetupError(
                f"the Docker engine did not answer within {START_SECONDS} s: see {LOG} or `journalctl -u docker`."
            )
        time.sleep(0.5)


def raise_inotify_limit() -> None:
    """Let root watch more files until the machine's next start; a larger limit stays."""
    if int(INOTIFY_LIMIT.read_text()) < INOTIFY_INSTANCES:
        say(f"raising fs.inotify.max_user_instances to {INOTIFY_INSTANCES} for the lab's hosts")
        subprocess.run(as_root(["sh", "-c", f"echo {INOTIFY_INSTANCES} > {INOTIFY_LIMIT}"]), check=True)


def main() -> int:
    """Bring the engine up; return the exit status."""
    if not engine_answers():
        refuse_foreign_engine()
        if not shutil.which("dockerd"):
            install_packages("docker.io")
        say("no Docker engine answers: starting one")
        start()
    raise_inotify_limit()
    return 0


if __name__ == "__main__":
    run("engine", main)
