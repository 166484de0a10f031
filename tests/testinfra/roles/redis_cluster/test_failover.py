"""The master dies, hangs, is cut off or gone: another takes over, and nothing that was acknowledged is lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from cluster import MEMBERS, Cluster
from deployment import deploy


pytest_plugins = ["cluster_fixtures"]

# About two seconds where the machine has time; a machine that has none is not what is tested here.
LONGEST_OUTAGE = 4.0


def test_a_stall_of_a_second_is_ridden_out(whole: Cluster) -> None:
    leader = whole.leader
    with whole.writing(6) as written:
        whole.on(leader).check_output("pid=$(pidof redis-server) && kill -STOP $pid && sleep 1 && kill -CONT $pid")
    assert written.result()["lost"] == 0
    assert written.result()["longest_gap"] > 0.9, "it did not stall"
    assert whole.leader == leader


@pytest.mark.parametrize("fault", ["KILL", "STOP", "partition", "host_down"])
def test_another_takes_over(whole: Cluster, fault: str) -> None:
    leader = whole.leader
    with whole.writing(10) as written:
        whole.break_(leader, fault)
    whole.mend(leader, fault)
    seen = written.result()
    print(f"{fault}: {seen}")
    assert seen["lost"] == 0
    assert 0.5 < seen["longest_gap"] < LONGEST_OUTAGE, seen
    # Back, the old master follows, and has what was written without it.
    whole.settle()
    assert whole.leader != leader
    assert "role:slave" in whole.ask(leader, "discordgym_admin", "INFO replication")


def test_a_rerun_leaves_the_elected_master_alone(whole: Cluster, inventory: Path) -> None:
    leader = whole.leader
    for arguments in ([], ["--check", "--diff"]):
        deployed = deploy(inventory, *arguments)
        assert deployed.returncode == 0, deployed.stdout
        for member in MEMBERS:
            assert f"{member} " in deployed.stdout
        assert deployed.stdout.count("changed=0") == len(MEMBERS) + 1, deployed.stdout
    assert whole.leader == leader


def test_a_master_in_the_minority_refuses_writes(whole: Cluster) -> None:
    leader = whole.leader
    with whole.writing(7, "--replicas", "0", "--to", MEMBERS[leader], host=leader) as written:
        whole.break_(leader, "partition")
        cut_off = time.time()
    whole.mend(leader, "partition")
    seen = written.result()
    print(f"refused {seen['first_refusals']['NOREPLICAS'] - cut_off:.2f} s after it was cut off")
    assert seen["last_acknowledged"] - cut_off < 2.0
    assert seen["refusals"]["NOREPLICAS"] > 50


def test_a_restarted_master_does_not_lead_with_less_than_the_others_have(whole: Cluster) -> None:
    """It is started where only its own Sentinel answers, which still calls it the master."""
    leader = whole.leader
    whole.break_(leader, "partition")
    try:
        whole.on(leader).check_output("systemctl restart --no-block redis-server")
        successor = next(member for member in MEMBERS if member != leader)
        deadline = time.monotonic() + 20
        while whole.told(successor, "leader")["leader"] in (None, MEMBERS[leader]):
            assert time.monotonic() < deadline, "nobody took over"
        assert whole.on(leader).run("pidof redis-server").rc == 1, "it started, and nobody said that it might lead"
        assert "activating" in whole.on(leader).run("systemctl is-active redis-server").stdout
        with whole.writing(6) as written:
            pass
        assert written.result()["acknowledged"] > 20
    finally:
        whole.mend(leader, "partition")
    whole.settle()
    assert whole.leader != leader
