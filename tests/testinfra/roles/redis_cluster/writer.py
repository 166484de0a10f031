"""Write to the master without a pause, and tell what was acknowledged and when: run on a host of the application.

Like the application it asks the Sentinels where the master is, and asks again when a write fails.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

from redis_member import Connection, ReplyError, User


PORT, SENTINEL_PORT = 6379, 26379
USER = User("discordgym_app", os.environ["PASSWORD"])
PATIENCE = 0.3
PAUSE = 0.02
ENOUGH = Path("/run/enough-was-written")


def master(members: list[str]) -> str:
    """Ask the Sentinels, in any order."""
    for member in random.sample(members, len(members)):
        try:
            sentinel = Connection(member, SENTINEL_PORT, USER, PATIENCE)
            try:
                return str(sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "discordgym")[0])
            finally:
                sentinel.close()
        except (OSError, ReplyError):
            continue
    raise OSError("no Sentinel answers")


def main() -> None:
    """Write until the time is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("members", help="their addresses, with commas between them")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--replicas", type=int, default=1, help="how many replicas must have a write")
    parser.add_argument("--to", default="", help="write there alone, whoever leads")
    arguments = parser.parse_args()
    members = arguments.members.split(",")
    run, number, connection = str(time.time()), 0, None
    acknowledged: dict[int, float] = {}
    refusals: list[tuple[str, float]] = []
    end = time.time() + arguments.seconds
    ENOUGH.unlink(missing_ok=True)
    while time.time() < end and not ENOUGH.exists():
        number += 1
        try:
            if connection is None:
                connection = Connection(arguments.to or master(members), PORT, USER, PATIENCE)
            connection.ask("SET", f"session:{run}:{number}", number, "EX", 600)
            if arguments.replicas > connection.ask("WAIT", arguments.replicas, int(PATIENCE * 900)):
                raise ReplyError("NOTACKNOWLEDGED")
            acknowledged[number] = time.time()
        except (OSError, ReplyError) as error:
            kind = str(error).split(" ")[0] if isinstance(error, ReplyError) else type(error).__name__
            refusals.append((kind, time.time()))
            if connection is not None:
                connection.close()
            connection = None
        time.sleep(PAUSE)

    # What is there now, by the word of whoever leads.
    connection = Connection(arguments.to or master(members), PORT, USER)
    lost = [number for number in acknowledged if connection.ask("GET", f"session:{run}:{number}") != str(number)]
    told = {
        "acknowledged": len(acknowledged),
        "lost": len(lost),
        "longest_gap": max((later - earlier for earlier, later in pairwise(acknowledged.values())), default=0),
        "last_acknowledged": max(acknowledged.values(), default=0),
        "refusals": Counter(kind for kind, _ in refusals),
        "first_refusals": dict(reversed(refusals)),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
