"""Follow a host's service logs: no connection of Ansible streams, so the module is asked again and again."""

from __future__ import annotations

import time
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.discordgym.stack.plugins.module_utils.service_log import shown


SECONDS_BETWEEN_READINGS = 1.0

display = Display()


class ActionModule(ActionBase):
    """Run the module once, or until interrupted."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Answer Ansible."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        arguments = dict(self._task.args)
        follow = boolean(arguments.get("follow", False))
        limit = arguments.get("follow_seconds")
        end = time.monotonic() + float(limit) if limit is not None else float("inf")

        result = self._read(arguments, variables)
        while follow and not result.get("failed"):
            for line in result.pop("lines"):
                display.display(shown(variables["inventory_hostname"], line))
            if time.monotonic() >= end:
                return result | {"lines": []}
            time.sleep(SECONDS_BETWEEN_READINGS)
            result = self._read(arguments | {"position": result["position"]}, variables)
        return result

    def _read(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(
            module_name="discordgym.stack.service_log", module_args=arguments, task_vars=variables
        )
        return result
