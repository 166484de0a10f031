"""A drill from the probe's folder to its verdict, and to what people and programs are told of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.discordgym.stack.plugins.filter.drill_report import FilterModule
from jsonschema import Draft202012Validator


ROOT = Path(__file__).parents[2]
FILTERS = FilterModule().filters()
SCHEMA = json.loads((ROOT / "docs/drill-report.schema.json").read_text(encoding="utf-8"))

RATE = 20
# Killed at 5 s, certainly dead from 5.2 s on, repaired from 15 s, ready at 16 s.
BEGAN = 1_800_000_000.0
MARKS = {"baseline": 0.0, "fault": 5.0, "effective": 5.2, "heal": 15.0, "healed": 16.0, "end": 20.0}
CONTEXT: dict[str, Any] = {
    "id": "20270115T080000-one-kill",
    "inventory": "ha",
    "target": "one",
    "hosts": ["one"],
    "backends": ["one"],
    "service": "api",
    "fault": "kill",
    "hold": True,
    "rate": RATE,
    "marks": {name: f"{BEGAN + moment:.6f}" for name, moment in MARKS.items()},
    "objectives": {"failed": 0, "lost": 0, "duplicated": 0, "over_baseline_seconds": 0.25, "return_seconds": 5},
    "versions": {"ansible": "2.19.14"},
    "service_versions": {"api": "1.2.3"},
    "revision": "abc1234",
    "hosts_total": 8,
    "aborted": "",
}
LIVE: dict[str, Any] = {
    "websocket": {
        "sent": 40,
        "received": 40,
        "missed": [],
        "reconnects": [{"lost_at": BEGAN + 5.1, "back_at": BEGAN + 5.4, "from": "one", "to": "two"}],
    },
    "polling": {"sent": 40, "received": 40, "missed": [], "reconnects": []},
}

Row = list[Any]
SCHEDULED, SENT, SECONDS, KIND, STATUS, ERROR, BACKEND, ID = range(8)
COLUMNS = ("scheduled", "sent", "seconds", "kind", "status", "error", "backend", "id", "attempts", "first_failed")


def steady() -> list[Row]:
    """Write down a service that nothing can shake: while one is down, two serves everything."""
    rows: list[Row] = []
    for number in range(int(MARKS["end"] * RATE) + 1):
        moment = number / RATE
        at = BEGAN + moment
        down = MARKS["fault"] <= moment < MARKS["healed"]
        write = number % 2
        rows.append(
            [
                at,
                at + 0.001,
                0.02 + number % 7 / 1000,
                "write" if write else "read",
                201 if write else 200,
                "",
                "two" if down or number % 4 < 2 else "one",
                f"d01-{number:06}" if write else "",
                1,
                None,
            ]
        )
    return rows


def at(rows: list[Row], moment: float, **values: Any) -> list[Row]:
    """Change the request that was due at a moment."""
    row = next(row for row in rows if row[SCHEDULED] >= BEGAN + moment - 1e-6)
    for name, value in values.items():
        row[COLUMNS.index(name)] = value
    return rows


Judge = Callable[..., dict[str, Any]]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Write the folder of a probe, and judge it; the ledger is that of the acknowledged writes but for `stored`."""

    def judged(
        rows: list[Row] | None = None,
        *,
        stored: dict[str, int] | None = None,
        readable: bool = True,
        live: dict[str, Any] | None = LIVE,
        knocks: list[Row] | None = None,
        **context: Any,
    ) -> dict[str, Any]:
        rows = steady() if rows is None else rows
        (tmp_path / "requests.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        (tmp_path / "knocks.jsonl").write_text(
            "".join(f"{json.dumps(row)}\n" for row in knocks or ()), encoding="utf-8"
        )
        lost = {"at": BEGAN + 5.1, "client": "websocket", "event": "disconnected", "backend": "one", "message": None}
        events = [lost, lost | {"at": BEGAN + 5.5, "event": "fetched", "backend": "two", "message": 7}]
        (tmp_path / "live.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events), encoding="utf-8")
        if live is not None:
            summary = {"live": live, "processor_seconds": 1.5, "run_id": "d01", "user_id": 7}
            (tmp_path / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        counts = {row[ID]: 1 for row in rows if row[ID] and 200 <= row[STATUS] < 300} | (stored or {})
        ledger = {"stored": {name: count for name, count in counts.items() if count}} if readable else None
        report: dict[str, Any] = FILTERS["drill_report"](str(tmp_path), CONTEXT | context, ledger)
        return report

    return judged


def objective(report: dict[str, Any], name: str) -> tuple[float | None, bool | None]:
    (found,) = (objective for objective in report["objectives"] if objective["name"] == name)
    return found["measured"], found["met"]


def test_a_service_that_went_on_passes(judge: Judge) -> None:
    report = judge()
    assert (report["verdict"], report["reasons"]) == ("passed", [])
    assert report["headline"] == (
        "one was killed (SIGKILL), and nobody noticed: none of 301 requests failed, the longest took 26 ms."
    )
    assert [(w["name"], w["expected"], w["requests"], w["failed"]) for w in report["windows"]] == [
        ("baseline", 100, 100, 0),
        ("fault", 200, 200, 0),
        ("recovery", 100, 101, 0),
    ]
    assert report["windows"][1]["served"] == {"two": 200}
    assert report["outage"] is None
    assert report["started"] == "2027-01-15T08:00:00Z"


def test_a_broken_service_deviates(judge: Judge) -> None:
    rows = steady()
    for row in rows:
        if 6 <= row[SCHEDULED] - BEGAN < 8:
            row[SECONDS:KIND] = [5.0]
            row[STATUS:BACKEND] = [0, "timeout"]
    report = judge(rows)
    assert report["verdict"] == "deviated"
    assert report["reasons"] == [
        "Failed requests: 40, but at most 0.",
        "Longest over the usual: 4.97 s, but at most 250 ms.",
    ]
    assert report["headline"] == "one was killed (SIGKILL), and 40 of 301 requests failed within 2.00 s."
    assert report["outage"] == {"begin": BEGAN + 6, "end": BEGAN + 8, "seconds": 2.0}
    assert report["windows"][1]["failures"] == {"timeout": 40}


def test_one_failed_request_deviates_and_its_write_is_not_lost(judge: Judge) -> None:
    report = judge(at(steady(), 7.05, status=502, error="status"))
    assert (report["verdict"], report["reasons"]) == ("deviated", ["Failed requests: 1, but at most 0."])
    assert objective(report, "lost") == (0, True)


def test_a_slow_answer_deviates_where_it_is_slower_than_allowed(judge: Judge) -> None:
    limits = {"longest_seconds": 1.1}
    assert judge(at(steady(), 7, seconds=1.1), objectives=limits)["verdict"] == "passed"
    report = judge(at(steady(), 7, seconds=1.1001), objectives=limits)
    assert (report["verdict"], report["reasons"]) == (
        "deviated",
        ["Longest answer: 1.10 s, but at most 1.10 s."],
    )
    assert report["headline"] == "one was killed (SIGKILL); no request failed, but beyond the limit: longest answer."


def test_a_lost_write_deviates(judge: Judge) -> None:
    report = judge(stored={"d01-000141": 0})
    assert (report["verdict"], report["reasons"]) == ("deviated", ["Acknowledged writes lost: 1, but at most 0."])
    assert report["ledger"]["lost"] == ["d01-000141"]


def test_a_write_of_the_recovery_that_is_lost_counts_even_if_it_was_due_after_the_end(judge: Judge) -> None:
    late = [BEGAN + 20.5, BEGAN + 20.5, 0.02, "write", 201, "", "two", "d01-000999", 1, None]
    assert judge([*steady(), late], stored={"d01-000999": 0})["ledger"]["lost"] == ["d01-000999"]


def test_a_duplicated_write_deviates(judge: Judge) -> None:
    report = judge(stored={"d01-000141": 2})
    assert (report["verdict"], report["reasons"]) == ("deviated", ["Writes stored twice: 1, but at most 0."])
    assert report["ledger"]["duplicated"] == ["d01-000141"]


def test_a_write_that_was_stored_without_an_answer_is_told_but_no_fault(judge: Judge) -> None:
    report = judge(stored={"d01-900000": 1})
    assert (report["verdict"], report["ledger"]["unacknowledged"]) == ("passed", ["d01-900000"])


def test_a_ledger_that_could_not_be_read_proves_nothing(judge: Judge) -> None:
    report = judge(readable=False)
    assert (report["verdict"], report["ledger"]) == ("inconclusive", None)
    assert report["reasons"] == [
        "The database could not be asked what it stored, so nobody knows whether writes were lost."
    ]
    assert objective(report, "lost") == (None, None)


def test_a_starved_probe_proves_nothing(judge: Judge) -> None:
    rows = steady()
    for row in rows[100:105]:
        row[SENT] += 0.2
    report = judge(rows)
    assert report["verdict"] == "inconclusive"
    assert report["reasons"] == [
        "The probe sent 5 of 401 requests over 0.1 s late, more than 1%: run the drill again while its machine is "
        "less busy."
    ]
    assert report["headline"] == "one was killed (SIGKILL), but that proved nothing."


def test_a_probe_may_be_late_now_and_then(judge: Judge) -> None:
    rows = steady()[:400]
    for row in rows[100:104]:
        row[SENT] += 0.2
    assert judge(rows)["verdict"] == "passed"


@pytest.mark.parametrize(("missing", "verdict"), [(11, "passed"), (12, "inconclusive")])
def test_a_probe_that_sent_too_little_proves_nothing(judge: Judge, missing: int, verdict: str) -> None:
    rows = steady()
    report = judge(rows[:150] + rows[150 + missing :])
    assert report["verdict"] == verdict
    if verdict == "inconclusive":
        assert report["reasons"] == [
            "The probe sent 188 of 200 requests in the window fault, less than 95%: run the drill again while its "
            "machine is less busy."
        ]


def test_a_starved_probe_still_tells_what_was_missed(judge: Judge) -> None:
    rows = at(steady(), 7, status=502, error="status")
    report = judge(rows[:300] + rows[320:], stored={"d01-000301": 1})
    assert report["verdict"] == "inconclusive"
    assert report["reasons"][0].startswith("The probe sent 81 of 100 requests in the window recovery")
    assert report["reasons"][1:] == ["Failed requests: 1, but at most 0."]


def test_a_service_that_was_sick_before_proves_nothing(judge: Judge) -> None:
    report = judge(at(steady(), 2, status=502, error="status"))
    assert report["verdict"] == "inconclusive"
    assert report["reasons"] == ["1 of 100 requests failed before the fault (status 502 x 1): mend the service first."]
    assert objective(report, "failed") == (0, True)


def test_a_window_without_requests_proves_nothing(judge: Judge) -> None:
    report = judge([row for row in steady() if row[SCHEDULED] < BEGAN + 5])
    assert report["verdict"] == "inconclusive"
    assert report["reasons"][0] == "No request was due in the windows fault and recovery: nothing was seen."
    assert objective(report, "failed") == (None, None)


def test_a_probe_that_did_not_finish_proves_nothing(judge: Judge) -> None:
    report = judge(live=None, objectives={"missed_messages": 0})
    assert (report["verdict"], report["live"]) == ("inconclusive", None)
    assert report["reasons"] == ["The probe did not come to its end, so its record is incomplete: see what it printed."]


@pytest.mark.parametrize(
    ("moment", "change", "verdict"),
    [
        # What was on its way when the target died may still be answered.
        (6.65, {}, "passed"),
        (6.75, {}, "inconclusive"),
        (14.95, {}, "inconclusive"),
        (15, {}, "passed"),
        # A backend that was made to answer errors does so by its own name.
        (7, {"fault": "error"}, "inconclusive"),
        # Nobody keeps away what was only restarted.
        (7, {"fault": "restart", "hold": False}, "passed"),
        (7, {"hold": False}, "passed"),
    ],
)
def test_a_target_that_goes_on_serving_was_not_broken(
    judge: Judge, moment: float, change: dict[str, Any], verdict: str
) -> None:
    report = judge(at(steady(), moment, backend="one"), **change)
    assert report["verdict"] == verdict
    if verdict == "inconclusive":
        assert report["reasons"] == ["one answered 1 requests while it was meant to be away: the fault had no effect."]


def test_a_target_that_answers_errors_is_broken(judge: Judge) -> None:
    report = judge(at(steady(), 7, backend="one", status=503, error="status"), fault="error")
    assert report["verdict"] == "deviated"


def test_a_target_that_never_serves_again_deviates(judge: Judge) -> None:
    rows = steady()
    for row in rows[300:]:
        row[BACKEND] = "two"
    report = judge(rows)
    assert (report["verdict"], report["reasons"]) == ("deviated", ["Target serves again: never, but at most 5.00 s."])
    assert objective(report, "return_seconds") == (None, False)
    assert "Target serves again" in FILTERS["drill_summary"](report)
    assert "never (≤ 5.00 s)" in FILTERS["drill_summary"](report)


def test_a_target_whose_answers_cannot_be_told_apart_is_not_waited_for(judge: Judge) -> None:
    assert objective(judge(backends=[], hosts=["db"]), "return_seconds") == (None, None)


@pytest.mark.parametrize(
    ("name", "limit", "change"),
    [
        ("reconnect_seconds", 0.2, {}),
        ("missed_messages", 0, {"polling": LIVE["polling"] | {"missed": ["m7"], "received": 39}}),
    ],
)
def test_live_clients_have_objectives_too(judge: Judge, name: str, limit: float, change: dict[str, Any]) -> None:
    report = judge(live=LIVE | change, objectives={name: limit})
    assert report["verdict"] == "deviated"
    assert objective(report, name)[1] is False


def knocking(*gone: tuple[float, float]) -> list[Row]:
    """Knock ten times a second, in vain at certain times."""
    moments = [number / 10 for number in range(200)]
    return [
        [BEGAN + moment, 0.001, "timeout" if any(begin <= moment < end for begin, end in gone) else ""]
        for moment in moments
    ]


def test_an_address_that_moved_was_away_until_it_was_reached_again(judge: Judge) -> None:
    limits = {"failed": 0, "vip_outage_seconds": 0.3}
    moved = judge(knocks=knocking((5.2, 5.5)), objectives=limits)
    assert (moved["verdict"], objective(moved, "vip_outage_seconds")) == ("passed", (0.3, True))
    flapped = judge(knocks=knocking((5.2, 5.5), (15.1, 15.2)), objectives=limits)
    assert flapped["reasons"] == ["Address unreachable: 400 ms, but at most 300 ms."]
    assert objective(judge(objectives=limits), "vip_outage_seconds") == (None, None)
    assert "ADDRESS AWAY" in FILTERS["drill_suite"](FILTERS["drill_index"]([], moved))["table"]
    assert "ADDRESS AWAY" not in FILTERS["drill_suite"](FILTERS["drill_index"]([], judge()))["table"]


def test_a_request_that_was_sent_twice_did_not_fail_but_was_noticed(judge: Judge) -> None:
    rows = at(steady(), 7, seconds=1.1, attempts=2, first_failed=BEGAN + 8)
    report = judge(rows, objectives={"failed": 0})
    assert (objective(report, "failed"), objective(report, "repeated")) == ((0, True), (1, None))
    assert "none of 301 requests failed, but 1 had to be sent twice; the longest took 1.10 s." in report["headline"]


def test_a_member_that_did_not_come_back_is_a_deviation_with_its_reason(judge: Judge) -> None:
    away = ["mariadb on db-2 does not say how it is"]
    report = judge(away=away, objectives={"members_away": 0})
    assert report["verdict"] == "deviated"
    assert report["reasons"] == ["Members not back: 1, but at most 0.", "mariadb on db-2 does not say how it is."]
    assert judge(away=away)["verdict"] == "passed"


def test_of_a_site_only_its_backends_are_expected_to_answer(judge: Judge) -> None:
    report = judge(hosts=["lb-1", "one", "db-2"], backends=["one"], service="site", target="site")
    assert (report["verdict"], report["broken_backends"]) == ("passed", ["one"])
    assert report["headline"].startswith("site was killed (SIGKILL), and nobody noticed")


def test_an_aborted_drill_is_nothing_else(judge: Judge) -> None:
    report = judge(stored={"d01-000141": 0}, aborted="The host is gone.")
    assert report["verdict"] == "aborted"
    assert report["reasons"] == ["The host is gone.", "Acknowledged writes lost: 1, but at most 0."]


def test_a_drill_that_was_aborted_before_it_began_has_a_report(tmp_path: Path) -> None:
    report = FILTERS["drill_report"](str(tmp_path), CONTEXT | {"aborted": "No capacity.", "marks": {}}, None)
    assert (report["verdict"], report["reasons"]) == ("aborted", ["No capacity."])
    assert all(objective["met"] is None for objective in report["objectives"])
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(report)))
    assert FILTERS["drill_summary"](report).startswith("! ABORTED: The drill was aborted: one, kill.")


