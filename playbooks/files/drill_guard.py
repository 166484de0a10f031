#!/usr/bin/env python3
"""Mend what a drill broke when nobody else will: its playbook was interrupted, or takes too long.

An interrupted ansible-playbook ends at once and runs no `always`. So this process, which shares neither terminal nor
session with it, looks at it from before the fault until the folder has the file `mended` or is gone. If the playbook
ends before that, or the time is up, it has the probe end, and runs the command that mends.
"""

from __future__ import annotations

import argparse
import os
import select
import subprocess
import sys
import time
from pathlib import Path


SECONDS_BETWEEN_LOOKS = 0.2
LOG = "mending.log"


def mended(folder: Path) -> bool:
    """Tell whether the drill has mended what it broke: then it says so, or has cleared all away."""
    return not folder.exists() or (folder / "mended").exists()


def deserted(process: int, folder: Path, seconds: float) -> str:
    """Wait until the drill is over or needs help; tell why it needs help, in words, or nothing."""
    end = time.monotonic() + seconds
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return "" if mended(folder) else "was interrupted"
    while not mended(folder):
        if time.monotonic() > end:
            return f"did not mend what it broke within {seconds:g} s"
        ended, _, _ = select.select([handle], [], [], SECONDS_BETWEEN_LOOKS)
        if ended and not mended(folder):
            return "was interrupted"
    return ""


def main() -> None:
    """Guard a drill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("process", type=int, help="the playbook's process")
    parser.add_argument("folder", type=Path, help="the drill's folder on the controller")
    parser.add_argument("seconds", type=float, help="how long the playbook may take to mend by itself")
    parser.add_argument("command", nargs="+", help="what mends")
    options = parser.parse_args()
    folder: Path = options.folder

    why = deserted(options.process, folder, options.seconds)
    if not why:
        return
    (folder / "stop").touch()
    log = folder / LOG
    print(f"The drill {why}: mending what it broke, see {log}.", flush=True)
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            options.command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        sys.exit(f"Mending failed, see {log}: run playbooks/heal.yml yourself.")
    print("Mended.", flush=True)


if __name__ == "__main__":
    main()
