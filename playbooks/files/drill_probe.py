#!/usr/bin/env python3
"""Play the people who use the reference application, and write down what each of them got.

Requests are sent at a constant rate whatever becomes of the others, each on a connection of its own and without a
second try (unless one is asked for), so that nothing but the service itself hides a failure. Their latency counts from
the moment they were due: one that had to wait for its turn waited. Besides, two people follow a chat room live, one by
websocket, one by polling, and the service's address may be knocked at all the time.

The folder holds config.json; written are began, requests.jsonl, live.jsonl, knocks.jsonl and summary.json. The probe
ends when the file `stop` appears there, on SIGTERM or SIGINT, or after longest_seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from drill_http import Config, Service, UnusableError, error_class, now, open_session, pause, read_config
from drill_live import Audience


# The address is taken for gone that accepts no connection for so long; a network needs a few milliseconds.
KNOCK_INTERVAL_SECONDS = 0.01
KNOCK_PATIENCE_SECONDS = 0.1
# For so long the address may be away (vars/drill_objectives.yml); who repeats a request once, does it afterwards.
ADDRESS_AWAY_SECONDS = 0.5
# Without an answer, or told that there is none for now.
RETRIED_STATUSES = (0, 502, 503, 504)


def due(start: float, number: int, rate: float) -> float:
    """Tell when a request is due, whatever became of the ones before it."""
    return start + number / rate


def is_write(number: int, share: float) -> bool:
    """Spread the writes evenly: after any number of requests their share is right to within one."""
    return int((number + 1) * share) > int(number * share)


async def use(service: Service, number: int, scheduled: float, requests: TextIO) -> None:
    """Send one request of the load, and write down what came of it."""
    config = service.config
    key = f"{config.run_id}-{number:06d}" if is_write(number, config.write_share) else ""
    kind, sent, first_failed = "write" if key else "read", now(), None
    for attempt in range(1, 2 + config.retries):
        patience = config.first_patience_seconds if attempt <= config.retries else 0
        if key:
            body = {"name": key, "performedOn": "2026-01-01"}
            answer = await service.ask("POST", "/workouts", key, body, patience)
        else:
            answer = await service.ask("GET", config.read_url or "/workouts?page=1&pageSize=1", patience=patience)
        if answer.error and first_failed is None:
            first_failed = round(now(), 6)
        if answer.status not in RETRIED_STATUSES:
            break
        if attempt <= config.retries:
            await asyncio.sleep(pause(ADDRESS_AWAY_SECONDS))
    times = [round(moment, 6) for moment in (scheduled, sent, now() - scheduled)]
    told = [*times, kind, answer.status, answer.error, answer.backend, key, attempt, first_failed]
    print(json.dumps(told), file=requests)


async def load(service: Service, start: float, requests: TextIO, stop: asyncio.Event) -> None:
    """Send each request when it is due; return when the last one is answered."""
    in_flight: set[asyncio.Task[None]] = set()
    for number in count():
        scheduled = due(start, number, service.config.rate)
        await asyncio.sleep(max(0, scheduled - now()))
        if stop.is_set():
            break
        in_flight.add(task := asyncio.create_task(use(service, number, scheduled, requests)))
        task.add_done_callback(in_flight.discard)
    await asyncio.gather(*in_flight)


async def knock(address: tuple[str, int]) -> str:
    """Open a connection and close it; tell in one word why there is none."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setblocking(False)
        try:
            async with asyncio.timeout(KNOCK_PATIENCE_SECONDS):
                await asyncio.get_running_loop().sock_connect(door, address)
        except TimeoutError as error:
            # A probe that was itself held up must not take its own lateness for the service's.
            with suppress(OSError):
                door.getpeername()
                return ""
            return error_class(error)
        except OSError as error:
            return error_class(error)
    return ""


async def knock_once(address: tuple[str, int], scheduled: float, knocks: TextIO) -> None:
    """Knock when it is due, and write down what came of it."""
    error = await knock(address)
    print(json.dumps([round(scheduled, 6), round(now() - scheduled, 6), error]), file=knocks)


async def keep_knocking(url: str, start: float, knocks: TextIO, stop: asyncio.Event) -> None:
    """Knock at the service's address at a constant rate, whatever became of the knocks before."""
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 80)
    async with asyncio.TaskGroup() as knocking:
        for number in count():
            scheduled = due(start, number, 1 / KNOCK_INTERVAL_SECONDS)
            await asyncio.sleep(max(0, scheduled - now()))
            if stop.is_set():
                return
            knocking.create_task(knock_once(address, scheduled, knocks))


async def watch(folder: Path, until: float, files: Sequence[TextIO], stop: asyncio.Event) -> None:
    """Bring what was recorded to the disk every second, and notice the word to stop."""
    for tick in count():
        if now() > until or (folder / "stop").exists():
            stop.set()
        if tick % 10 == 0:
            for file in files:
                file.flush()
        await asyncio.sleep(0.1)


async def probe(folder: Path, config: Config) -> None:
    """Set up the account and the audience; measure until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tasks: list[asyncio.Task[None]] = []
    with ExitStack() as files:
        paths = (folder / name for name in ("requests.jsonl", "live.jsonl", "knocks.jsonl"))
        requests, live, knocks = journals = [files.enter_context(path.open("w", buffering=1 << 20)) for path in paths]
        async with open_session(config) as http:
            service = Service(http, config)
            audience = Audience(service, live)
            try:
                account = {"username": f"drill-{config.run_id}", "password": secrets.token_urlsafe(24)}
                user_id = await service.create("/auth/register", account)
                if config.live:
                    await audience.gather(config.live_backend)

                start = now()
                (folder / "began").touch()
                tasks.append(asyncio.create_task(watch(folder, start + config.longest_seconds, journals, stop)))
                if config.live:
                    tasks.append(asyncio.create_task(audience.entertain(stop)))
                if config.knock:
                    tasks.append(asyncio.create_task(keep_knocking(config.url, start, knocks, stop)))
                await load(service, start, requests, stop)
                if tasks[1:]:
                    await asyncio.wait(tasks[1:], timeout=config.timeout_seconds)
                await audience.catch_up()
            finally:
                for task in tasks:
                    task.cancel()
                await audience.leave()
    summary = {
        "live": audience.summary(),
        "processor_seconds": round(time.process_time(), 3),
        "run_id": config.run_id,
        "user_id": user_id,
    }
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")


def main() -> int:
    """Run the probe; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds config.json, and gets what was measured")
    folder: Path = parser.parse_args().folder
    # The library's complaints about lost connections; live.jsonl tells of them.
    logging.getLogger("engineio.client").setLevel(logging.CRITICAL)
    try:
        config = read_config(folder)
        # Who shares the processor with the service measures his own waiting; only a privileged user may go first.
        with suppress(PermissionError):
            os.nice(-10)
        asyncio.run(probe(folder, config))
    except UnusableError as error:
        print(f"drill_probe: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
