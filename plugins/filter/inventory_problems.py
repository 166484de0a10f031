"""The filter which tells what is wrong with an inventory; documented in the file of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.discordgym.stack.plugins.module_utils.inventory_rules import GroupRule, Inventory, problems
from ansible_collections.discordgym.stack.plugins.module_utils.topology import Groups, HostVariables
from jinja2 import Undefined, UndefinedError


def inventory_problems(
    groups: Groups,
    hostvars: Mapping[str, HostVariables],
    rules: Sequence[Mapping[str, Any]],
    other_groups: Sequence[str] = (),
    secret_minimum_length: int = 16,
) -> list[str]:
    try:
        group_rules = [GroupRule(**rule).among(groups) for rule in rules]
    except TypeError as error:
        raise AnsibleFilterError(f"inventory_problems: a rule has a key too many or too few: {error}") from error

    values: dict[str, dict[str, Any]] = {}
    unresolved: dict[str, dict[str, str]] = {}
    wanted: dict[str, list[str]] = {}
    for rule in group_rules:
        for host in groups.get(rule.name, ()):
            wanted.setdefault(host, []).extend(rule.variables())
    for host, names in wanted.items():
        values[host], unresolved[host] = _resolve(hostvars[host], names)

    return problems(Inventory(groups, values, group_rules, unresolved, other_groups, secret_minimum_length))


def _resolve(variables: HostVariables, names: Iterable[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Look the named variables up; one that refers to an undefined one must not hide the other problems."""
    values: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for name in dict.fromkeys(names):
        if name not in variables:
            continue
        value = variables[name]
        if isinstance(value, Undefined):
            reasons[name] = _reason(value)
        else:
            values[name] = value
    return values, reasons


def _reason(undefined: Undefined) -> str:
    """Have an undefined value tell what it misses, which it does only when it is used."""
    try:
        return str(undefined)
    except UndefinedError as error:
        return str(error)


class FilterModule:
    """Name the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"inventory_problems": inventory_problems}
