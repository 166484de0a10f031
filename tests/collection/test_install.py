"""The collection builds, installs from its archive, and its playbooks run by name, outside of this checkout."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]


def bare_environment(folder: Path) -> dict[str, str]:
    """The environment of somebody who has the collection and nothing of this checkout's settings."""
    return {**os.environ, "ANSIBLE_CONFIG": str(folder / "ansible.cfg"), "ANSIBLE_COLLECTIONS_PATH": str(folder)}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection's archive, built from this checkout."""
    output = tmp_path_factory.mktemp("built")
    subprocess.run(
        ["ansible-galaxy", "collection", "build", "--output-path", str(output)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = output.glob("discordgym-stack-*.tar.gz")
    return built


@pytest.fixture(scope="module")
def installed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections that holds this one, installed from its archive alone."""
    folder = tmp_path_factory.mktemp("collections")
    (folder / "ansible.cfg").touch()
    # Its dependencies come with the Python package `ansible`, so no Galaxy is asked.
    subprocess.run(
        ["ansible-galaxy", "collection", "install", "--offline", "--no-deps", "-p", str(folder), str(archive)],
        cwd=folder,
        check=True,
        capture_output=True,
        env=bare_environment(folder),
    )
    return folder


def test_the_archive_holds_what_users_need_and_nothing_else(archive: Path) -> None:
    with tarfile.open(archive) as opened:
        names = set(opened.getnames())
    tops = {name.split("/", maxsplit=1)[0] for name in names}
    assert {"roles", "playbooks", "plugins", "templates", "docs", "README.md", "meta"} <= tops
    assert not tops & {"app", "build", "inventories", "molecule", "tests", "tools", ".venv", ".collections"}
    assert not [name for name in names if ".secrets" in name or "__pycache__" in name]


@pytest.mark.parametrize("playbook", ["site", "dev", "ha", "status", "start", "stop", "logs", "failover"])
def test_playbooks_run_by_name(installed: Path, playbook: str) -> None:
    result = subprocess.run(
        ["ansible-playbook", f"discordgym.stack.{playbook}", "-i", str(ROOT / "inventories/ha"), "--syntax-check"],
        cwd=installed,
        check=False,
        capture_output=True,
        text=True,
        env=bare_environment(installed),
    )
    assert result.returncode == 0, result.stderr


def test_an_unsound_inventory_is_refused_by_the_installed_collection(installed: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {children: {redsi: {hosts: {one: {stack_address: 192.0.2.1}}}}}\n")
    result = subprocess.run(
        ["ansible-playbook", "discordgym.stack.site", "-i", str(inventory)],
        cwd=installed,
        check=False,
        capture_output=True,
        text=True,
        env=bare_environment(installed),
    )
    assert result.returncode != 0
    assert "did you mean redis?" in result.stdout + result.stderr
