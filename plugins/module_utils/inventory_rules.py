"""What must be true of an inventory before any of its hosts is touched.

Each rule yields one sentence for each problem: the host or group, the variable, the remedy.
All rules run, so that one look shows everything that is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from ipaddress import ip_address, ip_interface
from os.path import realpath
from pathlib import PurePath
from typing import Any

from . import release_archive, secret_strength
from .topology import Groups, HostVariables, TopologyError, is_address, is_marked, port_number, stack_address
from .wording import enumeration, groups_named, hosts_named, it_or_them, times


# Near enough for a plural, a hyphen or a slip of the finger; too far for `relics` beside `redis`.
SIMILARITY_OF_A_MISSPELLING = 0.75


@dataclass(frozen=True)
class GroupRule:
    """What one group of the stack needs."""

    name: str
    required: bool = True
    quorum: bool = False
    balanced_by: str | None = None
    backup_variable: str | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    settings: Sequence[str] = ()
    secrets: Sequence[str] = ()
    archives: Mapping[str, str] = field(default_factory=dict)
    # The variable of an address which one host of the group holds for all, and that of its network's prefix length.
    common_address: str | None = None
    common_prefix: Mapping[str, int] = field(default_factory=dict)
    with_several: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def variables(self) -> Iterator[str]:
        """Name the host variables on which this group's checks depend."""
        yield from ("stack_address", "ansible_host", *self.ports, *self.settings, *self.secrets, *self.archives)
        yield from self.common_prefix
        yield from (name for name in (self.backup_variable, self.common_address) if name is not None)

    def among(self, groups: Groups) -> GroupRule:
        """Add what the group needs because some group, its own or another, has several hosts."""
        rule = self
        for group, more in self.with_several.items():
            if len(groups.get(group, ())) > 1:
                rule = replace(
                    rule,
                    ports={**rule.ports, **more.get("ports", {})},
                    settings=[*rule.settings, *more.get("settings", ())],
                    secrets=[*rule.secrets, *more.get("secrets", ())],
                )
        return rule


@dataclass(frozen=True)
class Inventory:
    """The inventory together with what the stack expects of it."""

    groups: Groups
    hostvars: Mapping[str, HostVariables]
    rules: Sequence[GroupRule]
    unresolved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    other_groups: Collection[str] = ()
    secret_minimum_length: int = 16

    def hosts(self, group: str) -> Sequence[str]:
        """List a group's hosts; a group which the inventory does not name has none."""
        return self.groups.get(group, ())

    def own_groups(self) -> list[str]:
        """Name the stack's groups."""
        return [rule.name for rule in self.rules]

    def own_hosts(self) -> list[str]:
        """List the hosts of the stack's groups, each once."""
        return list(dict.fromkeys(host for group in self.own_groups() for host in self.hosts(group)))

    def strange_groups(self) -> list[str]:
        """Name the groups of which the stack knows nothing."""
        known = {"all", "ungrouped", *self.own_groups(), *self.other_groups}
        return [group for group in self.groups if group not in known]

    def misspellings(self) -> dict[str, str]:
        """Map strange groups to those which they were probably meant to be.

        A group that only gathers hosts of its namesake, such as `api_eu` below `api`, is no slip.
        """
        meant: dict[str, str] = {}
        for group in self.strange_groups():
            for candidate in get_close_matches(group, self.own_groups(), n=1, cutoff=SIMILARITY_OF_A_MISSPELLING):
                hosts = set(self.hosts(group))
                if not hosts or not hosts <= set(self.hosts(candidate)):
                    meant[group] = candidate
        return meant

    def is_resolved(self, host: str, *variables: str) -> bool:
        """Whether the values of these variables, if any, are known."""
        return self.unresolved.get(host, {}).keys().isdisjoint(variables)


def problems(inventory: Inventory) -> list[str]:
    """Tell everything that is wrong with the inventory."""
    return [problem for rule in RULES for problem in rule(inventory)]


def misspelt_groups(inventory: Inventory) -> Iterator[str]:
    for group, meant in inventory.misspellings().items():
        yield (
            f"Group {group} is unknown to the stack (did you mean {meant}?): rename it, "
            "or list it in validate_inventory_other_groups if it serves something else."
        )


def empty_groups(inventory: Inventory) -> Iterator[str]:
    told_as_misspelt = inventory.misspellings().values()
    for rule in inventory.rules:
        if inventory.hosts(rule.name) or rule.name in told_as_misspelt:
            continue
        if rule.required:
            yield f"Group {rule.name} has no host: list at least one under {rule.name} in the inventory."
        elif rule.name in inventory.groups:
            yield (
                f"Group {rule.name} has no host: list at least one under {rule.name}, or remove the group from "
                "the inventory, since the stack can do without."
            )


