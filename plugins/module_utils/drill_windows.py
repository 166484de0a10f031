"""The arithmetic of a drill: its windows, their percentiles, the outage and how long it took until all was well.

A request belongs to the window in which it was due, whenever it was sent or answered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .drill_record import Knock, Marks, Reconnection, Request


PERCENTILES = (50, 90, 95, 99)
# A checker needs that long to notice a sick backend and to take it out.
SETTLE_SECONDS = 3.0
# A slower answer than the baseline's p99 plus this is one that a person would feel.
SLOW_SECONDS = 0.25
# What the load balancer sent on its way when the fault took effect may still be answered.
GRACE_SECONDS = 1.5
# A request that the probe itself sent later than this is not the service's fault.
LATE_SECONDS = 0.1


@dataclass(frozen=True)
class Window:
    """A part of the drill and the requests that were due in it."""

    name: str
    begin: float
    end: float
    requests: Sequence[Request]

    @property
    def seconds(self) -> float:
        """Tell how long it lasted."""
        return self.end - self.begin

    def failed(self) -> list[Request]:
        """List the requests without a good answer."""
        return [request for request in self.requests if request.failed]

    def failures(self) -> Counter[str]:
        """Count what came instead of a good answer."""
        return Counter(request.failure for request in self.failed())

    def served(self) -> Counter[str]:
        """Count the good answers of each backend."""
        return Counter(request.backend for request in self.requests if not request.failed)

    def late(self) -> int:
        """Count the requests that the probe sent too late."""
        return late(self.requests)

    def percentile(self, percent: int) -> float | None:
        """Tell the latency that so many percent of all requests, failed ones too, did not exceed."""
        return percentile([request.seconds for request in self.requests], percent)

    def longest(self) -> float | None:
        """Tell the longest latency."""
        return longest(self.requests)


def windows(requests: Iterable[Request], marks: Marks) -> dict[str, Window]:
    """Sort the requests into the windows by when they were due; whatever was due outside of them belongs to none.

    What was under way when the fault came belongs to the fault, which is what it met.
    """
    known = list(requests)
    before = _due(known, marks.baseline, marks.fault)
    met = [request for request in before if request.scheduled + request.seconds > marks.fault]
    answered = [request for request in before if request.scheduled + request.seconds <= marks.fault]
    return {
        "baseline": Window("baseline", marks.baseline, marks.fault, answered),
        "fault": Window("fault", marks.fault, marks.heal, met + _due(known, marks.fault, marks.heal)),
        # The last window has its end, so that no request is lost between windows.
        "recovery": Window(
            "recovery", marks.heal, marks.end, _due(known, marks.heal, math.nextafter(marks.end, math.inf))
        ),
    }


def _due(requests: Iterable[Request], begin: float, end: float) -> list[Request]:
    return [request for request in requests if begin <= request.scheduled < end]


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Tell a percentile by nearest rank: the smallest value that so many percent of all do not exceed."""
    if not values:
        return None
    rank = -(-percent * len(values) // 100)
    return sorted(values)[max(rank, 1) - 1]


def longest(requests: Iterable[Request]) -> float | None:
    """Tell the longest latency."""
    return max((request.seconds for request in requests), default=None)


def late(requests: Iterable[Request]) -> int:
    """Count the requests that the probe sent too late."""
    return sum(request.sent - request.scheduled > LATE_SECONDS for request in requests)


@dataclass(frozen=True)
class Outage:
    """The time from the first failed request until the first one after the last failure."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """Tell how long it lasted."""
        return self.end - self.begin


def outage(requests: Sequence[Request], end: float) -> Outage | None:
    """Find the outage in requests in the order of their schedule; one that nobody saw the end of lasts until then."""
    failed = [number for number, request in enumerate(requests) if request.failed]
    if not failed:
        return None
    after = requests[failed[-1] + 1 :]
    return Outage(requests[failed[0]].scheduled, after[0].scheduled if after else end)


def unreachable_seconds(knocks: Sequence[Knock], marks: Marks) -> float | None:
    """Tell for how long, all together, no connection to the service's address could be opened since the fault.

    Each time counts from when the first knock that failed was due until the next good one was; one that nobody saw the
    end of lasts until the drill's end. Nothing where nobody knocked.
    """
    known = [knock for knock in knocks if marks.fault <= knock.scheduled <= marks.end]
    if not known:
        return None
    total, since = 0.0, None
    for knock in known:
        if knock.failed and since is None:
            since = knock.scheduled
        elif not knock.failed and since is not None:
            total, since = total + knock.scheduled - since, None
    return total if since is None else total + marks.end - since


def later_spike(requests: Iterable[Request], marks: Marks) -> float | None:
    """Tell the longest latency once the service had time to settle, nothing where the fault was shorter than that."""
    return longest(_due(requests, marks.effective + SETTLE_SECONDS, marks.heal))


def clean_seconds(requests: Iterable[Request], healed: float, usual: float) -> float:
    """Tell how long after the healing the last answer ended that failed or was slow."""
    return max(
        (
            request.ended - healed
            for request in requests
            if (request.failed or request.seconds > usual + SLOW_SECONDS) and request.ended > healed
        ),
        default=0.0,
    )


def return_seconds(requests: Sequence[Request], hosts: Iterable[str], marks: Marks) -> float:
    """Tell when the last of the hosts served again after all were ready; endless if one of them never did."""
    # A backend that wakes up answers what it was sent before: that is no new trust in it.
    served = [request for request in requests if request.scheduled >= marks.heal and not request.failed]
    return max(
        max(
            min((request.ended for request in served if request.backend == host), default=math.inf) - marks.healed,
            0.0,
        )
        for host in hosts
    )


def reconnect_seconds(reconnections: Iterable[Reconnection], fault: float) -> float:
    """Tell the longest time that a live connection was lost since the fault; endless if it never came back."""
    return max(
        (
            math.inf if entry.back_at is None else entry.back_at - entry.lost_at
            for entry in reconnections
            if entry.lost_at >= fault
        ),
        default=0.0,
    )


@dataclass(frozen=True)
class Ledger:
    """What became of the writes: which the service acknowledged, and how often each of them is stored."""

    acknowledged: Sequence[str]
    stored: Mapping[str, int]

    def lost(self) -> list[str]:
        """Name the writes that were promised and are gone."""
        return [name for name in self.acknowledged if not self.stored.get(name)]

    def duplicated(self) -> list[str]:
        """Name the writes that were carried out more than once."""
        return sorted(name for name, count in self.stored.items() if count > 1)

    def unacknowledged(self) -> list[str]:
        """Name the writes that were stored although nobody was told so."""
        stored = {name for name, count in self.stored.items() if count}
        return sorted(stored.difference(self.acknowledged))
