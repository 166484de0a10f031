"""What a drill proves: its objectives, what speaks against the proof, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .drill_record import Context, DrillError, Marks, Record, Request, marks_of
from .drill_windows import (
    GRACE_SECONDS,
    LATE_SECONDS,
    Ledger,
    Outage,
    Window,
    clean_seconds,
    late,
    later_spike,
    longest,
    outage,
    reconnect_seconds,
    return_seconds,
    unreachable_seconds,
    windows,
)
from .wording import enumeration


PASSED, DEVIATED, INCONCLUSIVE, ABORTED = "passed", "deviated", "inconclusive", "aborted"
# From the best to the worst.
VERDICTS = (PASSED, DEVIATED, INCONCLUSIVE, ABORTED)

# A probe that is late more often, or sends less, has its own trouble in its figures.
LATE_SHARE = 0.01
SENT_SHARE = 0.95
# Epoch seconds are written with as many digits.
DIGITS = 6


@dataclass(frozen=True)
class Drill:
    """A drill with its requests sorted into windows."""

    context: Context
    record: Record
    marks: Marks
    windows: Mapping[str, Window]
    ledger: Ledger | None

    def usual(self) -> float | None:
        """Tell the latency that the baseline hardly exceeds."""
        return self.windows["baseline"].percentile(99)

    def affected(self) -> list[Request]:
        """List the requests that the fault or the healing could reach."""
        return [*self.windows["fault"].requests, *self.windows["recovery"].requests]

    def judged(self) -> list[Request]:
        """List the requests of all windows."""
        return [request for window in self.windows.values() for request in window.requests]

    def outage(self) -> Outage | None:
        """Find the time in which requests failed."""
        return outage(self.affected(), self.marks.end)


def drill(context: Context, record: Record, stored: Mapping[str, int] | None) -> Drill:
    """Sort what a drill left behind."""
    marks = marks_of(context.reached, record.requests)
    acknowledged = [request.id for request in record.requests if request.acknowledged]
    return Drill(
        context=context,
        record=record,
        marks=marks,
        windows=windows(record.requests, marks),
        ledger=None if stored is None else Ledger(acknowledged, stored),
    )


@dataclass(frozen=True)
class Kind:
    """A kind of objective: its name, its words, and how it is measured (nothing where that cannot be)."""

    name: str
    title: str
    unit: str
    measure: Callable[[Drill], float | None]


def _failed(drill: Drill) -> float | None:
    affected = drill.affected()
    return sum(request.failed for request in affected) if affected else None


def _lost(drill: Drill) -> float | None:
    return None if drill.ledger is None else len(drill.ledger.lost())


def _duplicated(drill: Drill) -> float | None:
    return None if drill.ledger is None else len(drill.ledger.duplicated())


def _over_baseline(drill: Drill) -> float | None:
    most, usual = longest(drill.affected()), drill.usual()
    return None if most is None or usual is None else most - usual


def _clean(drill: Drill) -> float | None:
    usual = drill.usual()
    return None if usual is None else clean_seconds(drill.affected(), drill.marks.heal, usual)


def _outage(drill: Drill) -> float | None:
    if not drill.affected():
        return None
    outage = drill.outage()
    return outage.seconds if outage else 0.0


def _return(drill: Drill) -> float | None:
    if not drill.context.backends or "healed" not in drill.context.reached:
        return None
    return return_seconds(drill.affected(), drill.context.backends, drill.marks)


def _reconnect(drill: Drill) -> float | None:
    held = (drill.record.live or {}).get("websocket")
    return None if held is None else reconnect_seconds(held.reconnections, drill.marks.fault)


def _missed(drill: Drill) -> float | None:
    live = drill.record.live
    return None if live is None else sum(len(client.missed) for client in live.values())


def _repeated(drill: Drill) -> float | None:
    return sum(request.attempts > 1 for request in drill.affected())


KINDS = (
    Kind("failed", "Failed requests", "requests", _failed),
    Kind("lost", "Acknowledged writes lost", "writes", _lost),
    Kind("duplicated", "Writes stored twice", "writes", _duplicated),
    Kind("longest_seconds", "Longest answer", "seconds", lambda drill: longest(drill.affected())),
    Kind("over_baseline_seconds", "Longest over the usual", "seconds", _over_baseline),
    Kind(
        "later_spike_seconds",
        "Longest once settled",
        "seconds",
        lambda drill: later_spike(drill.windows["fault"].requests, drill.marks),
    ),
    Kind("clean_seconds", "All well after the heal", "seconds", _clean),
    Kind("outage_seconds", "Outage", "seconds", _outage),
    Kind("return_seconds", "Target serves again", "seconds", _return),
    Kind("reconnect_seconds", "Live connection back", "seconds", _reconnect),
    Kind("missed_messages", "Live messages missed", "messages", _missed),
    Kind("repeated", "Requests sent twice", "requests", _repeated),
    Kind(
        "vip_outage_seconds",
        "Address unreachable",
        "seconds",
        lambda drill: unreachable_seconds(drill.record.knocks, drill.marks),
    ),
    Kind("members_away", "Members not back", "members", lambda drill: len(drill.context.away)),
)


@dataclass(frozen=True)
class Objective:
    """What was measured, and what was asked for; no limit judges nothing."""

    kind: Kind
    limit: float | None
    measured: float | None

    @property
    def met(self) -> bool | None:
        """Whether it was met, or nothing where it is not judged."""
        if self.limit is None or self.measured is None:
            return None
        return self.measured <= self.limit


def objectives(drill: Drill) -> list[Objective]:
    """Measure everything, and hold it against the limits that were given."""
    known = [kind.name for kind in KINDS]
    unknown = sorted(drill.context.limits.keys() - set(known))
    if unknown:
        raise DrillError(f"No such objective: {', '.join(unknown)}. The objectives are {enumeration(known, 'and')}.")
    return [Objective(kind, drill.context.limits.get(kind.name), _rounded(kind.measure(drill))) for kind in KINDS]


def _rounded(measured: float | None) -> float | None:
    return measured if measured is None or isinstance(measured, int) else round(measured, DIGITS)


def doubts(drill: Drill) -> list[str]:
    """Tell everything that keeps the drill from proving anything."""
    return [doubt for rule in RULES for doubt in rule(drill)]


def unfinished_probe(drill: Drill) -> Iterator[str]:
    if drill.record.live is None:
        yield "The probe did not come to its end, so its record is incomplete: see what it printed."


def empty_windows(drill: Drill) -> Iterator[str]:
    empty = [window.name for window in drill.windows.values() if not window.requests]
    if empty:
        yield f"No request was due in the window{'s' * (len(empty) > 1)} {enumeration(empty, 'and')}: nothing was seen."


def late_probe(drill: Drill) -> Iterator[str]:
    requests = drill.judged()
    if late(requests) > LATE_SHARE * len(requests):
        yield (
            f"The probe sent {late(requests)} of {len(requests)} requests over {LATE_SECONDS} s late, more than "
            f"{LATE_SHARE:.0%}: run the drill again while its machine is less busy."
        )


def thin_windows(drill: Drill) -> Iterator[str]:
    for window in drill.windows.values():
        wanted = drill.context.rate * window.seconds
        # The borders of a window cut off up to one request.
        if window.requests and len(window.requests) + 1 < SENT_SHARE * wanted:
            yield (
                f"The probe sent {len(window.requests)} of {wanted:.0f} requests in the window {window.name}, less "
                f"than {SENT_SHARE:.0%}: run the drill again while its machine is less busy."
            )


def failed_baseline(drill: Drill) -> Iterator[str]:
    baseline = drill.windows["baseline"]
    failures = baseline.failures()
    if failures:
        kinds = ", ".join(f"{name} x {count}" for name, count in failures.most_common())
        yield (
            f"{failures.total()} of {len(baseline.requests)} requests failed before the fault ({kinds}): "
            "mend the service first."
        )


def unread_ledger(drill: Drill) -> Iterator[str]:
    if drill.ledger is None:
        yield "The database could not be asked what it stored, so nobody knows whether writes were lost."


def fault_without_effect(drill: Drill) -> Iterator[str]:
    if not drill.context.held:
        return
    since = drill.marks.effective + GRACE_SECONDS
    for host in drill.context.backends:
        served = [r for r in drill.windows["fault"].requests if r.backend == host and r.scheduled >= since]
        good = sum(not request.failed for request in served)
        if good:
            yield f"{host} answered {good} requests while it was meant to be away: the fault had no effect."


RULES: tuple[Callable[[Drill], Iterator[str]], ...] = (
    unfinished_probe,
    empty_windows,
    late_probe,
    thin_windows,
    failed_baseline,
    unread_ledger,
    fault_without_effect,
)


def verdict(drill: Drill, judged: Sequence[Objective]) -> tuple[str, list[str]]:
    """Judge a drill, and say why it did not pass; what cannot be proven is told before what was missed."""
    missed = [missed_sentence(objective) for objective in judged if objective.met is False]
    if any(objective.met is False and objective.kind.name == "members_away" for objective in judged):
        missed.extend(f"{complaint}." for complaint in drill.context.away)
    if drill.context.aborted:
        return ABORTED, [drill.context.aborted, *missed]
    doubtful = doubts(drill)
    if doubtful:
        return INCONCLUSIVE, [*doubtful, *missed]
    return (DEVIATED, missed) if missed else (PASSED, [])


def missed_sentence(objective: Objective) -> str:
    """Tell by how much an objective was missed."""
    if objective.measured is None or objective.limit is None:
        raise ValueError("An objective that was not judged was not missed.")
    return (
        f"{objective.kind.title}: {quantity(objective.measured, objective.kind.unit)}, "
        f"but at most {quantity(objective.limit, objective.kind.unit)}."
    )


def quantity(value: float | None, unit: str) -> str:
    """Tell a measured value as people read it."""
    if value is None:
        return "-"
    if math.isinf(value):
        return "never"
    return span(value) if unit == "seconds" else f"{value:,.0f}"


def span(seconds: float | None) -> str:
    """Tell a short time in the unit that suits it."""
    if seconds is None:
        return "-"
    if abs(seconds) >= 1:
        return f"{seconds:.2f} s"
    return f"{1000 * seconds:.1f} ms" if 0 < abs(seconds) < 0.01 else f"{1000 * seconds:.0f} ms"
