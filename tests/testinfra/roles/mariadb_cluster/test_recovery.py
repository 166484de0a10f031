"""The whole cluster is down: it comes back with all that was acknowledged, and nobody guesses."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from deployment import recover
from galera_cluster import ADDRESSES, Cluster


def power_off() -> None:
    """All at once, in the middle of whatever they do."""
    subprocess.run(["docker", "kill", *ADDRESSES], check=True, capture_output=True)


def power_on() -> None:
    subprocess.run(["docker", "start", *ADDRESSES], check=True, capture_output=True)


def test_where_everything_is_well_nothing_is_done(cluster: Cluster, inventory: Path) -> None:
    view = cluster.view()
    recovered = recover(inventory)
    assert recovered.returncode == 0, recovered.stdout
    assert recovered.stdout.count("changed=0 ") == len(ADDRESSES)
    assert cluster.view() == view


def test_after_a_power_cut_nothing_acknowledged_is_lost(cluster: Cluster, inventory: Path) -> None:
    cluster.use()
    writing = cluster.write(seconds=6)
    time.sleep(2)
    power_off()
    writing.finish()
    power_on()
    # As if one of them had lost its memory of the others, so that they do not find each other again by themselves.
    for node in ADDRESSES:
        cluster.on(node).check_output("systemctl stop mariadb; rm --force /var/lib/mysql/gvwstate.dat")
    began = time.monotonic()
    recovered = recover(inventory)
    print(f"recovered in {time.monotonic() - began:.0f} s")
    assert recovered.returncode == 0, recovered.stdout
    assert cluster.is_whole()
    for node in ADDRESSES:
        assert writing.numbers() <= cluster.stored(node, writing)
    assert len(writing.numbers()) > 0


def test_nodes_with_a_memory_find_each_other_by_themselves(cluster: Cluster, inventory: Path) -> None:
    power_off()
    power_on()
    recovered = recover(inventory)
    assert recovered.returncode == 0, recovered.stdout
    assert recovered.stdout.count("changed=0 ") == len(ADDRESSES), "it was bootstrapped without need"
    cluster.wait_until_whole()


def test_a_node_that_cannot_be_read_is_not_guessed_about(cluster: Cluster, inventory: Path) -> None:
    away, *others = ADDRESSES
    # Orderly, the one that is read last stopped last, and so the one with everything.
    for node in ADDRESSES:
        cluster.on(node).check_output("systemctl stop mariadb")
    subprocess.run(["docker", "kill", away], check=True, capture_output=True)
    try:
        refused = recover(inventory)
        said = " ".join(refused.stdout.split())
        assert refused.returncode != 0
        assert f"host {away} cannot be read" in said
        assert "name it with `-e mariadb_recover_from=<host>`" in said
        for node in others:
            assert cluster.on(node).run("systemctl is-active mariadb").stdout != "active\n"

        overruled = recover(inventory, mariadb_recover_from=others[-1])
        # The cluster works, and what is missing is told.
        assert f"The cluster works, but without {away}" in " ".join(overruled.stdout.split()), overruled.stdout
        assert [cluster.says(node)["status"] for node in others] == [200, 200]
    finally:
        subprocess.run(["docker", "start", away], check=True, capture_output=True)
    cluster.wait_until_whole()
