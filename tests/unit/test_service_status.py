"""What a host says about its services, and the table that is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.discordgym.stack.plugins.filter.status import FilterModule
from ansible_collections.discordgym.stack.plugins.module_utils import service_status
from ansible_collections.discordgym.stack.plugins.module_utils.cluster_member import Member
from ansible_collections.discordgym.stack.plugins.module_utils.service_status import Service
from ansible_collections.discordgym.stack.plugins.module_utils.status_table import duration


FILTERS = FilterModule().filters()

SHOWN_BY_SYSTEMD = """\
MainPID=593
Names=nginx.service
LoadState=loaded
ActiveState=active
SubState=running
ActiveEnterTimestampMonotonic=2547076220

MainPID=0
Names=discordgym-prisma-studio.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
ActiveEnterTimestampMonotonic=2547076220

MainPID=0
Names=mariadb.service mysql.service mysqld.service
LoadState=not-found
ActiveState=inactive
SubState=dead
ActiveEnterTimestampMonotonic=0
"""
UNITS = service_status.parse_units(SHOWN_BY_SYSTEMD, monotonic_seconds=2600.5)


MEMBERS = {"redis": Member(ailment="", role="master")}


def service(name: str, *units: str, package: str | None = None, link: str | None = None) -> Service:
    return Service(name=name, units=list(units), package=package, link=link)


def combined(asked: Service) -> service_status.ServiceStatus:
    (status,) = service_status.combine([asked], UNITS, {"nginx": "1.22.1-9"}, {593: 4096}, MEMBERS)
    return status


def test_a_running_unit_has_an_uptime_and_a_process() -> None:
    assert UNITS["nginx"] == {
        "unit": "nginx",
        "state": "active",
        "sub_state": "running",
        "uptime_seconds": 53,
        "main_pid": 593,
    }


def test_a_unit_that_does_not_run_has_neither() -> None:
    unit = UNITS["discordgym-prisma-studio"]
    assert (unit["state"], unit["uptime_seconds"], unit["main_pid"]) == ("activating", None, None)


def test_a_unit_is_found_by_each_of_its_names() -> None:
    assert {UNITS[name]["state"] for name in ("mariadb", "mysql", "mysqld")} == {"not installed"}


def test_a_service_is_described_by_its_own_unit() -> None:
    assert combined(service("nginx_lb", "nginx", package="nginx")) == {
        "name": "nginx_lb",
        "state": "active",
        "sub_state": "running",
        "uptime_seconds": 53,
        "version": "1.22.1-9",
        "main_pid": 593,
        "resident_bytes": 4096,
        "member": None,
    }


def test_a_member_of_a_cluster_is_asked_what_it_does_there() -> None:
    assert combined(service("redis", "nginx"))["member"] == {"ailment": "", "role": "master"}


@pytest.mark.parametrize("units", [("nginx", "discordgym-prisma-studio"), ("discordgym-prisma-studio", "nginx")])
def test_a_service_is_not_active_while_one_of_its_units_is_not(units: tuple[str, ...]) -> None:
    assert combined(service("prisma_studio", *units))["state"] == "activating"


def test_a_package_that_was_removed_has_no_version() -> None:
    shown = "nginx\t1.22.1-9+deb12u11\tinstalled\nredis-server\t5:7.0.15-1\tconfig-files\n"
    assert service_status.parse_packages(shown) == {"nginx": "1.22.1-9+deb12u11"}


def test_a_release_is_named_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "releases/1.4.0").mkdir(parents=True)
    (tmp_path / "current").symlink_to("releases/1.4.0")
    assert combined(service("api", "nginx", link=str(tmp_path / "current")))["version"] == "1.4.0"
    assert combined(service("api", "nginx", link=str(tmp_path / "absent")))["version"] is None


def test_resident_memory_is_read_in_bytes() -> None:
    assert service_status.parse_resident_bytes("Name:\tnode\nVmPeak:\t99 kB\nVmRSS:\t   94208 kB\n") == 96468992
    assert service_status.parse_resident_bytes("Name:\tnode\nState:\tZ (zombie)\n") is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0, "0s"), (59, "59s"), (60, "1m 0s"), (7500, "2h 5m"), (86400 * 3 + 3600 * 4 + 59, "3d 4h")],
)
def test_a_duration_is_told_by_its_two_largest_units(seconds: int | None, text: str) -> None:
    assert duration(seconds) == text


GROUPS = {"all": ["db", "one", "two", "lb"], "mariadb": ["db"], "api": ["one", "two"], "nginx_lb": ["lb"]}
NAMES = ["mariadb", "api", "nginx_lb"]
API = {
    "name": "api",
    "port": 3000,
    "balanced_by": "nginx_lb",
    "backup_variable": "api_backup",
    "urls": {"User interface": "http://localhost"},
}


def measured(name: str, state: str, **more: Any) -> dict[str, Any]:
    return {"services": [{"name": name, "state": state, "sub_state": "running", **more}]}


def hostvars() -> dict[str, dict[str, Any]]:
    return {
        "db": {
            "stack_address": "10.0.0.1",
            "lab_ports": ["3307:3306"],
            "status_services": [{"name": "mariadb", "port": 3306, "urls": {"Nowhere": ""}}],
            "status_measured": measured("mariadb", "active", version="10.11", uptime_seconds=90),
        },
        "one": {
            "stack_address": "fd00::2",
            "status_services": [API],
            "status_measured": measured("api", "activating", version="1.0.0"),
        },
        "two": {
            "stack_address": "10.0.0.3",
            "api_backup": True,
            "status_services": [API],
            "status_measured": {"unreachable": True, "msg": "timed out"},
        },
        "lb": {
            "stack_address": "10.0.0.4",
            "status_services": [{"name": "nginx_lb", "port": "3001"}],
            "status_measured": {"failed": True, "msg": "no systemctl"},
        },
    }


def test_the_table_is_aligned_and_complete() -> None:
    assert FILTERS["status_table"](NAMES, GROUPS, hostvars()).splitlines() == [
        "HOST  SERVICE   VERSION  STATE                 UPTIME  ROLE     ADDRESS         PUBLISHED",
        "db    mariadb   10.11    active                1m 30s  -        10.0.0.1:3306   127.0.0.1:3307",
        "one   api       1.0.0    activating (running)  -       primary  [fd00::2]:3000  -",
        "two   api       -        unreachable           -       backup   10.0.0.3:3000   -",
        "lb    nginx_lb  -        unknown               -       -        10.0.0.4:3001   -",
        "",
        "User interface:  http://localhost",
    ]


def test_real_hosts_have_no_column_for_what_a_lab_publishes() -> None:
    variables = hostvars()
    del variables["db"]["lab_ports"]
    first, *_ = FILTERS["status_table"](NAMES, GROUPS, variables).splitlines()
    assert first.endswith("ADDRESS")


def test_without_a_load_balancer_nobody_has_a_role_in_it() -> None:
    groups = GROUPS | {"nginx_lb": []}
    assert "primary" not in FILTERS["status_table"](NAMES, groups, hostvars())


def test_hosts_that_were_not_looked_at_are_left_out() -> None:
    variables = hostvars()
    for name in ("status_services", "status_measured"):
        del variables["two"][name]
    assert "two " not in FILTERS["status_table"](NAMES, GROUPS, variables)


def test_a_look_survives_an_unsound_inventory() -> None:
    variables = hostvars()
    del variables["one"]["stack_address"]
    variables["two"]["api_backup"] = "perhaps"
    lines = FILTERS["status_table"](NAMES, GROUPS, variables).splitlines()
    assert lines[2].split() == ["one", "api", "1.0.0", "activating", "(running)", "-", "primary", "-", "-"]
    assert lines[3].split() == ["two", "api", "-", "unreachable", "-", "-", "10.0.0.3:3000", "-"]


def test_what_does_not_run_is_named() -> None:
    assert FILTERS["status_complaints"](NAMES, GROUPS, hostvars()) == [
        "api on one is activating (running)",
        "api on two is unreachable",
        "nginx_lb on lb is unknown",
    ]


def test_what_a_drill_broke_is_told_until_it_is_mended() -> None:
    variables = hostvars()
    variables["db"]["status_measured"]["drill_fault"] = {"fault": "hang", "unit": "mariadb", "began": 1795467943.15}
    told = "db is broken by a drill (hang since 2026-11-23 21:05:43 UTC)"
    *_, last = FILTERS["status_table"](NAMES, GROUPS, variables).splitlines()
    assert last == f"{told}; unless one runs, playbooks/heal.yml mends it."
    assert FILTERS["status_complaints"](NAMES, GROUPS, variables)[-1] == told
