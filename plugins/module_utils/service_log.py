"""Lines of the journal and of log files, each with its time, so that several logs read as one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict


class LogLine(TypedDict):
    """One line, the time in seconds of the epoch."""

    time: float
    source: str
    text: str


# How the services' log files tell the time. A time without a zone is the host's own.
TIMES = (
    (re.compile(r'"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d)"'), "%Y-%m-%dT%H:%M:%S%z"),
    (re.compile(r"\[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]"), "%d/%b/%Y:%H:%M:%S %z"),
    (re.compile(r"^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) "), "%Y/%m/%d %H:%M:%S"),
    (re.compile(r"^\d+:\w (\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d+) "), "%d %b %Y %H:%M:%S.%f"),
)


def parse_journal(output: str) -> tuple[list[LogLine], str | None]:
    """Read what `journalctl --output=json` prints; return the lines and the cursor of the last one."""
    entries = [json.loads(line) for line in output.splitlines()]
    lines = [
        LogLine(time=int(entry["__REALTIME_TIMESTAMP"]) / 1_000_000, source=_unit(entry), text=text)
        for entry in entries
        for text in _message(entry).splitlines()
    ]
    return lines, entries[-1]["__CURSOR"] if entries else None


def _unit(entry: Mapping[str, Any]) -> str:
    # What systemd itself says about a unit carries that unit's name apart from its own.
    return str(entry.get("UNIT", entry.get("_SYSTEMD_UNIT", "journal"))).removesuffix(".service")


def _message(entry: Mapping[str, Any]) -> str:
    message = entry.get("MESSAGE") or ""
    # The journal gives what is no UTF-8 as a list of bytes.
    return bytes(message).decode(errors="replace") if isinstance(message, list) else str(message)


def parse_file(source: str, lines: Iterable[str], otherwise: float) -> Iterator[LogLine]:
    """Find the time of each line; a line that tells none continues the one before it."""
    time = otherwise
    for line in lines:
        time = _time(line) or time
        yield LogLine(time=time, source=source, text=line)


def _time(line: str) -> float | None:
    for pattern, format_of_time in TIMES:
        found = pattern.search(line)
        if found:
            return datetime.strptime(found[1], format_of_time).timestamp()
    return None


def merged(lines: Iterable[LogLine]) -> list[LogLine]:
    """Put lines of several logs in the order of time, those of one moment in the order in which they were read."""
    return sorted(lines, key=lambda line: line["time"])


def shown(host: str, line: LogLine) -> str:
    """Show a line as a person reads it, in this machine's zone."""
    moment = datetime.fromtimestamp(line["time"]).isoformat(sep=" ", timespec="milliseconds")
    return f"{moment} {host} {line['source']}: {line['text']}"


def merged_hosts(lines_of_hosts: Mapping[str, Sequence[LogLine]]) -> list[str]:
    """Show the lines of several hosts in the order of time."""
    ordered = sorted(
        ((host, line) for host, lines in lines_of_hosts.items() for line in lines), key=lambda pair: pair[1]["time"]
    )
    return [shown(host, line) for host, line in ordered]