def test_an_objective_that_does_not_exist_is_refused(judge: Judge) -> None:
    with pytest.raises(AnsibleFilterError, match=r"No such objective: faild\. The objectives are failed, lost,"):
        judge(objectives={"faild": 0})


def test_a_measure_without_a_limit_is_told_but_not_judged(judge: Judge) -> None:
    report = judge(at(steady(), 7, status=502, error="status"), objectives={"failed": None})
    assert (report["verdict"], objective(report, "failed")) == ("passed", (1, None))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"rows": []},
        {"readable": False},
        {"live": None},
        {"aborted": "Interrupted.", "marks": {"baseline": BEGAN, "heal": BEGAN + 15, "end": BEGAN + 20}},
        {"stored": {"d01-000141": 3, "d01-000143": 0, "d01-900000": 1}},
        {"knocks": [[BEGAN + 5, 0.1, "timeout"]], "rows": at(steady(), 7, attempts=2, first_failed=BEGAN + 8)},
        {"away": ["mariadb on db-2 does not say how it is"]},
    ],
)
def test_a_report_is_as_its_schema_says(judge: Judge, change: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    report = judge(**change)
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(report, allow_nan=False)))
    assert report.keys() == set(SCHEMA["properties"])


def test_every_figure_can_be_computed_again_from_the_report_alone(judge: Judge) -> None:
    report = judge(at(at(steady(), 7, status=502, error="status"), 9, seconds=1.5), stored={"d01-000141": 0})
    rows = [dict(zip(report["requests"]["columns"], row, strict=True)) for row in report["requests"]["rows"]]
    due = [row for row in rows if report["marks"]["fault"] <= row["scheduled"] < report["marks"]["heal"]]
    acknowledged = {row["id"] for row in rows if row["id"] and 200 <= row["status"] < 300}

    window = report["windows"][1]
    assert window["requests"] == len(due)
    assert window["failed"] == sum(not 200 <= row["status"] < 300 for row in due) == 1
    assert window["p99"] == sorted(row["seconds"] for row in due)[198 - 1]
    assert window["longest"] == max(row["seconds"] for row in due) == 1.5
    assert report["ledger"]["lost"] == sorted(acknowledged - report["ledger"]["stored"].keys()) == ["d01-000141"]


