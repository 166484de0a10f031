#!/usr/bin/env python3
"""Make this host a member of a replicated Redis, whose master the Sentinels choose.

prepare-redis     writes what redis-server starts with: the role's file, and whom the Sentinels say to follow
prepare-sentinel  writes what redis-sentinel starts with: the role's file, and what this Sentinel knew before
tune-sentinel     tells this host's Sentinel how often to look, which no file of its own can
guard             lets this host be promoted only while its data deserves it, and stops a master that is cut off
leader            tells in JSON who leads, by the word of the Sentinels
stale             tells in JSON which units run with something else than what the files say
hand-over         has a replica take over from this host, if it leads, without losing a write
settle            waits until this host does its part
statement         tells in JSON what this host knows and holds, whether or not anything runs
name-leader       has this host's Sentinel, which must not run, know another leader

Redis and Sentinel rewrite the file that they are started with. So each of them gets a file of its own, made anew at
every start, in which nothing but the Sentinel's memory outlives a restart; the role's files are never written to.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO


# How long somebody on the same network may take to answer.
ANSWER_SECONDS = 1.0
PAUSE_SECONDS = 0.2
# How often the guard looks.
LOOK_SECONDS = 0.1
# How long a start waits for a majority of the Sentinels; systemd then tries again.
MAJORITY_SECONDS = 30.0
# How long a master that was down waits for the failover which its absence should have caused.
SUCCESSION_SECONDS = 10.0
HAND_OVER_SECONDS = 30.0
SETTLE_SECONDS = 60.0

PROMOTABLE, NOT_PROMOTABLE = 100, 0
# More replicas than there are, so that a master refuses writes.
UNREACHABLE_NUMBER = 255

# In the order in which they need each other.
SENTINEL_UNIT, REDIS_UNIT, GUARD_UNIT = UNITS = ("redis-sentinel", "redis-server", "discordgym-redis-guard")

Reply = Any


class MemberError(Exception):
    """What is wrong and what to do about it, in a sentence."""


class ReplyError(Exception):
    """What Redis answered instead of doing as it was told."""


# ---- What the role says


@dataclass(frozen=True)
class User:
    """A name and its password."""

    name: str
    password: str


@dataclass(frozen=True)
class Paths:
    """Where everything is."""

    redis_settings: Path = Path("/etc/redis/redis.conf")
    redis_started: Path = Path("/run/redis/redis.conf")
    redis_data: Path = Path("/var/lib/redis/appendonlydir")
    sentinel_settings: Path = Path("/etc/redis/discordgym-sentinel.conf")
    sentinel_started: Path = Path("/var/lib/redis/sentinel/sentinel.conf")


@dataclass(frozen=True)
class Settings:
    """What this host and the others are."""

    master_name: str
    address: str
    port: int
    sentinel_port: int
    members: Sequence[str]
    min_replicas: int
    fence_seconds: float
    sentinel_tuning: Mapping[str, int]
    replication: User
    sentinel: User
    guard: User
    # What each unit runs with; where one of the files changes, the unit must be restarted.
    inputs: Mapping[str, Sequence[Path]]
    # What each unit was started with. It goes when the unit stops.
    digests: Mapping[str, Path]
    paths: Paths = Paths()

    @property
    def majority(self) -> int:
        """How many Sentinels no other half can outvote."""
        return len(self.members) // 2 + 1

    @property
    def others(self) -> Sequence[str]:
        """The members but this one."""
        return [member for member in self.members if member != self.address]


def settings_from(data: Mapping[str, Any]) -> Settings:
    """Read the settings; what was given on a command line may be a string."""
    return Settings(
        master_name=data["master_name"],
        address=data["address"],
        port=int(data["port"]),
        sentinel_port=int(data["sentinel_port"]),
        members=tuple(data["members"]),
        min_replicas=int(data["min_replicas"]),
        fence_seconds=float(data["fence_seconds"]),
        sentinel_tuning={name: int(value) for name, value in data["sentinel_tuning"].items()},
        replication=User(**data["replication"]),
        sentinel=User(**data["sentinel"]),
        guard=User(**data["guard"]),
        inputs={unit: tuple(map(Path, paths)) for unit, paths in data["inputs"].items()},
        digests={unit: Path(path) for unit, path in data["digests"].items()},
    )


# ---- Talking


class Connection:
    """Asks one Redis or Sentinel, in its own protocol: the host has no client library."""

    def __init__(self, address: str, port: int, user: User, patience: float = ANSWER_SECONDS) -> None:
        """Connect and log in; the password goes through the socket alone."""
        self._socket = socket.create_connection((address, port), timeout=patience)
        self._answers: BinaryIO = self._socket.makefile("rb")
        self.ask("AUTH", user.name, user.password)

    def ask(self, *words: str | int) -> Reply:
        """Send a command and return its answer."""
        encoded = [str(word).encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded))
        return read_reply(self._answers)

    def close(self) -> None:
        """Hang up."""
        self._answers.close()
        self._socket.close()


def read_reply(stream: BinaryIO) -> Reply:
    """Read one answer."""
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("the connection was closed")
    kind, rest = line[:1], line[1:-2]
    if kind == b"-":
        raise ReplyError(rest.decode(errors="replace"))
    if kind == b":":
        return int(rest)
    if kind == b"$":
        return None if rest == b"-1" else stream.read(int(rest) + 2)[:-2].decode(errors="replace")
    if kind == b"*":
        return None if rest == b"-1" else [read_reply(stream) for _ in range(int(rest))]
    return rest.decode(errors="replace")


@contextmanager
def connected(address: str, port: int, user: User) -> Iterator[Connection]:
    """Be connected for a while."""
    connection = Connection(address, port, user)
    try:
        yield connection
    finally:
        connection.close()


def fields(info: str) -> dict[str, str]:
    """Read what INFO answers."""
    return dict(line.split(":", 1) for line in info.splitlines() if ":" in line)


# ---- Who leads


@dataclass(frozen=True)
class View:
    """Who leads, as a Sentinel sees it."""

    leader: str
    epoch: int
    replicas: int


def view_of(settings: Settings, member: str) -> View | None:
    """Ask the Sentinel of a member; None where it does not answer, or knows no master of this name."""
    try:
        with connected(member, settings.sentinel_port, settings.sentinel) as sentinel:
            master = sentinel.ask("SENTINEL", "MASTER", settings.master_name)
            # Unlike the one above it names the new master as soon as that has taken over.
            address, _ = sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", settings.master_name)
    except (OSError, ReplyError):
        return None
    told = dict(zip(master[::2], master[1::2], strict=True))
    return View(address, int(told["config-epoch"]), int(told["num-slaves"]))


def views(settings: Settings) -> list[View]:
    """Ask all Sentinels at once."""
    with ThreadPoolExecutor(len(settings.members)) as pool:
        answers = pool.map(lambda member: view_of(settings, member), settings.members)
    return [view for view in answers if view is not None]


def elected(answers: Sequence[View], majority: int) -> View | None:
    """Tell what holds, where enough Sentinels answer: what was decided last.

    A decision needs a majority, so one of any other majority knows it; those that have not heard of it yet know an
    earlier epoch.
    """
    if len(answers) < majority:
        return None
    latest = max(view.epoch for view in answers)
    candidates = [view for view in answers if view.epoch == latest]
    return max(candidates, key=lambda view: sum(view.leader == other.leader for other in candidates))


def replication_of(settings: Settings, member: str) -> dict[str, str]:
    """Ask a member's Redis for its part; nothing where it does not answer."""
    try:
        with connected(member, settings.port, settings.sentinel) as redis:
            return fields(redis.ask("INFO", "replication"))
    except (OSError, ReplyError):
        return {}


