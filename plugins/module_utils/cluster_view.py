"""Who leads each cluster of the stack, and what its members say of themselves, as the status found it.

Each host that was looked at has two variables: status_services, its part of the service list, and status_measured, what
the module service_status found. A group of several hosts is a cluster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .topology import Groups, HostVariables, TopologyError, stack_address


HostVars = Mapping[str, HostVariables]


def is_cluster(groups: Groups, name: str) -> bool:
    """Whether a service's hosts work as one."""
    return len(groups.get(name, ())) > 1


def status_of(hostvars: HostVars, host: str, name: str) -> Mapping[str, Any]:
    """What was found of a service on a host; nothing where it could not be looked at."""
    measured = hostvars[host].get("status_measured", {})
    return next((status for status in measured.get("services", ()) if status["name"] == name), {})


def member(hostvars: HostVars, host: str, name: str) -> Mapping[str, Any]:
    """What a service of a host says of its part in its cluster; nothing where it was not asked."""
    said: Mapping[str, Any] = status_of(hostvars, host, name).get("member") or {}
    return said


def fit(hostvars: HostVars, host: str, name: str) -> bool:
    """Whether a service of a host works, and does its part in its cluster if it is in one."""
    return status_of(hostvars, host, name).get("state") == "active" and not member(hostvars, host, name).get("ailment")


def leader(groups: Groups, hostvars: HostVars, name: str) -> str | None:
    """Name the host that leads a cluster: the database's writer, Redis' master, the holder of the virtual address."""
    if not is_cluster(groups, name):
        return None
    hosts = groups[name]
    if name == "mariadb":
        return _most_named(writers(groups, hostvars).values(), hosts)
    if name == "redis":
        by_address = {_address(hostvars, host): host for host in hosts}
        named = [by_address.get(member(hostvars, host, name).get("master", ""), "") for host in hosts]
        return _most_named(named, hosts) or _only(
            [host for host in hosts if member(hostvars, host, name).get("role") == "master"]
        )
    if name == "nginx_lb":
        return _only([host for host in hosts if member(hostvars, host, name).get("holds_vip")])
    return None


def writers(groups: Groups, hostvars: HostVars) -> dict[str, str]:
    """Tell to which database node each host's proxy sends everything, if it has sent anything yet."""
    return {
        host: status["member"]["writer"]
        for host in groups.get("all", ())
        for status in hostvars[host].get("status_measured", {}).get("services", ())
        if (status.get("member") or {}).get("writer")
    }


def _most_named(names: Iterable[str], hosts: Sequence[str]) -> str | None:
    counted = Counter(name for name in names if name in hosts)
    return counted.most_common(1)[0][0] if counted else None


def _only(hosts: Sequence[str]) -> str | None:
    return hosts[0] if len(hosts) == 1 else None


def _address(hostvars: HostVars, host: str) -> str | None:
    try:
        return stack_address(host, hostvars[host])
    except TopologyError:
        return None


# What leads and what follows, by service.
ROLES = {"mariadb": ("writer", "standby"), "redis": ("master", "replica"), "nginx_lb": ("VIP", "standby")}


def role(groups: Groups, hostvars: HostVars, host: str, name: str) -> str | None:
    """Tell the part of a host in its cluster; nothing where nobody knows who leads, or nobody does."""
    if name not in ROLES:
        return None
    said = member(hostvars, host, name)
    if name == "redis":
        # What it is itself: two that both think to be the master are to be seen.
        return said.get("role")
    if name == "nginx_lb":
        return ROLES[name][not said["holds_vip"]] if "holds_vip" in said else None
    leading = leader(groups, hostvars, name)
    return ROLES[name][host != leading] if leading else None


def account(groups: Groups, hostvars: HostVars, host: str, name: str) -> str:
    """Tell in a few words what a member says of its cluster; nothing where there is none, or where it says nothing."""
    said = member(hostvars, host, name)
    parts: list[str] = []
    if "cluster_size" in said:
        component = "" if said["cluster_status"] == "Primary" else f"{said['cluster_status']}, "
        parts.append(f"{said['state']}, {component}{_count(said['cluster_size'], 'node')}")
    if "replicas" in said:
        parts.append(_count(said["replicas"], "replica"))
    if "link_up" in said:
        parts.append(f"lag {said.get('lag_seconds', 0)} s" if said["link_up"] else "no link to the master")
    if "sentinels" in said:
        seen = {_address(hostvars, other): other for other in groups.get(name, ())}
        quorum = "" if said.get("quorum") else ", no quorum"
        master = seen.get(said.get("master"), said.get("master", "nobody"))
        parts.append(f"{_count(said['sentinels'], 'Sentinel')} for {master}{quorum}")
    if "writer" in said:
        parts.append(f"writes to {said['writer']}")
    return "; ".join(parts)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def ailments(groups: Groups, hostvars: HostVars, names: Sequence[str]) -> Iterator[str]:
    """Tell which members that run do not do their part, and where the members of a cluster contradict each other."""
    for name in names:
        for host in groups.get(name, ()):
            ailment = member(hostvars, host, name).get("ailment")
            if ailment and status_of(hostvars, host, name).get("state") == "active":
                yield f"{name} on {host} {ailment}"
    holders = [host for host in groups.get("nginx_lb", ()) if member(hostvars, host, "nginx_lb").get("holds_vip")]
    if "nginx_lb" in names and is_cluster(groups, "nginx_lb") and len(holders) != 1:
        yield f"the virtual address is held by {' and '.join(holders) or 'nobody'}"
    masters = [host for host in groups.get("redis", ()) if member(hostvars, host, "redis").get("role") == "master"]
    if "redis" in names and is_cluster(groups, "redis") and len(masters) != 1:
        yield f"redis has {' and '.join(masters) or 'nobody'} for its master"
    if "mariadb" in names and len(set(writers(groups, hostvars).values())) > 1:
        told = "; ".join(f"{host} to {writer}" for host, writer in writers(groups, hostvars).items())
        yield f"mariadb is written to on several nodes ({told})"
