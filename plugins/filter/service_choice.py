"""The filter which understands a person's choice of services; documented in the file of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.discordgym.stack.plugins.module_utils import service_choice as core


def service_choice(known: Sequence[str], requested: str) -> dict[str, Any]:
    try:
        return {"services": core.chosen_services(known, requested), "problem": ""}
    except core.ChoiceError as error:
        return {"services": [], "problem": str(error)}


class FilterModule:
    """Name the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"service_choice": service_choice}