def may_succeed(replication: Mapping[str, str]) -> bool:
    """Whether a member may be promoted, or already is."""
    return replication.get("role") == "master" or int(replication.get("slave_priority", 0)) > 0


def successor_exists(settings: Settings) -> bool:
    """Whether the Sentinels can promote another than this host."""
    with ThreadPoolExecutor(len(settings.others)) as pool:
        return any(pool.map(lambda member: may_succeed(replication_of(settings, member)), settings.others))


# ---- What Redis and Sentinel start with


def quoted(word: str) -> str:
    """Write a word as their configuration reads it."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def redis_configuration(settings: Settings, leader: str) -> str:
    """Render what redis-server starts with."""
    lines = [
        "# Written by redis_member.py at each start; the settings are in the file that it includes.",
        f"include {settings.paths.redis_settings}",
        f"masteruser {quoted(settings.replication.name)}",
        f"masterauth {quoted(settings.replication.password)}",
        f"replica-priority {NOT_PROMOTABLE}",
    ]
    if leader != settings.address:
        lines.append(f"replicaof {leader} {settings.port}")
    return "\n".join(lines) + "\n"


def remembered(settings: Settings, before: str) -> list[str]:
    """Choose what a Sentinel must not forget: its epochs, and the members that are still there."""
    name = re.escape(settings.master_name)
    kept = []
    for line in before.splitlines():
        if re.match(rf"sentinel (current-epoch|(config|leader)-epoch {name}) \d+$", line):
            kept.append(line)
        elif known := re.match(rf"sentinel known-(replica|sentinel) {name} (\S+) ", line):
            kept += [line] if known[2] in settings.members else []
    return kept


def remembered_leader(settings: Settings, before: str) -> str | None:
    """Tell whom a Sentinel's file calls the master."""
    known = re.search(rf"^sentinel monitor {re.escape(settings.master_name)} (\S+) ", before, re.MULTILINE)
    return known[1] if known else None


