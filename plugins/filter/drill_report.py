"""Filters which judge a drill and put it into words; each is documented in the file of its name."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.discordgym.stack.plugins.module_utils import drill_index as index
from ansible_collections.discordgym.stack.plugins.module_utils import drill_report as core
from ansible_collections.discordgym.stack.plugins.module_utils.drill_junit import junit
from ansible_collections.discordgym.stack.plugins.module_utils.drill_record import DrillError
from ansible_collections.discordgym.stack.plugins.module_utils.drill_summary import summary


def drill_report(folder: str, context: Mapping[str, Any], ledger: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        return core.report(Path(folder), context, ledger, now=time.time())
    except DrillError as error:
        raise AnsibleFilterError(f"The drill in {folder} cannot be judged. {error}") from error


def drill_summary(report: Mapping[str, Any]) -> str:
    return summary(report)


def drill_junit(report: Mapping[str, Any]) -> str:
    return junit(report)


def drill_index(entries: Sequence[Mapping[str, Any]], report: Mapping[str, Any]) -> list[dict[str, Any]]:
    return index.index(entries, report)


def drill_suite(entries: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {"table": index.suite_table(entries), "verdict": index.suite_verdict(entries)}


class FilterModule:
    """Name the filters for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "drill_index": drill_index,
            "drill_junit": drill_junit,
            "drill_report": drill_report,
            "drill_suite": drill_suite,
            "drill_summary": drill_summary,
        }