# ---- What people are told


def test_the_summary_of_a_drill(judge: Judge) -> None:
    assert (
        FILTERS["drill_summary"](judge())
        == """\
✓ PASSED: one was killed (SIGKILL), and nobody noticed: none of 301 requests failed, the longest
  took 26 ms.

        REQUESTS  FAILED  P50    P99    LONGEST
before  100       0       23 ms  26 ms  26 ms
during  200       0       23 ms  26 ms  26 ms
after   101       0       23 ms  26 ms  26 ms

served before  one 50 %, two 50 %
served during  two 100 %
served after   one 40 %, two 60 %
ledger  200 writes acknowledged: 0 lost, 0 duplicated; 0 stored without an answer
live    websocket 40 of 40 messages, back after 300 ms; polling 40 of 40 messages

✓ Failed requests           0 (≤ 0)  ✓ Longest over the usual  0 ms (≤ 250 ms)
✓ Acknowledged writes lost  0 (≤ 0)  ✓ Target serves again     120 ms (≤ 5.00 s)
✓ Writes stored twice       0 (≤ 0)

report  reports/20270115T080000-one-kill/report.html"""
    )


def test_the_longest_summary_fits_a_screen(judge: Judge) -> None:
    rows = steady()
    for row in rows:
        row[STATUS:ID] = [502, "status", ""]
        row[SENT] += 3
    for number, row in enumerate(rows[::3]):
        row[STATUS:ID] = [200, "", f"a-backend-with-a-long-name-{number % 6}"]
    limits = dict.fromkeys(SCHEMA["$defs"]["objective"]["properties"]["name"]["enum"], 0)
    live = LIVE | {"polling": LIVE["polling"] | {"missed": ["m"]}}
    report = judge(
        rows, objectives=limits, readable=False, live=live, target="a-backend-with-a-long-name-1,and-another"
    )

    lines = FILTERS["drill_summary"](report).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith("? INCONCLUSIVE: ")
    assert any("the rest is in the report" in line for line in lines)
    assert lines[-1] == "report  reports/20270115T080000-one-kill/report.html"


