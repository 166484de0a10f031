"""The cluster under test: whom its Sentinels call the master, how it is broken, and what a writer sees meanwhile."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployment import ROOT
from testinfra.host import Host


MEMBERS = {f"test-redis-{number}": f"172.30.92.{10 + number}" for number in (1, 2, 3)}
API = "test-redis-api"
PROGRAM = "runuser --user redis -- python3 -I /usr/local/lib/discordgym/redis_member.py /etc/redis/member.json"
CUT_OFF = """
table inet cut_off {
    chain input { type filter hook input priority -10; iif lo accept; drop; }
    chain output { type filter hook output priority -10; oif lo accept; drop; }
}
"""
# The writer starts Python and finds the master.
SECONDS_UNTIL_WRITING = 1.5


@dataclass
class Cluster:
    """Its hosts, and how to log in."""

    on: Callable[[str], Host]
    secret: Callable[[str], str]

    def told(self, member: str, command: str) -> Any:
        """What the program on a member says."""
        return json.loads(self.on(member).check_output(f"{PROGRAM} {command}"))

    @property
    def leader(self) -> str:
        """The member that all Sentinels call the master."""
        deadline = time.monotonic() + 30
        while len(addresses := {self.told(member, "leader")["leader"] for member in MEMBERS}) > 1:
            assert time.monotonic() < deadline, f"the Sentinels do not agree: {addresses}"
        (address,) = addresses
        return next(member for member, known in MEMBERS.items() if known == address)

    @property
    def replicas(self) -> list[str]:
        """The other members."""
        return [member for member in MEMBERS if member != self.leader]

    def settle(self) -> None:
        """Wait until every member does its part, and each Sentinel counts on the others."""
        for member in MEMBERS:
            self.on(member).check_output(f"{PROGRAM} settle")
        deadline = time.monotonic() + 30
        for member in MEMBERS:
            while not (known := self.quorum(member)).startswith("OK 3 usable Sentinels"):
                assert time.monotonic() < deadline, f"{member}: {known}"
                time.sleep(0.5)

    def quorum(self, member: str) -> str:
        """What a member's Sentinel says of those that it counts on; it finds one that was away a little later."""
        return self.ask(member, "discordgym_admin", "SENTINEL CKQUORUM discordgym", port=26379)

    def ask(self, member: str, user: str, command: str, *, port: int = 6379, source: str = "") -> str:
        """Run a command as one of the users, from a host; the password goes by the environment."""
        names = {"discordgym_admin": "redis_admin", "discordgym_app": "redis_app"}
        password = self.secret(names.get(user, f"redis_{'replication' if user.endswith('replica') else 'sentinel'}"))
        # A subscription that was allowed would go on for ever.
        login = f"REDISCLI_AUTH={shlex.quote(password)} timeout 2 redis-cli -h {MEMBERS[member]} -p {port}"
        return str(self.on(source or member).run(f"{login} --user {user} {command}").stdout).strip()

    # ---- Faults, each as it is made and mended

    def break_(self, member: str, fault: str) -> None:
        """Break a member's Redis, or the whole member."""
        if fault == "host_down":
            subprocess.run(["docker", "kill", member], check=True, capture_output=True)
        elif fault == "partition":
            self.on(member).check_output(f"echo {shlex.quote(CUT_OFF)} | nft --file -")
        else:
            self.on(member).check_output(f"systemctl kill --signal={fault} redis-server")

    def mend(self, member: str, fault: str) -> None:
        """Mend what does not mend itself."""
        if fault == "host_down":
            subprocess.run(["docker", "start", member], check=True, capture_output=True)
            self.on(member).run("systemctl is-system-running --wait")
        elif fault == "partition":
            self.on(member).check_output("nft delete table inet cut_off")
        elif fault == "STOP":
            self.on(member).check_output("systemctl kill --signal=CONT redis-server")

    # ---- The writer

    def install_writer(self, host: str) -> None:
        """Copy the writer to a host."""
        for path in (ROOT / "roles/redis/files/redis_member.py", Path(__file__).with_name("writer.py")):
            subprocess.run(["docker", "cp", "--quiet", str(path), f"{host}:/root/{path.name}"], check=True)

    @contextmanager
    def writing(self, seconds: float | None, *arguments: str, host: str = API) -> Iterator[Future[dict[str, Any]]]:
        """Write for some seconds, or as long as the block takes; the result is there after it."""
        self.install_writer(host)
        command = (
            f'PASSWORD={self.secret("redis_app")} python3 -I -c \'import sys; sys.path.insert(0, "/root"); '
            f"import writer; writer.main()' {','.join(MEMBERS.values())} {seconds or 900} {' '.join(arguments)}"
        )
        with ThreadPoolExecutor(1) as pool:
            written = pool.submit(lambda: json.loads(self.on(host).check_output(command)))
            time.sleep(SECONDS_UNTIL_WRITING)
            try:
                yield written
            finally:
                if seconds is None:
                    self.on(host).check_output("touch /run/enough-was-written")
