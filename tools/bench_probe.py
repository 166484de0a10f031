#!/usr/bin/env python3
"""Put the load of a drill on one load balancer: the drill's own probe, without its two live clients.

Socket.IO's polling needs a load balancer that sends a session to where it began, which not all that are compared do.
The folder holds config.json, as the drill's probe reads it; written are began, requests.jsonl and summary.json. It ends
when the file `stop` appears there, on SIGTERM or SIGINT, or after longest_seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import collection  # noqa: F401 (finds the next one)
from ansible_collections.discordgym.stack.playbooks.files.drill_probe import (
    Config,
    Service,
    UnusableError,
    now,
    open_session,
    read_config,
    watch,
)


async def probe(folder: Path, config: Config) -> None:
    """Make an account; send the load until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with (folder / "requests.jsonl").open("w", buffering=1 << 20) as requests:
        async with open_session(config) as http:
            service = Service(http, config)
            account = {"username": f"drill-{config.run_id}", "password": secrets.token_urlsafe(24)}
            user_id = await service.create("/auth/register", account)
            start = now()
            (folder / "began").touch()
            watching = asyncio.create_task(watch(folder, start + config.longest_seconds, [requests], stop))
            try:
                await service.load(start, requests, stop)
            finally:
                watching.cancel()
    processor_seconds = round(time.process_time(), 3)
    summary = {"live": {}, "processor_seconds": processor_seconds, "run_id": config.run_id, "user_id": user_id}
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")


def main() -> int:
    """Run the probe; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds config.json, and gets what was measured")
    folder: Path = parser.parse_args().folder
    try:
        config = read_config(folder)
        # Who shares the processor with the service measures his own waiting; only a privileged user may go first.
        with suppress(PermissionError):
            os.nice(-10)
        asyncio.run(probe(folder, config))
    except UnusableError as error:
        print(f"bench_probe: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
