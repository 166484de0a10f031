"""What a drill left behind: the probe's files, the playbook's context and the ledger, read into their types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


# The faults that take their target away until it is healed; a killed one may be left to systemd.
HELD_FAULTS = frozenset({"stop", "hang", "partition", "host_down", "error"})


class DrillError(ValueError):
    """What was left behind cannot be read; the message says which part of it."""


@dataclass(frozen=True)
class Request:
    """One request of the probe; its seconds count from when it was due, so that a stall is not hidden."""

    scheduled: float
    sent: float
    seconds: float
    kind: str
    status: int
    error: str
    backend: str
    id: str
    # A client that repeats counts by its last answer.
    attempts: int = 1
    first_failed: float | None = None

    @property
    def failed(self) -> bool:
        """Whether the person who asked got no good answer; one that broke off half-way is none."""
        return not 200 <= self.status < 300 or bool(self.error)

    @property
    def acknowledged(self) -> bool:
        """Whether the service promised to have stored it."""
        return bool(self.id) and not self.failed

    @property
    def ended(self) -> float:
        """When the person who asked knew the outcome."""
        return self.scheduled + self.seconds

    @property
    def failure(self) -> str:
        """Name what came instead of a good answer."""
        return f"status {self.status}" if self.error in ("", "status") else self.error


COLUMNS = tuple(field.name for field in fields(Request))


@dataclass(frozen=True)
class Knock:
    """One try to open a connection to the service's address; its seconds count from when it was due."""

    scheduled: float
    seconds: float
    error: str

    @property
    def failed(self) -> bool:
        """Whether there was none."""
        return bool(self.error)


KNOCK_COLUMNS = tuple(field.name for field in fields(Knock))


@dataclass(frozen=True)
class Marks:
    """The moments of a drill, in the order of time."""

    baseline: float
    fault: float
    effective: float
    heal: float
    healed: float
    end: float


MARKS = tuple(field.name for field in fields(Marks))


@dataclass(frozen=True)
class Reconnection:
    """A live connection that was lost and, unless its end is missing, came back."""

    lost_at: float
    back_at: float | None
    origin: str
    to: str


@dataclass(frozen=True)
class LiveClient:
    """What a client that is told live messages was told."""

    sent: int
    received: int
    missed: Sequence[str]
    reconnections: Sequence[Reconnection]


@dataclass(frozen=True)
class Record:
    """All that the probe wrote; it has no live clients where the probe did not reach its orderly end."""

    requests: Sequence[Request]
    events: Sequence[Mapping[str, Any]]
    live: Mapping[str, LiveClient] | None
    run_id: str
    processor_seconds: float | None
    knocks: Sequence[Knock] = ()


@dataclass(frozen=True)
class Context:
    """What was done to whom, and what was asked of the service meanwhile."""

    id: str
    inventory: str
    target: str
    hosts: Sequence[str]
    # Those of them whose answers carry their name, so that their absence and their return can be seen.
    backends: Sequence[str]
    service: str
    fault: str
    single: bool
    held: bool
    rate: float
    # How much longer writes were made to take.
    service_seconds: float
    reached: Mapping[str, float]
    limits: Mapping[str, float | None]
    versions: Mapping[str, str]
    service_versions: Mapping[str, str]
    revision: str
    hosts_total: int
    aborted: str
    # What the status found wrong in the end.
    away: Sequence[str]


def read_record(folder: Path) -> Record:
    """Read the probe's folder; a probe that never began, or was ended by force, left only a part of its files."""
    requests = [_request(values, place) for values, place in _lines(folder / "requests.jsonl")]
    events = [event for event, _ in _lines(folder / "live.jsonl")]
    knocks = [_knock(values, place) for values, place in _lines(folder / "knocks.jsonl")]
    summary = _summary(folder / "summary.json")
    live = summary.get("live")
    processor_seconds = summary.get("processor_seconds")
    return Record(
        requests=sorted(requests, key=lambda request: request.scheduled),
        events=sorted(events, key=lambda event: float(event["at"])),
        live=None if live is None else {name: _live_client(client) for name, client in live.items()},
        run_id=str(summary.get("run_id", "")),
        processor_seconds=None if processor_seconds is None else float(processor_seconds),
        knocks=sorted(knocks, key=lambda knock: knock.scheduled),
    )


def _lines(path: Path) -> Iterator[tuple[Any, str]]:
    """Read a value a line with its place; a last line that was cut off is as good as not written."""
    if not path.exists():
        return
    *lines, _torn = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        place = f"{path.name}, line {number}"
        try:
            yield json.loads(line), place
        except ValueError as error:
            raise DrillError(f"{place} is no JSON: {error}") from error


