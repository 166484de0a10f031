"""Whether a service went on while a part of it was down, judged by requests that were sent all the while.

All times are seconds of the controller's clock, on which both the requests and the fault were noted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit


# Thinner than that, a short outage would fit between two requests.
REQUESTS_PER_SECOND = 5
LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Answer:
    """One request and what came of it."""

    sent: float
    status: int
    served_by: str
    message: str

    @property
    def failed(self) -> bool:
        """Whether the person who asked would have noticed."""
        return self.status != 200


@dataclass(frozen=True)
class Fault:
    """What was done to whom, and when: the order was given, was carried out, was revoked, was without effect."""

    target: str
    began: float
    effective: float
    revoked: float
    ended: float


def answer(result: Mapping[str, Any]) -> Answer:
    """Read a result of the module uri whose URL carries the time of its sending."""
    (sent,) = parse_qs(urlsplit(result["url"]).query)["sent"]
    return Answer(
        sent=float(sent),
        status=int(result["status"]),
        served_by=str(result.get("x_served_by", "")),
        message=str(result.get("msg", "")),
    )


@dataclass(frozen=True)
class Record:
    """All requests of a drill in the order of their sending."""

    answers: Sequence[Answer]
    fault: Fault

    def before(self) -> list[Answer]:
        """List those which the fault could not reach yet."""
        return [answer for answer in self.answers if answer.sent < self.fault.began]

    def during(self) -> list[Answer]:
        """List those which were sent while the fault lasted."""
        return [answer for answer in self.answers if self.fault.began <= answer.sent <= self.fault.ended]

    def after(self) -> list[Answer]:
        """List those which were sent when the fault was over."""
        return [answer for answer in self.answers if answer.sent > self.fault.ended]

    def seconds(self) -> float:
        """Tell how long the fault lasted."""
        return self.fault.ended - self.fault.began

    def rate(self) -> float:
        """Tell how many requests a second were sent while the fault lasted."""
        return len(self.during()) / self.seconds()

    def slowest_second(self) -> int:
        """Tell how many requests the thinnest whole second of the fault saw."""
        seconds = Counter(int(answer.sent - self.fault.began) for answer in self.during())
        return min((seconds[second] for second in range(int(self.seconds()))), default=0)

    def longest_pause(self) -> float:
        """Tell the longest time without a new request while the fault lasted."""
        moments = [self.fault.began, *(answer.sent for answer in self.during()), self.fault.ended]
        return max(later - earlier for earlier, later in pairwise(moments))


def objections(record: Record) -> list[str]:
    """Tell everything that speaks against the service, or against the proof."""
    return [objection for rule in RULES for objection in rule(record)]


def failed_requests(record: Record) -> Iterator[str]:
    failed = [answer for answer in record.answers if answer.failed]
    if failed:
        first = failed[0]
        what = f"status {first.status}" if first.status > 0 else "no answer"
        moment = first.sent - record.fault.began
        when = f"{abs(moment):.2f} s {'before' if moment < 0 else 'after'} the fault"
        yield (
            f"{len(failed)} of {len(record.answers)} requests failed, the first one {when} with {what} "
            f"({first.message}): the service was interrupted."
        )


def thin_record(record: Record) -> Iterator[str]:
    if not record.before() or not record.after():
        yield "The requests do not span the whole fault, so they prove nothing: run the drill again."
    elif record.rate() < REQUESTS_PER_SECOND or record.longest_pause() > LONGEST_PAUSE_SECONDS:
        yield (
            f"Only {record.rate():.1f} requests a second were sent, "
            f"with pauses of up to {record.longest_pause():.2f} s, where it takes {REQUESTS_PER_SECOND} a second to "
            "notice a short outage: run the drill again while this machine is less busy."
        )


def fault_without_effect(record: Record) -> Iterator[str]:
    fault = record.fault
    served = [a for a in record.answers if fault.effective < a.sent < fault.revoked and a.served_by == fault.target]
    if served:
        yield f"{fault.target} answered {len(served)} requests while it was meant to be down: the fault had no effect."


def nameless_answers(record: Record) -> Iterator[str]:
    nameless = [answer for answer in record.answers if not answer.failed and not answer.served_by]
    if nameless:
        yield (
            f"{len(nameless)} answers do not say who served them, so nobody knows who took over: let the application "
            "send its instance's name in the header X-Served-By."
        )


RULES: tuple[Callable[[Record], Iterator[str]], ...] = (
    failed_requests,
    fault_without_effect,
    nameless_answers,
    thin_record,
)


def shares(answers: Iterable[Answer]) -> str:
    """Tell who served how much, as in `api-1 52 %, api-2 48 %`."""
    served = Counter(answer.served_by or "nobody" for answer in answers)
    return ", ".join(f"{name} {round(100 * count / served.total())} %" for name, count in sorted(served.items())) or "-"


def report(record: Record) -> list[tuple[str, str]]:
    """Tell what was measured, as pairs of title and text."""
    failed = sum(answer.failed for answer in record.answers)
    return [
        ("requests", f"{len(record.answers)}, {failed} failed"),
        (f"{record.fault.target} down", f"{record.seconds():.1f} s"),
        ("requests a second", f"{record.rate():.1f} on average, {record.slowest_second()} in the slowest second"),
        ("longest pause", f"{record.longest_pause():.2f} s"),
        ("served before", shares(record.before())),
        ("served meanwhile", shares(record.during())),
        ("served after", shares(record.after())),
    ]
