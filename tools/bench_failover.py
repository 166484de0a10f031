#!/usr/bin/env python3
"""Compare what users notice of a fault behind four load balancers, in the same drills at the same time.

original  the nginx configuration of the original's document, to the letter
ours      the collection's own
haproxy   Debian's HAProxy with active checks and retries
caddy     Debian's Caddy, likewise

The HA lab is made anew, with the peers beside its load balancer, and removed in the end. All four load balancers get
the same load, before the same backends. Printed is one table as it was measured, which reports/ keeps with every
request; the exit status is 1 where a peer failed, lost or duplicated less than ours.
"""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import collection  # noqa: F401 (failover_figures needs it)
import yaml
from failover_figures import OURS, Fault, Outcome, Throughput, defeats, notes, outcome, table, throughput
from lab import fresh_lab, on_host, seconds
from system import ROOT, SetupError, run, say


SCENARIO = "bench_failover"
INVENTORIES = (ROOT / "inventories/ha/hosts.yml", ROOT / "molecule" / SCENARIO / "inventory/hosts.yml")
# The host and the Debian package of each.
LOAD_BALANCERS = {
    "original": ("peer-original", "nginx"),
    OURS: ("nginx-lb", "nginx"),
    "haproxy": ("peer-haproxy", "haproxy"),
    "caddy": ("peer-caddy", "caddy"),
}
PORT, API_PORT = 3001, 3000
UNIT = "discordgym-api"
DATABASE_HOST, DATABASE = "db", "discordgym"

PRIMARIES = ("discordgym-api-1", "discordgym-api-2")
BACKENDS = (*PRIMARIES, "discordgym-api-3")
TARGET = PRIMARIES[:1]
FREEZE_SECONDS = 1.2
FAULTS = {
    fault.name: fault
    for fault in (
        Fault("kill", TARGET, ("--fault=kill", "--hold")),
        Fault("hang", TARGET, ("--fault=hang",)),
        Fault("partition", TARGET, ("--fault=partition",)),
        Fault("error", TARGET, ("--fault=error", f"--port={API_PORT}")),
        Fault("stop", TARGET, ("--fault=stop",)),
        Fault("host_down", TARGET),
        Fault("restart", TARGET, ("--fault=restart",)),
        Fault("kill_primaries", PRIMARIES, ("--fault=kill", "--hold")),
        Fault("freeze_all", BACKENDS, ("--fault=freeze", f"--seconds={FREEZE_SECONDS}")),
    )
}

PROBE = ROOT / "playbooks/files/drill_probe.py"
FAULT_PROGRAM = ROOT / "playbooks/files/drill_fault.py"
FAULT_PROGRAM_ON_HOST = "/run/discordgym-drill/drill_fault.py"
BASELINE_SECONDS, FAULT_SECONDS, RECOVERY_SECONDS = 5, 15, 8
# Should nobody be left to mend the hosts, they mend themselves after so long.
MEND_THEMSELVES_SECONDS = 90
READY_SECONDS = 60
# As long as the users in a drill wait for an answer.
PATIENCE_SECONDS = 5

WARM_UP_SECONDS, MEASURED_SECONDS = 3, 5
THREADS, CONNECTIONS = 2, 32


@dataclass(frozen=True)
class Lab:
    """Where the lab's hosts are."""

    addresses: dict[str, str]

    def service(self, load_balancer: str) -> str:
        """Tell the URL of the service behind a load balancer."""
        host, _ = LOAD_BALANCERS[load_balancer]
        return f"http://{self.addresses[host]}:{PORT}"

    def backend(self, host: str) -> str:
        """Tell the URL of a backend itself."""
        return f"http://{self.addresses[host]}:{API_PORT}"

    def services(self) -> list[str]:
        """Tell the URLs of the service behind every load balancer."""
        return [self.service(name) for name in LOAD_BALANCERS]


def read_lab() -> Lab:
    """Read the hosts' addresses from the inventories."""
    inventories = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in INVENTORIES]
    groups = [group for inventory in inventories for group in inventory["all"]["children"].values()]
    return Lab({name: host["stack_address"] for group in groups for name, host in group["hosts"].items()})


# ---- The load


