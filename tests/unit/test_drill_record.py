"""What a drill left behind is read as it was written, and an unfinished record is told from a broken one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.discordgym.stack.plugins.module_utils import drill_record as core


LINE = [100.5, 100.6, 0.25, "write", 201, "", "api-1", "d01-000001", 1, None]
SUMMARY = {
    "live": {
        "websocket": {
            "sent": 9,
            "received": 8,
            "missed": ["m1"],
            "reconnects": [{"lost_at": 1.5, "back_at": 2.0, "from": "api-1", "to": "api-2"}],
        },
        "polling": {"sent": 9, "received": 9, "missed": [], "reconnects": []},
    },
    "processor_seconds": 1.25,
    "run_id": "d01",
}
CONTEXT: dict[str, Any] = {
    "id": "x",
    "inventory": "ha",
    "target": "api-1",
    "hosts": ["api-1"],
    "service": "api",
    "fault": "kill",
    "rate": "100",
    "marks": {"baseline": "1.5", "fault": 2, "effective": 3, "heal": 4, "healed": 5, "end": 6},
}


def folder(path: Path, requests: str = "", summary: str | None = None) -> Path:
    (path / "requests.jsonl").write_text(requests, encoding="utf-8")
    if summary is not None:
        (path / "summary.json").write_text(summary, encoding="utf-8")
    return path


def test_the_record_of_a_finished_probe(tmp_path: Path) -> None:
    earlier = [99.0, 99.0, 5.0, "read", 0, "timeout", "", "", 2, 100.0]
    (tmp_path / "knocks.jsonl").write_text('[99.02, 0.1, "timeout"]\n[99.01, 0.001, ""]\n', encoding="utf-8")
    record = core.read_record(folder(tmp_path, f"{json.dumps(LINE)}\n{json.dumps(earlier)}\n", json.dumps(SUMMARY)))

    assert [request.scheduled for request in record.requests] == [99.0, 100.5]
    assert record.requests[1] == core.Request(100.5, 100.6, 0.25, "write", 201, "", "api-1", "d01-000001")
    assert (record.requests[0].attempts, record.requests[0].first_failed) == (2, 100.0)
    assert [(knock.scheduled, knock.failed) for knock in record.knocks] == [(99.01, False), (99.02, True)]
    assert record.live is not None
    assert record.live["websocket"].missed == ["m1"]
    assert record.live["websocket"].reconnections == [core.Reconnection(1.5, 2.0, "api-1", "api-2")]
    assert (record.run_id, record.processor_seconds) == ("d01", 1.25)


def test_a_probe_that_never_began_left_nothing(tmp_path: Path) -> None:
    record = core.read_record(tmp_path)
    assert (record.requests, record.events, record.live) == ([], [], None)


def test_a_last_line_that_was_cut_off_is_not_counted(tmp_path: Path) -> None:
    assert len(core.read_record(folder(tmp_path, f"{json.dumps(LINE)}\n[100.6, 100")).requests) == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("[1.0,", "requests.jsonl, line 2 is no JSON"),
        ("[1.0, 2.0]", "requests.jsonl, line 2 is no request, which has scheduled, sent, seconds, kind"),
        ('{"scheduled": 1}', "requests.jsonl, line 2 is no request"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(core.DrillError, match=sentence):
        core.read_record(folder(tmp_path, f"{json.dumps(LINE)}\n{line}\n"))


def test_a_broken_summary_is_named(tmp_path: Path) -> None:
    with pytest.raises(core.DrillError, match=r"summary\.json is no JSON"):
        core.read_record(folder(tmp_path, summary="{"))


@pytest.mark.parametrize(
    ("status", "error", "failed", "failure"),
    [
        (200, "", False, ""),
        (299, "", False, ""),
        (199, "status", True, "status 199"),
        (300, "status", True, "status 300"),
        (503, "status", True, "status 503"),
        (0, "refused", True, "refused"),
        # Its body broke off.
        (200, "disconnected", True, "disconnected"),
    ],
)
def test_only_a_whole_2xx_answer_is_a_good_one(status: int, error: str, failed: bool, failure: str) -> None:
    request = core.Request(1, 1, 0.1, "write", status, error, "", "d01-1")
    assert request.failed is failed
    assert request.acknowledged is not failed
    assert not failed or request.failure == failure


def test_a_read_acknowledges_nothing() -> None:
    assert not core.Request(1, 1, 0.1, "read", 200, "", "", "").acknowledged


def test_the_context_is_read_whatever_the_playbook_made_of_its_numbers() -> None:
    context = core.read_context(CONTEXT | {"objectives": {"failed": "0", "longest_seconds": 1.1, "lost": None}})
    assert context.rate == 100
    assert context.reached["baseline"] == 1.5
    assert context.limits == {"failed": 0, "longest_seconds": 1.1, "lost": None}


@pytest.mark.parametrize(
    ("fault", "hold", "held"),
    [("kill", False, False), ("kill", True, True), ("hang", False, True), ("restart", False, False)],
)
def test_who_is_kept_away_until_the_heal(fault: str, hold: bool, held: bool) -> None:
    assert core.read_context(CONTEXT | {"fault": fault, "hold": hold}).held is held


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"marks": {"baseline": 1, "fault": 2}}, "was not aborted, but its marks lack effective, heal, healed, end"),
        ({"marks": CONTEXT["marks"] | {"heal": 1}}, "must be in the order of time"),
        ({"objectives": {"failed": "none"}}, "limit of the objective failed is no number: none"),
    ],
)
def test_a_context_that_cannot_be_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(core.DrillError, match=sentence):
        core.read_context(CONTEXT | change)


def test_a_drill_that_was_aborted_has_empty_windows_for_what_it_did_not_reach() -> None:
    reached = core.read_context(CONTEXT | {"marks": {"baseline": 1, "heal": 4, "end": 6}, "aborted": "oh"}).reached
    assert core.marks_of(reached, []) == core.Marks(1, 4, 4, 4, 6, 6)
    assert core.marks_of({}, [core.Request(7, 7, 0.1, "read", 200, "", "", "")]) == core.Marks(7, 7, 7, 7, 7, 7)


@pytest.mark.parametrize("given", [None, {}, {"stored": None}])
def test_a_ledger_that_could_not_be_read_is_not_an_empty_one(given: dict[str, Any] | None) -> None:
    assert core.read_ledger(given) is None
    assert core.read_ledger({"stored": {}}) == {}