def remembered_epoch(settings: Settings, before: str) -> int:
    """Tell when a Sentinel's file says that this was decided."""
    known = re.search(rf"^sentinel config-epoch {re.escape(settings.master_name)} (\d+)$", before, re.MULTILINE)
    return int(known[1]) if known else 0


def sentinel_configuration(settings: Settings, managed: str, before: str) -> str:
    """Render what redis-sentinel starts with."""
    leader = remembered_leader(settings, before)
    if leader is None:
        raise MemberError(
            f"{settings.paths.sentinel_started} names no master {settings.master_name}: run the playbook, "
            "which asks the other Sentinels."
        )
    name = settings.master_name
    lines = [
        f"sentinel monitor {name} {leader} {settings.port} {settings.majority}",
        f"sentinel auth-user {name} {quoted(settings.sentinel.name)}",
        f"sentinel auth-pass {name} {quoted(settings.sentinel.password)}",
        f"sentinel sentinel-user {quoted(settings.sentinel.name)}",
        f"sentinel sentinel-pass {quoted(settings.sentinel.password)}",
        *remembered(settings, before),
    ]
    return managed.rstrip("\n") + "\n\n# From here on written by redis_member.py.\n" + "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Write a file at once as a whole, for its owner alone."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as new:
        new.write(text)
    Path(new.name).replace(path)


