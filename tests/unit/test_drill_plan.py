"""What a drill's target means, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.discordgym.stack.plugins.filter.drill_plan import FilterModule


plan = FilterModule().filters()["drill_plan"]

API = {"name": "api", "units": ["api"], "port": 3000, "balanced_by": "nginx_lb", "backup_variable": "api_backup"}
GROUPS = {
    "all": ["db", "api-1", "api-2", "api-3", "lb"],
    "mariadb": ["db"],
    "api": ["api-1", "api-2", "api-3"],
    "nginx_lb": ["lb"],
}
HOSTVARS: dict[str, dict[str, Any]] = {
    "db": {"status_services": [{"name": "mariadb", "units": ["mariadb"], "port": 3306}]},
    "api-1": {"status_services": [API]},
    "api-2": {"status_services": [API]},
    "api-3": {"status_services": [API], "api_backup": True},
    "lb": {"status_services": [{"name": "nginx_lb", "units": ["nginx"], "port": 3001}]},
}
READY = GROUPS["api"]


def planned(
    target: str,
    fault: str = "kill",
    *,
    groups: dict[str, list[str]] = GROUPS,
    hostvars: dict[str, dict[str, Any]] = HOSTVARS,
    ready: Sequence[str] = READY,
    complaints: Sequence[str] = (),
) -> dict[str, Any]:
    result: dict[str, Any] = plan(target, fault, groups, hostvars, ready, complaints)
    return result


def test_a_backend_is_broken_alone_and_held_down() -> None:
    result = planned("api-1")
    assert (result["problem"], result["objections"]) == ("", [])
    assert (result["hosts"], result["backends"], result["service"]) == (["api-1"], ["api-1"], "api")
    assert (result["single"], result["hold"]) == (False, True)


def test_hosts_are_joined_by_commas() -> None:
    assert planned("api-1,api-3")["hosts"] == ["api-1", "api-3"]


def test_a_group_of_backends_stands_for_its_primaries() -> None:
    result = planned("api")
    assert result["hosts"] == ["api-1", "api-2"]
    assert result["objections"] == []


def test_all_members_freeze_the_spare_one_too() -> None:
    result = planned("api", "freeze_all")
    assert result["hosts"] == ["api-1", "api-2", "api-3"]
    assert (result["single"], result["objections"]) == (False, [])


def test_what_nothing_replaces_is_objected_to_and_left_to_systemd() -> None:
    result = planned("mariadb")
    assert (result["single"], result["hold"]) == (True, False)
    assert result["objections"] == ["Without db no mariadb would be left: this is an outage, no failover."]


def test_a_backend_whose_substitutes_are_not_ready_is_objected_to() -> None:
    result = planned("api-1", ready=["api-1"])
    assert result["single"]
    assert "no api would be left" in result["objections"][0]


def test_a_service_that_does_not_run_is_objected_to() -> None:
    assert planned("api-1", complaints=["mariadb on db is failed"])["objections"] == ["mariadb on db is failed."]


def with_connection(host: str, connection: str) -> dict[str, dict[str, Any]]:
    return HOSTVARS | {host: HOSTVARS[host] | {"ansible_connection": connection}}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"target": "api-1", "fault": "bore"}, "There is no fault 'bore': set drill_fault to kill, stop,"),
        ({"target": "api-9"}, "api-9 is neither a host nor a service of this inventory: set drill_target to"),
        ({"target": "db", "fault": "error"}, "error is for backends of the load balancer, and db is none"),
        ({"target": "db,api-1"}, "db,api-1 runs nothing, and a drill breaks one service"),
        ({"target": "api-1", "fault": "host_down"}, "api-1 is no host of the lab"),
        ({"target": "db", "hostvars": with_connection("db", "local")}, "db is this controller"),
        ({"target": "api-1", "groups": GROUPS | {"nginx_lb": []}}, "This inventory has no load balancer"),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy(arguments: dict[str, Any], problem: str) -> None:
    assert planned(**arguments)["problem"].startswith(problem)


def test_a_host_of_the_lab_can_be_switched_off() -> None:
    assert planned("api-1", "host_down", hostvars=with_connection("api-1", "docker"))["problem"] == ""


def test_a_host_with_several_services_wants_the_service_named() -> None:
    hostvars = HOSTVARS | {"db": {"status_services": [API, HOSTVARS["db"]["status_services"][0]]}}
    assert "set drill_target to the service's name" in planned("db", hostvars=hostvars)["problem"]


# ---- A cluster, in which the second of each leads


CLUSTER: dict[str, list[str]] = {
    "mariadb": ["db-1", "db-2", "db-3"],
    "redis": ["redis-1", "redis-2", "redis-3"],
    "api": ["api-1", "api-2"],
    "nginx_lb": ["lb-1", "lb-2"],
    "ui": ["ui-1", "ui-2"],
}
CLUSTER_GROUPS = {"all": [host for hosts in CLUSTER.values() for host in hosts], **CLUSTER}
ADDRESSES = {host: f"10.0.0.{number}" for number, host in enumerate(CLUSTER_GROUPS["all"], start=1)}
SAID: dict[str, dict[str, Any]] = {
    **{host: {"ailment": "", "master": ADDRESSES["redis-2"]} for host in CLUSTER["redis"]},
    **{host: {"ailment": "", "writer": "db-2"} for host in CLUSTER["api"]},
    "lb-2": {"ailment": "", "holds_vip": True},
}
BALANCED = {"balanced_by": "nginx_lb"}


def clustered(broken: str = "", **changed: Any) -> dict[str, dict[str, Any]]:
    """The hosts of a cluster, of which one may be unwell."""
    services = {name: {"name": name, "units": [name], "port": 1} for name in CLUSTER}
    services["api"] |= BALANCED | {"backup_variable": "api_backup"}
    services["ui"] |= BALANCED
    return {
        host: {
            "ansible_connection": "docker",
            "stack_address": ADDRESSES[host],
            "status_services": [services[name]],
            "status_measured": {
                "services": [
                    {"name": name, "state": "failed" if host == broken else "active", "member": SAID.get(host)}
                    | changed
                ]
            },
        }
        for name, hosts in CLUSTER.items()
        for host in hosts
    }


def planned_in_cluster(target: str, fault: str = "kill", **arguments: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"groups": CLUSTER_GROUPS, "hostvars": clustered(), "ready": CLUSTER["api"]} | arguments
    return planned(target, fault, **given)


def parts(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(part["host"], part["service"]["name"]) for part in result["parts"]]


@pytest.mark.parametrize(
    ("target", "hosts"),
    [
        ("mariadb", ["db-2"]),
        ("redis", ["redis-2"]),
        ("nginx_lb", ["lb-2"]),
        ("ui", ["ui-1"]),
        ("api", ["api-1"]),
        ("db-3", ["db-3"]),
    ],
)
def test_a_cluster_is_broken_where_it_leads(target: str, hosts: list[str]) -> None:
    variables = clustered()
    variables["api-2"]["api_backup"] = True
    result = planned_in_cluster(target, hostvars=variables)
    assert (result["problem"], result["objections"], result["hosts"]) == ("", [], hosts)
    assert (result["single"], result["hold"]) == (False, True)
    assert result["moves_vip"] is (target == "nginx_lb")


def test_a_site_is_one_of_each_at_once() -> None:
    result = planned_in_cluster("site", "host_down")
    assert (result["problem"], result["objections"], result["service"]) == ("", [], "site")
    assert parts(result) == [("lb-2", "nginx_lb"), ("api-1", "api"), ("db-2", "mariadb"), ("redis-2", "redis")]
    assert (result["backends"], result["moves_vip"], result["single"]) == (["api-1"], True, False)


def test_all_members_of_a_cluster_freeze() -> None:
    assert planned_in_cluster("mariadb", "freeze_all")["hosts"] == CLUSTER["mariadb"]


@pytest.mark.parametrize(
    ("target", "broken", "objection"),
    [
        ("db-2", "db-3", "Without db-2 only 1 of 3 members of mariadb would be left, and it takes 2"),
        ("db-1,db-2", "", "Without db-1 and db-2 only 1 of 3 members of mariadb would be left, and it takes 2"),
        ("redis", "redis-1", "Without redis-2 only 1 of 3 members of redis would be left, and it takes 2"),
        ("nginx_lb", "lb-1", "Without lb-2 no nginx_lb would be left"),
        ("ui", "ui-2", "Without ui-1 no ui would be left"),
        ("site", "lb-1", "Without lb-2 no nginx_lb would be left"),
    ],
)
def test_what_too_few_could_take_over_from_is_objected_to(target: str, broken: str, objection: str) -> None:
    result = planned_in_cluster(target, hostvars=clustered(broken))
    assert result["single"]
    assert len(result["objections"]) == 1
    assert result["objections"][0].startswith(objection)


def test_a_member_that_does_not_do_its_part_takes_over_from_nobody() -> None:
    variables = clustered()
    variables["db-3"]["status_measured"]["services"][0]["member"] = {"ailment": "does not say how it is"}
    assert "only 1 of 3" in planned_in_cluster("mariadb", hostvars=variables)["objections"][0]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"target": "site", "fault": "error"}, "error is not for a site: set drill_fault to kill, stop,"),
        (
            {"target": "site", "groups": CLUSTER_GROUPS | {"redis": ["redis-2"]}},
            "A site is one of several, but this inventory has no second redis: use one that has",
        ),
        ({"target": "mariadb", "hostvars": clustered(member=None)}, "Nobody can tell which host leads mariadb: see"),
        ({"target": "nginx_lb", "hostvars": clustered(member=None)}, "Nobody can tell which host leads nginx_lb: see"),
    ],
)
def test_what_cannot_be_in_a_cluster_is_refused_with_the_remedy(arguments: dict[str, Any], problem: str) -> None:
    assert planned_in_cluster(**arguments)["problem"].startswith(problem)
