"""What a drill would break, and what speaks against it, read from the inventory and from the hosts' status."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import cluster_view
from .topology import Groups, HostVariables, is_marked
from .wording import enumeration


# What is done to a host, in words that take its name.
FAULTS = {
    "kill": "Kill %s (SIGKILL)",
    "stop": "Stop %s in an orderly way",
    "restart": "Restart %s",
    "hang": "Freeze %s (SIGSTOP)",
    "partition": "Cut %s off from the network",
    "host_down": "Switch %s off, host and all",
    "error": "Have %s answer 503",
    "freeze_all": "Freeze %s for a moment, as all others",
    "repeat_kill": "Kill %s in turn, again and again",
}


# Where in a cluster the members decide by majority, who could take over must be one.
DECIDED_BY_MAJORITY = frozenset({"mariadb", "redis"})

# A site is what stands in one place: one of each, and of a cluster the one that leads.
SITE = "site"
SITE_SERVICES = ("nginx_lb", "api", "mariadb", "redis")
SITE_FAULTS = ("kill", "stop", "restart", "hang", "partition", "host_down")


class PlanError(Exception):
    """Why there can be no such drill, and what to do, in one sentence."""


@dataclass(frozen=True)
class Part:
    """A service of a host that is to be broken."""

    host: str
    service: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The service's name."""
        return str(self.service["name"])


@dataclass(frozen=True)
class Plan:
    """A drill before it begins. `objections` speak against it, and may be overruled."""

    target: str
    fault: str
    words: str
    service: str
    parts: Sequence[Part]
    single: bool
    objections: Sequence[str]

    @property
    def hosts(self) -> list[str]:
        """The hosts on which something is broken."""
        return list(dict.fromkeys(part.host for part in self.parts))

    @property
    def backends(self) -> list[str]:
        """Those of the hosts whose answers carry their name."""
        return [part.host for part in self.parts if part.name == "api"]

    @property
    def hold(self) -> bool:
        """Whether a killed service stays down for the fault window: what nothing replaces is for systemd to restart."""
        return self.fault == "kill" and not self.single

    @property
    def moves_vip(self) -> bool:
        """Whether the address moves to which the load goes: what is on its way then, only a client can repeat."""
        return not self.single and any(part.name == "nginx_lb" for part in self.parts)

    def as_dict(self) -> dict[str, Any]:
        """The plan for Ansible."""
        derived = {name: getattr(self, name) for name in ("hosts", "backends", "hold", "moves_vip")}
        # Not asdict: it would make Ansible's own containers anew, which they refuse.
        return {**vars(self), **derived, "parts": [vars(part) for part in self.parts]}


def make_plan(
    groups: Groups,
    hostvars: Mapping[str, HostVariables],
    target: str,
    fault: str,
    ready: Collection[str],
    complaints: Sequence[str],
) -> Plan:
    """Plan a fault for a host, for hosts joined by commas, for a service's group, or for a site.

    Each host has the variable status_services, its part of the list of services, and status_measured, what the status
    found there. `ready` are the backends that are ready, `complaints` what the status finds wrong. Raises PlanError
    where there can be no such drill.
    """
    if fault not in FAULTS:
        raise PlanError(f"There is no fault {fault!r}: set drill_fault to {enumeration(list(FAULTS), 'or')}.")
    if not groups.get("nginx_lb"):
        raise PlanError(
            "This inventory has no load balancer (group nginx_lb), so nothing could take over from what fails: use one "
            "that has, such as inventories/ha."
        )
    parts = _parts(groups, hostvars, target, fault)
    _refuse_impossible(groups, hostvars, parts, target, fault)
    names = list(dict.fromkeys(part.name for part in parts))
    ends = (
        [] if fault == "freeze_all" else [end for name in names for end in _ends(groups, hostvars, parts, name, ready)]
    )
    return Plan(
        target=target,
        fault=fault,
        words=FAULTS[fault],
        service=SITE if target == SITE else names[0],
        parts=parts,
        single=bool(ends),
        objections=[*(f"{complaint}." for complaint in complaints), *ends],
    )


