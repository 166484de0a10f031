"""The filter which plans a drill; documented in the file of its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ansible_collections.discordgym.stack.plugins.module_utils import drill_plan as core
from ansible_collections.discordgym.stack.plugins.module_utils.topology import Groups, HostVariables


def drill_plan(
    target: str,
    fault: str,
    groups: Groups,
    hostvars: Mapping[str, HostVariables],
    ready: Collection[str],
    complaints: Sequence[str],
) -> dict[str, Any]:
    try:
        return core.make_plan(groups, hostvars, target, fault, ready, complaints).as_dict() | {"problem": ""}
    except core.PlanError as error:
        return {"problem": str(error)}


class FilterModule:
    """Name the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"drill_plan": drill_plan}
