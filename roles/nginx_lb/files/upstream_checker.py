#!/usr/bin/env python3
"""Take sick backends out of nginx's upstream, and put them back when they are well.

check   asks every backend, as a user without any rights, and requests which of them shall be out
apply   waits for requests, and renders what is requested into the files that nginx includes, reloads nginx, and breaks
        off its connections to backends that are silent, so that the requests under way there go to others; needs root
render  renders the backends of the settings as they are now, in or out; needs root

The request names backends and nothing else. So whoever gets hold of the process that talks to the network can take
backends out, but can neither write nginx's configuration nor take out the last one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


# How long the loop sleeps at most, so that it notices when it was not woken in time.
WATCH_SECONDS = 0.05
# nginx starts new workers at each reload, so two changes that come close together become one.
SECONDS_BETWEEN_REQUESTS = 0.5
# How long a request lies at most. To start a program for each takes up to a second where processors are busy.
SECONDS_BETWEEN_LOOKS = 0.05
# After a reload the old workers take requests until the new ones do.
SECONDS_TO_NEW_WORKERS = 0.2
# What all backends lack at once, such as a session store that moves, they get back one after the other. The first alone
# could not carry the load of all; so for about two seconds none of them is out.
ROUNDS_OF_RETURN = 10
# For how long, about five seconds, a spare backend goes on beside those that it stood in for. A Node process that has
# just started takes longer for each request, until what runs often is compiled: alone, they would be overrun.
ROUNDS_OF_HELP = 25
SILENT = "no answer"
HELP = "# The spare ones help those that have just come back.\n"

Endpoints = frozenset[str]


@dataclass(frozen=True)
class Server:
    """One backend."""

    name: str
    address: str
    port: int
    endpoint: str
    backup: bool


@dataclass(frozen=True)
class Settings:
    """What the load balancer's role says."""

    upstream: str
    servers: Sequence[Server]
    max_fails: int
    fail_timeout: str
    ready_path: str
    interval: float
    timeout: float
    falls: int
    rises: int
    folder: Path
    request: Path

    @property
    def endpoints(self) -> Endpoints:
        """Where the backends are."""
        return frozenset(server.endpoint for server in self.servers)

    @property
    def servers_file(self) -> Path:
        """The file that also tells which backends are out."""
        return self.folder / f"{self.upstream}.servers"


def settings_from(data: Mapping[str, Any]) -> Settings:
    """Read the settings; what was given on a command line may be a string."""
    return Settings(
        upstream=data["upstream"],
        servers=tuple(Server(**server) for server in data["servers"]),
        max_fails=int(data["max_fails"]),
        fail_timeout=data["fail_timeout"],
        ready_path=data["ready_path"],
        interval=float(data["interval"]),
        timeout=float(data["timeout"]),
        falls=int(data["falls"]),
        rises=int(data["rises"]),
        folder=Path(data["folder"]),
        request=Path(data["request"]),
    )


# ---- Who is out


@dataclass(frozen=True)
class Health:
    """What is held of a backend, and how many answers in a row have contradicted that."""

    sick: bool = False
    contradictions: int = 0


def judged(health: Health, failed: bool, falls: int, rises: int) -> Health:
    """Weigh one more answer."""
    if failed == health.sick:
        return Health(health.sick)
    contradictions = health.contradictions + 1
    if contradictions < (rises if health.sick else falls):
        return Health(health.sick, contradictions)
    return Health(not health.sick)


def to_take_out(sick: Collection[str], endpoints: Endpoints) -> Endpoints:
    """Choose who is out; when that would be everybody, nobody is: a backend that fails a check may still serve."""
    out = endpoints & frozenset(sick)
    return out if out < endpoints else frozenset()


@dataclass(frozen=True)
class Answers:
    """What came of asking all backends at once."""

    # What is wrong with each, nothing if it is well; not of those that were too busy to answer.
    failures: Mapping[Server, str]
    # Those that were well in half the time that they had.
    prompt: frozenset[Server] = frozenset()
    # For how many seconds the checker itself stood still meanwhile.
    held_up: float = 0.0

    @property
    def silent(self) -> frozenset[Server]:
        """Those that gave no answer."""
        return frozenset(server for server, reason in self.failures.items() if reason.startswith(SILENT))

    @property
    def hung(self) -> frozenset[Server]:
        """The silent ones, where as many were prompt as were not well.

        What slows down all is no fault of some, and who has to do the work of one that is gone is slow, but not hung.
        """
        sick = [server for server, reason in self.failures.items() if reason]
        return self.silent if len(self.prompt) >= len(sick) else frozenset()


