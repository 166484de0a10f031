#!/usr/bin/env python3
"""Tell whether this node of a Galera cluster may be written to.

serve  answers over HTTP, for load balancers and people: 200 if it may, else 503, and why in JSON
wait   ends once the node is Synced, for whoever started it

Both ask the server by its socket, as the user they run as, and need no password and no privilege.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import pwd
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql


# A donor goes on working: neither mariadb-backup nor an incremental transfer blocks it.
WRITABLE_STATES = ("Synced", "Donor/Desynced")
POLL_SECONDS = 0.1
# A server that is not there is not asked as often; each refusal is a line in its log.
RETRY_SECONDS = 0.5
# How long the server may take to answer before the connection is given up; it counts as hung long before.
ANSWER_SECONDS = 5
REQUEST_SECONDS = 2

Status = Mapping[str, str]


@dataclass(frozen=True)
class Observation:
    """What the server said last, and when; without an answer, why there is none."""

    status: Status
    at: float
    error: str = ""


def verdict(seen: Observation, now: float, patience: float) -> tuple[bool, dict[str, Any]]:
    """Judge whether the node may be written to, and tell what it is judged by."""
    age = now - seen.at
    told = {
        "state": seen.status.get("local_state_comment", "Unknown"),
        "cluster_status": seen.status.get("cluster_status", "Unknown"),
        "cluster_size": int(seen.status.get("cluster_size", 0)),
        "cluster_uuid": seen.status.get("cluster_state_uuid", ""),
        "view": int(seen.status.get("cluster_conf_id", 0)),
        "last_committed": int(seen.status.get("last_committed", -1)),
        "ready": seen.status.get("ready") == "ON",
    }
    reason = seen.error
    if not reason and age > patience:
        reason = f"no answer for {age:.1f} s"
    if not reason and not told["ready"]:
        reason = "not ready"
    if not reason and told["cluster_status"] != "Primary":
        reason = "not in a component that may write"
    if not reason and told["state"] not in WRITABLE_STATES:
        reason = "behind the others"
    return not reason, {**told, "reason": reason}


def response(well: bool, told: Mapping[str, Any]) -> bytes:
    """Put an answer into HTTP."""
    body = json.dumps(told).encode() + b"\n"
    head = (
        f"HTTP/1.1 {'200 OK' if well else '503 Service Unavailable'}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


class Server:
    """The database server, by one connection that is kept."""

    def __init__(self, socket: str) -> None:
        """Connect when first asked."""
        self.socket = socket
        self.connection: Any = None

    def ask(self) -> Observation:
        """Ask the server how it is; one that is not there is an observation too."""
        try:
            if self.connection is None:
                self.connection = pymysql.connect(
                    unix_socket=self.socket,
                    user=pwd.getpwuid(os.getuid()).pw_name,
                    connect_timeout=ANSWER_SECONDS,
                    read_timeout=ANSWER_SECONDS,
                    autocommit=True,
                )
            with self.connection.cursor() as cursor:
                cursor.execute("SHOW GLOBAL STATUS LIKE 'wsrep\\_%'")
                status = {name.removeprefix("wsrep_"): value for name, value in cursor.fetchall()}
            return Observation(status, time.monotonic())
        except (pymysql.MySQLError, OSError) as error:
            self.forget()
            return Observation({}, time.monotonic(), f"{type(error).__name__}: {error.args[-1]}")

    def forget(self) -> None:
        """Give the connection up."""
        connection, self.connection = self.connection, None
        if connection is not None:
            # What is broken already need not be closed in good order.
            with suppress(pymysql.MySQLError, OSError):
                connection.close()


class Check:
    """Asks the server all the time, so that an answer never waits for it."""

    def __init__(self, server: Server, patience: float) -> None:
        """Know nothing yet."""
        self.server = server
        self.patience = patience
        self.seen = Observation({}, time.monotonic(), "not asked yet")
        self.told_well: bool | None = None

    def watch(self) -> None:
        """Ask again and again."""
        while True:
            self.seen = self.server.ask()
            time.sleep(RETRY_SECONDS if self.seen.error else POLL_SECONDS)

    def answer(self) -> bytes:
        """Tell what is known, and note each change in the journal."""
        well, told = verdict(self.seen, time.monotonic(), self.patience)
        if well != self.told_well:
            print("may be written to" if well else f"may not be written to: {told['reason']}", flush=True)
            self.told_well = well
        return response(well, told)

    async def respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer whatever is asked."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), REQUEST_SECONDS)
            writer.write(self.answer())
            await asyncio.wait_for(writer.drain(), REQUEST_SECONDS)
        writer.close()

    async def serve(self, address: str, port: int) -> None:
        """Answer until the end."""
        threading.Thread(target=self.watch, daemon=True).start()
        async with await asyncio.start_server(self.respond, address, port) as listening:
            await listening.serve_forever()


def wait(server: Server) -> None:
    """Wait until the node has all that the others have; systemd limits how long."""
    while server.ask().status.get("local_state_comment") != "Synced":
        time.sleep(POLL_SECONDS)


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["serve", "wait"])
    parser.add_argument("settings", type=Path, help="the settings in JSON")
    arguments = parser.parse_args()
    settings = json.loads(arguments.settings.read_text("utf-8"))
    server = Server(settings["socket"])
    if arguments.command == "wait":
        wait(server)
    else:
        check = Check(server, float(settings["patience"]))
        asyncio.run(check.serve(settings["address"], int(settings["port"])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
