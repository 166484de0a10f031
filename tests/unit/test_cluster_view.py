"""What the members of a cluster say of themselves, and what the status makes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.discordgym.stack.plugins.filter.status import FilterModule
from ansible_collections.discordgym.stack.plugins.module_utils import cluster_member, cluster_view


FILTERS = FilterModule().filters()

GALERA = {"state": "Synced", "cluster_status": "Primary", "cluster_size": 3, "ready": True, "reason": ""}
MASTER = "# Replication\r\nrole:master\r\nconnected_slaves:2\r\nslave0:ip=10.0.0.4,port=6379,state=online,lag=0\r\n"
REPLICA = "role:slave\r\nmaster_host:10.0.0.4\r\nmaster_link_status:up\r\nmaster_last_io_seconds_ago:1\r\n"
SENTINEL = "name\ndiscordgym\nip\n10.0.0.5\nport\n6379\nflags\nmaster\n"
QUORUM = "OK 3 usable Sentinels. Quorum and failover authorization can be reached\n"
NO_QUORUM = "NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the majority\n"
PROXY = """\
# table: mariadb, type: ip, size:1, used:1
0x55d1c0: key=127.0.0.1 use=0 exp=0 shard=0 server_id=2 server_key=db-2

1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state
3 mariadb 1 db-1 10.0.0.1 2 0
3 mariadb 2 db-2 10.0.0.2 2 0
"""
UNUSED_PROXY = "# table: mariadb, type: ip, size:1, used:0\n\n1\n# be_id be_name\n3 mariadb 1 db-1 10.0.0.1 2 0\n"


def test_a_node_of_galera_says_how_it_is() -> None:
    assert cluster_member.galera_member(json.dumps(GALERA)) == {
        "ailment": "",
        "state": "Synced",
        "cluster_status": "Primary",
        "cluster_size": 3,
    }


@pytest.mark.parametrize(
    ("answer", "ailment"),
    [
        (None, "does not say how it is"),
        ("<html>", "does not say how it is"),
        ("{}", "does not say how it is"),
        (json.dumps(GALERA | {"ready": False}), "may not be written to (Synced, Primary)"),
        (json.dumps(GALERA | {"cluster_status": "non-Primary"}), "may not be written to (Synced, non-Primary)"),
        (json.dumps(GALERA | {"reason": "no answer for 3.0 s"}), "may not be written to (no answer for 3.0 s)"),
    ],
)
def test_a_node_that_may_not_be_written_to_says_why(answer: str | None, ailment: str) -> None:
    assert cluster_member.galera_member(answer)["ailment"] == ailment


def test_redis_says_who_it_is_and_its_sentinel_whom_it_follows() -> None:
    sentinel = {"master": "10.0.0.5", "sentinels": 3, "quorum": True, "ailment": ""}
    master = cluster_member.redis_member(MASTER, SENTINEL, QUORUM)
    assert master == {"role": "master", "replicas": 2, **sentinel}
    replica = cluster_member.redis_member(REPLICA, SENTINEL, QUORUM)
    assert replica == {"role": "replica", "link_up": True, "lag_seconds": 1, **sentinel}


@pytest.mark.parametrize(
    ("replication", "quorum", "ailment"),
    [
        (REPLICA.replace(":up", ":down"), QUORUM, "has no link to its master"),
        ("NOAUTH Authentication required.", QUORUM, "does not tell its role"),
        (MASTER, NO_QUORUM, "has a Sentinel that sees no quorum"),
        (MASTER, "", "has no Sentinel that answers"),
        ("", "", "does not tell its role and has no Sentinel that answers"),
    ],
)
def test_redis_says_what_it_lacks(replication: str, quorum: str, ailment: str) -> None:
    assert cluster_member.redis_member(replication, SENTINEL, quorum)["ailment"] == ailment


def test_a_host_says_whether_it_holds_the_address() -> None:
    shown = json.dumps([{"addr_info": [{"local": "10.0.0.9"}]}, {"addr_info": []}, {}])
    assert cluster_member.vip_member(shown, "10.0.0.9")["holds_vip"] is True
    assert cluster_member.vip_member(shown, "10.0.0.90")["holds_vip"] is False
    assert "holds_vip" not in cluster_member.vip_member("", "10.0.0.9")


def test_a_proxy_says_where_it_writes_to() -> None:
    assert cluster_member.proxy_member(PROXY) == {"ailment": "", "writer": "db-2"}
    # Its number is the proxy's own, and the name in the table may be missing.
    assert cluster_member.proxy_member(PROXY.replace("server_key=db-2", "server_key=-"))["writer"] == "db-2"
    assert cluster_member.proxy_member(UNUSED_PROXY) == {"ailment": ""}
    assert cluster_member.proxy_member(None)["ailment"] == "has a database proxy that does not answer"


NAMES = ["mariadb", "redis", "api", "nginx_lb"]
HOSTS: dict[str, list[str]] = {
    "mariadb": ["db-1", "db-2", "db-3"],
    "redis": ["redis-1", "redis-2", "redis-3"],
    "api": ["api-1", "api-2"],
    "nginx_lb": ["lb-1", "lb-2"],
}
GROUPS = {"all": [host for hosts in HOSTS.values() for host in hosts], **HOSTS}
ADDRESSES = {host: f"10.0.0.{number}" for number, host in enumerate(GROUPS["all"], start=1)}
REPLICATED = {"ailment": "", "master": ADDRESSES["redis-2"], "sentinels": 3, "quorum": True}
SAID: dict[str, dict[str, Any]] = {
    **{host: dict(cluster_member.galera_member(json.dumps(GALERA))) for host in HOSTS["mariadb"]},
    **{host: REPLICATED | {"role": "replica", "link_up": True, "lag_seconds": 0} for host in HOSTS["redis"]},
    "redis-2": REPLICATED | {"role": "master", "replicas": 2},
    **{host: {"ailment": "", "writer": "db-2"} for host in HOSTS["api"]},
    "lb-1": {"ailment": "", "holds_vip": False},
    "lb-2": {"ailment": "", "holds_vip": True},
}


def hostvars(**said: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The hosts as they are looked at, with another word of those that are named (`_` for `-`)."""
    words = {**SAID, **{host.replace("_", "-"): word for host, word in said.items()}}
    return {
        host: {
            "stack_address": ADDRESSES[host],
            "status_services": [{"name": name, "port": 1}],
            "status_measured": {"services": [{"name": name, "state": "active", "member": words[host]}]},
        }
        for name, hosts in HOSTS.items()
        for host in hosts
    }


