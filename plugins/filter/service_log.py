"""The filter which puts logs of several hosts in order; documented in the file of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.discordgym.stack.plugins.module_utils.service_log import merged_hosts


class FilterModule:
    """Name the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"merged_logs": merged_hosts}
