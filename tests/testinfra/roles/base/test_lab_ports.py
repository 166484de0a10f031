"""A lab whose ports are taken is refused before any of it is made."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import yaml
from deployment import ROOT, play


# What the scenario's own database host publishes.
TAKEN_BY_A_LAB = 3399


def refusal(inventory: Path, folder: Path, port: int) -> str:
    """Try to create a lab host that publishes the port, and return what is printed."""
    (folder / "hosts.yml").write_text(
        yaml.safe_dump(
            {"all": {"hosts": {"test-refused": {"stack_address": "172.30.90.99", "lab_ports": [f"{port}:80"]}}}}
        ),
        encoding="utf-8",
    )
    (folder / "group_vars").symlink_to(inventory / "group_vars")
    created = play(folder, str(ROOT / "molecule/lab/create.yml"))
    assert created.returncode != 0, created.stdout
    containers = ["docker", "ps", "--all", "--quiet", "--filter", "name=test-refused"]
    assert subprocess.run(containers, check=True, capture_output=True, text=True).stdout == ""
    return " ".join(created.stdout.split())


def test_a_port_of_another_lab(inventory: Path, tmp_path: Path) -> None:
    message = refusal(inventory, tmp_path, TAKEN_BY_A_LAB)
    assert (
        f"Port {TAKEN_BY_A_LAB}, which this lab publishes on 127.0.0.1, is held by the container test-db: "
        "stop it, or change lab_ports in the inventory."
    ) in message


def test_a_port_of_something_else(inventory: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        message = refusal(inventory, tmp_path, port)
    assert (
        f"Port {port}, which this lab publishes on 127.0.0.1, is held by something else than a container: "
        f"end that program (`ss -ltnp 'sport = :{port}'` names it), or change lab_ports in the inventory."
    ) in message
