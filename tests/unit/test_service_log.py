"""Journal and log files, read as one log."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from ansible_collections.discordgym.stack.plugins.filter.service_log import FilterModule
from ansible_collections.discordgym.stack.plugins.module_utils.service_log import (
    LogLine,
    merged,
    parse_file,
    parse_journal,
)


AT_LOCAL_TIME = datetime(2026, 11, 23, 9, 40, 1).timestamp()
AT_UTC = datetime(2026, 11, 23, 9, 40, 1, tzinfo=UTC).timestamp()


def entry(message: object, **fields: str) -> str:
    common = {"__REALTIME_TIMESTAMP": "1795430826936234", "__CURSOR": "s=1;i=2", "MESSAGE": message}
    return json.dumps(common | fields)


def test_the_journal_tells_unit_time_and_where_to_go_on() -> None:
    lines, cursor = parse_journal(entry("hello", _SYSTEMD_UNIT="nginx.service"))
    assert lines == [{"time": 1795430826.936234, "source": "nginx", "text": "hello"}]
    assert cursor == "s=1;i=2"


def test_what_systemd_says_about_a_unit_belongs_to_the_unit() -> None:
    lines, _ = parse_journal(entry("Started nginx.", _SYSTEMD_UNIT="init.scope", UNIT="nginx.service"))
    assert lines[0]["source"] == "nginx"


def test_a_silent_journal_has_no_lines_and_no_cursor() -> None:
    assert parse_journal("") == ([], None)


@pytest.mark.parametrize(
    ("message", "texts"), [([104, 105, 255], ["hi\ufffd"]), ("two\nlines", ["two", "lines"]), (None, [])]
)
def test_messages_are_text_lines_whatever_was_logged(message: object, texts: list[str]) -> None:
    lines, _ = parse_journal(entry(message))
    assert [line["text"] for line in lines] == texts


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ('{"time":"2026-11-23T09:40:01+00:00","client":"172.30.80.1"}', AT_UTC),
        ('172.30.80.1 - - [23/Nov/2026:10:40:01 +0100] "GET / HTTP/1.1" 200 5 "-" "-"', AT_UTC),
        ("2026/11/23 09:40:01 [error] 7#7: *1 connect() failed", AT_LOCAL_TIME),
        ("917:M 23 Nov 2026 09:40:01.000 * DB saved on disk", AT_LOCAL_TIME),
    ],
)
def test_each_service_tells_the_time_in_its_own_way(line: str, time: float) -> None:
    (found,) = parse_file("a.log", [line], otherwise=0)
    assert found == {"time": time, "source": "a.log", "text": line}


def test_a_line_without_a_time_stays_with_the_one_before_it() -> None:
    lines = parse_file("a.log", ["early", "2026/11/23 09:40:01 [error] first", "  second"], otherwise=7)
    assert [line["time"] for line in lines] == [7, AT_LOCAL_TIME, AT_LOCAL_TIME]


def test_lines_of_one_moment_keep_their_order() -> None:
    lines = [
        LogLine(time=2, source="a", text="1"),
        LogLine(time=2, source="a", text="2"),
        LogLine(time=1, source="b", text="0"),
    ]
    assert [line["text"] for line in merged(lines)] == ["0", "1", "2"]


def test_several_hosts_read_as_one() -> None:
    shown = FilterModule().filters()["merged_logs"](
        {
            "lb": [{"time": AT_LOCAL_TIME + 1, "source": "nginx", "text": "later"}],
            "db": [{"time": AT_LOCAL_TIME, "source": "mariadb", "text": "sooner"}],
        }
    )
    assert shown == ["2026-11-23 09:40:01.000 db mariadb: sooner", "2026-11-23 09:40:02.000 lb nginx: later"]