@pytest.mark.parametrize(("name", "host"), [("mariadb", "db-2"), ("redis", "redis-2"), ("nginx_lb", "lb-2")])
def test_the_cluster_says_who_leads(name: str, host: str) -> None:
    assert cluster_view.leader(GROUPS, hostvars(), name) == host


def test_who_works_and_does_its_part_is_fit() -> None:
    variables = hostvars(db_1={"ailment": "does not say how it is"}, db_3=None)
    variables["db-2"]["status_measured"] = {"unreachable": True}
    assert FILTERS["cluster_fit"](GROUPS, variables, "mariadb") == ["db-3"]


def test_who_stands_alone_leads_nothing() -> None:
    assert cluster_view.leader(GROUPS | {"redis": ["redis-2"]}, hostvars(), "redis") is None
    assert cluster_view.leader(GROUPS, hostvars(), "api") is None


def test_the_sentinels_are_believed_before_redis_itself() -> None:
    alone = hostvars(redis_1={"role": "master", "replicas": 0})
    assert cluster_view.leader(GROUPS, alone, "redis") == "redis-2"
    silent = {host: {"role": "replica"} for host in ("redis_1", "redis_2", "redis_3")}
    assert cluster_view.leader(GROUPS, hostvars(**silent | {"redis_3": {"role": "master"}}), "redis") == "redis-3"


def test_nobody_leads_where_nobody_can_say_so() -> None:
    unknown = hostvars(lb_1={"holds_vip": True}, api_1=None, api_2={"ailment": ""})
    assert cluster_view.leader(GROUPS, unknown, "nginx_lb") is None
    assert cluster_view.leader(GROUPS, unknown, "mariadb") is None


def test_the_table_tells_who_leads_and_how_the_members_are() -> None:
    variables = hostvars(db_3={"ailment": "does not say how it is"})
    lines = FILTERS["status_table"](NAMES, GROUPS, variables).splitlines()
    assert lines[0].split() == ["HOST", "SERVICE", "VERSION", "STATE", "UPTIME", "ROLE", "ADDRESS", "CLUSTER"]
    told = {line.split()[0]: [cell for cell in line.split("  ") if cell][4:] for line in lines[1:]}
    cells = {host: [cell.strip() for cell in row] for host, row in told.items()}
    assert cells["db-1"] == ["-", "standby", "10.0.0.1:1", "Synced, 3 nodes"]
    assert cells["db-2"] == ["-", "writer", "10.0.0.2:1", "Synced, 3 nodes"]
    assert cells["db-3"] == ["-", "standby", "10.0.0.3:1", "-"]
    assert cells["redis-1"] == ["-", "replica", "10.0.0.4:1", "lag 0 s; 3 Sentinels for redis-2"]
    assert cells["redis-2"] == ["-", "master", "10.0.0.5:1", "2 replicas; 3 Sentinels for redis-2"]
    assert cells["api-1"] == ["-", "-", "10.0.0.7:1", "writes to db-2"]
    assert cells["lb-1"] == ["-", "standby", "10.0.0.9:1", "-"]
    assert cells["lb-2"] == ["-", "VIP", "10.0.0.10:1", "-"]


def test_a_cluster_that_is_well_has_no_complaints() -> None:
    assert FILTERS["status_complaints"](NAMES, GROUPS, hostvars()) == []


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"db_1": {"ailment": "does not say how it is"}}, "mariadb on db-1 does not say how it is"),
        ({"redis_1": SAID["redis-2"]}, "redis has redis-1 and redis-2 for its master"),
        ({"lb_1": {"ailment": "", "holds_vip": True}}, "the virtual address is held by lb-1 and lb-2"),
        ({"lb_2": {"ailment": "", "holds_vip": False}}, "the virtual address is held by nobody"),
        (
            {"api_1": {"ailment": "", "writer": "db-1"}},
            "mariadb is written to on several nodes (api-1 to db-1; api-2 to db-2)",
        ),
    ],
)
def test_what_is_wrong_with_a_cluster_is_named(said: dict[str, Any], complaint: str) -> None:
    assert FILTERS["status_complaints"](NAMES, GROUPS, hostvars(**said)) == [complaint]


def test_what_does_not_run_is_not_told_twice() -> None:
    variables = hostvars(db_1={"ailment": "does not say how it is"})
    variables["db-1"]["status_measured"]["services"][0] |= {"state": "failed", "sub_state": "failed"}
    assert FILTERS["status_complaints"](NAMES, GROUPS, variables) == ["mariadb on db-1 is failed"]
