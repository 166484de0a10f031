#!/usr/bin/env python3
"""Break a service of this host for a drill, and mend it again.

failover.yml copies this program to /run/discordgym-drill on the target and runs it there as root. Whatever it breaks,
a timer of systemd mends when it is time, whether or not somebody is left to order it; a reboot forgets all of it.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


FOLDER = Path("/run/discordgym-drill")
STATE = FOLDER / "state.json"
MENDED = FOLDER / "mended.json"
KILLS = FOLDER / "kills"
LOCK = FOLDER / "lock"
PROGRAM = str(FOLDER / "drill_fault.py")
HEALER = "discordgym-drill-heal"
SICK_SERVER = "discordgym-drill-error"
FREEZER = "discordgym-drill-freeze"
KILLER = "discordgym-drill-kills"
TABLE = "inet discordgym_drill"
SECONDS_BETWEEN_LOOKS = 0.1
# So much longer than the fault lasts systemd would wait before it starts a killed unit again.
HOLD_MARGIN_SECONDS = 60

# Both directions, before every other rule; the loopback stays, and the port through which the controller mends.
PARTITION = """
table {table} {{
    chain input {{
        type filter hook input priority -300; policy drop;
        iif lo accept
        {spared_in}
    }}
    chain output {{
        type filter hook output priority -300; policy drop;
        oif lo accept
        {spared_out}
    }}
}}
"""


def drop_in(unit: str) -> Path:
    """Name the file that puts systemd's restart of a unit off; the last one's word counts."""
    return Path(f"/run/systemd/system/{unit}.service.d/zz-discordgym-drill.conf")


def partition_rules(spared_port: int) -> str:
    """The rules that cut this host off, all but one TCP port of its own (0 for none)."""
    return PARTITION.format(
        table=TABLE,
        spared_in=f"tcp dport {spared_port} accept" if spared_port else "",
        spared_out=f"tcp sport {spared_port} accept" if spared_port else "",
    )


def signal(unit: str, name: str, whom: str = "all") -> list[str]:
    """The command that sends a signal to a unit's main process or to all of its processes."""
    return ["systemctl", "kill", f"--kill-whom={whom}", f"--signal={name}", unit]


def run(command: list[str], given: str | None = None) -> None:
    """Run a command; raises CalledProcessError where it fails."""
    subprocess.run(command, check=True, input=given, text=True, capture_output=True)


def wait_until(moment: float) -> None:
    """Wait for a moment, in seconds of the epoch, which may be over."""
    time.sleep(max(0.0, moment - time.time()))


def hold_down(unit: str, seconds: int) -> None:
    """Put systemd's restart of a unit off, for longer than the fault lasts."""
    drop_in(unit).parent.mkdir(parents=True, exist_ok=True)
    drop_in(unit).write_text(f"[Service]\nRestartSec={seconds}\n", encoding="utf-8")
    run(["systemctl", "daemon-reload"])


def start_timer(seconds: float) -> None:
    """Have systemd mend after so many seconds, whatever becomes of the controller."""
    timer = [f"--unit={HEALER}", f"--on-active={seconds:.3f}", "--timer-property=AccuracySec=50ms"]
    run(["systemd-run", *timer, sys.executable, PROGRAM, "heal"])


def begin(options: argparse.Namespace) -> None:
    """Break the unit as ordered, and write down what was done."""
    fault, unit = options.fault, options.unit
    MENDED.unlink(missing_ok=True)
    KILLS.unlink(missing_ok=True)
    if fault == "restart":
        wait_until(options.at)
        run(["systemctl", "restart", unit])
        return
    now = time.time()
    lasts = max(0.0, options.heal_at - now)
    STATE.write_text(json.dumps({"fault": fault, "unit": unit, "began": now}), encoding="utf-8")
    start_timer(lasts)
    if fault not in ("freeze", "repeat_kill"):
        wait_until(options.at)
    if fault == "kill":
        if options.hold:
            hold_down(unit, int(lasts) + HOLD_MARGIN_SECONDS)
        run(signal(unit, "KILL", whom="main"))
    elif fault == "stop":
        run(["systemctl", "stop", unit])
    elif fault == "hang":
        run(signal(unit, "STOP"))
    elif fault == "partition":
        run(["nft", "--file", "-"], partition_rules(options.spare_port))
    elif fault == "error":
        run(["systemctl", "stop", unit])
        run(["systemd-run", f"--unit={SICK_SERVER}", sys.executable, PROGRAM, "answer", f"--port={options.port}"])
    elif fault == "freeze":
        freeze = ["freeze", f"--unit={unit}", f"--at={options.at}", f"--seconds={options.seconds}"]
        run(["systemd-run", f"--unit={FREEZER}", sys.executable, PROGRAM, *freeze])
    elif fault == "repeat_kill":
        turn = [f"--at={options.at}", f"--every={options.every}", f"--turn={options.turn}", f"--turns={options.turns}"]
        kills = ["kills", f"--unit={unit}", *turn, f"--kills={options.kills}"]
        # Collected, since one that failed would else be in the next one's way.
        run(["systemd-run", "--collect", f"--unit={KILLER}", sys.executable, PROGRAM, *kills])


def heal() -> None:
    """Undo whatever a drill broke on this host, and write down since when the unit runs again.

    Without a fault there is nothing to do. The timer may be at it while somebody else orders it: the second one waits.
    """
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if STATE.exists():
            mend()