def cases(report: dict[str, Any]) -> dict[str, list[tuple[str, str | None]]]:
    """Read the test cases of a JUnit document, each with what became of it."""
    (suite,) = ElementTree.fromstring(FILTERS["drill_junit"](report))
    found = {case.get("name", ""): [(child.tag, child.get("message")) for child in case] for case in suite}
    counted = {name: sum(tag == kind for case in found.values() for tag, _ in case) for name, kind in COUNTS.items()}
    assert {name: int(suite.get(name, "-1")) for name in COUNTS} == counted
    assert int(suite.get("tests", "-1")) == len(found)
    return found


COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def test_junit_has_a_case_for_each_judged_objective(judge: Judge) -> None:
    assert cases(judge(at(steady(), 7, status=502, error="status"))) == {
        "The drill proves something": [],
        "Failed requests": [("failure", "1, but at most 0")],
        "Acknowledged writes lost": [],
        "Writes stored twice": [],
        "Longest over the usual": [],
        "Target serves again": [],
    }


def test_junit_tells_a_drill_without_proof_as_an_error(judge: Judge) -> None:
    found = cases(judge(readable=False))
    assert found["The drill proves something"] == [("error", "one was killed (SIGKILL), but that proved nothing.")]
    assert found["Acknowledged writes lost"] == [("skipped", "could not be measured")]


