"""Fixtures of the tests of a replicated Redis."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cluster import Cluster
from testinfra.host import Host


@pytest.fixture(scope="session")
def cluster(on: Callable[[str], Host], secret: Callable[[str], str]) -> Cluster:
    """The cluster, in whatever state the last test left it."""
    return Cluster(on, secret)


@pytest.fixture
def whole(cluster: Cluster) -> Cluster:
    """The cluster, every member of which does its part."""
    cluster.settle()
    return cluster