def _parts(groups: Groups, hostvars: Mapping[str, HostVariables], target: str, fault: str) -> list[Part]:
    """Find the services that are meant, and the hosts on which they are to be broken."""
    named = {service["name"]: service for host in groups["all"] for service in _services(hostvars, host)}
    if target == SITE:
        _refuse_site(groups, fault)
        return [Part(_members(groups, hostvars, named[name], fault)[0], named[name]) for name in SITE_SERVICES]
    if target in named and groups.get(target):
        return [Part(host, named[target]) for host in _members(groups, hostvars, named[target], fault)]

    hosts = target.split(",")
    unknown = [host for host in hosts if host not in groups["all"]]
    if unknown:
        raise PlanError(
            f"{enumeration(unknown, 'and')} is neither a host nor a service of this inventory: set drill_target to "
            f"one of its hosts, or to {enumeration(sorted(named), 'or')}."
        )
    shared = [service for name, service in named.items() if all(name in _names(hostvars, host) for host in hosts)]
    if len(shared) != 1:
        raise PlanError(
            f"{target} runs {enumeration([service['name'] for service in shared], 'and') or 'nothing'}, and a drill "
            "breaks one service: set drill_target to the service's name."
        )
    return [Part(host, shared[0]) for host in hosts]


def _members(
    groups: Groups, hostvars: Mapping[str, HostVariables], service: Mapping[str, Any], fault: str
) -> list[str]:
    """Find whom a group stands for: those which carry the load; without the spare ones too, nobody would be left."""
    name, members = service["name"], list(groups[service["name"]])
    if fault == "freeze_all" or not (cluster_view.is_cluster(groups, name) or _balanced(groups, service)):
        return members
    if name in cluster_view.ROLES:
        leading = cluster_view.leader(groups, hostvars, name)
        if leading is None:
            raise PlanError(
                f"Nobody can tell which host leads {name}: see playbooks/status.yml, or set drill_target to a host."
            )
        return [leading]
    if "backup_variable" not in service:
        return members[:1]
    return [host for host in members if not is_marked(host, hostvars[host], service["backup_variable"])]


def _refuse_site(groups: Groups, fault: str) -> None:
    if fault not in SITE_FAULTS:
        raise PlanError(f"{fault} is not for a site: set drill_fault to {enumeration(SITE_FAULTS, 'or')}.")
    alone = [name for name in SITE_SERVICES if not cluster_view.is_cluster(groups, name)]
    if alone:
        raise PlanError(
            f"A site is one of several, but this inventory has no second {enumeration(alone, 'or')}: use one that has, "
            "such as inventories/cluster."
        )


def _services(hostvars: Mapping[str, HostVariables], host: str) -> Sequence[Mapping[str, Any]]:
    services: Sequence[Mapping[str, Any]] = hostvars[host].get("status_services", ())
    return services


def _names(hostvars: Mapping[str, HostVariables], host: str) -> list[str]:
    return [service["name"] for service in _services(hostvars, host)]


def _balanced(groups: Groups, service: Mapping[str, Any]) -> bool:
    return bool(groups.get(service.get("balanced_by", "")))


def _refuse_impossible(
    groups: Groups, hostvars: Mapping[str, HostVariables], parts: Sequence[Part], target: str, fault: str
) -> None:
    if fault in ("error", "repeat_kill") and not all(_balanced(groups, part.service) for part in parts):
        raise PlanError(f"{fault} is for backends of the load balancer, and {target} is none: choose another fault.")
    hosts = [part.host for part in parts]
    local = [host for host in hosts if hostvars[host].get("ansible_connection") == "local"]
    if local:
        raise PlanError(f"{enumeration(local, 'and')} is this controller, which would measure its own end.")
    remote = [host for host in hosts if hostvars[host].get("ansible_connection") != "docker"]
    if fault == "host_down" and remote:
        raise PlanError(
            f"{enumeration(remote, 'and')} is no host of the lab, and only those can be switched off "
            "and on again from here: use the fault partition, which looks the same to the others."
        )


def _ends(
    groups: Groups,
    hostvars: Mapping[str, HostVariables],
    parts: Sequence[Part],
    name: str,
    ready: Collection[str],
) -> Iterator[str]:
    """Tell why the fault would end a service, if nothing could take over from what breaks."""
    broken = [part.host for part in parts if part.name == name]
    service = next(part.service for part in parts if part.name == name)
    members = groups[name]
    left = [
        host
        for host in members
        if host not in broken and (host in ready if name == "api" else cluster_view.fit(hostvars, host, name))
    ]
    majority = len(members) // 2 + 1
    replaceable = _balanced(groups, service) or (name in cluster_view.ROLES and cluster_view.is_cluster(groups, name))
    if not (left and replaceable):
        yield f"Without {enumeration(broken, 'and')} no {name} would be left: this is an outage, no failover."
    elif name in DECIDED_BY_MAJORITY and len(left) < majority:
        yield (
            f"Without {enumeration(broken, 'and')} only {len(left)} of {len(members)} members of {name} would be left, "
            f"and it takes {majority}: this is an outage, no failover."
        )
