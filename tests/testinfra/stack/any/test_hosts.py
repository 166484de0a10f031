"""What the hosts look like from inside."""

from __future__ import annotations

import pytest
from deployed import Stack


API_MEMORY_LIMIT_MB = 160


def test_every_unit_is_well(stack: Stack) -> None:
    for name in stack.names():
        assert stack.host(name).check_output("systemctl list-units --failed --plain --no-legend") == "", name


@pytest.mark.parametrize(("group", "unit"), [("api", "discordgym-api"), ("prisma_studio", "discordgym-prisma-studio")])
def test_node_services_are_sandboxed(stack: Stack, group: str, unit: str) -> None:
    for name in stack.names(group):
        verdict = stack.host(name).check_output(f"systemd-analyze security --no-pager {unit} | tail -n 1")
        assert float(verdict.split(": ")[1].split()[0]) < 3.0, verdict


def test_an_api_instance_stays_small(stack: Stack) -> None:
    for name in stack.names("api"):
        host = stack.host(name)
        pid = host.check_output("systemctl show --property MainPID --value discordgym-api")
        resident_kb = host.check_output(f"sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/{pid}/status")
        print(f"{name}: {int(resident_kb) / 1024:.0f} MB resident")
        assert int(resident_kb) / 1024 <= API_MEMORY_LIMIT_MB, name


def test_metrics_stay_on_the_host(stack: Stack) -> None:
    for name in stack.names("api"):
        sockets = stack.host(name).check_output("ss --listening --tcp --numeric --no-header 'sport = 9464'")
        assert sockets.split()[3] == "127.0.0.1:9464", sockets
