"""The firewall lets in who has business with a service, and nobody else."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deployment import deploy
from testinfra.host import Host


DATABASE = ("172.30.90.11", 3306)
CONNECT = f"""python3 -c 'import socket; socket.create_connection(("{DATABASE[0]}", {DATABASE[1]}), 2)'"""


@pytest.fixture
def database(on: Callable[[str], Host]) -> Iterator[Host]:
    """A host of the database's group with something listening on the database's port."""
    host = on("test-db")
    host.check_output(f"systemd-run --unit=listener python3 -m http.server {DATABASE[1]}")
    host.check_output(f"for try in $(seq 50); do {CONNECT} && exit 0; sleep 0.1; done; exit 1")
    yield host
    host.check_output("systemctl stop listener")


def test_clients_and_operators_get_in_and_strangers_do_not(database: Host, on: Callable[[str], Host]) -> None:
    assert on("test-api").run(CONNECT).rc == 0
    socket.create_connection(DATABASE, timeout=2).close()
    refused = on("test-stranger").run(CONNECT)
    assert refused.rc != 0
    assert "timed out" in refused.stderr

    database.check_output("systemctl stop discordgym-firewall")
    assert on("test-stranger").run(CONNECT).rc == 0, "it was not the firewall that kept the stranger out"
    database.check_output("systemctl start discordgym-firewall")


def test_rules_of_others_are_left_alone(on: Callable[[str], Host]) -> None:
    host = on("test-api")
    host.check_output("nft add table inet somebody_else")
    host.check_output("systemctl restart discordgym-firewall")
    tables = host.check_output("nft list tables")
    assert "table inet somebody_else" in tables
    assert "table inet discordgym" in tables


def test_rules_are_roots_alone(on: Callable[[str], Host]) -> None:
    rules = on("test-db").file("/etc/discordgym-firewall.nft")
    assert (rules.user, rules.mode) == ("root", 0o600)


def test_refused_rules_leave_the_old_ones_in_force(on: Callable[[str], Host], inventory: Path) -> None:
    host = on("test-db")
    before = rules_in_force(host), host.file("/etc/discordgym-firewall.nft").content_string
    refused = deploy(inventory, base_firewall_operator_addresses=["10.0.0.0/99"])
    assert refused.returncode != 0
    assert "10.0.0.0/99" in refused.stdout
    assert (rules_in_force(host), host.file("/etc/discordgym-firewall.nft").content_string) == before


def test_rules_survive_a_reboot(on: Callable[[str], Host]) -> None:
    before = rules_in_force(on("test-db"))
    subprocess.run(["docker", "restart", "test-db"], check=True, capture_output=True)
    boot = "for try in $(seq 50); do systemctl is-system-running --wait && exit 0; sleep 0.1; done; exit 1"
    subprocess.run(["docker", "exec", "test-db", "sh", "-c", boot], check=True, capture_output=True)
    assert rules_in_force(on("test-db")) == before


def rules_in_force(host: Host) -> str:
    rules = str(host.check_output("nft list table inet discordgym"))
    assert "drop" in rules
    return rules
