"""Filters which decide about a Galera cluster; each is documented in the file of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.discordgym.stack.plugins.module_utils import galera as core


def galera_plan(nodes: core.Nodes, overrule: str = "") -> dict[str, Any]:
    try:
        return {**core.plan(nodes, overrule), "problem": ""}
    except core.GaleraError as error:
        return {"action": "", "seed": "", "members": [], "astray": [], "absent": [], "problem": str(error)}


def galera_most_advanced(nodes: core.Nodes, overrule: str = "") -> dict[str, str]:
    try:
        return {"host": core.most_advanced(nodes, overrule), "problem": ""}
    except core.GaleraError as error:
        return {"host": "", "problem": str(error)}


class FilterModule:
    """Name the filters for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "galera_most_advanced": galera_most_advanced,
            "galera_plan": galera_plan,
            "galera_restart_order": core.restart_order,
        }
