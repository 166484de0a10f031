"""What benchmarks and tests share: a lab made anew, its hosts, and an inventory with more of them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml
from system import ROOT, SetupError, say


def seconds(command: list[str], settings: Mapping[str, str] | None = None) -> float:
    """Run a command and tell how long it took.

    Raises SetupError with the end of its output where it fails.
    """
    began = time.monotonic()
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(settings or {})},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        raise SetupError(f"`{' '.join(command)}` failed:\n{result.stdout[-4000:]}")
    return time.monotonic() - began


def on_host(host: str, script: str, given: str = "") -> str:
    """Run a shell script on a lab host, with some input, and return what it printed."""
    return subprocess.run(
        ["docker", "exec", "--interactive", host, "sh", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        input=given,
    ).stdout


def widened_inventory(inventory: Path, folder: Path, added: Mapping[str, Mapping[str, str]]) -> Path:
    """Write an inventory like this one to a folder; of these hosts, by group, name and address, add those it lacks."""
    hosts = yaml.safe_load((inventory / "hosts.yml").read_text(encoding="utf-8"))
    for group, members in added.items():
        for name, address in members.items():
            hosts["all"]["children"][group]["hosts"].setdefault(name, {"stack_address": address})
    # The variables and secrets of an inventory lie beside its hosts.
    for name in ("group_vars", ".secrets"):
        (folder / name).symlink_to(inventory / name)
    (folder / "hosts.yml").write_text(yaml.safe_dump(hosts, sort_keys=False), encoding="utf-8")
    return folder


@contextmanager
def fresh_lab(scenario: str) -> Iterator[list[str]]:
    """Make a scenario's lab hosts anew, tell their names, and remove them in the end."""
    say("making fresh lab hosts")
    seconds(["molecule", "destroy", "--scenario-name", scenario])
    try:
        seconds(["molecule", "create", "--scenario-name", scenario])
        listed = subprocess.run(
            ["docker", "ps", "--filter", "label=discordgym.lab.network=discordgym-ha", "--format", "{{.Names}}"],
            check=True,
            capture_output=True,
            text=True,
        )
        yield sorted(listed.stdout.split())
    finally:
        seconds(["molecule", "destroy", "--scenario-name", scenario])