def digest(paths: Sequence[Path]) -> str:
    """Tell files with other contents apart."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def note_start(settings: Settings, unit: str) -> None:
    """Note what a unit starts with."""
    write(settings.digests[unit], digest(settings.inputs[unit]))


def prepare_sentinel(settings: Settings) -> None:
    """Write what redis-sentinel starts with."""
    managed = settings.paths.sentinel_settings.read_text("utf-8")
    before = settings.paths.sentinel_started.read_text("utf-8")
    note_start(settings, SENTINEL_UNIT)
    write(settings.paths.sentinel_started, sentinel_configuration(settings, managed, before))


def prepare_redis(settings: Settings) -> None:
    """Learn who leads, and write what redis-server starts with."""
    note_start(settings, REDIS_UNIT)
    leader = leader_to_start_with(settings, lambda: elected(views(settings), settings.majority))
    print(f"{leader} leads", flush=True)
    write(settings.paths.redis_started, redis_configuration(settings, leader))


def leader_to_start_with(settings: Settings, ask: Callable[[], View | None]) -> str:
    """Wait until it is sure who leads.

    A host which led waits to be succeeded, as long as somebody can: what it has may be less than what was
    acknowledged, and a load that takes long would keep everybody waiting.
    """
    give_up = time.monotonic() + MAJORITY_SECONDS
    lead_anyway = None
    while True:
        now = time.monotonic()
        view = ask()
        if view is None:
            if now > give_up:
                raise MemberError(
                    f"No majority of the Sentinels {', '.join(settings.members)} says who leads, so nobody may: see "
                    f"that redis-sentinel runs on {settings.majority} of these hosts and reaches the others on port "
                    f"{settings.sentinel_port}, or run the playbook recover.yml."
                )
        elif view.leader != settings.address:
            return view.leader
        else:
            lead_anyway = lead_anyway or now + SUCCESSION_SECONDS
            if now > lead_anyway or not successor_exists(settings):
                refuse_without_data(settings, view)
                return view.leader
        time.sleep(PAUSE_SECONDS)


def refuse_without_data(settings: Settings, view: View) -> None:
    """Keep a master whose disk is empty from emptying the replicas."""
    if view.replicas and not any(settings.paths.redis_data.glob("*.manifest")):
        raise MemberError(
            f"The Sentinels say that {settings.address} leads, but it has no data in {settings.paths.redis_data}, and "
            "its replicas would lose theirs: run the playbook recover.yml with `-e redis_recover_from=` and the name "
            "of the host whose data shall be taken."
        )


# ---- While it runs


def tune_sentinel(settings: Settings) -> None:
    """Tell this host's Sentinel how often to look."""
    with connected(settings.address, settings.sentinel_port, settings.sentinel) as sentinel:
        for name, value in settings.sentinel_tuning.items():
            sentinel.ask("SENTINEL", "DEBUG", name, value)


def priority_for(replication: Mapping[str, str], priority: int | None) -> int | None:
    """Tell what a member's priority must be, given what it was set to last; None to leave it.

    A replica may be promoted once it has had all that its master has. A master starts again from nothing: when it is
    demoted, its data is worth nothing until it has followed the new master. A replica which lost its master keeps
    what it has, since that is the moment for which it is there.
    """
    if replication.get("role") == "master":
        wanted = NOT_PROMOTABLE
    elif replication.get("master_link_status") == "up" and replication.get("master_sync_in_progress") == "0":
        wanted = PROMOTABLE
    else:
        return None
    return None if wanted == priority else wanted


def guard(settings: Settings) -> None:
    """Watch this host's Redis for ever."""
    note_start(settings, GUARD_UNIT)
    while True:
        try:
            with connected(settings.address, settings.port, settings.guard) as redis:
                watch(redis, Watch(settings.fence_seconds, settings.min_replicas))
        except (OSError, ReplyError) as error:
            print(f"Redis does not answer: {error}", flush=True)
        time.sleep(PAUSE_SECONDS)


Marks = Mapping[str, tuple[int, int]]


