"""The stack's status as a table for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any

from . import cluster_view
from .topology import Groups, HostVariables, TopologyError, endpoint, is_marked, stack_address


TITLES = ("HOST", "SERVICE", "VERSION", "STATE", "UPTIME", "ROLE", "ADDRESS", "PUBLISHED", "CLUSTER")
NOTHING = "-"
SEPARATOR = "  "
ACTIVE = "active"
SPANS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


@dataclass(frozen=True)
class Row:
    """One service on one host, in words."""

    host: str
    service: str
    version: str
    state: str
    uptime: str
    role: str
    address: str
    published: str
    cluster: str


def status_rows(groups: Groups, hostvars: Mapping[str, HostVariables], names: Sequence[str]) -> list[Row]:
    """Tell the services of these names on each host that was looked at, in the inventory's order.

    Such a host has two variables: status_services, its part of the service list, and status_measured, the result of
    the module service_status or of the failure to run it.
    """
    return [
        _row(groups, hostvars, host, service)
        for name in names
        for host in groups.get(name, ())
        for service in hostvars[host].get("status_services", ())
        if service["name"] == name
    ]


def _row(groups: Groups, hostvars: Mapping[str, HostVariables], host: str, service: Mapping[str, Any]) -> Row:
    variables, name = hostvars[host], service["name"]
    measured = variables.get("status_measured", {})
    status = cluster_view.status_of(hostvars, host, name)
    return Row(
        host=host,
        service=name,
        version=status.get("version") or NOTHING,
        state=_state(measured, status),
        uptime=duration(status.get("uptime_seconds")),
        role=cluster_view.role(groups, hostvars, host, name)
        or _or_nothing(lambda: _role(groups, host, variables, service)),
        address=_or_nothing(lambda: endpoint(stack_address(host, variables), service["port"])),
        published=_published(variables.get("lab_ports", ()), service["port"]),
        cluster=cluster_view.account(groups, hostvars, host, name) or NOTHING,
    )


def _state(measured: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    if measured.get("unreachable"):
        return "unreachable"
    if not status:
        return "unknown"
    # `activating` alone would not tell a start from the wait before the next one.
    if status["state"] in ("activating", "deactivating", "reloading"):
        return f"{status['state']} ({status['sub_state']})"
    return str(status["state"])


def _or_nothing(tell: Callable[[], str]) -> str:
    """Leave a cell empty where the inventory is unsound: that is for the deployment to refuse, not for a look."""
    try:
        return tell()
    except TopologyError:
        return NOTHING


def _role(groups: Groups, host: str, variables: HostVariables, service: Mapping[str, Any]) -> str:
    if not groups.get(service.get("balanced_by", "")):
        return NOTHING
    return "backup" if is_marked(host, variables, service.get("backup_variable")) else "primary"


def _published(lab_ports: Sequence[str], port: int) -> str:
    published = (entry.split(":") for entry in lab_ports)
    return next((f"127.0.0.1:{outer}" for outer, inner in published if int(inner) == int(port)), NOTHING)


def duration(seconds: int | None) -> str:
    """Tell a time span by its two largest units, such as `3d 4h`."""
    if seconds is None:
        return NOTHING
    rest = seconds
    parts: list[str] = []
    for unit, size in SPANS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"


def urls(services: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """Gather the addresses for people; all hosts of a group are told the same."""
    named = (service.get("urls", {}) for of_host in services for service in of_host)
    return {title: url for urls_of_service in named for title, url in urls_of_service.items() if url}


def faults(groups: Groups, hostvars: Mapping[str, HostVariables]) -> Iterator[str]:
    """Tell what a drill broke and has not mended yet, a sentence a host."""
    for host in groups["all"]:
        fault = hostvars[host].get("status_measured", {}).get("drill_fault")
        if fault:
            began = datetime.fromtimestamp(float(fault["began"]), tz=UTC)
            yield f"{host} is broken by a drill ({fault['fault']} since {began:%Y-%m-%d %H:%M:%S} UTC)"


def table(rows: Sequence[Row]) -> list[str]:
    """Align the rows below their titles, without the columns that only some inventories have something for."""
    cells = [TITLES, *(astuple(row) for row in rows)]
    optional = [TITLES.index(title) for title in ("PUBLISHED", "CLUSTER")]
    empty = [column for column in optional if all(line[column] == NOTHING for line in cells[1:])]
    return aligned([[cell for column, cell in enumerate(line) if column not in empty] for line in cells])


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Pad the cells of each column to the same width."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return [
        SEPARATOR.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    ]


def complaints(rows: Sequence[Row]) -> Iterator[str]:
    """Tell which service does not run, and how to learn more."""
    for row in rows:
        if row.state != ACTIVE:
            yield f"{row.service} on {row.host} is {row.state}"
