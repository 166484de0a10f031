#!/usr/bin/env python3
"""Tell keepalived whether this load balancer may hold the common address (VIP): `vip_checker.py <settings>`.

That nginx died, its unit tells by itself. This finds out what takes asking: an nginx that hangs, a host that is cut
off, and a load balancer that the others do not know. It runs without any rights and writes a 0 or a 1 into one file.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


# So much later than it should a round may end; if it does not, the checker itself stood still, and proves nothing.
BELIEVABLE_DELAY = 0.15

FORBIDDEN = 403


@dataclass(frozen=True)
class Host:
    """Something that listens."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class Settings:
    """What the load balancer's role says."""

    own: Host
    peers: Sequence[Host]
    others: Sequence[Host]
    path: str
    interval: float
    timeout: float
    falls: int
    rises: int
    file: Path


def settings_from(data: Mapping[str, Any]) -> Settings:
    """Read the settings; what was given on a command line may be a string."""

    def host(entry: Mapping[str, Any]) -> Host:
        return Host(entry["name"], entry["address"], int(entry["port"]))

    return Settings(
        own=host(data["own"]),
        peers=tuple(map(host, data["peers"])),
        others=tuple(map(host, data["others"])),
        path=data["path"],
        interval=float(data["interval"]),
        timeout=float(data["timeout"]),
        falls=int(data["falls"]),
        rises=int(data["rises"]),
        file=Path(data["file"]),
    )


# ---- Asking


async def status(host: Host, path: str, timeout: float) -> int | None:
    """Ask for a path and tell the status of the answer, None if there is none in time."""
    writer = None
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(host.address, host.port)
            writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            answer = re.match(rb"HTTP/1\.\d ([1-5]\d\d)\b", await reader.readline())
    except (OSError, ValueError):  # a timeout is an OSError
        return None
    finally:
        if writer:
            writer.transport.abort()
    return int(answer[1]) if answer else None


async def is_there(host: Host, timeout: float) -> bool:
    """Whether somebody answers at all; who refuses the connection does."""
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(host.address, host.port)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    writer.transport.abort()
    return True


async def anybody_is_there(hosts: Iterable[Host], timeout: float) -> bool:
    """Whether one of them answers at all."""
    return any(await asyncio.gather(*(is_there(host, timeout) for host in hosts)))


# ---- Judging


async def unfitness(settings: Settings) -> str:
    """Tell why another load balancer should hold the VIP, nothing if none should.

    To give it away helps only where somebody else can do better, so what the others say decides.
    """

    def ask(host: Host) -> Any:
        return status(host, settings.path, settings.timeout)

    own, *answers = await asyncio.gather(ask(settings.own), *map(ask, settings.peers))
    peers = dict(zip((peer.name for peer in settings.peers), answers, strict=True))
    # Out of the inventory, or not made known to the others yet. They would not tell it who holds the VIP.
    strange_to = [name for name, answer in peers.items() if answer == FORBIDDEN]
    if strange_to:
        return f"{strange_to[0]} does not know this load balancer"
    living = [name for name, answer in peers.items() if answer]
    if living:
        return "" if own else f"nginx does not answer, while that of {living[0]} does"
    if await anybody_is_there((*settings.peers, *settings.others), settings.timeout):
        return ""
    # Whoever takes the VIP meanwhile keeps it when the network is back.
    return "cut off from everybody"


class Judge:
    """Holds what is believed, and weighs what contradicts it."""

    def __init__(self, unfit: bool, falls: int, rises: int) -> None:
        """Go on with what keepalived was told last."""
        self.unfit = unfit
        self.falls = falls
        self.rises = rises
        self.contradictions = 0

    def weigh(self, unfit: bool) -> bool:
        """Weigh one more finding, and tell whether it changes what is believed."""
        self.contradictions = self.contradictions + 1 if unfit != self.unfit else 0
        if self.contradictions < (self.rises if self.unfit else self.falls):
            return False
        self.unfit, self.contradictions = unfit, 0
        return True


async def run(settings: Settings) -> None:
    """Ask round after round."""
    judge = Judge(settings.file.read_text("ascii").strip() != "0", settings.falls, settings.rises)
    while True:
        began = time.monotonic()
        reason = await unfitness(settings)
        # There may be two questions, one after the other.
        late = time.monotonic() - began - 2 * settings.timeout
        if late > BELIEVABLE_DELAY:
            print(f"was held up for {late:.1f} s, so this round does not count", flush=True)
        elif judge.weigh(bool(reason)):
            print(f"unfit for the VIP: {reason}" if reason else "fit for the VIP", flush=True)
            # In place, since the folder is not this user's; keepalived reads it when it is closed.
            settings.file.write_text(f"{judge.unfit:d}\n", "ascii")
        await asyncio.sleep(began + settings.interval - time.monotonic())


if __name__ == "__main__":
    asyncio.run(run(settings_from(json.loads(Path(sys.argv[1]).read_text("utf-8")))))
