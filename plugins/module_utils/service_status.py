"""What systemd, dpkg and the release links of a host say about the stack's services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from .cluster_member import Member


# All that is asked of systemd; Names matches an answer to its question where a unit has an alias.
UNIT_PROPERTIES = ("Names", "LoadState", "ActiveState", "SubState", "MainPID", "ActiveEnterTimestampMonotonic")

MICROSECONDS = 1_000_000


class Service(TypedDict):
    """A service to look at: its own unit first, then those that it needs on the same host."""

    name: str
    units: Sequence[str]
    package: str | None
    link: str | None


class UnitStatus(TypedDict):
    """One systemd unit."""

    unit: str
    state: str
    sub_state: str
    uptime_seconds: int | None
    main_pid: int | None


class ServiceStatus(TypedDict):
    """One service. Its state is that of the first of its units that does not run, the rest that of its own unit."""

    name: str
    state: str
    sub_state: str
    uptime_seconds: int | None
    version: str | None
    main_pid: int | None
    resident_bytes: int | None
    member: Member | None


def parse_units(shown: str, monotonic_seconds: float) -> dict[str, UnitStatus]:
    """Read what `systemctl show` prints for several units, by each of a unit's names."""
    statuses: dict[str, UnitStatus] = {}
    for block in shown.strip().split("\n\n"):
        properties = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for name in properties.get("Names", "").split():
            statuses[name.removesuffix(".service")] = _unit_status(name, properties, monotonic_seconds)
    return statuses


def _unit_status(name: str, properties: Mapping[str, str], monotonic_seconds: float) -> UnitStatus:
    active = properties["ActiveState"] == "active"
    entered = int(properties["ActiveEnterTimestampMonotonic"])
    return UnitStatus(
        unit=name.removesuffix(".service"),
        state="not installed" if properties["LoadState"] == "not-found" else properties["ActiveState"],
        sub_state=properties["SubState"],
        uptime_seconds=max(0, int(monotonic_seconds - entered / MICROSECONDS)) if active else None,
        main_pid=int(properties["MainPID"]) or None,
    )


def parse_packages(shown: str) -> dict[str, str]:
    """Read lines of name, version and status; a package that was removed may still have an entry."""
    rows = (line.split("\t") for line in shown.splitlines())
    return {name: version for name, version, status in rows if status == "installed"}


def parse_resident_bytes(process_status: str) -> int | None:
    """Read the resident memory from a process's /proc/<pid>/status; a process that is ending has none."""
    for line in process_status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None


def linked_release(link: str) -> str | None:
    """Name the release that a `current` link points to."""
    path = Path(link)
    return path.resolve().name if path.is_symlink() else None


def units_of(services: Iterable[Service]) -> list[str]:
    """Name every unit once."""
    return list(dict.fromkeys(unit for service in services for unit in service["units"]))


def packages_of(services: Iterable[Service]) -> list[str]:
    """Name every package that tells a version once."""
    return list(dict.fromkeys(service["package"] for service in services if service["package"]))


def combine(
    services: Iterable[Service],
    units: Mapping[str, UnitStatus],
    versions: Mapping[str, str],
    resident_bytes: Mapping[int, int | None],
    members: Mapping[str, Member],
) -> Iterator[ServiceStatus]:
    """Put together what was found about each service."""
    for service in services:
        needed = [units[unit] for unit in service["units"]]
        own = needed[0]
        decisive = next((unit for unit in needed if unit["state"] != "active"), own)
        yield ServiceStatus(
            name=service["name"],
            state=decisive["state"],
            sub_state=decisive["sub_state"],
            uptime_seconds=own["uptime_seconds"],
            version=_version(service, versions),
            main_pid=own["main_pid"],
            resident_bytes=resident_bytes.get(own["main_pid"]) if own["main_pid"] else None,
            member=members.get(service["name"]),
        )


def _version(service: Service, versions: Mapping[str, str]) -> str | None:
    if service["link"]:
        return linked_release(service["link"])
    return versions.get(service["package"] or "")