def hosts_without_service(inventory: Inventory) -> Iterator[str]:
    served = set(inventory.own_hosts())
    choices = enumeration(inventory.own_groups(), "or")
    for group in inventory.strange_groups():
        idle = [host for host in inventory.hosts(group) if host not in served]
        if idle and group not in inventory.misspellings():
            yield (
                f"Group {group} is unknown to the stack, so nothing would be deployed to {hosts_named(idle)}: put "
                f"{it_or_them(idle)} under {choices}, or list {group} in validate_inventory_other_groups."
            )
    # A controller that is listed for its variables needs no service.
    idle = [host for host in inventory.hosts("ungrouped") if host != "localhost"]
    if idle:
        yield (
            f"No group contains {hosts_named(idle)}, so nothing would be deployed there: put {it_or_them(idle)} "
            f"under {choices}, or remove {it_or_them(idle)}."
        )


def groups_without_majority(inventory: Inventory) -> Iterator[str]:
    for rule in inventory.rules:
        size = len(inventory.hosts(rule.name))
        if rule.quorum and size == 2:
            yield (
                f"Group {rule.name} has 2 hosts, so neither could tell its failure from the other's: "
                "use one host, or three for a cluster."
            )
        elif rule.quorum and size and size % 2 == 0:
            yield (
                f"Group {rule.name} has {size} hosts, which survive no more failures than {size - 1}: "
                f"use an odd number, {size - 1} or {size + 1}."
            )


def unbalanced_groups(inventory: Inventory) -> Iterator[str]:
    for rule in inventory.rules:
        size, balancer = len(inventory.hosts(rule.name)), rule.balanced_by
        if balancer is not None and size > 1 and not inventory.hosts(balancer):
            yield (
                f"Group {rule.name} has {size} hosts but group {balancer} has none to share the requests out: "
                f"list a host under {balancer}, or keep only one under {rule.name}."
            )


def groups_of_backups_only(inventory: Inventory) -> Iterator[str]:
    for rule in inventory.rules:
        marks = []
        for host in inventory.hosts(rule.name):
            try:
                marks.append(is_marked(host, inventory.hostvars[host], rule.backup_variable))
            except TopologyError as error:
                marks.append(False)
                yield str(error)
        if marks and all(marks):
            yield (
                f"Group {rule.name} has no host that serves in normal times, since {rule.backup_variable} is true "
                f"on all of them: remove {rule.backup_variable} from at least one."
            )


def hosts_without_address(inventory: Inventory) -> Iterator[str]:
    hosts_at: dict[str, list[str]] = defaultdict(list)
    for host in inventory.own_hosts():
        if not inventory.is_resolved(host, "stack_address", "ansible_host"):
            continue
        try:
            hosts_at[stack_address(host, inventory.hostvars[host])].append(host)
        except TopologyError as error:
            yield str(error)
    for address, hosts in hosts_at.items():
        if len(hosts) > 1:
            yield (
                f"The address {address} is given to {hosts_named(hosts)}: set a stack_address of its own on each, "
                "or make them one host that is in several groups."
            )


def unusable_common_addresses(inventory: Inventory) -> Iterator[str]:
    for rule in inventory.rules:
        variable, hosts = rule.common_address, inventory.hosts(rule.name)
        if variable is None or len(hosts) < 2:
            continue
        host_of: dict[object, str] = {}
        for host in hosts:
            if inventory.is_resolved(host, variable, *rule.common_prefix):
                host_of.setdefault(inventory.hostvars[host].get(variable), host)
        # A missing one is told as a setting that is not set.
        values = [value for value in host_of if value not in (None, "")]
        if len(values) > 1:
            yield (
                f"Variable {variable} differs between the hosts of group {rule.name}, which share that address: "
                "set it once for all of them."
            )
        elif values:
            yield from _common_address_problems(inventory, rule, values[0])


def _common_address_problems(inventory: Inventory, rule: GroupRule, value: object) -> Iterator[str]:
    variable = rule.common_address
    if not is_address(value):
        yield f"Variable {variable} is {str(value)!r}, which is no IP address: give a free literal address."
        return
    address = ip_address(str(value))
    addresses = {host: _address_or_none(inventory, host) for host in inventory.own_hosts()}
    holders = [host for host, taken in addresses.items() if taken is not None and ip_address(taken) == address]
    if holders:
        yield f"The address {address} is {variable} and that of {hosts_named(holders)} too: choose a free one."
    for prefix_variable, default in rule.common_prefix.items():
        for host in inventory.hosts(rule.name):
            own, prefix = addresses[host], inventory.hostvars[host].get(prefix_variable, default)
            network = None if own is None else ip_interface(f"{own}/{prefix}").network
            if network is not None and address not in network:
                yield (
                    f"The address {address} ({variable}) is not in the network {network} of host {host}: choose a free "
                    f"one there, or set {prefix_variable}."
                )


