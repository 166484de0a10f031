"""What the nodes of a Galera cluster say of themselves, and what follows from it.

A node's word is taken as the module C(galera_node) returns it. Nothing here prefers a host for its place in the
inventory, but for the one case in which no node knows anything yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from .wording import enumeration, hosts_named, it_or_them


# What a node that has never been part of a cluster has instead of a cluster's identity.
NO_UUID = "00000000-0000-0000-0000-000000000000"
UNKNOWN_SEQNO = -1

STATUS = ("cluster_status", "cluster_size", "cluster_state_uuid", "local_state_comment", "ready")

Node = Mapping[str, Any]
Nodes = Mapping[str, Node]


class GaleraError(Exception):
    """Why nothing is done, and what to do about it."""


class SavedState(TypedDict):
    """What a node's grastate.dat says."""

    uuid: str
    seqno: int
    safe_to_bootstrap: bool


class Plan(TypedDict):
    """What is to be done: nothing but joining where there is a cluster, else found one or recover it.

    Of those that are no members, some run and may find back by themselves, and the others must be started.
    """

    action: str
    seed: str
    members: list[str]
    astray: list[str]
    absent: list[str]


# ---- Reading


def parse_grastate(text: str) -> SavedState | None:
    """Read a grastate.dat; a node that belongs to no cluster yet has none that counts."""
    values = dict(re.findall(r"^(\w+):\s*(\S+)\s*$", text, re.MULTILINE))
    uuid = values.get("uuid", NO_UUID)
    if uuid == NO_UUID:
        return None
    try:
        seqno = int(values.get("seqno", UNKNOWN_SEQNO))
    except ValueError:
        seqno = UNKNOWN_SEQNO
    return SavedState(uuid=uuid, seqno=seqno, safe_to_bootstrap=values.get("safe_to_bootstrap") == "1")


def parse_position(text: str) -> tuple[str, int] | None:
    """Find the position that Debian's galera_recovery prints."""
    found = re.search(r"--wsrep_start_position=([0-9a-f-]{36}):(-?\d+)", text)
    return (found[1], int(found[2])) if found else None


def parse_status(text: str) -> dict[str, str]:
    """Read the tab-separated rows of SHOW STATUS, without the variables' common prefix, as far as they matter here."""
    rows = (line.split("\t", 1) for line in text.splitlines() if "\t" in line)
    values = {name.removeprefix("wsrep_"): value for name, value in rows}
    return {name: values.get(name, "") for name in STATUS}


# ---- What a node is


def is_primary(node: Node) -> bool:
    """Whether the node says that it is in a component that may write."""
    return (node.get("status") or {}).get("cluster_status") == "Primary"


def is_member(node: Node) -> bool:
    """Whether the node takes part in such a component, all writes applied or about to be."""
    return is_primary(node) and node["status"].get("local_state_comment") in ("Synced", "Donor/Desynced")


def was_reached(node: Node) -> bool:
    """Whether the node was asked at all; in place of an answer there may be an error of the connection."""
    return "unit" in node


def hangs(node: Node) -> bool:
    """Whether the server runs and does not answer."""
    return node.get("unit") == "active" and node.get("status") is None


# ---- What is to be done


def plan(nodes: Nodes, overrule: str = "") -> Plan:
    """Decide by what every node says.

    Raises GaleraError where that does not suffice.
    """
    primary = [name for name, node in nodes.items() if is_primary(node)]
    if primary:
        _refuse_two_clusters(nodes, primary)
        _refuse_losing_data(nodes, primary)
        return _plan("join", "", nodes)
    _refuse_hung(nodes)
    if overrule:
        _refuse_stranger(nodes, overrule)
    else:
        _refuse_unreadable(nodes)
    if any(node.get("state") for node in nodes.values()):
        return _plan("recover", "", nodes)
    return _plan("found", overrule or _first_seed(nodes), nodes)


def most_advanced(nodes: Nodes, overrule: str = "") -> str:
    """Choose the stopped node that has all that was ever acknowledged.

    Raises GaleraError where no node can be told to be it.
    """
    primary = [name for name, node in nodes.items() if is_primary(node)]
    if primary:
        raise GaleraError(
            f"Nothing is bootstrapped, since {hosts_named(primary)} meanwhile formed a cluster again: "
            "run this playbook once more, and the others join it."
        )
    running = [n for n, node in nodes.items() if was_reached(node) and node["unit"] not in ("inactive", "failed")]
    if running:
        raise GaleraError(
            f"Nothing is bootstrapped, since MariaDB still runs on {hosts_named(running)} and could be writing: "
            "stop it there (`systemctl stop mariadb`), and run this playbook once more."
        )
    if overrule:
        _refuse_stranger(nodes, overrule)
        return overrule
    _refuse_unreadable(nodes)
    positions = {name: tuple(node["position"]) for name, node in nodes.items() if node.get("position")}
    _refuse_unknown_positions(nodes, positions)
    _refuse_different_clusters(positions)
    # The first of several that are equal; they are as good as each other.
    return max(positions, key=lambda name: positions[name][1])


