"""The node that is written to fails in each way: writes go on, none is lost, and it comes back by itself."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deployment import deploy
from galera_cluster import ADDRESSES, CLIENTS, Cluster


# Until writes go on. What the lab's two cores cost beside all that runs there is part of it.
OUTAGE_SECONDS = 2.5
SECONDS_OF_FAULT = 6


@contextmanager
def killed(cluster: Cluster, node: str) -> Iterator[None]:
    cluster.signal(node, "KILL")
    yield


@contextmanager
def frozen(cluster: Cluster, node: str) -> Iterator[None]:
    cluster.signal(node, "STOP")
    try:
        yield
    finally:
        cluster.signal(node, "CONT")


@contextmanager
def cut_off(cluster: Cluster, node: str) -> Iterator[None]:
    with cluster.cut_off(node):
        yield


@contextmanager
def switched_off(_: Cluster, node: str) -> Iterator[None]:
    subprocess.run(["docker", "kill", node], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["docker", "start", node], check=True, capture_output=True)


@pytest.mark.parametrize("fault", [killed, frozen, cut_off, switched_off])
def test_writes_go_on_when_the_writer_fails(cluster: Cluster, fault: Callable[..., object]) -> None:
    lost = cluster.use()
    writing = cluster.write(seconds=2 + SECONDS_OF_FAULT)
    assert cluster.writer() == lost
    with fault(cluster, lost):  # type: ignore[attr-defined]
        results = writing.finish()
    gaps = [written.longest_gap() for written in results]
    print(f"{lost} {fault.__name__}: writes stood still for {', '.join(f'{gap:.2f} s' for gap in gaps)}")

    assert max(gaps) < OUTAGE_SECONDS
    chosen = cluster.writer()
    assert chosen != lost
    assert {written.last_node() for written in results} == {chosen}

    cluster.wait_until_whole()
    for node in ADDRESSES:
        assert writing.numbers() <= cluster.stored(node, writing)
    assert cluster.use() == chosen, "they moved back"


@pytest.mark.parametrize("seconds", [1.0, 1.2])
def test_a_node_that_stands_still_for_a_moment_stays(cluster: Cluster, seconds: float) -> None:
    view = cluster.view()
    for node in (cluster.use(), next(node for node in ADDRESSES if node != cluster.writer())):
        writing = cluster.write(seconds=5)
        cluster.on(node).check_output(f"kill -STOP $(pidof mariadbd); sleep {seconds}; kill -CONT $(pidof mariadbd)")
        writing.finish()
        assert cluster.view() == view
        assert writing.numbers() <= cluster.stored(node, writing)


def test_one_that_comes_back_gets_only_what_it_missed(cluster: Cluster) -> None:
    node = next(node for node in ADDRESSES if node != cluster.use())
    writing = cluster.write(seconds=4)
    before = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    cluster.signal(node, "KILL")
    writing.finish()
    cluster.wait_until_whole()
    log = cluster.on(node).check_output(f"journalctl --unit mariadb --no-pager --utc --since '{before}'")
    assert "Receiving IST: " in log
    assert "Receiving IST failed" not in log
    for other in ADDRESSES:
        if other != node:
            donor = cluster.on(other).check_output(f"journalctl --no-pager --utc --since '{before}'")
            assert "Streaming the backup" not in donor


def test_a_node_whose_group_communication_gives_up_joins_again(cluster: Cluster) -> None:
    """As it may after it stood still: it cannot agree with the others on who is left."""
    node = next(node for node in ADDRESSES if node != cluster.use())
    cluster.query(node, "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=2'")
    since = time.monotonic()
    while cluster.says(node)["status"] == 200:
        assert time.monotonic() - since < 10, "it noticed nothing"
    cluster.wait_until_whole(patience=30)


def test_the_check_tells_of_a_server_that_hangs(cluster: Cluster) -> None:
    node = next(node for node in ADDRESSES if node != cluster.use())
    with frozen(cluster, node):
        time.sleep(1.2)
        said = cluster.says(node)
    assert said["status"] == 503
    assert said["reason"].startswith("no answer for ")


def test_a_proxy_that_starts_later_follows_the_others(cluster: Cluster) -> None:
    used = cluster.use()
    if used == "test-galera-1":
        # Another than the one that a proxy without memory takes.
        cluster.signal(used, "KILL")
        used = cluster.use()
        cluster.wait_until_whole()
    for command in ("restart", "reload"):
        cluster.on(CLIENTS[1]).check_output(f"systemctl {command} haproxy")
        assert cluster.use() == used != "test-galera-1"


def test_a_rerun_after_a_failover_changes_nothing(cluster: Cluster, inventory: Path) -> None:
    used = cluster.use()
    view = cluster.view()
    deployed = deploy(inventory)
    assert deployed.returncode == 0, deployed.stdout
    for host in (*ADDRESSES, *CLIENTS):
        (line,) = (line for line in deployed.stdout.splitlines() if line.startswith(f"{host} "))
        assert "changed=0 " in line, deployed.stdout
    assert (cluster.use(), cluster.view()) == (used, view)


def test_a_changed_configuration_restarts_one_after_the_other_and_the_writer_last(
    cluster: Cluster, inventory: Path
) -> None:
    used = cluster.use()
    # It is known by its clients, who therefore must be there when the nodes are looked at.
    writing = cluster.write(seconds=60)
    try:
        deployed = deploy(inventory, "--limit=mariadb", mariadb_max_connections=152)
        writing.finish()
        assert deployed.returncode == 0, deployed.stdout
        begun = {node: started(cluster, node) for node in ADDRESSES}
        synced = {node: cluster.query(node, "SELECT @@max_connections") for node in ADDRESSES}
        assert set(map(str, synced.values())) == {"[['152']]"}
        assert cluster.is_whole()
        assert max(begun, key=begun.__getitem__) == used
    finally:
        assert deploy(inventory, "--limit=mariadb").returncode == 0


def started(cluster: Cluster, node: str) -> int:
    show = "systemctl show --property=ExecMainStartTimestampMonotonic --value mariadb"
    return int(cluster.on(node).check_output(show))