class Probe:
    """The users of one load balancer."""

    def __init__(self, folder: Path, url: str, rate: float) -> None:
        self.folder, self.run_id = folder, f"d{secrets.token_hex(5)}"
        config = {
            "url": url,
            "origin": "http://localhost",
            "rate": rate,
            "write_share": 0.5,
            "timeout_seconds": PATIENCE_SECONDS,
            "longest_seconds": 600,
            "run_id": self.run_id,
            # Socket.IO's polling needs a load balancer that sends a session to where it began, which not all do.
            "live": False,
        }
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        self._process = subprocess.Popen([sys.executable, str(PROBE), str(folder)], stderr=subprocess.PIPE, text=True)

    def begin(self) -> None:
        """Wait for the first request. Raises SetupError where the probe cannot use the service."""
        while not (self.folder / "began").exists():
            if self._process.poll() is not None:
                raise SetupError(f"a probe could not begin: {self._process.communicate()[1].strip()}")
            time.sleep(0.05)

    def end(self) -> None:
        """Have it end when the requests in flight are answered, and wait for that."""
        (self.folder / "stop").touch()
        self._process.communicate()


@contextmanager
def load(folder: Path, lab: Lab, rate: float) -> Iterator[dict[str, Probe]]:
    """Put the same load on every load balancer."""
    with ExitStack() as stack:
        probes = {}
        for name in LOAD_BALANCERS:
            probes[name] = probe = Probe(folder / name, lab.service(name), rate)
            stack.callback(probe.end)
        for probe in probes.values():
            probe.begin()
        yield probes


# ---- The fault


def wait_until_ready(urls: Iterable[str]) -> None:
    """Wait until each of the services is ready. Raises SetupError where one does not get so."""
    for url in urls:
        until = time.monotonic() + READY_SECONDS
        while not is_ready(url):
            if time.monotonic() > until:
                raise SetupError(f"{url} was not ready within {READY_SECONDS} s.")
            time.sleep(0.1)


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=1):
            return True
    except OSError:
        return False


def sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


def on_each(hosts: Sequence[str], work: Callable[[str], object]) -> None:
    """Do the same on several hosts at the same time."""
    with ThreadPoolExecutor(len(hosts)) as pool:
        list(pool.map(work, hosts))


def docker(action: str, host: str) -> None:
    subprocess.run(["docker", action, host], check=True, capture_output=True)


def order(words: str, host: str) -> None:
    """Tell a host's fault program what to do; it is put there anew, since a reboot forgets it."""
    script = f"mkdir -p {Path(FAULT_PROGRAM_ON_HOST).parent} && cat > {FAULT_PROGRAM_ON_HOST}"
    on_host(host, f"{script} && python3 {FAULT_PROGRAM_ON_HOST} {words}", FAULT_PROGRAM.read_text(encoding="utf-8"))


def break_for_a_while(fault: Fault) -> dict[str, float]:
    """Break the hosts, leave them broken, and tell when that was."""
    words = f"begin --unit={UNIT} --heal-at={time.time() + MEND_THEMSELVES_SECONDS} {' '.join(fault.order)}"
    if fault.name == "freeze_all":
        # Each host freezes its own by the clock, so that all stand still at the same moment.
        began = time.time() + 1 + len(fault.hosts)
        ended = began + FREEZE_SECONDS
        on_each(fault.hosts, partial(order, f"{words} --at={began}"))
        sleep_until(ended)
        return {"fault": began, "effective": began, "heal": ended, "healed": ended}
    began = time.time()
    on_each(fault.hosts, partial(order, words) if fault.order else partial(docker, "kill"))
    effective = time.time()
    sleep_until(effective + FAULT_SECONDS)
    return {"fault": began, "effective": effective}


def heal(fault: Fault) -> None:
    """Mend what is broken; where nothing is, nothing is done."""
    on_each(fault.hosts, partial(order, "heal") if fault.order else partial(docker, "start"))


def drill(fault: Fault, folder: Path, lab: Lab, rate: float) -> tuple[dict[str, float], list[Outcome]]:
    """Break something under load; tell when that was, and what each load balancer made of it."""
    wait_until_ready([*map(lab.backend, BACKENDS), *lab.services()])
    with load(folder, lab, rate) as probes:
        marks = {"baseline": time.time()}
        time.sleep(BASELINE_SECONDS)
        try:
            marks |= break_for_a_while(fault)
            marks.setdefault("heal", time.time())
        finally:
            heal(fault)
        wait_until_ready(map(lab.backend, fault.hosts))
        marks.setdefault("healed", time.time())
        sleep_until(marks["healed"] + RECOVERY_SECONDS)
        marks["end"] = time.time()
    return marks, [
        outcome(probe.folder, fault, name, rate, marks, read_ledger(probe.run_id)) for name, probe in probes.items()
    ]


