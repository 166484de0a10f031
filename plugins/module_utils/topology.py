"""The stack's topology, read from an inventory's groups and host variables.

Everything here depends on the whole inventory and never on the hosts of one run, so that a run under
``--limit`` renders the same files as a full one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Any, TypedDict

from ansible.module_utils.parsing.convert_bool import boolean


HostVariables = Mapping[str, Any]
Groups = Mapping[str, Sequence[str]]


class TopologyError(Exception):
    """What is wrong with the inventory and what to do about it, in one sentence."""


class UpstreamServer(TypedDict):
    """One backend of an upstream."""

    name: str
    address: str
    port: int
    endpoint: str
    backup: bool


def is_address(value: object) -> bool:
    """Whether the value is an IP address literal: names are resolved once, or never, by what we render."""
    if not isinstance(value, str):
        return False
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def stack_address(host: str, variables: HostVariables) -> str:
    """Return the address at which the stack's other hosts reach this one."""
    explicit = variables.get("stack_address")
    if explicit is not None:
        if is_address(explicit):
            return str(explicit)
        raise TopologyError(
            f"Host {host}: stack_address is {str(explicit)!r}, which is no IP address: give the literal address "
            "at which the other hosts reach it."
        )
    connection_address = variables.get("ansible_host")
    if is_address(connection_address):
        return str(connection_address)
    raise TopologyError(
        f"Host {host} has no address: set its stack_address to the IP address at which the other hosts reach it "
        "(or set ansible_host to one)."
    )


def group_addresses(groups: Groups, hostvars: Mapping[str, HostVariables], group: str) -> list[str]:
    """Return the addresses of a group's hosts in the inventory's order; a group without hosts has none."""
    return [stack_address(host, hostvars[host]) for host in groups.get(group, ())]


def port_number(value: object) -> int | None:
    """Return the value as a TCP port, or None if it is none; variables given by ``-e key=value`` are strings."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    try:
        port = int(value)
    except ValueError:
        return None
    return port if 1 <= port <= 65535 else None


def is_marked(host: str, variables: HostVariables, variable: str | None) -> bool:
    """Whether the host carries this mark; without a variable's name nothing is marked."""
    value = False if variable is None else variables.get(variable, False)
    try:
        return bool(boolean(value))
    except TypeError:
        raise TopologyError(f"Host {host}: {variable} is {value!r}: set it to true or false.") from None


def upstream_servers(
    upstream: Mapping[str, Any], groups: Groups, hostvars: Mapping[str, HostVariables]
) -> list[UpstreamServer]:
    """Expand an upstream into its servers, in the inventory's order."""
    try:
        name, group, default_port = upstream["name"], upstream["group"], upstream["port"]
    except KeyError as missing:
        raise TopologyError(f"Upstream {dict(upstream)} has no {missing}: name, group and port are needed.") from None

    servers: list[UpstreamServer] = []
    for host in groups.get(group, ()):
        variables = hostvars[host]
        address = stack_address(host, variables)
        configured_port = variables.get(upstream.get("port_variable", ""), default_port)
        port = port_number(configured_port)
        if port is None:
            raise TopologyError(
                f"Host {host}: {configured_port!r} is no port for upstream {name}: give a number from 1 to 65535."
            )
        servers.append(
            UpstreamServer(
                name=host,
                address=address,
                port=port,
                endpoint=endpoint(address, port),
                backup=is_marked(host, variables, upstream.get("backup_variable")),
            )
        )
    return servers


def endpoint(address: str, port: int) -> str:
    """Join address and port as URLs and most configuration files want it."""
    return f"[{address}]:{port}" if isinstance(ip_address(address), IPv6Address) else f"{address}:{port}"
