"""Many drills: the index of all that were done, and the table of a suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .drill_verdict import INCONCLUSIVE, VERDICTS, span
from .status_table import NOTHING, aligned


Entry = Mapping[str, Any]

SUITE_TITLES = ("TARGET", "FAULT", "VERDICT", "FAILED", "LOST", "DUPLICATED", "LONGEST", "OUTAGE", "ADDRESS AWAY")


def entry(report: Mapping[str, Any]) -> dict[str, Any]:
    """Tell a drill in one line of the index."""
    measured = {objective["name"]: objective["measured"] for objective in report["objectives"]}
    told = {name: report[name] for name in ("id", "started", "inventory", "target", "fault", "verdict")}
    return told | {
        "failed": measured["failed"],
        "lost": measured["lost"],
        "duplicated": measured["duplicated"],
        "longest_seconds": measured["longest_seconds"],
        "outage_seconds": measured["outage_seconds"],
        "vip_outage_seconds": measured["vip_outage_seconds"],
        "path": f"{report['id']}/report.html",
        "revision": report["revision"],
    }


def index(entries: Sequence[Entry], report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the drills with this one, the newest first; one that is judged again takes its old place."""
    others = [dict(known) for known in entries if known["id"] != report["id"]]
    return sorted([*others, entry(report)], key=lambda known: (known["started"], known["id"]), reverse=True)


def suite_table(entries: Sequence[Entry]) -> str:
    """Tell the drills of a suite in the order they were done."""
    rows = [
        (
            str(drill["target"]),
            str(drill["fault"]),
            str(drill["verdict"]),
            _count(drill.get("failed")),
            _count(drill.get("lost")),
            _count(drill.get("duplicated")),
            _milliseconds(drill.get("longest_seconds")),
            span(drill.get("outage_seconds")),
            span(drill.get("vip_outage_seconds")),
        )
        for drill in entries
    ]
    if all(drill.get("vip_outage_seconds") is None for drill in entries):
        return "\n".join(aligned([line[:-1] for line in (SUITE_TITLES, *rows)]))
    return "\n".join(aligned([SUITE_TITLES, *rows]))


def suite_verdict(entries: Sequence[Entry]) -> str:
    """Tell the worst verdict; a suite without drills proves nothing."""
    return max((str(drill["verdict"]) for drill in entries), key=VERDICTS.index, default=INCONCLUSIVE)


def _count(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def _milliseconds(seconds: float | None) -> str:
    return NOTHING if seconds is None else f"{1000 * seconds:.0f} ms"