def believable(seconds_held_up: float, timeout: float) -> bool:
    """Whether a round counts: answers were due while the checker stood still, which is no fault of the backends."""
    return seconds_held_up <= timeout / 2


# ---- What nginx reads


@dataclass(frozen=True)
class Lists:
    """What nginx is told of the backends: who is out, and whether the spare ones help the others."""

    out: Endpoints = frozenset()
    help: bool = False


def rendered(settings: Settings, lists: Lists) -> dict[Path, str]:
    """Render the files that nginx includes: the upstream's servers, those of last resort, and the sessions' ones."""
    header = "# Written by upstream_checker.py, which takes sick backends out.\n" + (HELP if lists.help else "")
    live = [server for server in settings.servers if server.endpoint not in lists.out]
    return {
        settings.servers_file: header + servers(settings, lists, settings.max_fails),
        settings.folder / f"{settings.upstream}.last_resort": header + servers(settings, lists, 0),
        settings.folder / f"{settings.upstream}.sessions": header + sessions(live),
    }


def servers(settings: Settings, lists: Lists, max_fails: int) -> str:
    """Render the servers of an upstream block."""
    return "".join(
        f"# {server.name}\n"
        f"server {server.endpoint} max_fails={max_fails} fail_timeout={settings.fail_timeout}"
        f"{' backup' if server.backup and not lists.help else ''}{' down' if server.endpoint in lists.out else ''};\n"
        for server in settings.servers
    )


def sessions(live: Iterable[Server]) -> str:
    """Render the lines of a map from a Socket.IO session's id to its backend."""
    return "".join(f'"~^{re.escape(server.name)}\\." {server.endpoint};\n' for server in live)


def told(settings: Settings) -> Lists | None:
    """Read what nginx was told last; None where it was told nothing yet."""
    try:
        text = settings.servers_file.read_text("utf-8")
    except FileNotFoundError:
        return None
    out = frozenset(re.findall(r"^server (\S+) .*\bdown;$", text, re.MULTILINE))
    return Lists(out, HELP in text)


def write(contents: Mapping[Path, str]) -> list[Path]:
    """Write the files that differ, each at once as a whole, and tell which."""
    changed = []
    for path, text in contents.items():
        if path.exists() and path.read_text("utf-8") == text:
            continue
        path.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as new:
            new.write(text)
        Path(new.name).chmod(0o644)
        Path(new.name).replace(path)
        changed.append(path)
    return changed


# ---- The request from the one who asks to the one who may write


@dataclass(frozen=True)
class Wish:
    """What nginx shall be told, and with whom of those who are out the connections shall be broken off."""

    lists: Lists = Lists()
    severed: Endpoints = frozenset()


def request(settings: Settings, wish: Wish) -> None:
    """Request a wish of the one who carries it out."""
    content = {"out": sorted(wish.lists.out), "help": wish.lists.help, "severed": sorted(wish.severed)}
    write({settings.request: json.dumps(content)})


def take_request(settings: Settings) -> Wish | None:
    """Take a request away and read it, in this order, so that one that comes meanwhile is not lost."""
    taken = settings.request.with_suffix(".taken")
    try:
        settings.request.replace(taken)
    except FileNotFoundError:
        return None
    wish = json.loads(taken.read_text("utf-8"))
    taken.unlink()
    out, severed = (frozenset(str(endpoint) for endpoint in wish[part]) for part in ("out", "severed"))
    return Wish(Lists(out, bool(wish["help"])), severed)


def render(settings: Settings, wanted: Lists | None) -> list[Path]:
    """Write nginx's files; without a wish, what nginx was told last goes on."""
    lists = wanted or told(settings) or Lists()
    return write(rendered(settings, replace(lists, out=to_take_out(lists.out, settings.endpoints))))