def _request(values: Any, place: str) -> Request:
    try:
        scheduled, sent, seconds, kind, status, error, backend, identifier, attempts, first_failed = values
        return Request(
            float(scheduled),
            float(sent),
            float(seconds),
            str(kind),
            int(status),
            error,
            backend,
            str(identifier),
            int(attempts),
            None if first_failed is None else float(first_failed),
        )
    except (TypeError, ValueError) as problem:
        raise DrillError(f"{place} is no request, which has {', '.join(COLUMNS)}: {values}") from problem


def _knock(values: Any, place: str) -> Knock:
    try:
        scheduled, seconds, error = values
        return Knock(float(scheduled), float(seconds), str(error))
    except (TypeError, ValueError) as problem:
        raise DrillError(f"{place} is no knock, which has {', '.join(KNOCK_COLUMNS)}: {values}") from problem


def _summary(path: Path) -> Mapping[str, Any]:
    """Read the probe's last words; without them it did not reach its end."""
    try:
        summary: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise DrillError(f"{path.name} is no JSON: {error}") from error
    return summary


def _live_client(client: Mapping[str, Any]) -> LiveClient:
    return LiveClient(
        sent=int(client["sent"]),
        received=int(client["received"]),
        missed=[str(message) for message in client["missed"]],
        reconnections=[
            Reconnection(
                lost_at=float(entry["lost_at"]),
                back_at=None if entry.get("back_at") is None else float(entry["back_at"]),
                origin=str(entry.get("from", "")),
                to=str(entry.get("to", "")),
            )
            for entry in client.get("reconnects", ())
        ],
    )


def read_context(given: Mapping[str, Any]) -> Context:
    """Read the playbook's context; only an aborted drill may have moments that it never reached."""
    aborted = str(given.get("aborted") or "")
    fault = str(given["fault"])
    return Context(
        id=str(given["id"]),
        inventory=str(given["inventory"]),
        target=str(given["target"]),
        hosts=[str(host) for host in given["hosts"]],
        backends=[str(host) for host in given.get("backends") or ()],
        service=str(given["service"]),
        fault=fault,
        single=bool(given.get("single", False)),
        held=fault in HELD_FAULTS or bool(given.get("hold", False)),
        rate=float(given["rate"]),
        service_seconds=float(given.get("service_seconds") or 0),
        reached=_reached(given.get("marks") or {}, complete=not aborted),
        limits={name: _limit(name, limit) for name, limit in (given.get("objectives") or {}).items()},
        versions=_texts(given.get("versions")),
        service_versions=_texts(given.get("service_versions")),
        revision=str(given.get("revision") or ""),
        hosts_total=int(given.get("hosts_total", 0)),
        aborted=aborted,
        away=[str(complaint) for complaint in given.get("away") or ()],
    )


def _reached(marks: Mapping[str, Any], *, complete: bool) -> dict[str, float]:
    reached = {name: float(marks[name]) for name in MARKS if marks.get(name) not in (None, "")}
    missing = [name for name in MARKS if name not in reached]
    if missing and complete:
        raise DrillError(f"The drill was not aborted, but its marks lack {', '.join(missing)}.")
    if list(reached.values()) != sorted(reached.values()):
        raise DrillError(f"The marks must be in the order of time ({', '.join(MARKS)}), but are {reached}.")
    return reached


def _limit(name: str, limit: Any) -> float | None:
    if limit in (None, ""):
        return None
    try:
        return float(limit)
    except (TypeError, ValueError) as error:
        raise DrillError(f"The limit of the objective {name} is no number: {limit}") from error


def _texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (values or {}).items()}


def marks_of(reached: Mapping[str, float], requests: Sequence[Request]) -> Marks:
    """Put each moment that was never reached at the next one that was, so that its window is empty."""
    next_one = max([*reached.values(), *(request.scheduled for request in requests)], default=0.0)
    moments: dict[str, float] = {}
    for name in reversed(MARKS):
        moments[name] = next_one = reached.get(name, next_one)
    return Marks(**moments)


def read_ledger(given: Mapping[str, Any] | None) -> dict[str, int] | None:
    """Read how often the database holds each write; nothing where it could not be asked."""
    stored = (given or {}).get("stored")
    return None if stored is None else {str(name): int(count) for name, count in stored.items()}


def backends(requests: Iterable[Request], hosts: Iterable[str]) -> list[str]:
    """Name all who served."""
    return sorted({request.backend for request in requests if request.backend} | set(hosts))
