"""Requests at a constant rate, each on a connection of its own, and what became of them."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType


@dataclass(frozen=True)
class Probe:
    """One request: when it was due, how long it took since, its status (0 without an answer), and who served it."""

    due: float
    seconds: float
    status: int
    served_by: str

    @property
    def succeeded(self) -> bool:
        """Whether a user got what was asked for."""
        return self.status == 200


class Prober:
    """Asks in a thread of its own for as long as it is entered."""

    def __init__(self, address: str, port: int, path: str, *, rate: float, timeout: float) -> None:
        """Say what to ask for, how often in a second, and after which time an answer is none."""
        self.address, self.port, self.path = address, port, path
        self.rate, self.timeout = rate, timeout
        self.probes: list[Probe] = []
        self.lateness = 0.0
        self._running = True
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Prober:
        """Begin to ask."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Ask no more, and wait for the last answer."""
        self._running = False
        self._thread.join()

    async def _run(self) -> None:
        began = time.monotonic()
        probes: list[asyncio.Task[Probe]] = []
        while self._running:
            due = began + len(probes) / self.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.lateness = max(self.lateness, time.monotonic() - due)
            probes.append(asyncio.create_task(self._ask(due)))
        self.probes = list(await asyncio.gather(*probes))

    async def _ask(self, due: float) -> Probe:
        writer, answer = None, b""
        try:
            async with asyncio.timeout(self.timeout):
                reader, writer = await asyncio.open_connection(self.address, self.port)
                writer.write(f"GET {self.path} HTTP/1.1\r\nHost: prober\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            pass  # no answer is a finding too
        finally:
            if writer:
                writer.transport.abort()
        status = re.match(rb"HTTP/1\.1 (\d+) ", answer)
        name = re.search(rb"\r\nX-Served-By: (\S+)", answer)
        return Probe(
            due, time.monotonic() - due, int(status[1]) if status else 0, name[1].decode("ascii") if name else ""
        )

    @property
    def failed(self) -> int:
        """How many got no good answer."""
        return sum(not probe.succeeded for probe in self.probes)

    @property
    def longest(self) -> float:
        """How long the slowest took since it was due, in seconds."""
        return max(probe.seconds for probe in self.probes)

    @property
    def outage(self) -> float:
        """The longest time in which no request that became due succeeded, in seconds; the pace itself is no outage."""
        served = [probe.due for probe in self.probes if probe.succeeded]
        return max(after - before for before, after in pairwise(served)) - 1 / self.rate

    def __str__(self) -> str:
        """Show the figures."""
        return (
            f"{len(self.probes)} requests, {self.failed} failed, longest {self.longest * 1000:.0f} ms, "
            f"outage {self.outage * 1000:.0f} ms, prober late by {self.lateness * 1000:.0f} ms at most"
        )