def test_junit_survives_what_xml_cannot_write(judge: Judge) -> None:
    report = judge(aborted="\x1b[31mHost <one> & more\x00")
    (suite,) = ElementTree.fromstring(FILTERS["drill_junit"](report))
    assert suite[0][0].text == "[31mHost <one> & more"


def test_the_index_lists_the_newest_drill_first_and_each_once(judge: Judge) -> None:
    old = FILTERS["drill_index"]([], judge())
    assert old == [
        {
            "id": "20270115T080000-one-kill",
            "started": "2027-01-15T08:00:00Z",
            "inventory": "ha",
            "target": "one",
            "fault": "kill",
            "verdict": "passed",
            "failed": 0,
            "lost": 0,
            "duplicated": 0,
            "longest_seconds": 0.026,
            "outage_seconds": 0.0,
            "vip_outage_seconds": None,
            "path": "20270115T080000-one-kill/report.html",
            "revision": "abc1234",
        }
    ]
    newer = judge() | {"id": "newer", "started": "2027-01-15T09:00:00Z"}
    older = judge() | {"id": "older", "started": "2027-01-15T07:00:00Z"}
    listed = FILTERS["drill_index"](FILTERS["drill_index"](old, older), newer)
    assert [entry["id"] for entry in listed] == ["newer", "20270115T080000-one-kill", "older"]
    again = FILTERS["drill_index"](listed, judge(aborted="Interrupted."))
    assert [entry["verdict"] for entry in again] == ["passed", "aborted", "passed"]