def _address_or_none(inventory: Inventory, host: str) -> str | None:
    if not inventory.is_resolved(host, "stack_address", "ansible_host"):
        return None
    try:
        return stack_address(host, inventory.hostvars[host])
    except TopologyError:
        return None


def ports_used_twice(inventory: Inventory) -> Iterator[str]:
    for host in inventory.own_hosts():
        variables_of: dict[int, list[str]] = defaultdict(list)
        for variable, default in _ports(inventory, host).items():
            if not inventory.is_resolved(host, variable):
                continue
            value = inventory.hostvars[host].get(variable, default)
            port = port_number(value)
            if port is None:
                yield f"Host {host}: {variable} is {value!r}, which is no port: set it to a number from 1 to 65535."
            else:
                variables_of[port].append(variable)
        for port, variables in variables_of.items():
            if len(variables) > 1:
                yield (
                    f"Host {host} would listen on port {port} {times(len(variables))}, by "
                    f"{enumeration(variables, 'and')}: set them to different ports, or use different hosts."
                )


def unresolved_variables(inventory: Inventory) -> Iterator[str]:
    hosts_of: dict[tuple[str, str], list[str]] = defaultdict(list)
    for host, reasons in inventory.unresolved.items():
        for variable, reason in reasons.items():
            hosts_of[variable, reason].append(host)
    for (variable, reason), hosts in hosts_of.items():
        yield f"Variable {variable} has no value on {hosts_named(hosts)}, because {reason}: define what it refers to."


def missing_settings(inventory: Inventory) -> Iterator[str]:
    for rule in inventory.rules:
        hosts = inventory.hosts(rule.name)
        for setting in rule.settings:
            without = [
                host
                for host in hosts
                if inventory.is_resolved(host, setting) and inventory.hostvars[host].get(setting) in (None, "")
            ]
            if without:
                where = groups_named([rule.name]) if len(without) == len(hosts) else hosts_named(without)
                yield f"Variable {setting} is not set for {where}: give it a value, since it has no default."


def weak_secrets(inventory: Inventory) -> Iterator[str]:
    remedy = f"set it to at least {inventory.secret_minimum_length} random characters, kept in a vault"
    for secret, groups in _groups_by_secret(inventory).items():
        hosts_by_weakness: dict[str, list[str]] = defaultdict(list)
        values: set[object] = set()
        hosts = list(dict.fromkeys(host for group in groups for host in inventory.hosts(group)))
        for host in hosts:
            if not inventory.is_resolved(host, secret):
                continue
            value = inventory.hostvars[host].get(secret)
            weakness = (
                "is not set" if value is None else secret_strength.weakness(value, inventory.secret_minimum_length)
            )
            if weakness is None:
                values.add(value)
            else:
                hosts_by_weakness[weakness].append(host)
        for weakness, weak_hosts in hosts_by_weakness.items():
            where = groups_named(groups) if weak_hosts == hosts else hosts_named(weak_hosts)
            yield f"Secret {secret} {weakness} for {where}: {remedy}."
        if len(values) > 1:
            yield (
                f"Secret {secret} differs between the hosts of {groups_named(groups)}, which must share it: "
                "set it once for all of them."
            )


def defective_archives(inventory: Inventory) -> Iterator[str]:
    variables_of: dict[str, dict[str, None]] = defaultdict(dict)
    for rule in inventory.rules:
        for host in inventory.hosts(rule.name):
            for variable, default in rule.archives.items():
                if inventory.is_resolved(host, variable):
                    path = str(inventory.hostvars[host].get(variable, default))
                    variables_of[realpath(path) if PurePath(path).is_absolute() else path][variable] = None
    for path, variables in variables_of.items():
        defect = release_archive.defect(path)
        if defect is not None:
            yield (
                f"Release archive {path} {defect}: make it with playbooks/build.yml, or set "
                f"{enumeration(list(variables), 'and')} to the absolute path of another."
            )


RULES: Sequence[Callable[[Inventory], Iterable[str]]] = (
    misspelt_groups,
    empty_groups,
    hosts_without_service,
    groups_without_majority,
    unbalanced_groups,
    groups_of_backups_only,
    hosts_without_address,
    unusable_common_addresses,
    ports_used_twice,
    unresolved_variables,
    missing_settings,
    weak_secrets,
    defective_archives,
)


def _ports(inventory: Inventory, host: str) -> dict[str, int]:
    """Collect the port variables of all services on a host, with their defaults."""
    return {
        variable: default
        for rule in inventory.rules
        if host in inventory.hosts(rule.name)
        for variable, default in rule.ports.items()
    }


def _groups_by_secret(inventory: Inventory) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for rule in inventory.rules:
        for secret in rule.secrets if inventory.hosts(rule.name) else ():
            groups[secret].append(rule.name)
    return groups