def restart_order(nodes: Nodes, hosts: Sequence[str]) -> list[str]:
    """Order nodes for a restart: the fewest clients first, so that the one that is written to is the last."""
    return sorted(hosts, key=lambda name: (nodes[name].get("clients") or 0, list(nodes).index(name)))


def _plan(action: str, seed: str, nodes: Nodes) -> Plan:
    members = [name for name, node in nodes.items() if is_member(node)]
    others = {name: node for name, node in nodes.items() if name not in members and was_reached(node)}
    astray = [
        name for name, node in others.items() if node["unit"] == "active" and node["status"] and not node["outdated"]
    ]
    absent = [name for name in others if name not in astray]
    return Plan(action=action, seed=seed, members=members, astray=astray, absent=absent)


def _remedy() -> str:
    return "if you know which host has everything, name it with `-e mariadb_recover_from=<host>`"


def _refuse_stranger(nodes: Nodes, overrule: str) -> None:
    if overrule not in nodes:
        raise GaleraError(
            f"mariadb_recover_from is {overrule!r}, which is no host of the cluster: "
            f"give it one of {enumeration(list(nodes), 'and')}."
        )
    if not was_reached(nodes[overrule]):
        raise GaleraError(
            f"Host {overrule}, which mariadb_recover_from names, cannot be read: mend its connection, or name another."
        )


def _refuse_hung(nodes: Nodes) -> None:
    hung = [name for name, node in nodes.items() if hangs(node)]
    if hung:
        raise GaleraError(
            f"MariaDB on {hosts_named(hung)} runs but does not answer, so that it may be writing: look what holds it "
            "up there, or end it with `systemctl kill --signal=KILL mariadb`, whereupon systemd starts it anew."
        )


def _refuse_unreadable(nodes: Nodes) -> None:
    unreadable = [name for name, node in nodes.items() if not was_reached(node)]
    if unreadable:
        raise GaleraError(
            f"No node is known to be in a cluster that may write, and {hosts_named(unreadable)} cannot be read, "
            "so that a cluster may be there or the newest data be lost: bring "
            f"{it_or_them(unreadable)} back. Only if you are sure that MariaDB does not run there, and {_remedy()[3:]}."
        )


def _refuse_two_clusters(nodes: Nodes, primary: Sequence[str]) -> None:
    clusters: dict[str, list[str]] = {}
    for name in primary:
        clusters.setdefault(str(nodes[name]["status"].get("cluster_state_uuid")), []).append(name)
    if len(clusters) > 1:
        parts = enumeration([hosts_named(names) for names in clusters.values()], "and")
        raise GaleraError(
            f"There are {len(clusters)} clusters, of {parts}: compare their data, stop MariaDB on the hosts whose "
            "data may be lost, remove /var/lib/mysql/grastate.dat there, and run this playbook once more."
        )


def _refuse_losing_data(nodes: Nodes, primary: Sequence[str]) -> None:
    alone = [name for name, node in nodes.items() if node.get("alone_with_data") and name not in primary]
    if alone:
        raise GaleraError(
            f"MariaDB on {hosts_named(alone)} holds a database of its own, which joining the cluster of {primary[0]} "
            "would replace: save what you need of it, drop the database there, and run this playbook once more."
        )


def _first_seed(nodes: Nodes) -> str:
    with_data = [name for name, node in nodes.items() if node.get("alone_with_data")]
    if len(with_data) > 1:
        raise GaleraError(
            f"MariaDB on {hosts_named(with_data)} each holds a database of its own, of which the cluster can keep one: "
            "drop it on all others, and run this playbook once more."
        )
    return next(iter(with_data or nodes))


def _refuse_unknown_positions(nodes: Nodes, positions: Mapping[str, tuple[str, int]]) -> None:
    unknown = [
        name
        for name, node in nodes.items()
        if node.get("state") and positions.get(name, ("", UNKNOWN_SEQNO))[1] == UNKNOWN_SEQNO
    ]
    if unknown or not positions:
        raise GaleraError(
            f"It cannot be told how far {hosts_named(unknown or list(nodes))} got "
            "(`journalctl --unit mariadb` there may say why), so no host can be told to have everything: "
            f"{_remedy()}."
        )


def _refuse_different_clusters(positions: Mapping[str, tuple[str, int]]) -> None:
    clusters: dict[str, list[str]] = {}
    for name, (uuid, _) in positions.items():
        clusters.setdefault(uuid, []).append(name)
    if len(clusters) > 1:
        parts = enumeration([f"{uuid} on {hosts_named(names)}" for uuid, names in clusters.items()], "and")
        raise GaleraError(
            f"The hosts hold data of different clusters ({parts}), whose ages cannot be compared: {_remedy()}; "
            "the others then take over its data."
        )