def read_ledger(run_id: str) -> dict[str, int]:
    """Tell how often the database holds each write of a probe."""
    query = f"SELECT name, COUNT(*) FROM workouts WHERE name LIKE '{run_id}-%' GROUP BY name"
    lines = on_host(DATABASE_HOST, f"mariadb --batch --skip-column-names {DATABASE}", query).splitlines()
    return {name: int(count) for name, count in (line.split("\t") for line in lines)}


# ---- Throughput


def measure_throughput(duration: int, *urls: str) -> Throughput:
    """Have wrk ask for what costs the backends least, of several at the same time with the connections shared out."""
    options = [f"-t{THREADS // len(urls)}", f"-c{CONNECTIONS // len(urls)}", f"-d{duration}s"]
    commands = [["wrk", *options, f"{url}/health/live"] for url in urls]
    with ThreadPoolExecutor(len(commands)) as pool:
        printed = pool.map(
            lambda command: subprocess.run(command, check=True, capture_output=True, text=True), commands
        )
        return sum((throughput(result.stdout) for result in printed), Throughput(0, 0))


def throughputs(lab: Lab) -> tuple[Throughput, Throughput, dict[str, Throughput]]:
    """Measure one backend directly, both primaries directly, and through each load balancer."""
    for host in BACKENDS:
        measure_throughput(WARM_UP_SECONDS, lab.backend(host))
    one = measure_throughput(MEASURED_SECONDS, lab.backend(PRIMARIES[0]))
    both = measure_throughput(MEASURED_SECONDS, *map(lab.backend, PRIMARIES))
    return one, both, {name: measure_throughput(MEASURED_SECONDS, lab.service(name)) for name in LOAD_BALANCERS}


# ---- All of it


def versions() -> dict[str, str]:
    """Tell the package of each load balancer with its version."""
    query = "dpkg-query --show --showformat='${Package} ${Version}' "
    return {name: on_host(host, query + package) for name, (host, package) in LOAD_BALANCERS.items()}


def revision() -> str:
    """Tell the revision of this repository, if it is one."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout.strip()


def faults_named(given: str) -> list[Fault]:
    """Read a list of faults joined by commas."""
    unknown = [name for name in given.split(",") if name not in FAULTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}: choose from {', '.join(FAULTS)}")
    return [FAULTS[name] for name in given.split(",")]


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=25, help="requests a second on each load balancer (%(default)s)")
    parser.add_argument(
        "--faults",
        type=faults_named,
        default=list(FAULTS.values()),
        help=f"some of {','.join(FAULTS)}",
    )
    return parser.parse_args()


def main() -> int:
    """Measure, print the table, and return 1 where ours was worse than a peer."""
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends as orderly as Ctrl-C
    began = time.strftime("%Y%m%dT%H%M%S")
    folder = ROOT / "reports" / f"bench-failover-{began}"
    lab = read_lab()
    seconds([sys.executable, "tools/programs.py", "wrk=wrk"])
    drills: list[dict[str, Any]] = []
    outcomes: list[Outcome] = []
    with fresh_lab(SCENARIO):
        say("deploying the stack and the peers of its load balancer")
        seconds(["molecule", "converge", "--scenario-name", SCENARIO])
        for fault in chosen.faults:
            say(f"{fault.name}: {', '.join(fault.hosts)}")
            marks, measured = drill(fault, folder / fault.name, lab, chosen.rate)
            drills.append({"fault": fault.name, "hosts": fault.hosts, "marks": marks})
            outcomes += measured
        say("throughput")
        one, both, through = throughputs(lab)
        load_balancers = versions()
    results = {
        "schema": 1,
        "began": began,
        "revision": revision(),
        "rate": chosen.rate,
        "load_balancers": load_balancers,
        "drills": drills,
        "outcomes": [asdict(measured) for measured in outcomes],
        "throughput": {
            "one_backend": asdict(one),
            "both_primaries": asdict(both),
            **{name: asdict(measured) for name, measured in through.items()},
        },
    }
    (folder / "results.json").write_text(json.dumps(results, indent=2), encoding="utf-8")
    print(table(outcomes, through, both))
    print(
        f"\nThe primaries' own is what wrk gets of both without a load balancer, with as many connections: "
        f"{both.requests_per_second:,.0f}/s (of one alone {one.requests_per_second:,.0f}/s)."
    )
    worse = list(defeats(outcomes))
    for line in (*notes(outcomes, through), *(f"Worse than a peer: {sentence}" for sentence in worse)):
        print(line)
    say(f"all of it lies in {folder.relative_to(ROOT)}")
    return 1 if worse else 0


if __name__ == "__main__":
    run("bench_failover", main)
