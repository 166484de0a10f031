"""Filters which read the stack's topology from the inventory; each is documented in the file of its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from ansible.errors import AnsibleFilterError
from ansible_collections.discordgym.stack.plugins.module_utils import topology


P = ParamSpec("P")
R = TypeVar("R")


def _telling_templates(function: Callable[P, R]) -> Callable[P, R]:
    """Turn the core's errors into those which Ansible shows together with the template's place."""

    @wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except topology.TopologyError as error:
            raise AnsibleFilterError(str(error)) from error

    return told


@_telling_templates
def stack_address(variables: topology.HostVariables) -> str:
    return topology.stack_address(variables["inventory_hostname"], variables)


class FilterModule:
    """Name the filters for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "group_addresses": _telling_templates(topology.group_addresses),
            "stack_address": stack_address,
            "upstream_servers": _telling_templates(topology.upstream_servers),
        }
