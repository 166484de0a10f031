"""The playbooks' list of services agrees with the roles that deploy them, and with what a person asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.discordgym.stack.plugins.filter.service_choice import FilterModule


ROOT = Path(__file__).parents[2]
LIST = yaml.safe_load((ROOT / "playbooks/vars/services.yml").read_text(encoding="utf-8"))
NAMES = [service["name"] for service in LIST["stack_services"]]
INVENTORY: dict[str, Any] = {"hosts": {"host": {}}, "vars": LIST}

Evaluate = Callable[..., Any]

choice = FilterModule().filters()["service_choice"]


def role_defaults(role: str) -> dict[str, Any]:
    defaults: dict[str, Any] = yaml.safe_load((ROOT / "roles" / role / "defaults/main.yml").read_text(encoding="utf-8"))
    return defaults


def services(evaluate: Evaluate, **variables: object) -> dict[str, dict[str, Any]]:
    return services_of(evaluate, INVENTORY, variables)


def clustered_services(evaluate: Evaluate, *groups: str, **variables: object) -> dict[str, dict[str, Any]]:
    """The services of an inventory in which these groups have two hosts."""
    members: dict[str, Any] = {"hosts": {"host": {}, "other": {}}}
    return services_of(evaluate, INVENTORY | {"children": dict.fromkeys(groups, members)}, variables)


def services_of(evaluate: Evaluate, inventory: dict[str, Any], variables: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = evaluate("{{ stack_services }}", inventory, host="host", **variables)
    return {service["name"]: service for service in found}


@pytest.mark.parametrize("name", NAMES)
def test_a_service_has_the_port_of_its_role(name: str, evaluate: Evaluate) -> None:
    assert services(evaluate)[name]["port"] == role_defaults(name)[f"{name}_port"]
    assert services(evaluate, **{f"{name}_port": 4000})[name]["port"] == 4000


@pytest.mark.parametrize("name", ["api", "prisma_studio"])
def test_a_service_of_ours_has_the_name_and_the_place_of_its_role(name: str, evaluate: Evaluate) -> None:
    service, unit = services(evaluate)[name], role_defaults(name)[f"{name}_name"]
    assert service["units"][0] == unit
    assert service["link"] == f"/opt/{unit}/current"
    assert services(evaluate, **{f"{name}_name": "other"})[name]["link"] == "/opt/other/current"


def test_the_ui_and_the_readiness_path_are_those_of_their_roles(evaluate: Evaluate) -> None:
    assert services(evaluate)["ui"]["link"] == f"{role_defaults('ui')['ui_root']}/current"
    assert services(evaluate)["api"]["answers"] == role_defaults("api")["api_ready_path"]


def test_who_stands_alone_needs_no_more_than_before_and_is_not_asked(evaluate: Evaluate) -> None:
    alone = services(evaluate)
    assert {name: service["units"] for name, service in alone.items()} == {
        "mariadb": ["mariadb"],
        "redis": ["redis-server"],
        "api": ["discordgym-api"],
        "nginx_lb": ["nginx", "discordgym-upstream-checker", "discordgym-upstream-checker-apply"],
        "ui": ["nginx"],
        "prisma_studio": ["discordgym-prisma-studio", "nginx"],
    }
    assert [service.get("asks", {}) for service in alone.values()] == [{}] * len(NAMES)


def test_a_group_of_several_hosts_needs_more_units_and_is_asked(evaluate: Evaluate) -> None:
    several = clustered_services(
        evaluate, "mariadb", "redis", "nginx_lb", "ui", stack_address="10.0.0.1", nginx_lb_vip="10.0.0.9"
    )
    assert several["mariadb"]["units"] == ["mariadb", "discordgym-mariadb-check"]
    assert several["mariadb"]["asks"] == {"galera_url": "http://10.0.0.1:9200/"}
    assert several["redis"]["units"] == ["redis-server", "redis-sentinel", "discordgym-redis-guard"]
    asked = {"redis_port": 6379, "sentinel_port": 26379, "sentinel_master": "discordgym"}
    assert several["redis"]["asks"] == asked
    assert several["nginx_lb"]["units"][-1] == "keepalived"
    assert several["nginx_lb"]["asks"] == {"vip": "10.0.0.9"}
    assert several["ui"]["balanced_by"] == "nginx_lb"
    for name in ("api", "prisma_studio"):
        assert several[name]["units"][-1] == "haproxy"
        assert several[name]["asks"] == {"proxy_socket": "/run/haproxy/admin.sock"}


# The roles that install a service's packages: those of a single host, and what is added where each group has several.
INSTALLERS = {
    "mariadb": (["mariadb"], []),
    "redis": (["redis"], []),
    "api": (["node_service"], ["mariadb_proxy"]),
    "nginx_lb": (["nginx"], ["nginx_lb"]),
    "ui": (["nginx"], []),
    "prisma_studio": (["node_service", "nginx"], ["mariadb_proxy"]),
}


def installed_by(evaluate: Evaluate, role: str, groups: dict[str, Any]) -> list[str]:
    """What a role has its base install; there is one such task in a role."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "roles" / role / "tasks").glob("*.yml"))]
    tasks = [task for text in texts for task in yaml.safe_load(text)]
    (packages,) = (task["vars"]["base_packages"] for task in tasks if "base_packages" in task.get("vars", {}))
    own = yaml.safe_load((ROOT / "roles" / role / "vars/main.yml").read_text(encoding="utf-8"))
    known = {"vars": role_defaults(role) | own | {"packages": packages}, "children": groups}
    found: list[str] = evaluate("{{ packages }}", known, host="host")
    return found


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_service_has_the_packages_of_its_roles(name: str, several: bool, evaluate: Evaluate) -> None:
    members: dict[str, Any] = {"hosts": {"host": {}} | ({"other": {}} if several else {})}
    groups = dict.fromkeys(NAMES, members)
    alone, added = INSTALLERS[name]
    roles = alone + (added if several else [])
    wanted = {package for role in roles for package in installed_by(evaluate, role, groups)}
    found = services_of(evaluate, {"vars": LIST, "children": groups}, {"nginx_lb_vip": "10.0.0.9"})
    assert set(found[name]["packages"]) == wanted


