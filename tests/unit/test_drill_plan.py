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
    assert (result["hosts"], result["service"]["name"]) == (["api-1"], "api")
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
