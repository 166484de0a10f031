"""A drill's arithmetic: windows, percentiles, and the times that users waited."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from ansible_collections.discordgym.stack.plugins.module_utils import drill_windows as core
from ansible_collections.discordgym.stack.plugins.module_utils.drill_record import Knock, Marks, Reconnection, Request


MARKS = Marks(baseline=100, fault=110, effective=111, heal=120, healed=122, end=130)


def request(scheduled: float, seconds: float = 0.01, status: int = 200, backend: str = "two") -> Request:
    return Request(scheduled, scheduled, seconds, "read", status, "" if status == 200 else "status", backend, "")


@pytest.mark.parametrize(
    ("scheduled", "window"),
    [
        (99.999, None),
        (100, "baseline"),
        (109.999999, "baseline"),
        (110, "fault"),
        (119.999999, "fault"),
        (120, "recovery"),
        (130, "recovery"),
        (130.000001, None),
    ],
)
def test_a_request_belongs_to_the_window_it_was_due_in(scheduled: float, window: str | None) -> None:
    late = replace(request(scheduled, seconds=0), sent=scheduled + 50)
    assert windows_of(late) == ([window] if window else [])


def windows_of(request: Request) -> list[str]:
    return [name for name, part in core.windows([request], MARKS).items() if part.requests]


def test_a_request_that_was_under_way_met_the_fault() -> None:
    assert windows_of(request(109.5, seconds=0.5)) == ["baseline"]
    assert windows_of(request(109.5, seconds=0.6)) == ["fault"]
    assert windows_of(request(119.5, seconds=0.6)) == ["fault"]


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 99, None),
        ([7], 50, 7),
        ([7], 99, 7),
        ([15, 20, 35, 40, 50], 50, 35),
        ([50, 40, 35, 20, 15], 40, 20),
        (range(1, 101), 7, 7),
        (range(1, 101), 99, 99),
        (range(1, 102), 99, 100),
        ([1, 2], 50, 1),
        ([1, 2, 3], 0, 1),
        ([1, 2, 3], 100, 3),
    ],
)
def test_percentiles_are_by_nearest_rank(values: list[float], percent: int, expected: float | None) -> None:
    assert core.percentile(list(values), percent) == expected


def test_an_outage_reaches_from_the_first_failure_to_the_first_request_after_the_last_one() -> None:
    requests = [request(1), request(2, status=502), request(3), request(4, status=0), request(5), request(6)]
    found = core.outage(requests, end=9)
    assert found is not None
    assert (found.begin, found.end, found.seconds) == (2, 5, 3)


def test_an_outage_that_nobody_saw_the_end_of_lasts_until_the_end() -> None:
    found = core.outage([request(1), request(2, status=502)], end=9)
    assert found is not None
    assert found.seconds == 7


def test_without_failure_there_is_no_outage() -> None:
    assert core.outage([request(1), request(2, seconds=60)], end=9) is None
    assert core.outage([], end=9) is None


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ([], 0),
        # From when the first knock in vain was due until the next good one was.
        ([112.0], 0.5),
        ([112.0, 112.5, 113.0], 1.5),
        ([112.0, 114.0], 1.0),
        # Before the fault it says nothing about it; without an end it lasts until the drill's.
        ([109.5], 0),
        ([129.5, 130.0], 0.5),
    ],
)
def test_the_address_is_away_from_the_first_knock_in_vain_to_the_next_good_one(
    gone: list[float], expected: float
) -> None:
    knocks = [Knock(half / 2, 0.001, "refused" if half / 2 in gone else "") for half in range(216, 262)]
    assert core.unreachable_seconds(knocks, MARKS) == pytest.approx(expected)


def test_where_nobody_knocked_nobody_knows() -> None:
    assert core.unreachable_seconds([], MARKS) is None
    assert core.unreachable_seconds([Knock(105, 0.001, "")], MARKS) is None


@pytest.mark.parametrize(("scheduled", "counts"), [(113.999, False), (114, True), (119.999, True), (120, False)])
def test_a_later_spike_is_one_of_a_request_due_once_settled_and_before_the_heal(scheduled: float, counts: bool) -> None:
    assert core.later_spike([request(115), request(scheduled, seconds=2)], MARKS) == (2 if counts else 0.01)


def test_a_fault_that_was_over_at_once_has_no_later_spike() -> None:
    assert core.later_spike([request(112, seconds=2)], replace(MARKS, heal=113)) is None


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ([request(119), request(121)], 0),
        # The limit between usual and slow: p99 0.05 s and 0.25 s more.
        ([request(121, seconds=0.3)], 0),
        ([request(121, seconds=0.5)], 1.5),
        ([request(121, seconds=0.1, status=502)], 1.1),
        # Slow, but known before the heal; due before it, but known only after it.
        ([request(118, seconds=1.5)], 0),
        ([request(118, seconds=2.5)], 0.5),
        ([request(121, seconds=0.5), request(123, seconds=0.4), request(125)], 3.4),
    ],
)
def test_all_is_well_once_the_last_failed_or_slow_answer_ended(requests: list[Request], expected: float) -> None:
    assert core.clean_seconds(requests, healed=120, usual=0.05) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        ([request(123, backend="one")], 1.01),
        # Ready for the load balancer before it was noted to be so.
        ([request(121, backend="one")], 0),
        # What it had been sent before it froze, and an error, are no return.
        ([request(119, seconds=2, backend="one"), request(126, backend="one")], 4.01),
        ([request(123, status=503, backend="one"), request(126, backend="one")], 4.01),
        ([request(123)], math.inf),
    ],
)
def test_a_target_is_back_with_its_first_good_answer(served: list[Request], expected: float) -> None:
    assert core.return_seconds(served, ["one"], MARKS) == pytest.approx(expected)


def test_the_last_of_several_targets_counts() -> None:
    served = [request(123, backend="one"), request(125, backend="two")]
    assert core.return_seconds(served, ["one", "two"], MARKS) == pytest.approx(3.01)


@pytest.mark.parametrize(
    ("reconnections", "expected"),
    [
        ([], 0),
        ([(111, 111.5), (112, 113.25)], 1.25),
        ([(105, 109)], 0),
        ([(111, 111.5), (112, None)], math.inf),
    ],
)
def test_a_live_connection_is_gone_until_it_is_back(
    reconnections: list[tuple[float, float | None]], expected: float
) -> None:
    entries = [Reconnection(lost, back, "one", "two") for lost, back in reconnections]
    assert core.reconnect_seconds(entries, fault=110) == expected


@pytest.mark.parametrize(("late_by", "late"), [(0.0999, 0), (0.1001, 1)])
def test_a_request_is_late_when_the_probe_sent_it_late(late_by: float, late: int) -> None:
    assert core.late([replace(request(0), sent=late_by, seconds=9)]) == late


def test_the_ledger_tells_lost_duplicated_and_unacknowledged_writes_apart() -> None:
    ledger = core.Ledger(["a", "b", "c", "d"], {"a": 1, "b": 2, "c": 0, "e": 1, "f": 3})
    assert ledger.lost() == ["c", "d"]
    assert ledger.duplicated() == ["b", "f"]
    assert ledger.unacknowledged() == ["e", "f"]
