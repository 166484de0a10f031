"""What a host's own part of a cluster says of itself: Galera, Redis under Sentinel, a database proxy, an address."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, TypedDict


class Member(TypedDict, total=False):
    """One service as a member of its cluster; what could not be asked is missing.

    `ailment` tells what keeps it from doing its part, as the rest of a sentence; empty if nothing does.
    """

    ailment: str
    # Galera
    state: str
    cluster_status: str
    cluster_size: int
    # Redis
    role: str
    replicas: int
    link_up: bool
    lag_seconds: int
    # Redis' Sentinel
    master: str
    sentinels: int
    quorum: bool
    # The virtual address
    holds_vip: bool
    # The database proxy
    writer: str


def galera_member(answer: str | None) -> Member:
    """Read the answer of a node's check, which says why if the node may not be written to."""
    try:
        told: dict[str, Any] = json.loads(answer or "")
        member = Member(
            ailment="",
            state=str(told["state"]),
            cluster_status=str(told["cluster_status"]),
            cluster_size=int(told["cluster_size"]),
        )
    except (ValueError, KeyError, TypeError):
        return Member(ailment="does not say how it is")
    if not told.get("ready") or member["cluster_status"] != "Primary" or told.get("reason"):
        reason = told.get("reason") or f"{member['state']}, {member['cluster_status']}"
        member["ailment"] = f"may not be written to ({reason})"
    return member


def redis_member(replication: str, master: str, quorum: str) -> Member:
    """Read what Redis prints for `INFO replication`, and its Sentinel for `MASTER` and `CKQUORUM`."""
    info = dict(line.strip().split(":", 1) for line in replication.splitlines() if ":" in line)
    member = Member(ailment="")
    ailments: list[str] = []
    if info.get("role") == "master":
        member |= Member(role="master", replicas=int(info.get("connected_slaves", 0)))
    elif info.get("role") == "slave":
        member |= Member(role="replica", link_up=info.get("master_link_status") == "up")
        if member["link_up"]:
            member["lag_seconds"] = int(info.get("master_last_io_seconds_ago", 0))
        else:
            ailments.append("has no link to its master")
    else:
        ailments.append("does not tell its role")

    words = [line.strip() for line in master.splitlines()]
    told = dict(zip(words[::2], words[1::2], strict=False))
    usable = re.search(r"(\d+) usable Sentinels", quorum)
    if "ip" in told:
        member["master"] = told["ip"]
    if usable:
        member |= Member(sentinels=int(usable.group(1)), quorum=quorum.strip().startswith("OK"))
    if not member.get("quorum"):
        ailments.append("has a Sentinel that sees no quorum" if usable else "has no Sentinel that answers")
    member["ailment"] = " and ".join(ailments)
    return member


def vip_member(addresses: str, vip: str) -> Member:
    """Read what `ip -json address` prints."""
    try:
        interfaces: Sequence[dict[str, Any]] = json.loads(addresses)
    except ValueError:
        return Member(ailment="does not tell its addresses")
    local = {entry.get("local") for interface in interfaces for entry in interface.get("addr_info", ())}
    return Member(ailment="", holds_vip=vip in local)


def proxy_member(shown: str | None) -> Member:
    """Read what HAProxy prints for `show table` and `show servers state` of the backend that holds the database."""
    if shown is None:
        return Member(ailment="has a database proxy that does not answer")
    member = Member(ailment="")
    names: dict[str, str] = {}
    for line in shown.splitlines():
        columns = line.split()
        # be_id be_name srv_id srv_name …
        if len(columns) > 4 and columns[0].isdigit() and columns[2].isdigit():
            names[columns[2]] = columns[3]
    entry = re.search(r"\bserver_id=(\d+)(?:.*\bserver_key=(\S+))?", shown)
    if entry:
        number, key = entry.groups()
        name = names.get(number) or (key if key != "-" else None)
        if name:
            member["writer"] = name
    return member
