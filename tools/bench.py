#!/usr/bin/env python3
"""Measure how fast the HA setup is deployed, and compare it with plainer ways to do the same.

The HA lab is made anew, twice, and removed in the end. Printed is a table of figures, each with its limit; the exit
status is 1 where one is exceeded. Absolute seconds mean something on a quiet machine only, ratios on a busy one too.
"""

from __future__ import annotations

import argparse
import tempfile
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab import fresh_lab, on_host, seconds, widened_inventory
from system import ROOT, run, say


INVENTORY = ROOT / "inventories" / "ha"
PLAYBOOK = ["ansible-playbook", "playbooks/ha.yml", "--inventory"]
DEPLOY = [*PLAYBOOK, str(INVENTORY)]
LOAD_BALANCER = "http://127.0.0.1:3001/health"
REQUESTS = 1000


@dataclass(frozen=True)
class Figure:
    """A measured figure, and what it must not exceed."""

    title: str
    measured: float
    limit: float
    unit: str
    detail: str = ""

    @property
    def met(self) -> bool:
        return self.measured <= self.limit

    def cells(self) -> tuple[str, ...]:
        def amount(value: float) -> str:
            return f"{value:.0f} {self.unit}" if value >= 100 else f"{value:.2f} {self.unit}".rstrip()

        return (self.title, amount(self.measured), amount(self.limit), "met" if self.met else "MISSED", self.detail)


@dataclass
class Host:
    """What a deployment added to a lab host."""

    name: str
    before: Mapping[str, frozenset[str]]
    after: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def added(self, kind: str) -> list[str]:
        return sorted(self.after[kind] - self.before[kind])


def default_settings_seconds(command: list[str]) -> float:
    """Tell how long a command takes without this repository's ansible.cfg; the collection is found all the same."""
    with tempfile.NamedTemporaryFile(suffix=".cfg") as empty:
        collections = str(ROOT / ".collections")
        return seconds(command, {"ANSIBLE_CONFIG": empty.name, "ANSIBLE_COLLECTIONS_PATH": collections})


def look_at(host: str) -> dict[str, frozenset[str]]:
    """Tell the packages of a host, and those of its running services that come from a package."""
    units = "systemctl list-units --type=service --state=running --plain --no-legend | cut -d' ' -f1"
    packaged = f"for unit in $({units}); do test -e /lib/systemd/system/$unit && echo $unit; done; true"
    return {
        "packages": frozenset(on_host(host, "dpkg-query --show --showformat='${Package}\\n'").split()),
        "services": frozenset(on_host(host, packaged).split()),
    }


def check_seconds(backends: int) -> float:
    """Tell how long it takes to validate and render an inventory of so many backends, in check mode."""
    api = {f"discordgym-api-{number}": f"172.30.80.{100 + number}" for number in range(1, backends + 1)}
    with tempfile.TemporaryDirectory() as folder:
        inventory = widened_inventory(INVENTORY, Path(folder), {"api": api})
        return seconds([*PLAYBOOK, str(inventory), "--check", "--limit", "nginx-lb"])


def resident_mb(host: str) -> float:
    """Tell the resident memory of a host's API process in megabytes (10^6 bytes)."""
    pid = on_host(host, "systemctl show --property MainPID --value discordgym-api").strip()
    (line,) = (line for line in on_host(host, f"cat /proc/{pid}/status").splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


def measure_deployment() -> tuple[list[Figure], float, list[Host]]:
    """Measure everything that takes a deployed stack; tell the cold deployment's seconds, and what it added."""
    with fresh_lab("ha") as names:
        hosts = [Host(name, look_at(name)) for name in names]
        say("deploying to them")
        cold = seconds(DEPLOY)
        say(f"that took {cold:.0f} s")
        for host in hosts:
            host.after = look_at(host.name)
        say("deploying again, three times")
        again = min(seconds(DEPLOY) for _ in range(3))
        say("deploying again with Ansible's default strategy and connection settings")
        default = default_settings_seconds(DEPLOY)
        say("rendering 5 and 50 backends")
        few, many = check_seconds(5), check_seconds(50)
        say(f"sending {REQUESTS} requests")
        for _ in range(REQUESTS):
            urllib.request.urlopen(LOAD_BALANCER, timeout=5).close()
        memory = max(resident_mb(name) for name in names if name.startswith("discordgym-api-"))
    return (
        [
            Figure("cold deployment", cold, 150, "s"),
            Figure("second run", again, 30, "s"),
            Figure("second run / default settings", again / default, 1 / 3, "", f"{default:.0f} s"),
            Figure("check of 50 backends / of 5", many / few, 4, "", f"{many:.1f} s / {few:.1f} s"),
            Figure("resident memory of an API", memory, 160, "MB"),
        ],
        cold,
        hosts,
    )


def bare_seconds(hosts: list[Host]) -> float:
    """Tell how long a shell loop takes to install the same packages and to start the same services."""
    with fresh_lab("ha"):
        say("installing the same packages by a shell loop")
        return sum(seconds(["docker", "exec", host.name, "sh", "-ec", bare_script(host)]) for host in hosts)


def bare_script(host: Host) -> str:
    """Write what a shell loop would do on a host."""
    lines = [
        "export DEBIAN_FRONTEND=noninteractive",
        "apt-get update -qq",
        f"apt-get install -qq --no-install-recommends {' '.join(host.added('packages'))}",
        *(f"systemctl start {service}" for service in host.added("services")),
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure, print the table, and return 1 where a limit is exceeded."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    figures, cold, hosts = measure_deployment()
    bare = bare_seconds(hosts)
    figures.insert(1, Figure("cold deployment / shell loop", cold / bare, 2.0, "", f"{bare:.0f} s"))
    lines = [("", "measured", "limit", "", ""), *(figure.cells() for figure in figures)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    run("bench", main)