def mend() -> None:
    """Undo what is on record."""
    state = json.loads(STATE.read_text(encoding="utf-8"))
    unit = state["unit"]
    if state["fault"] == "partition":
        # Declared first, so that deleting it succeeds also where it is gone.
        run(["nft", "--file", "-"], f"table {TABLE}\ndelete table {TABLE}\n")
    elif state["fault"] in ("hang", "freeze"):
        subprocess.run(["systemctl", "stop", FREEZER], check=False, capture_output=True)  # it may have ended
        run(signal(unit, "CONT"))
    elif state["fault"] == "error":
        run(["systemctl", "stop", SICK_SERVER])
    elif state["fault"] == "repeat_kill":
        subprocess.run(["systemctl", "stop", KILLER], check=False, capture_output=True)  # it may have ended
    if drop_in(unit).exists():
        drop_in(unit).unlink()
        run(["systemctl", "daemon-reload"])
        # Not `start`: to systemd a unit whose restart is put off is about to run already.
        run(["systemctl", "restart", unit])
    else:
        run(["systemctl", "start", unit])
    kills = int(KILLS.read_text(encoding="utf-8")) if KILLS.exists() else 0
    MENDED.write_text(json.dumps({"healed": time.time(), "kills": kills}), encoding="utf-8")
    STATE.unlink()
    # Last, because the timer's own service may be what runs this.
    subprocess.run(["systemctl", "stop", f"{HEALER}.timer"], check=False, capture_output=True)  # it may have elapsed


def freeze(unit: str, at: float, seconds: float) -> None:
    """Hold all processes of a unit from a moment on, in seconds of the epoch, for so many seconds."""
    wait_until(at)
    run(signal(unit, "STOP"))
    try:
        wait_until(at + seconds)
    finally:
        run(signal(unit, "CONT"))


def kill_in_turn(unit: str, at: float, every: float, turns: range) -> None:
    """Kill a unit when it is its turn: the kills come every so many seconds from a moment on, in seconds of the epoch.

    Systemd starts it in between; who is not back in time is killed as soon as he is. Each kill is counted in a file.
    """
    for count, turn in enumerate(turns, start=1):
        wait_until(at + turn * every)
        while subprocess.run(["systemctl", "is-active", "--quiet", unit], check=False).returncode:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        run(signal(unit, "KILL", whom="main"))
        KILLS.write_text(str(count), encoding="utf-8")


class SickHandler(BaseHTTPRequestHandler):
    """Answers everything as a service that is overloaded would."""

    protocol_version = "HTTP/1.1"

    def refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = refuse  # noqa: N815 (http.server's names)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the journal free of a drill's requests."""


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    described = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = described.add_subparsers(dest="command", required=True)
    begins = commands.add_parser("begin", help="break a unit")
    begins.add_argument(
        "--fault",
        required=True,
        choices=["kill", "stop", "restart", "hang", "partition", "error", "freeze", "repeat_kill"],
    )
    begins.add_argument("--unit", required=True, help="the unit, without .service")
    begins.add_argument("--heal-at", type=float, required=True, help="when it is mended, in seconds of the epoch")
    begins.add_argument("--hold", action="store_true", help="kill: keep systemd from starting it again meanwhile")
    begins.add_argument("--spare-port", type=int, default=0, help="partition: the TCP port that stays reachable")
    begins.add_argument("--port", type=int, default=0, help="error: the port on which to answer 503")
    begins.add_argument("--at", type=float, default=0.0, help="when it begins, in seconds of the epoch (at once)")
    begins.add_argument("--seconds", type=float, default=1.2, help="freeze: how long it lasts")
    begins.add_argument("--every", type=float, default=5.0, help="repeat_kill: seconds from one kill to the next")
    begins.add_argument("--turn", type=int, default=0, help="repeat_kill: which of the units this is, from 0 on")
    begins.add_argument("--turns", type=int, default=1, help="repeat_kill: how many units take turns")
    begins.add_argument("--kills", type=int, default=1, help="repeat_kill: how many kills of all together")
    commands.add_parser("heal", help="mend what is broken, and tell since when it works, as JSON")
    freezes = commands.add_parser("freeze", help="(for itself) hold a unit's processes for a while")
    freezes.add_argument("--unit", required=True)
    freezes.add_argument("--at", type=float, required=True)
    freezes.add_argument("--seconds", type=float, required=True)
    kills = commands.add_parser("kills", help="(for itself) kill a unit again and again")
    kills.add_argument("--unit", required=True)
    kills.add_argument("--at", type=float, required=True)
    kills.add_argument("--every", type=float, required=True)
    kills.add_argument("--turn", type=int, required=True)
    kills.add_argument("--turns", type=int, required=True)
    kills.add_argument("--kills", type=int, required=True)
    answers = commands.add_parser("answer", help="(for itself) answer 503 to everything")
    answers.add_argument("--port", type=int, required=True)
    return described


def main() -> None:
    """Do what the command line says."""
    options = parser().parse_args()
    try:
        if options.command == "begin":
            begin(options)
        elif options.command == "heal":
            heal()
            print(MENDED.read_text(encoding="utf-8") if MENDED.exists() else "{}")
        elif options.command == "freeze":
            freeze(options.unit, options.at, options.seconds)
        elif options.command == "kills":
            turns = range(options.turn, options.kills, options.turns)
            kill_in_turn(options.unit, options.at, options.every, turns)
        else:
            ThreadingHTTPServer(("", options.port), SickHandler).serve_forever()
    except subprocess.CalledProcessError as error:
        sys.exit(f"`{' '.join(error.cmd)}` failed: {error.stderr.strip()}")


if __name__ == "__main__":
    main()
