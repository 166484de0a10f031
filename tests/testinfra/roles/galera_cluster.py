"""A database cluster: what can be asked of it, written to it and done to it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from testinfra.host import Host


ADDRESSES = {f"test-galera-{number}": f"172.30.91.1{number}" for number in (1, 2, 3)}
CLIENTS = ("test-galera-api-1", "test-galera-api-2")
WRITER = Path(__file__).parent / "mariadb_cluster/writer.py"
INSTALL = "apt-get install --yes --quiet --no-install-recommends"
TABLE = "CREATE TABLE IF NOT EXISTS discordgym.written (id BIGINT PRIMARY KEY, node VARCHAR(64))"
SOCKET = """python3 -c 'import socket
client = socket.socket(socket.AF_UNIX); client.connect("/run/haproxy/admin.sock")
client.send(b"show table mariadb\\n"); print(client.makefile().read())'"""


@dataclass
class Written:
    """What a writer on a client got acknowledged: number, time and node of each row, and its errors."""

    acknowledged: list[tuple[int, float, str]]
    errors: list[tuple[float, str]]

    def longest_gap(self) -> float:
        times = [at for _, at, _ in self.acknowledged]
        return max(after - before for before, after in pairwise(times))

    def last_node(self) -> str:
        return self.acknowledged[-1][2]


@dataclass
class Writing:
    """Writers on all clients, which run in the background until they are asked what they wrote."""

    processes: list[subprocess.Popen[str]]
    first: int
    results: list[Written] = field(default_factory=list)

    def finish(self) -> list[Written]:
        for process in self.processes:
            output, _ = process.communicate(timeout=120)
            self.results.append(Written(**json.loads(output)))
        return self.results

    def numbers(self) -> set[int]:
        return {number for written in self.results for number, _, _ in written.acknowledged}


class Cluster:
    """The nodes and the proxies."""

    def __init__(self, on: Callable[[str], Host], secret: Callable[[str], str]) -> None:
        self.on = on
        self.password = secret("mariadb_app")

    def says(self, node: str) -> dict[str, Any]:
        """What a node's check says, with the HTTP status; no answer is an answer too."""
        try:
            with urlopen(f"http://{ADDRESSES[node]}:9200/", timeout=2) as answer:
                return {"status": answer.status, **json.load(answer)}
        except HTTPError as error:
            return {"status": error.code, **json.load(error)}
        except (URLError, OSError) as error:
            return {"status": 0, "state": repr(error)}

    def is_whole(self) -> bool:
        said = [self.says(node) for node in ADDRESSES]
        return all(s["status"] == 200 and s["state"] == "Synced" and s["cluster_size"] == len(ADDRESSES) for s in said)

    def wait_until_whole(self, patience: float = 120.0) -> None:
        since = time.monotonic()
        while not self.is_whole():
            assert time.monotonic() - since < patience, {node: self.says(node) for node in ADDRESSES}
            time.sleep(0.2)

    def view(self) -> int:
        """The number of the cluster's membership, which grows whenever somebody comes or goes."""
        return int(self.says("test-galera-1")["view"])

    def query(self, node: str, sql: str) -> list[list[str]]:
        output = self.on(node).check_output(f"mariadb --batch --skip-column-names --execute {shlex.quote(sql)}")
        return [line.split("\t") for line in output.splitlines()]

    def used_by(self, client: str) -> str | None:
        """The node that a client's proxy uses."""
        found = re.search(r"server_id=(\d+)", self.on(client).check_output(SOCKET))
        return list(ADDRESSES)[int(found[1]) - 1] if found else None

    def writer(self) -> str:
        """The node that all proxies use."""
        used = {self.used_by(client) for client in CLIENTS}
        assert len(used) == 1, used
        (node,) = used
        assert node is not None
        return node

    def use(self) -> str:
        """Have all proxies choose a node, if none has done so yet."""
        for client in CLIENTS:
            self.on(client).check_output(self.command("0.5"))
        return self.writer()

    def command(self, seconds: str, first: int = 0) -> str:
        return f"P={self.password} python3 /root/writer.py {first} {seconds}"

    def write(self, seconds: float) -> Writing:
        """Begin to write on all clients."""
        first = int(time.time()) * 1_000_000
        processes = [
            subprocess.Popen(
                ["docker", "exec", client, "sh", "-c", self.command(str(seconds), first + place * 500_000)],
                stdout=subprocess.PIPE,
                text=True,
            )
            for place, client in enumerate(CLIENTS)
        ]
        time.sleep(2)
        return Writing(processes, first)

    def stored(self, node: str, writing: Writing) -> set[int]:
        rows = self.query(node, f"SELECT id FROM discordgym.written WHERE id >= {writing.first}")
        return {int(number) for (number,) in rows}

    def signal(self, node: str, signal: str) -> None:
        self.on(node).check_output(f"kill -{signal} $(pidof mariadbd)")

    @contextmanager
    def cut_off(self, node: str) -> Iterator[None]:
        """Drop whatever comes and goes."""
        chains = "".join(
            f"add chain inet cut {hook} {{ type filter hook {hook} priority -10; policy drop; }}\n"
            for hook in ("input", "output")
        )
        self.on(node).check_output(f"printf %s {shlex.quote('add table inet cut' + chr(10) + chains)} | nft --file -")
        try:
            yield
        finally:
            self.on(node).check_output("nft delete table inet cut")
