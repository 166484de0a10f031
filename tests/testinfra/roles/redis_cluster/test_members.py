"""One master, replicas, a Sentinel on each host, and nobody who can do more than he must."""

from __future__ import annotations

import pytest
from cluster import API, MEMBERS, Cluster


pytest_plugins = ["cluster_fixtures"]


def test_every_sentinel_sees_the_same_master_with_all_the_others(whole: Cluster) -> None:
    for member in MEMBERS:
        told = whole.ask(member, "discordgym_app", "SENTINEL MASTER discordgym", port=26379).splitlines()
        master = dict(zip(told[::2], told[1::2], strict=True))
        assert master["ip"] == MEMBERS[whole.leader]
        assert master["flags"] == "master"
        assert (master["num-slaves"], master["num-other-sentinels"], master["quorum"]) == ("2", "2", "2")


def test_a_replica_takes_no_writes(whole: Cluster) -> None:
    for replica in whole.replicas:
        assert "READONLY" in whole.ask(replica, "discordgym_app", "SET session:1 x")
    assert whole.ask(whole.leader, "discordgym_app", "SET session:1 x") == "OK"


@pytest.mark.parametrize("port", [6379, 26379])
def test_nobody_gets_in_without_a_password(cluster: Cluster, port: int) -> None:
    for member, address in MEMBERS.items():
        asked = f"redis-cli -h {address} -p {port}"
        assert "NOAUTH" in cluster.on(member).run(f"{asked} PING").stdout
        wrong = cluster.on(member).run(f"REDISCLI_AUTH=wrong {asked} --user discordgym_app PING 2>&1").stdout
        assert "WRONGPASS" in wrong


FORBIDDEN_ON_REDIS = {
    "discordgym_app": ["SET other 1", "KEYS '*'", "CONFIG GET '*'", "REPLICAOF NO ONE", "FLUSHALL", "ACL LIST"],
    "discordgym_replica": ["GET session:1", "SET session:1 x", "CONFIG GET '*'", "REPLICAOF NO ONE", "KEYS '*'"],
    "discordgym_sentinel": ["GET session:1", "SET session:1 x", "CONFIG GET '*'", "SUBSCRIBE other", "SHUTDOWN"],
}
FORBIDDEN_ON_SENTINEL = {
    "discordgym_app": [
        "SENTINEL FAILOVER discordgym",
        "SENTINEL SET discordgym quorum 1",
        "SENTINEL REMOVE discordgym",
        "SENTINEL RESET '*'",
        "SENTINEL CONFIG GET '*'",
        "PUBLISH __sentinel__:hello x",
        "SHUTDOWN",
    ],
    "discordgym_sentinel": [
        "SENTINEL SET discordgym quorum 1",
        "SENTINEL REMOVE discordgym",
        "SENTINEL CONFIG GET '*'",
        "ACL LIST",
        "SHUTDOWN",
    ],
}


@pytest.mark.parametrize(("port", "forbidden"), [(6379, FORBIDDEN_ON_REDIS), (26379, FORBIDDEN_ON_SENTINEL)])
def test_users_can_do_no_more_than_they_must(whole: Cluster, port: int, forbidden: dict[str, list[str]]) -> None:
    for user, commands in forbidden.items():
        assert whole.ask(whole.leader, user, "PING", port=port) == "PONG"
        for command in commands:
            assert "NOPERM" in whole.ask(whole.leader, user, command, port=port), (user, command)


def test_the_application_is_told_the_master_and_of_changes(whole: Cluster) -> None:
    told = whole.ask(whole.leader, "discordgym_app", "SENTINEL GET-MASTER-ADDR-BY-NAME discordgym", port=26379)
    assert told.split() == [MEMBERS[whole.leader], "6379"]
    for command in ("SUBSCRIBE +switch-master", "PSUBSCRIBE '[-+]sdown'"):
        assert command.split()[0].lower() in whole.ask(whole.leader, "discordgym_app", command, port=26379)


def test_passwords_are_where_they_must_be_and_readable_by_redis_alone(cluster: Cluster) -> None:
    for member in MEMBERS:
        host = cluster.on(member)
        for name in ("redis_app", "redis_admin", "redis_replication", "redis_sentinel"):
            found = host.run(
                f"grep --recursive --files-with-matches {cluster.secret(name)} /etc /run/redis /var/lib /var/log"
            )
            needed = name in ("redis_replication", "redis_sentinel")
            assert ("/etc/redis/member.json" in found.stdout.split()) == needed, name
            for path in found.stdout.split():
                file = host.file(path)
                assert (file.user, file.mode) == ("redis", 0o600), path
            # The one that looks is in the list, too.
            seen = host.run(
                f"ps -e --format args= | grep --fixed-strings {cluster.secret(name)} | grep --invert-match grep"
            )
            assert not seen.stdout, name


def test_the_firewall_lets_members_and_the_application_in(cluster: Cluster) -> None:
    rules = cluster.on("test-redis-1").check_output("nft list table inet discordgym")
    for port in (6379, 26379):
        for address in (*MEMBERS.values(), cluster.on(API).check_output("hostname --all-ip-addresses").split()[0]):
            assert f"ip saddr {address} tcp dport {port} accept" in rules or (
                f"tcp dport {port} ip saddr {address} accept" in rules
            )
        assert f"tcp dport {port} drop" in rules


def test_it_listens_where_it_must(cluster: Cluster) -> None:
    for member, address in MEMBERS.items():
        for port in (6379, 26379):
            sockets = cluster.on(member).check_output(f"ss --listening --tcp --numeric --no-header 'sport = {port}'")
            assert {line.split()[3] for line in sockets.splitlines()} == {f"127.0.0.1:{port}", f"{address}:{port}"}


def test_what_is_acknowledged_is_on_the_disk(whole: Cluster) -> None:
    told = whole.ask(whole.leader, "discordgym_admin", "CONFIG GET appendfsync min-replicas-to-write").split()
    assert dict(zip(told[::2], told[1::2], strict=True)) == {"appendfsync": "always", "min-replicas-to-write": "1"}