def test_a_suite_is_as_good_as_its_worst_drill(judge: Judge) -> None:
    passed = FILTERS["drill_index"]([], judge())[0]
    deviated = FILTERS["drill_index"]([], judge(at(steady(), 7, status=502, error="status", seconds=1.5)))[0]
    suite = FILTERS["drill_suite"]([passed, deviated, {"target": "two", "fault": "hang", "verdict": "aborted"}])
    assert (
        suite["table"]
        == """\
TARGET  FAULT  VERDICT   FAILED  LOST  DUPLICATED  LONGEST  OUTAGE
one     kill   passed    0       0     0           26 ms    0 ms
one     kill   deviated  1       0     0           1500 ms  50 ms
two     hang   aborted   -       -     -           -        -"""
    )
    assert suite["verdict"] == "aborted"


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([], "inconclusive"),
        (["passed", "passed"], "passed"),
        (["deviated", "passed"], "deviated"),
        (["deviated", "inconclusive", "passed"], "inconclusive"),
        (["aborted", "inconclusive"], "aborted"),
    ],
)
def test_the_order_of_verdicts(verdicts: list[str], worst: str) -> None:
    drills = [{"target": "one", "fault": "kill", "verdict": verdict} for verdict in verdicts]
    assert FILTERS["drill_suite"](drills)["verdict"] == worst