def marks(replication: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """Read how far each replica has acknowledged, and how many seconds ago."""
    found = {}
    for name, told in replication.items():
        if re.fullmatch(r"slave\d+", name):
            replica = dict(field.split("=", 1) for field in told.split(","))
            if replica["state"] == "online":
                found[replica["ip"]] = (int(replica["offset"]), int(replica["lag"]))
    return found


def heard(before: Marks, now: Marks) -> bool:
    """Whether a replica has told of itself: it acknowledged more, or its silence got shorter, or it is new."""
    return any(
        replica not in before or offset > before[replica][0] or silence < before[replica][1]
        for replica, (offset, silence) in now.items()
    )


class Watch:
    """What the guard has seen since Redis started, or since it last answered."""

    def __init__(self, fence_seconds: float, min_replicas: int) -> None:
        """Know nothing yet: a Redis that started anew is not to be promoted."""
        self.fence_seconds = fence_seconds
        self.min_replicas = min_replicas
        self.priority: int | None = None
        self.marks: Marks = {}
        self.silence = 0.0

    def look(self, replication: Mapping[str, str], passed: float) -> list[tuple[str | int, ...]]:
        """Look at Redis once more and tell what it must be told.

        Of the time that has passed only so much counts as a look should take: who stood still has missed what came.
        """
        orders: list[tuple[str | int, ...]] = []
        priority = priority_for(replication, self.priority)
        if priority is not None:
            self.priority = priority
            orders.append(("CONFIG", "SET", "replica-priority", priority))
        if priority == PROMOTABLE:
            # A hand-over may have left it to refuse every write.
            orders.append(("CONFIG", "SET", "min-replicas-to-write", self.min_replicas))
        now = marks(replication)
        self.silence = 0.0 if heard(self.marks, now) or not now else self.silence + min(passed, 2 * LOOK_SECONDS)
        self.marks = now
        if self.silence > self.fence_seconds:
            # Redis looks itself how long it has heard no replica, but only once a second, and in whole seconds.
            # Without replicas it refuses writes at once, and they come back by themselves.
            orders.append(("CLIENT", "KILL", "TYPE", "replica"))
            self.silence = 0.0
        return orders


def watch(redis: Connection, seen: Watch) -> None:
    """Watch until the connection ends."""
    looked = time.monotonic()
    while True:
        replication = fields(redis.ask("INFO", "replication"))
        now = time.monotonic()
        for order in seen.look(replication, now - looked):
            print(*order, flush=True)
            redis.ask(*order)
        looked = now
        time.sleep(LOOK_SECONDS)


# ---- For the role and its playbooks


def leader(settings: Settings) -> None:
    """Tell who leads."""
    answers = views(settings)
    view = elected(answers, settings.majority)
    serves = view is not None and replication_of(settings, view.leader).get("role") == "master"
    told = {"answers": len(answers), "leader": view.leader if view else None, "serves": serves}
    print(json.dumps(told))


def stale(settings: Settings) -> None:
    """Tell which units run with something else than what the files say, or do not run."""

    def started_with(unit: str) -> str:
        path = settings.digests[unit]
        return path.read_text("utf-8") if path.exists() else ""

    print(json.dumps([unit for unit in UNITS if started_with(unit) != digest(settings.inputs[unit])]))


def wait_for(condition: Callable[[], str], seconds: float) -> None:
    """Wait until nothing is missing any more."""
    began = time.monotonic()
    while missing := condition():
        if time.monotonic() - began > seconds:
            raise MemberError(f"{missing} after {seconds:.0f} s.")
        time.sleep(PAUSE_SECONDS)


def hand_over(settings: Settings) -> None:
    """Have a replica take over from this host; where it does not lead, there is nothing to do.

    Afterwards this host's Redis is to be restarted: it takes no write until then, or until it can be promoted again.
    """
    view = elected(views(settings), settings.majority)
    if view is None:
        raise MemberError(f"No majority of the Sentinels {', '.join(settings.members)} says who leads.")
    if view.leader != settings.address:
        return
    wait_for(lambda: lack_of_successors(settings), HAND_OVER_SECONDS)
    with ExitStack() as where_it_fails:
        where_it_fails.callback(set_min_replicas, settings, settings.min_replicas)
        # What is refused can be repeated elsewhere; what is taken now would be lost.
        set_min_replicas(settings, UNREACHABLE_NUMBER)
        target = int(replication_of(settings, settings.address)["master_repl_offset"])
        wait_for(lambda: behind(replication_of(settings, settings.address), target), HAND_OVER_SECONDS)
        wait_for(lambda: refusal_to_fail_over(settings), HAND_OVER_SECONDS)
        wait_for(lambda: still_leads(settings), HAND_OVER_SECONDS)
        # A master for some seconds yet, it would take writes for replicas which are about to leave it.
        where_it_fails.pop_all()
    print("handed over")


def set_min_replicas(settings: Settings, number: int) -> None:
    """Say how many replicas this host's Redis needs in order to take writes."""
    with connected(settings.address, settings.port, settings.guard) as redis:
        redis.ask("CONFIG", "SET", "min-replicas-to-write", number)


def behind(replication: Mapping[str, str], target: int) -> str:
    """Tell whether a replica has not yet all that its master had at that time."""
    offsets = [offset for offset, _ in marks(replication).values()]
    if not offsets:
        return "No replica follows this master"
    return "The replicas are behind this master" if min(offsets) < target else ""


def lack_of_successors(settings: Settings) -> str:
    """Tell whether this host's Sentinel, whose knowledge may be some seconds old, knows nobody to promote."""
    with connected(settings.address, settings.sentinel_port, settings.sentinel) as sentinel:
        replicas = sentinel.ask("SENTINEL", "REPLICAS", settings.master_name)
    known = [dict(zip(replica[::2], replica[1::2], strict=True)) for replica in replicas]
    able = [told for told in known if told["flags"] == "slave" and int(told["slave-priority"])]
    return "" if able else "No replica can take over"


def refusal_to_fail_over(settings: Settings) -> str:
    """Have this host's Sentinel make another the master; tell what it says if it does not."""
    try:
        with connected(settings.address, settings.sentinel_port, settings.sentinel) as sentinel:
            sentinel.ask("SENTINEL", "FAILOVER", settings.master_name)
    except (OSError, ReplyError) as error:
        return f"Sentinel does not fail over ({error})"
    return ""


def still_leads(settings: Settings) -> str:
    """Tell whether nobody else has taken over yet."""
    view = elected(views(settings), settings.majority)
    if view is None or view.leader == settings.address:
        return "Nobody has taken over"
    serves = replication_of(settings, view.leader).get("role") == "master"
    return "" if serves else f"{view.leader} is no master yet"


def settle(settings: Settings) -> None:
    """Wait until this host does its part: it leads, or could at any moment."""
    wait_for(lambda: unsettled(settings), SETTLE_SECONDS)


def unsettled(settings: Settings) -> str:
    """Tell what this host still lacks."""
    if view_of(settings, settings.address) is None:
        return f"The Sentinel of {settings.address} does not answer"
    view = elected(views(settings), settings.majority)
    if view is None:
        return f"No majority of the Sentinels {', '.join(settings.members)} answers"
    replication = replication_of(settings, settings.address)
    if not replication:
        return f"The Redis of {settings.address} does not answer"
    if view.leader == settings.address:
        return "" if replication["role"] == "master" else f"The Redis of {settings.address} is no master yet"
    if replication["role"] != "slave" or replication["master_host"] != view.leader:
        return f"The Redis of {settings.address} does not follow {view.leader}"
    return "" if may_succeed(replication) else f"The Redis of {settings.address} has not all data of {view.leader} yet"


def statement(settings: Settings) -> None:
    """Tell what this host's Sentinel remembers and what its Redis keeps."""
    started = settings.paths.sentinel_started
    memory = started.read_text("utf-8") if started.exists() else ""
    files = list(settings.paths.redis_data.glob("*"))
    told = {
        "leader": remembered_leader(settings, memory),
        "epoch": remembered_epoch(settings, memory),
        "data": any(file.suffix == ".manifest" for file in files),
        "bytes": sum(file.stat().st_size for file in files),
        "changed": max((file.stat().st_mtime for file in files), default=0),
    }
    print(json.dumps(told))


def name_leader(settings: Settings, address: str, epoch: int) -> None:
    """Have this host's Sentinel know another leader, by a decision that is newer than those it knows."""
    lines = [
        f"sentinel monitor {settings.master_name} {address} {settings.port} {settings.majority}",
        f"sentinel config-epoch {settings.master_name} {epoch}",
        f"sentinel leader-epoch {settings.master_name} {epoch}",
        f"sentinel current-epoch {epoch}",
    ]
    write(settings.paths.sentinel_started, "\n".join(lines) + "\n")


COMMANDS: Mapping[str, Callable[[Settings], None]] = {
    "prepare-redis": prepare_redis,
    "prepare-sentinel": prepare_sentinel,
    "tune-sentinel": tune_sentinel,
    "guard": guard,
    "leader": leader,
    "stale": stale,
    "hand-over": hand_over,
    "settle": settle,
    "statement": statement,
}


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path, help="the settings in JSON")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        commands.add_parser(name)
    name_leader_parser = commands.add_parser("name-leader")
    name_leader_parser.add_argument("address")
    name_leader_parser.add_argument("epoch", type=int)
    arguments = parser.parse_args()
    settings = settings_from(json.loads(arguments.settings.read_text("utf-8")))
    try:
        if arguments.command == "name-leader":
            name_leader(settings, arguments.address, arguments.epoch)
        else:
            COMMANDS[arguments.command](settings)
    except (MemberError, ReplyError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
