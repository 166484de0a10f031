"""A drill on one screen of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from .drill_verdict import ABORTED, DEVIATED, INCONCLUSIVE, PASSED, quantity, span
from .status_table import NOTHING, aligned


Report = Mapping[str, Any]

LINES, COLUMNS = 24, 100
TICK, CROSS, DASH = "✓", "✗", "-"
SIGNS = {PASSED: TICK, DEVIATED: CROSS, INCONCLUSIVE: "?", ABORTED: "!"}
WINDOW_TITLES = {"baseline": "before", "fault": "during", "recovery": "after"}


def summary(report: Report) -> str:
    """Tell a drill on one screen; what does not fit is in the report."""
    first = f"{SIGNS[report['verdict']]} {report['verdict'].upper()}: {report['headline']}"
    facts = [
        "",
        *aligned(list(_windows(report))),
        "",
        *_served(report),
        f"ledger  {_ledger(report['ledger'])}",
        f"live    {_live(report['live'])}",
        "",
        *_objectives(report["objectives"]),
        "",
        f"report  reports/{report['id']}/report.html",
    ]
    # What a drill that deviated missed, its objectives say below.
    reasons = [] if report["verdict"] == DEVIATED else report["reasons"]
    above = _wrapped([first], 2) + _wrapped(reasons, LINES - len(facts) - 2)
    return "\n".join(_cut(line) for line in above + facts)


def _wrapped(sentences: Sequence[str], lines: int) -> list[str]:
    """Break sentences into at most so many lines."""
    wrapped = [line for sentence in sentences for line in textwrap.wrap(sentence, COLUMNS, subsequent_indent="  ")]
    if len(wrapped) <= lines:
        return wrapped
    return [*wrapped[: lines - 1], "  … (the rest is in the report)"]


def _cut(line: str) -> str:
    return line if len(line) <= COLUMNS else f"{line[: COLUMNS - 1]}…"


def _windows(report: Report) -> Iterator[Sequence[str]]:
    yield ("", "REQUESTS", "FAILED", "P50", "P99", "LONGEST")
    for window in report["windows"]:
        yield (
            WINDOW_TITLES[window["name"]],
            str(window["requests"]),
            str(window["failed"]),
            span(window["p50"]),
            span(window["p99"]),
            span(window["longest"]),
        )


def _served(report: Report) -> list[str]:
    lines = [(f"served {WINDOW_TITLES[window['name']]}", shares(window["served"])) for window in report["windows"]]
    return aligned(lines)


def shares(served: Mapping[str, int]) -> str:
    """Tell who served how much, as in `api-1 52 %, api-2 48 %`."""
    total = sum(served.values())
    return ", ".join(f"{name or '(nameless)'} {_percent(n / total)}" for name, n in served.items()) or NOTHING


def _percent(share: float) -> str:
    return "<1 %" if share < 0.005 else f"{100 * share:.0f} %"


def _ledger(ledger: Mapping[str, Any] | None) -> str:
    if ledger is None:
        return "could not be read"
    return (
        f"{ledger['acknowledged']:,} writes acknowledged: {len(ledger['lost'])} lost, "
        f"{len(ledger['duplicated'])} duplicated; {len(ledger['unacknowledged'])} stored without an answer"
    )


def _live(live: Mapping[str, Any] | None) -> str:
    if live is None:
        return "unknown"
    return "; ".join(f"{name} {_live_client(client)}" for name, client in live["clients"].items()) or NOTHING


def _live_client(client: Mapping[str, Any]) -> str:
    told = f"{client['received']} of {client['sent']} messages"
    lost = client["reconnects"]
    if not lost:
        return told
    if any(entry["back_at"] is None for entry in lost):
        return f"{told}, lost and never back"
    return f"{told}, back after {span(max(entry['back_at'] - entry['lost_at'] for entry in lost))}"


def measured(objective: Mapping[str, Any]) -> str:
    """Tell what an objective measured; something that was missed without a measure never happened."""
    if objective["measured"] is None and objective["met"] is False:
        return "never"
    return quantity(objective["measured"], objective["unit"])


def _objectives(objectives: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lay the judged objectives out in two columns."""
    signs = {True: TICK, False: CROSS, None: DASH}
    cells = [
        (
            f"{signs[objective['met']]} {objective['title']}",
            f"{measured(objective)} (≤ {quantity(objective['limit'], objective['unit'])})",
        )
        for objective in objectives
        if objective["limit"] is not None
    ] or [("no objectives", "")]
    half = -(-len(cells) // 2)
    return aligned([(*left, *right) for left, right in zip_longest(cells[:half], cells[half:], fillvalue=("", ""))])