def sever(endpoints: Iterable[str]) -> None:
    """Break off this host's connections to these; to nginx that is an error, after which it may ask the next backend.

    Nothing else ends its wait for a process that hangs but a time limit, which would have to be shorter than the time
    that a backend may well take. Where the kernel cannot (CONFIG_INET_DIAG_DESTROY), ss says so and goes on.
    """
    for endpoint in sorted(endpoints):
        command = ["ss", "--kill", "--tcp", "--numeric", "--no-header", "dst", endpoint]
        broken = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.count("\n")
        print(f"broke off {broken} connections to {endpoint}", flush=True)


def apply(settings: Settings) -> None:
    """Carry out a request, if there is one."""
    wish = take_request(settings)
    if wish is None:
        return
    changed = render(settings, wish.lists)
    severed = wish.severed & (told(settings) or Lists()).out
    sever(severed)
    if changed:
        # Tests the configuration before it touches a worker. A stopped nginx reads the files when it starts.
        subprocess.run(["systemctl", "try-reload-or-restart", "nginx.service"], check=True)
    if severed:
        time.sleep(SECONDS_TO_NEW_WORKERS)
        sever(severed)


# ---- Asking


async def failure(server: Server, path: str) -> str:
    """Ask a backend and tell what is wrong with its answer, nothing if it is well.

    Anything below 500 is an answer: an application without such a path says 404.
    """
    try:
        reader, writer = await asyncio.open_connection(server.address, server.port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {server.endpoint}\r\nConnection: close\r\n\r\n".encode())
            line = await reader.readline()
        finally:
            writer.transport.abort()
    except ConnectionRefusedError:
        return "refused"
    except ConnectionError:
        return "broken off"
    except ValueError:
        return "no HTTP answer"
    except OSError as error:
        return f"{SILENT} ({error})"
    status = re.match(rb"HTTP/1\.\d ([1-5]\d\d)\b", line)
    if not status:
        return "no HTTP answer"
    return f"status {status[1].decode()}" if status[1] >= b"500" else ""


async def seconds_since_data(server: Server) -> float:
    """Tell how long ago a backend sent something on any of this host's connections to it.

    One that is only slow goes on answering requests. A connection that is merely accepted says nothing: the kernel does
    that for a process that hangs.
    """
    command = ["ss", "--tcp", "--info", "--oneline", "--numeric", "--no-header", "dst", server.endpoint]
    ss = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    output, _ = await ss.communicate()
    # What is 0 is left out.
    connections = [dict(re.findall(r" (bytes_received|lastrcv):(\d+)", line)) for line in output.decode().splitlines()]
    return min((int(of.get("lastrcv", 0)) / 1000 for of in connections if "bytes_received" in of), default=math.inf)


async def ask(settings: Settings) -> Answers:
    """Ask all backends at once."""
    questions = {asyncio.create_task(failure(s, settings.ready_path)): s for s in settings.servers}
    pending = set(questions)
    held_up = 0.0
    now = time.monotonic()
    deadline = now + settings.timeout
    prompt: set[asyncio.Task[str]] = set()
    while pending and now < deadline:
        due = min(now + WATCH_SECONDS, deadline)
        done, pending = await asyncio.wait(pending, timeout=due - now)
        now = time.monotonic()
        if now < deadline - settings.timeout / 2:
            prompt |= done
        held_up = max(held_up, now - due)
    for question in pending:
        question.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    failures = {server: SILENT if q in pending else q.result() for q, server in questions.items()}
    for server in [questions[question] for question in pending]:
        # It may have begun to hang when the check was under way already.
        if await seconds_since_data(server) < settings.timeout - settings.interval:
            del failures[server]
    well = frozenset(server for question, server in questions.items() if question in prompt and not failures[server])
    return Answers(failures, well, held_up)


class Checker:
    """Keeps what is held of each backend, and requests who shall be out."""

    def __init__(self, settings: Settings) -> None:
        """Go on with what nginx was told last, so that a restart puts no sick backend back."""
        self.settings = settings
        out = (told(settings) or Lists()).out
        self.healths = {server: Health(server.endpoint in out) for server in settings.servers}
        self.hung: frozenset[Server] = frozenset()
        # For how many rounds each has been silent without a break.
        self.silences = dict.fromkeys(settings.servers, 0)
        self.rounds_of_return = 0
        # For how many rounds more each is one that has just come back.
        self.rounds_of_help = dict.fromkeys(settings.servers, 0)
        self.helping = False
        self.urgent = False
        self.requested_at = -SECONDS_BETWEEN_REQUESTS

    @property
    def out(self) -> Endpoints:
        """Who shall be out."""
        sick = [server.endpoint for server, health in self.healths.items() if health.sick]
        return frozenset() if self.rounds_of_return else to_take_out(sick, self.settings.endpoints)

    @property
    def wanted(self) -> Wish:
        """What there is to request."""
        out = self.out
        # The requests of one that is merely busy would have to be begun again by those who are busy, too.
        lasting = {server for server, rounds in self.silences.items() if rounds >= self.settings.falls}
        return Wish(Lists(out, self.helping), out & {server.endpoint for server in self.hung | lasting})

    def judge(self, answers: Answers) -> list[str]:
        """Weigh a round of answers, and tell in a line each what has changed."""
        messages = []
        out = self.out
        self.rounds_of_help = {server: max(0, rounds - 1) for server, rounds in self.rounds_of_help.items()}
        self.hung = answers.hung
        self.silences = {s: rounds + 1 if s in answers.silent else 0 for s, rounds in self.silences.items()}
        for server, reason in answers.failures.items():
            # Requests wait for one that hangs, and go on from one that refuses them.
            hangs = server in answers.hung
            before = self.healths[server]
            health = judged(before, bool(reason), 1 if hangs else self.settings.falls, self.settings.rises)
            self.healths[server] = health
            if health.sick and not before.sick:
                self.urgent |= hangs
                why = "while others are well" if hangs else f"{self.settings.falls} in a row"
                messages.append(f"{server.name} ({server.endpoint}) is sick: {reason}, {why}")
            elif before.sick and not health.sick:
                # Who was sick together with all others was never without work.
                self.rounds_of_help[server] = ROUNDS_OF_HELP if server.endpoint in out else 0
                messages.append(f"{server.name} ({server.endpoint}) is well again")
        helped = self.helping
        self.helping = self.is_help_needed()
        if self.helping != helped:
            messages.append(f"the spare ones help the others{'' if self.helping else ' no more'}")
        all_sick = all(health.sick for health in self.healths.values())
        self.rounds_of_return = ROUNDS_OF_RETURN if all_sick else max(0, self.rounds_of_return - 1)
        if messages and all_sick:
            messages.append("every backend is sick, so all of them stay in")
        return messages

    def is_help_needed(self) -> bool:
        """Tell whether a spare one goes on beside the others, or joins them.

        It does where none of them was there all the time, and then until all have been for long enough.
        """
        # Without those that have just begun to fail: until they are out, their work is done by the others already.
        well = [server for server, health in self.healths.items() if health == Health()]
        new = [self.rounds_of_help[server] > 0 for server in well if not server.backup]
        has_spare = len(new) < len(well)
        return has_spare and (any(new) if self.helping else len(new) > 0 and all(new))

    def reconcile(self, now: float) -> bool:
        """Request what is wanted, unless nginx was told so already or, but for the urgent, just asked for something."""
        wish = self.wanted
        is_early = now - self.requested_at < SECONDS_BETWEEN_REQUESTS and not self.urgent
        if told(self.settings) == wish.lists or is_early:
            return False
        request(self.settings, wish)
        self.requested_at = now
        self.urgent = False
        return True

    async def run(self) -> None:
        """Ask round after round."""
        while True:
            began = time.monotonic()
            answers = await ask(self.settings)
            if believable(answers.held_up, self.settings.timeout):
                messages = self.judge(answers)
            else:
                messages = [f"was held up for {answers.held_up:.1f} s, so this round does not count"]
            for message in messages:
                print(message, flush=True)
            self.reconcile(time.monotonic())
            await asyncio.sleep(began + self.settings.interval - time.monotonic())


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["check", "apply", "render"])
    parser.add_argument("settings", type=Path, help="the settings in JSON")
    arguments = parser.parse_args()
    settings = settings_from(json.loads(arguments.settings.read_text("utf-8")))
    if arguments.command == "check":
        asyncio.run(Checker(settings).run())
    elif arguments.command == "apply":
        while True:
            apply(settings)
            time.sleep(SECONDS_BETWEEN_LOOKS)
    else:
        for path in render(settings, wanted=None):
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