def test_the_services_are_in_the_order_of_the_deployment() -> None:
    plays = yaml.safe_load((ROOT / "playbooks/site.yml").read_text(encoding="utf-8"))
    assert [play["hosts"] for play in plays if play["hosts"] in NAMES and "roles" in play] == NAMES


def test_the_logs_are_where_the_roles_put_them() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("roles/*/templates/*"))
    for service in LIST["stack_services"]:
        for log in service["logs"]:
            assert log in templates


@pytest.mark.parametrize(
    ("requested", "services"),
    [("all", NAMES), ("api", ["api"]), ("ui, mariadb", ["mariadb", "ui"]), ("api,all", NAMES)],
)
def test_services_are_chosen_in_their_own_order(requested: str, services: list[str]) -> None:
    assert choice(NAMES, requested) == {"services": services, "problem": ""}


@pytest.mark.parametrize(
    ("requested", "problem"),
    [
        ("apii", "There is no service apii: did you mean api?"),
        ("nginx-lb", "There is no service nginx-lb: did you mean nginx_lb?"),
        ("studio", "There is no service studio: did you mean prisma_studio?"),
        (
            "api,mongo-shard",
            "There is no service mongo-shard: choose mariadb, redis, api, nginx_lb, ui, prisma_studio or all.",
        ),
        ("", "No service is named: choose mariadb, redis, api, nginx_lb, ui, prisma_studio or all."),
    ],
)
def test_an_unknown_service_is_refused_with_a_suggestion(requested: str, problem: str) -> None:
    assert choice(NAMES, requested) == {"services": [], "problem": problem}
