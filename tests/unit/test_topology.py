"""Addresses, ports and upstream servers, read from an inventory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.discordgym.stack.plugins.filter.topology import FilterModule
from ansible_collections.discordgym.stack.plugins.module_utils import topology


FILTERS = FilterModule().filters()
GROUPS = {"api": ["one", "two", "six"], "empty": []}
HOSTVARS: dict[str, dict[str, Any]] = {
    "one": {"inventory_hostname": "one", "stack_address": "10.0.0.1", "ansible_host": "192.0.2.1"},
    "two": {"inventory_hostname": "two", "ansible_host": "10.0.0.2", "api_port": "3010", "api_backup": "true"},
    "six": {"inventory_hostname": "six", "stack_address": "fd00::6", "api_backup": False},
}
UPSTREAM = {"name": "backend", "group": "api", "port": 3000}


def test_the_stacks_own_address_goes_before_that_of_the_connection() -> None:
    assert FILTERS["stack_address"](HOSTVARS["one"]) == "10.0.0.1"
    assert FILTERS["stack_address"](HOSTVARS["two"]) == "10.0.0.2"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {},
            "Host lost has no address: set its stack_address to the IP address at which the other hosts reach it "
            "(or set ansible_host to one).",
        ),
        (
            {"ansible_host": "lost.example.org"},
            "Host lost has no address: set its stack_address to the IP address at which the other hosts reach it "
            "(or set ansible_host to one).",
        ),
        (
            {"stack_address": "10.0.0.300", "ansible_host": "10.0.0.3"},
            "Host lost: stack_address is '10.0.0.300', which is no IP address: give the literal address at which the "
            "other hosts reach it.",
        ),
    ],
)
def test_a_host_without_address_is_told_with_the_remedy(variables: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        FILTERS["stack_address"]({"inventory_hostname": "lost", **variables})
    assert raised.value.message == message


def test_group_addresses_follow_the_inventorys_order() -> None:
    assert FILTERS["group_addresses"](GROUPS, HOSTVARS, "api") == ["10.0.0.1", "10.0.0.2", "fd00::6"]


@pytest.mark.parametrize("group", ["empty", "absent"])
def test_a_group_without_hosts_has_neither_addresses_nor_servers(group: str) -> None:
    assert FILTERS["group_addresses"](GROUPS, HOSTVARS, group) == []
    assert FILTERS["upstream_servers"](UPSTREAM | {"group": group}, GROUPS, HOSTVARS) == []


def test_servers_take_port_and_mark_from_the_variables_that_the_upstream_names() -> None:
    upstream = UPSTREAM | {"port_variable": "api_port", "backup_variable": "api_backup"}
    assert FILTERS["upstream_servers"](upstream, GROUPS, HOSTVARS) == [
        {"name": "one", "address": "10.0.0.1", "port": 3000, "endpoint": "10.0.0.1:3000", "backup": False},
        {"name": "two", "address": "10.0.0.2", "port": 3010, "endpoint": "10.0.0.2:3010", "backup": True},
        {"name": "six", "address": "fd00::6", "port": 3000, "endpoint": "[fd00::6]:3000", "backup": False},
    ]


def test_servers_have_the_upstreams_port_and_no_mark_where_it_names_no_variable() -> None:
    servers = FILTERS["upstream_servers"](UPSTREAM, GROUPS, HOSTVARS)
    assert [(server["port"], server["backup"]) for server in servers] == [(3000, False)] * 3


def test_an_upstream_without_a_needed_key_is_told() -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        FILTERS["upstream_servers"]({"name": "backend", "group": "api"}, GROUPS, HOSTVARS)
    assert raised.value.message == (
        "Upstream {'name': 'backend', 'group': 'api'} has no 'port': name, group and port are needed."
    )


def test_a_server_without_a_port_is_told() -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        FILTERS["upstream_servers"](UPSTREAM | {"port": "http"}, GROUPS, HOSTVARS)
    assert raised.value.message == "Host one: 'http' is no port for upstream backend: give a number from 1 to 65535."


@pytest.mark.parametrize(("value", "port"), [(80, 80), ("3001", 3001), (65535, 65535)])
def test_ports_are_numbers_or_their_text(value: object, port: int) -> None:
    assert topology.port_number(value) == port


@pytest.mark.parametrize("value", [0, 65536, -1, "", "http", True, None, 80.5, [80]])
def test_nothing_else_is_a_port(value: object) -> None:
    assert topology.port_number(value) is None
