"""The filter which judges a drill; documented in the file of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.discordgym.stack.plugins.module_utils import continuity as core
from ansible_collections.discordgym.stack.plugins.module_utils.status_table import aligned


def continuity(results: Iterable[Mapping[str, Any]], fault: Mapping[str, Any]) -> dict[str, Any]:
    moments = {name: float(value) for name, value in fault.items() if name != "target"}
    answers = sorted((core.answer(result) for result in results), key=lambda answer: answer.sent)
    record = core.Record(answers, core.Fault(target=fault["target"], **moments))
    return {
        "requests": len(answers),
        "objections": core.objections(record),
        "report": "\n".join(aligned([(f"{title}:", text) for title, text in core.report(record)])),
    }


class FilterModule:
    """Name the filter for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"continuity": continuity}