# ---- The pages

HOSTILE = "</script><script>alert(1)</script> <b>&amp;"
HOSTILE_CONTEXT: dict[str, Any] = {
    **dict.fromkeys(("aborted", "target", "fault", "inventory", "id", "revision", "service"), HOSTILE),
    "versions": {HOSTILE: HOSTILE},
    "service_versions": {HOSTILE: HOSTILE},
    "hosts": [HOSTILE],
}
HOSTILE_LOSSES = [{"lost_at": BEGAN + 6, "back_at": BEGAN + 7, "from": HOSTILE, "to": HOSTILE}]
VOID = {"meta", "link", "br", "hr", "img", "input", "col"}


class Page(HTMLParser):
    """A page's elements; those that are never closed, or closed in another order, are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


Evaluate = Callable[..., object]


def page(evaluate: Evaluate, name: str, **variables: Any) -> tuple[str, Page]:
    rendered = evaluate(
        "{{ lookup('ansible.builtin.template', template) }}",
        {"hosts": {"localhost": {}}},
        host="localhost",
        template=str(ROOT / f"templates/{name}.html.j2"),
        **variables,
    )
    assert isinstance(rendered, str)
    return rendered, Page(rendered)


def assert_one_file(document: Page) -> None:
    """Nothing is asked of any network, and the page has what those need who hear it."""
    for _, attributes in document.tags:
        for name in ("src", "href", "action"):
            value = attributes.get(name) or "#"
            assert value.startswith(("#", "data:")) or value.endswith(".html"), value
    assert ("html", {"lang": "en"}) in document.tags
    assert document.texts["title"]
    tags = [tag for tag, _ in document.tags]
    assert tags.count("caption") == tags.count("table") > 0
    assert tags.count("h1") == tags.count("main") == 1


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"rows": []},
        {"readable": False, "live": None},
        HOSTILE_CONTEXT | {"rows": at(at(steady(), 7, backend=HOSTILE), 8, status=0, error=HOSTILE)},
        HOSTILE_CONTEXT | {"live": {HOSTILE: LIVE["websocket"] | {"reconnects": HOSTILE_LOSSES}}},
        HOSTILE_CONTEXT | {"rows": at(steady(), 7.05, id=HOSTILE), "stored": {HOSTILE: 0}},
        {"aborted": "Interrupted.", "marks": {}},
        {"stored": {"d01-000141": 3, "d01-000143": 0}},
        {"knocks": [[BEGAN + 5, 0.1, HOSTILE]], "away": [HOSTILE]},
    ],
)
def test_the_page_of_a_drill_is_one_sound_file(judge: Judge, evaluate: Evaluate, change: dict[str, Any]) -> None:
    report = judge(**change)
    rendered, document = page(evaluate, "drill_report", drill_report=report)
    assert_one_file(document)
    assert "<b>" not in rendered
    (data,) = (part.split("</script>")[0] for part in rendered.split('<script type="application/json" id="drill">')[1:])
    assert json.loads(data) == json.loads(json.dumps(report))


def test_the_page_tells_the_verdict_and_each_objective_in_words(judge: Judge, evaluate: Evaluate) -> None:
    rendered, document = page(
        evaluate,
        "drill_report",
        drill_report=judge(at(steady(), 7, status=502, error="status"), stored={"d01-000141": 0}),
    )
    assert "Deviated" in rendered
    assert "1 of 301 requests failed" in document.texts["h1"]
    assert rendered.index("Missed") < rendered.index('id="timeline"')


def test_the_index_page_links_each_drill(judge: Judge, evaluate: Evaluate) -> None:
    drills = FILTERS["drill_index"]([], judge(**HOSTILE_CONTEXT | {"id": CONTEXT["id"]}))
    rendered, document = page(evaluate, "drill_index", drill_index=drills)
    assert_one_file(document)
    assert "<b>" not in rendered
    assert ("a", {"href": "20270115T080000-one-kill/report.html"}) in document.tags


def test_an_index_without_drills_says_so(evaluate: Evaluate) -> None:
    rendered, _ = page(evaluate, "drill_index", drill_index=[])
    assert "No drill" in rendered
