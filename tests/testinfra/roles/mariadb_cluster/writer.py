#!/usr/bin/env python3
"""Write rows through the local proxy for so many seconds, and tell in JSON when each was acknowledged and by whom.

Runs on a client host; the password comes by the environment.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from typing import Any

import pymysql


PAUSE_SECONDS = 0.02
SQL = "INSERT INTO written (id, node) VALUES (%s, @@wsrep_node_name) ON DUPLICATE KEY UPDATE node = node"


def connect() -> Any:
    return pymysql.connect(
        host="127.0.0.1",
        user="discordgym_app",
        password=os.environ["P"],
        database="discordgym",
        connect_timeout=2,
        read_timeout=10,
        autocommit=True,
    )


def main() -> None:
    first, until = int(sys.argv[1]), time.time() + float(sys.argv[2])
    connection: Any = None
    acknowledged: list[tuple[int, float, str]] = []
    errors: list[tuple[float, str]] = []
    number = first
    while time.time() < until:
        try:
            if connection is None:
                connection = connect()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT @@wsrep_node_name")
                    (node,) = cursor.fetchone()
            with connection.cursor() as cursor:
                cursor.execute(SQL, (number,))
            acknowledged.append((number, time.time(), node))
            number += 1
        except (pymysql.MySQLError, OSError) as error:
            errors.append((time.time(), repr(error)))
            if connection is not None:
                with suppress(pymysql.MySQLError, OSError):
                    connection.close()
            connection = None
        time.sleep(PAUSE_SECONDS)
    json.dump({"acknowledged": acknowledged, "errors": errors}, sys.stdout)


if __name__ == "__main__":
    main()
