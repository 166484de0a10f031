"""Hosts join and leave by a line of the inventory and a rerun, and who uses the service notices nothing."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from deployed import Stack
from deployment import ROOT, play
from lab import widened_inventory


DEPLOY = ROOT / "playbooks/ha.yml"
PROBE = ROOT / "playbooks/files/drill_probe.py"
GUESTS = {
    "api": {"api-4": "172.30.82.24"},
    "ui": {"ui-3": "172.30.82.36"},
    "nginx_lb": {"lb-3": "172.30.82.37"},
}
DATABASES = {"mariadb": {"db-4": "172.30.82.17", "db-5": "172.30.82.18"}}
REQUESTS_PER_SECOND = 20


@dataclass
class Use:
    """What the users got, by whom they were served."""

    failed: list[list[object]] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)


@contextmanager
def used(stack: Stack, folder: Path) -> Iterator[Use]:
    """Use the service as a drill does, as long as the block takes; what came of it is there after it."""
    config = {
        "url": stack.api_url,
        "origin": stack.ui_url,
        "rate": REQUESTS_PER_SECOND,
        "write_share": 0.5,
        "timeout_seconds": 5,
        "longest_seconds": 3600,
        "run_id": secrets.token_hex(5),
        # The address may move: who is on his way to it repeats once.
        "retries": 1,
        "live": False,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    probe = subprocess.Popen([sys.executable, str(PROBE), str(folder)])
    while not (folder / "began").exists():
        assert probe.poll() is None, "the probe could not begin"
        time.sleep(0.1)
    use = Use()
    try:
        yield use
    finally:
        (folder / "stop").touch()
        assert probe.wait(60) == 0
    for line in (folder / "requests.jsonl").read_text(encoding="utf-8").splitlines():
        request = json.loads(line)
        *_, error, backend, _key, _attempt, _first_failed = request
        use.served[backend] += 1
        if error:
            use.failed.append(request)


def deploy(inventory: Path) -> None:
    """Two hosts at a time: in the lab, those who deploy take the processors from those who serve."""
    deployed = play(inventory, str(DEPLOY), "--forks=2")
    assert deployed.returncode == 0, deployed.stdout


@pytest.fixture
def lab(stack: Stack, tmp_path: Path) -> Iterator[Path]:
    """An inventory with the guests and two more databases, whose hosts are there but empty."""
    added = GUESTS | DATABASES
    (tmp_path / "grown").mkdir()
    grown = widened_inventory(stack.inventory, tmp_path / "grown", added)
    names = [name for members in added.values() for name in members]
    made = play(grown, str(ROOT / "molecule/lab/create.yml"), lab_hosts=names)
    assert made.returncode == 0, made.stdout
    yield grown
    subprocess.run(["docker", "rm", "--force", *names], check=True, capture_output=True)


def test_nobody_notices_who_joins_and_who_leaves(stack: Stack, lab: Path, tmp_path: Path) -> None:
    """The databases stay: a cluster that shrinks is another matter."""
    for folder in ("joining", "without", "leaving"):
        (tmp_path / folder).mkdir()
    with used(stack, tmp_path / "joining") as joining:
        deploy(lab)
    assert joining.failed == []

    with used(stack, tmp_path / "leaving") as leaving:
        deploy(widened_inventory(stack.inventory, tmp_path / "without", DATABASES))
    assert leaving.failed == []
    assert leaving.served["api-4"] > 0, "it had not joined"
    size = stack.host("db-1").check_output("mariadb -BNe \"SHOW STATUS LIKE 'wsrep_cluster_size'\"").split()[1]
    assert int(size) == len(stack.names("mariadb")) + len(DATABASES["mariadb"])
