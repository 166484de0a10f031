"""A changed setting, a replaced host, a power cut: nothing is lost, and nobody leads beside another."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from cluster import MEMBERS, Cluster
from deployment import deploy, play, recover


pytest_plugins = ["cluster_fixtures"]


def test_a_changed_setting_arrives_without_losing_a_write(whole: Cluster, inventory: Path) -> None:
    """Not even one that no replica was waited for: the master hands over before it is restarted."""
    leader = whole.leader
    with whole.writing(None, "--replicas", "0") as written:
        deployed = deploy(inventory, redis_max_memory_mb=128)
    assert deployed.returncode == 0, deployed.stdout
    seen = written.result()
    print(seen)
    assert seen["lost"] == 0
    assert seen["longest_gap"] < 5
    for member in MEMBERS:
        assert whole.ask(member, "discordgym_admin", "CONFIG GET maxmemory").split()[1] == str(128 * 1024 * 1024)
    assert whole.leader != leader

    back = deploy(inventory)
    assert back.returncode == 0, back.stdout
    again = deploy(inventory)
    assert again.stdout.count("changed=0") == len(MEMBERS) + 1, again.stdout


def test_a_replica_can_be_stopped_while_it_writes_its_log_anew(whole: Cluster) -> None:
    """As it does after each synchronization, which a failover or a restart brings about."""
    replica = whole.replicas[0]
    assert whole.ask(whole.leader, "discordgym_app", "SET session:written slowly EX 600") == "OK"
    for command in (
        "CONFIG SET rdb-key-save-delay 10000000",
        "REPLICAOF NO ONE",
        f"REPLICAOF {MEMBERS[whole.leader]} 6379",
    ):
        assert whole.ask(replica, "discordgym_admin", command) == "OK"
    deadline = time.monotonic() + 10
    while "aof_rewrite_in_progress:1" not in whole.ask(replica, "discordgym_admin", "INFO persistence"):
        assert time.monotonic() < deadline, "it writes nothing anew"
        time.sleep(0.1)
    whole.on(replica).check_output("timeout 20 systemctl restart redis-server")
    whole.settle()
    assert whole.ask(replica, "discordgym_app", "GET session:written") == "slowly"


def test_a_replaced_host_rejoins_by_a_rerun(whole: Cluster, inventory: Path) -> None:
    whole.ask(whole.leader, "discordgym_app", "SET session:before replacement EX 600")
    replaced = whole.leader
    subprocess.run(["docker", "rm", "--force", replaced], check=True, capture_output=True)
    for playbook in ("../lab/create.yml", "converge.yml"):
        played = play(inventory, playbook, lab_hosts=[replaced])
        assert played.returncode == 0, played.stdout
    whole.settle()
    assert whole.leader != replaced
    for member in MEMBERS:
        assert whole.ask(member, "discordgym_app", "GET session:before") == "replacement"
        # Nobody is counted who is no more.
        others = whole.ask(member, "discordgym_app", "SENTINEL MASTER discordgym", port=26379).split()
        assert others[others.index("num-other-sentinels") + 1] == "2"


def stop_all(cluster: Cluster) -> None:
    """Take the power from all hosts at once, and give it back with nothing running."""
    subprocess.run(["docker", "kill", *MEMBERS], check=True, capture_output=True)
    subprocess.run(["docker", "start", *MEMBERS], check=True, capture_output=True)
    for member in MEMBERS:
        host = cluster.on(member)
        host.run("systemctl is-system-running --wait")
        host.check_output("systemctl stop discordgym-redis-guard redis-server redis-sentinel")


def test_all_that_was_acknowledged_is_there_after_a_power_cut(whole: Cluster, inventory: Path) -> None:
    leader = whole.leader
    assert whole.ask(leader, "discordgym_app", "SET session:acknowledged 1 EX 600") == "OK"
    stop_all(whole)
    recovered = recover(inventory)
    assert recovered.returncode == 0, recovered.stdout
    whole.settle()
    assert whole.leader == leader
    for member in MEMBERS:
        assert whole.ask(member, "discordgym_app", "GET session:acknowledged") == "1"
    parts = [whole.ask(member, "discordgym_admin", "INFO replication") for member in MEMBERS]
    assert sum("role:master" in part for part in parts) == 1


def test_recovery_guesses_nothing_and_says_how_to_overrule(whole: Cluster, inventory: Path) -> None:
    leader = whole.leader
    chosen = next(member for member in MEMBERS if member != leader)
    whole.ask(leader, "discordgym_app", "SET session:kept yes EX 600")
    stop_all(whole)
    subprocess.run(["docker", "kill", leader], check=True, capture_output=True)
    try:
        refused = recover(inventory)
        assert refused.returncode != 0
        words = " ".join(refused.stdout.split())
        assert f"{leader} cannot be read" in words, refused.stdout
        assert "`-e redis_recover_from=`" in words
        assert f"{chosen} has " in words
        for member in MEMBERS:
            if member != leader:
                assert whole.on(member).run("pidof redis-server").rc == 1, "something was started"

        overruled = recover(inventory, redis_recover_from=chosen)
        assert f"{chosen} " in overruled.stdout
        assert whole.told(chosen, "leader") == {"answers": 2, "leader": MEMBERS[chosen], "serves": True}, (
            overruled.stdout
        )
        assert whole.ask(chosen, "discordgym_app", "GET session:kept") == "yes"
    finally:
        subprocess.run(["docker", "start", leader], check=True, capture_output=True)
    whole.on(leader).run("systemctl is-system-running --wait")
    whole.settle()
    assert whole.leader == chosen
