"""The cluster of this scenario."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from galera_cluster import CLIENTS, INSTALL, TABLE, WRITER, Cluster
from testinfra.host import Host


@pytest.fixture(scope="session")
def made(on: Callable[[str], Host], secret: Callable[[str], str]) -> Cluster:
    """The cluster, with what the writers need."""
    cluster = Cluster(on, secret)
    cluster.query("test-galera-1", TABLE)
    for client in CLIENTS:
        on(client).check_output(f"{INSTALL} python3-pymysql")
        subprocess.run(["docker", "cp", "--quiet", WRITER, f"{client}:/root/writer.py"], check=True)
    return cluster


@pytest.fixture
def cluster(made: Cluster) -> Cluster:
    """The cluster, whole before each test."""
    made.wait_until_whole()
    return made
