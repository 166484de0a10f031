#!/usr/bin/env python3
"""Install the Debian packages of programs that are not there yet.

`programs.py chromium=chromium ssh=openssh-client` names each program and its package.
"""

from __future__ import annotations

import shutil
import sys

from system import install_packages, run


def main(arguments: list[str]) -> int:
    """Install what is missing; return the exit status."""
    wanted = dict(argument.split("=", maxsplit=1) for argument in arguments)
    missing = [package for program, package in wanted.items() if not shutil.which(program)]
    if missing:
        install_packages(*missing)
    return 0


if __name__ == "__main__":
    run("programs", lambda: main(sys.argv[1:]))
