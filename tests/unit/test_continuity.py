"""The arithmetic and the judgement of a drill."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.discordgym.stack.plugins.filter.continuity import FilterModule


judge = FilterModule().filters()["continuity"]

# Killed at 102, certainly dead from 102.5 on, repaired from 110, ready at 112; the others answer ten times a second.
FAULT = {"target": "one", "began": "102.0", "effective": "102.5", "revoked": "110.0", "ended": "112.0"}


def result(sent: float, status: int = 200, served_by: str = "two", message: str = "OK") -> dict[str, Any]:
    answer = {"url": f"http://lb/health?sent={sent:.6f}", "status": status, "msg": message}
    return answer | ({"x_served_by": served_by} if served_by else {})


def steady(rate: float = 10, begin: float = 100, end: float = 114) -> list[dict[str, Any]]:
    return [result(begin + number / rate) for number in range(int((end - begin) * rate))]


def objections(results: Iterable[dict[str, Any]]) -> list[str]:
    found: list[str] = judge(results, FAULT)["objections"]
    return found


def test_a_service_that_went_on_meets_no_objection() -> None:
    assert objections(steady()) == []


def test_the_order_of_the_results_does_not_matter() -> None:
    assert objections(reversed(steady())) == []


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (
            result(104.25, 502, message="Bad Gateway"),
            "1 of 141 requests failed, the first one 2.25 s after the fault with status 502 (Bad Gateway): "
            "the service was interrupted.",
        ),
        (
            result(101.75, -1, "", "Connection refused"),
            "1 of 141 requests failed, the first one 0.25 s before the fault with no answer (Connection refused): "
            "the service was interrupted.",
        ),
    ],
)
def test_one_failed_request_is_an_interruption(failure: dict[str, Any], sentence: str) -> None:
    assert objections([*steady(), failure]) == [sentence]


def test_a_backend_that_answers_while_it_is_meant_to_be_down_was_not_broken() -> None:
    assert objections([*steady(), result(105, served_by="one")]) == [
        "one answered 1 requests while it was meant to be down: the fault had no effect."
    ]


def test_a_backend_may_answer_until_it_is_dead_and_once_it_is_repaired() -> None:
    assert objections([*steady(), result(102.2, served_by="one"), result(111, served_by="one")]) == []


def test_answers_must_say_who_served_them() -> None:
    assert objections([*steady(), result(105, served_by="")]) == [
        "1 answers do not say who served them, so nobody knows who took over: let the application send its "
        "instance's name in the header X-Served-By."
    ]


def test_too_few_requests_a_second_prove_nothing() -> None:
    assert objections(steady(rate=4)) == [
        "Only 4.1 requests a second were sent, with pauses of up to 0.25 s, where it takes 5 a second to notice a "
        "short outage: run the drill again while this machine is less busy."
    ]


def test_a_long_pause_could_hide_an_outage() -> None:
    results = [*steady(end=104), *steady(begin=105.5)]
    (sentence,) = objections(results)
    assert "with pauses of up to 1.60 s" in sentence


@pytest.mark.parametrize("results", [steady(begin=103), steady(end=111), []])
def test_requests_must_span_the_whole_fault(results: list[dict[str, Any]]) -> None:
    assert objections(results) == [
        "The requests do not span the whole fault, so they prove nothing: run the drill again."
    ]


def test_the_report_tells_the_real_rate_and_who_served_when() -> None:
    results = [result(101.5, served_by="one"), *steady(), result(113.5, served_by="one")]
    assert judge(results, FAULT)["report"].splitlines() == [
        "requests:           142, 0 failed",
        "one down:           10.0 s",
        "requests a second:  10.1 on average, 10 in the slowest second",
        "longest pause:      0.10 s",
        "served before:      one 5 %, two 95 %",
        "served meanwhile:   two 100 %",
        "served after:       one 5 %, two 95 %",
    ]
