"""The figures of load balancers in the same drills: what each drill showed, the table, and who was worse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.discordgym.stack.plugins.module_utils import drill_verdict as judge
from ansible_collections.discordgym.stack.plugins.module_utils.drill_record import read_context, read_record
from ansible_collections.discordgym.stack.plugins.module_utils.status_table import aligned


OURS = "ours"
# What must not be worse than any peer's.
FAILURES = ("failed", "lost", "duplicated")
# wrk tells errors only if there were any.
RATE = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
BAD_ANSWERS = re.compile(r"^\s*Non-2xx or 3xx responses: (\d+)$", re.MULTILINE)
BROKEN = re.compile(r"^\s*Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """A way to break hosts; `order` is what the drill's program is told, nothing where the host itself goes down."""

    name: str
    hosts: Sequence[str]
    order: Sequence[str] = ()

    @property
    def hold(self) -> bool:
        """Whether a killed service stays down until it is healed."""
        return "--hold" in self.order


@dataclass(frozen=True)
class Outcome:
    """What the users of one load balancer noticed of one fault, and what speaks against the figures."""

    fault: str
    load_balancer: str
    requests: int
    failed: int
    failed_reads: int
    failed_writes: int
    lost: int
    duplicated: int
    longest_seconds: float
    doubts: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True)
class Throughput:
    """What wrk got out of a URL."""

    requests_per_second: float
    errors: int

    def __add__(self, other: Throughput) -> Throughput:
        """Tell what both got at the same time."""
        return Throughput(self.requests_per_second + other.requests_per_second, self.errors + other.errors)


def outcome(
    folder: Path,
    fault: Fault,
    load_balancer: str,
    rate: float,
    marks: Mapping[str, float],
    stored: Mapping[str, int],
) -> Outcome:
    """Judge one load balancer's part of a drill by what its probe wrote and by what the database holds.

    Raises ValueError where there is nothing to judge.
    """
    context = read_context(
        {
            "id": fault.name,
            "inventory": "ha",
            "target": ",".join(fault.hosts),
            "hosts": fault.hosts,
            "backends": fault.hosts,
            "service": "api",
            "fault": fault.name,
            "hold": fault.hold,
            "rate": rate,
            "marks": marks,
        }
    )
    drill = judge.drill(context, read_record(folder), stored)
    affected = drill.affected()
    if not affected:
        raise ValueError(f"{load_balancer} was sent no request while {fault.name} lasted.")
    measured = {objective.kind.name: objective.measured or 0 for objective in judge.objectives(drill)}
    failed = [request for request in affected if request.failed]
    return Outcome(
        fault=fault.name,
        load_balancer=load_balancer,
        requests=len(affected),
        failed=int(measured["failed"]),
        failed_reads=sum(request.kind == "read" for request in failed),
        failed_writes=sum(request.kind == "write" for request in failed),
        lost=int(measured["lost"]),
        duplicated=int(measured["duplicated"]),
        longest_seconds=measured["longest_seconds"],
        doubts=judge.doubts(drill),
    )


def throughput(printed: str) -> Throughput:
    """Read what wrk printed; raises ValueError where it tells no rate."""
    rate = RATE.search(printed)
    if rate is None:
        raise ValueError(f"wrk told no rate:\n{printed}")
    counts = [
        int(count)
        for found in (BAD_ANSWERS.search(printed), BROKEN.search(printed))
        if found
        for count in found.groups()
    ]
    return Throughput(float(rate[1]), sum(counts))


def table(outcomes: Sequence[Outcome], through: Mapping[str, Throughput], directly: Throughput) -> str:
    """Put the load balancers side by side, in the order in which they were measured."""
    names = list(through)
    rows = [("", "", *names)]
    for fault in dict.fromkeys(outcome.fault for outcome in outcomes):
        cells = [_cells(_the(outcomes, fault, name)) for name in names]
        titles = ("failed (GET + POST)", "lost", "duplicated", "longest answer")
        for number, (title, *values) in enumerate(zip(titles, *cells, strict=True)):
            rows.append(("" if number else fault, title, *values))
    rates = [measured.requests_per_second for measured in through.values()]
    rows.append(("throughput", "requests/s", *(f"{rate:,.0f}" for rate in rates)))
    rows.append(("", "of the primaries'", *(f"{rate / directly.requests_per_second:.0%}" for rate in rates)))
    return "\n".join(aligned(rows))


def _the(outcomes: Sequence[Outcome], fault: str, load_balancer: str) -> Outcome:
    return next(one for one in outcomes if (one.fault, one.load_balancer) == (fault, load_balancer))


def _cells(measured: Outcome) -> tuple[str, ...]:
    split = f" ({measured.failed_reads} + {measured.failed_writes})" if measured.failed else ""
    doubtful = " ?" if measured.doubts else ""
    return (
        f"{measured.failed}{split}{doubtful}",
        str(measured.lost),
        str(measured.duplicated),
        judge.span(measured.longest_seconds),
    )


def notes(outcomes: Sequence[Outcome], through: Mapping[str, Throughput]) -> Iterator[str]:
    """Tell what speaks against the figures."""
    for measured in outcomes:
        yield from (f"? {measured.load_balancer}, {measured.fault}: {doubt}" for doubt in measured.doubts)
    for name, rate in through.items():
        if rate.errors:
            yield f"{name}, throughput: {rate.errors} requests failed."


def defeats(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Tell each figure in which a peer failed less than ours."""
    for ours in (one for one in outcomes if one.load_balancer == OURS):
        for peer in (one for one in outcomes if one.fault == ours.fault and one.load_balancer != OURS):
            for figure in FAILURES:
                mine, theirs = getattr(ours, figure), getattr(peer, figure)
                if mine > theirs:
                    yield f"{ours.fault}: {figure} {mine}, but {theirs} with {peer.load_balancer}."
