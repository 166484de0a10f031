"""The report of a drill, from which every figure can be computed again: docs/drill-report.schema.json."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from . import drill_verdict as judge
from . import drill_windows as arithmetic
from .drill_plan import SITE
from .drill_record import COLUMNS, KNOCK_COLUMNS, MARKS, LiveClient, backends, read_context, read_ledger, read_record


SCHEMA = 2
WHAT_HAPPENED = {
    "kill": "killed (SIGKILL)",
    "stop": "stopped",
    "restart": "restarted",
    "hang": "frozen (SIGSTOP)",
    "partition": "cut off from the network",
    "host_down": "switched off with its host",
    "error": "made to answer 503",
    "freeze_all": "frozen for a moment, all members at once",
    "repeat_kill": "killed again and again, in turn",
}


def report(folder: Path, context: Mapping[str, Any], ledger: Mapping[str, Any] | None, now: float) -> dict[str, Any]:
    """Tell all that is known of a drill; `now` dates one that was aborted before it began."""
    drill = judge.drill(read_context(context), read_record(folder), read_ledger(ledger))
    judged = judge.objectives(drill)
    verdict, reasons = judge.verdict(drill, judged)
    told = drill.context
    values = attrgetter(*COLUMNS)
    return {
        "schema": SCHEMA,
        "id": told.id,
        "started": _moment(min(told.reached.values(), default=now)),
        "inventory": told.inventory,
        "target": told.target,
        "hosts": list(told.hosts),
        "broken_backends": list(told.backends),
        "service": told.service,
        "fault": told.fault,
        "single": told.single,
        "held": told.held,
        "rate": told.rate,
        "service_seconds": told.service_seconds,
        "verdict": verdict,
        "headline": headline(drill, verdict, judged),
        "reasons": reasons,
        "aborted": told.aborted,
        "away": list(told.away),
        "objectives": [_objective(objective) for objective in judged],
        "marks": {name: told.reached.get(name) for name in MARKS},
        "windows": [_window(window, told.rate) for window in drill.windows.values()],
        "outage": _outage(drill.outage()),
        "ledger": _ledger(drill.ledger),
        "live": _live(drill),
        "probe": {
            "run_id": drill.record.run_id,
            "processor_seconds": drill.record.processor_seconds,
            "late": arithmetic.late(drill.judged()),
        },
        "constants": {
            "settle_seconds": arithmetic.SETTLE_SECONDS,
            "slow_seconds": arithmetic.SLOW_SECONDS,
            "grace_seconds": arithmetic.GRACE_SECONDS,
            "late_seconds": arithmetic.LATE_SECONDS,
            "late_share": judge.LATE_SHARE,
            "sent_share": judge.SENT_SHARE,
        },
        "backends": backends(drill.record.requests, told.backends),
        "versions": dict(told.versions),
        "service_versions": dict(told.service_versions),
        "revision": told.revision,
        "hosts_total": told.hosts_total,
        "requests": {"columns": list(COLUMNS), "rows": [list(values(request)) for request in drill.record.requests]},
        "knocks": {
            "columns": list(KNOCK_COLUMNS),
            "rows": [[knock.scheduled, knock.seconds, knock.error] for knock in drill.record.knocks],
        },
    }


def headline(drill: judge.Drill, verdict: str, judged: Sequence[judge.Objective]) -> str:
    """Tell the outcome in one sentence."""
    told = drill.context
    several = len(told.hosts) > 1 and told.service != SITE
    what = f"{told.target} {'were' if several else 'was'} {WHAT_HAPPENED.get(told.fault, told.fault)}"
    affected = drill.affected()
    if verdict == judge.ABORTED:
        return f"The drill was aborted: {told.target}, {told.fault}."
    if verdict == judge.INCONCLUSIVE:
        return f"{what}, but that proved nothing."
    outage = drill.outage()
    failed = sum(request.failed for request in affected)
    if outage:
        return f"{what}, and {failed:,} of {len(affected):,} requests failed within {judge.span(outage.seconds)}."
    longest = judge.span(arithmetic.longest(affected))
    if verdict == judge.DEVIATED:
        missed = ", ".join(objective.kind.title.lower() for objective in judged if objective.met is False)
        return f"{what}; no request failed, but beyond the limit: {missed}."
    repeated = sum(request.attempts > 1 for request in affected)
    if repeated:
        fared = f"none of {len(affected):,} requests failed, but {repeated:,} had to be sent twice"
        return f"{what}, and {fared}; the longest took {longest}."
    if arithmetic.clean_seconds(affected, drill.marks.fault, drill.usual() or 0.0):
        return f"{what}, and none of {len(affected):,} requests failed, but the longest took {longest}."
    return f"{what}, and nobody noticed: none of {len(affected):,} requests failed, the longest took {longest}."


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _objective(objective: judge.Objective) -> dict[str, Any]:
    measured = objective.measured
    return {
        "name": objective.kind.name,
        "title": objective.kind.title,
        "unit": objective.kind.unit,
        "limit": _whole(objective.limit, objective.kind.unit),
        # JSON knows no endless number: what never happened has no measure, but is judged.
        "measured": None if measured is None or math.isinf(measured) else _whole(measured, objective.kind.unit),
        "met": objective.met,
    }


def _whole(value: float | None, unit: str) -> float | None:
    return value if value is None or unit == "seconds" or value != int(value) else int(value)


def _window(window: arithmetic.Window, rate: float) -> dict[str, Any]:
    return {
        "name": window.name,
        "begin": window.begin,
        "end": window.end,
        "expected": round(rate * window.seconds),
        "requests": len(window.requests),
        "reads": sum(request.kind == "read" for request in window.requests),
        "writes": sum(request.kind == "write" for request in window.requests),
        "failed": len(window.failed()),
        "failures": dict(window.failures().most_common()),
        "late": window.late(),
        **{f"p{percent}": window.percentile(percent) for percent in arithmetic.PERCENTILES},
        "longest": window.longest(),
        "served": dict(sorted(window.served().items())),
    }


def _outage(outage: arithmetic.Outage | None) -> dict[str, Any] | None:
    if outage is None:
        return None
    return {"begin": outage.begin, "end": outage.end, "seconds": round(outage.seconds, judge.DIGITS)}


def _ledger(ledger: arithmetic.Ledger | None) -> dict[str, Any] | None:
    if ledger is None:
        return None
    return {
        "acknowledged": len(ledger.acknowledged),
        "lost": ledger.lost(),
        "duplicated": ledger.duplicated(),
        "unacknowledged": ledger.unacknowledged(),
        "stored": dict(ledger.stored),
    }


def _live(drill: judge.Drill) -> dict[str, Any] | None:
    live = drill.record.live
    if live is None:
        return None
    return {
        "clients": {name: _live_client(client) for name, client in live.items()},
        "events": [dict(event) for event in drill.record.events],
    }


def _live_client(client: LiveClient) -> dict[str, Any]:
    return {
        "sent": client.sent,
        "received": client.received,
        "missed": list(client.missed),
        "reconnects": [
            {"lost_at": entry.lost_at, "back_at": entry.back_at, "from": entry.origin, "to": entry.to}
            for entry in client.reconnections
        ],
    }
