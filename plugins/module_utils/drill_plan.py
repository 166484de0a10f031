"""What a drill would break, and what speaks against it, read from the inventory and from the hosts' status."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    "repeat_kill": "Kill %s, and then the next",
}


class PlanError(Exception):
    """Why there can be no such drill, and what to do, in one sentence."""


@dataclass(frozen=True)
class Plan:
    """A drill before it begins. `objections` speak against it, and may be overruled."""

    target: str
    fault: str
    words: str
    service: Mapping[str, Any]
    hosts: Sequence[str]
    single: bool
    objections: Sequence[str]

    @property
    def hold(self) -> bool:
        """Whether a killed service stays down for the fault window: what nothing replaces is for systemd to restart."""
        return self.fault == "kill" and not self.single

    def as_dict(self) -> dict[str, Any]:
        """The plan for Ansible."""
        return {**vars(self), "hold": self.hold}


def make_plan(
    groups: Groups,
    hostvars: Mapping[str, HostVariables],
    target: str,
    fault: str,
    ready: Collection[str],
    complaints: Sequence[str],
) -> Plan:
    """Plan a fault for a host, for hosts joined by commas, or for a service's group.

    Each host has the variable status_services, its part of the list of services. `ready` are the backends that are
    ready, `complaints` what the status finds wrong. Raises PlanError where there can be no such drill.
    """
    if fault not in FAULTS:
        raise PlanError(f"There is no fault {fault!r}: set drill_fault to {enumeration(list(FAULTS), 'or')}.")
    service, hosts = _members(groups, hostvars, target, fault)
    _refuse_impossible(groups, hostvars, service, hosts, target, fault)
    left = [host for host in groups[service["name"]] if host in ready and host not in hosts]
    balanced = _balanced(groups, service)
    return Plan(
        target=target,
        fault=fault,
        words=FAULTS[fault],
        service=service,
        hosts=hosts,
        single=not (balanced and left) and fault != "freeze_all",
        objections=list(_objections(service, hosts, left if balanced else [], fault, complaints)),
    )


def _members(
    groups: Groups, hostvars: Mapping[str, HostVariables], target: str, fault: str
) -> tuple[Mapping[str, Any], list[str]]:
    """Find the service that is meant, and the hosts on which it is to be broken."""
    named = {service["name"]: service for host in groups["all"] for service in _services(hostvars, host)}
    if target in named and groups.get(target):
        service = named[target]
        members = list(groups[target])
        if fault != "freeze_all" and _balanced(groups, service):
            # A group stands for those which carry the load; breaking the spare ones too would leave nobody.
            mark = service.get("backup_variable")
            members = [host for host in members if not is_marked(host, hostvars[host], mark)]
        return service, members

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
    return shared[0], hosts


def _services(hostvars: Mapping[str, HostVariables], host: str) -> Sequence[Mapping[str, Any]]:
    services: Sequence[Mapping[str, Any]] = hostvars[host].get("status_services", ())
    return services


def _names(hostvars: Mapping[str, HostVariables], host: str) -> list[str]:
    return [service["name"] for service in _services(hostvars, host)]


def _balanced(groups: Groups, service: Mapping[str, Any]) -> bool:
    return bool(groups.get(service.get("balanced_by", "")))


def _refuse_impossible(
    groups: Groups,
    hostvars: Mapping[str, HostVariables],
    service: Mapping[str, Any],
    hosts: Sequence[str],
    target: str,
    fault: str,
) -> None:
    if not groups.get("nginx_lb"):
        raise PlanError(
            "This inventory has no load balancer (group nginx_lb), so nothing could take over from what fails: use one "
            "that has, such as inventories/ha."
        )
    if fault in ("error", "repeat_kill") and not _balanced(groups, service):
        raise PlanError(f"{fault} is for backends of the load balancer, and {target} is none: choose another fault.")
    local = [host for host in hosts if hostvars[host].get("ansible_connection") == "local"]
    if local:
        raise PlanError(f"{enumeration(local, 'and')} is this controller, which would measure its own end.")
    remote = [host for host in hosts if hostvars[host].get("ansible_connection") != "docker"]
    if fault == "host_down" and remote:
        raise PlanError(
            f"{enumeration(remote, 'and')} is no host of the lab, and only those can be switched off "
            "and on again from here: use the fault partition, which looks the same to the others."
        )


def _objections(
    service: Mapping[str, Any], hosts: Sequence[str], left: Sequence[str], fault: str, complaints: Sequence[str]
) -> Iterator[str]:
    yield from (f"{complaint}." for complaint in complaints)
    if not left and fault != "freeze_all":
        yield f"Without {enumeration(hosts, 'and')} no {service['name']} would be left: this is an outage, no failover."
