"""What follows from what the nodes of a Galera cluster say of themselves."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.discordgym.stack.plugins.filter.galera import FilterModule
from ansible_collections.discordgym.stack.plugins.module_utils import galera


FILTERS = FilterModule().filters()
OURS, THEIRS = "2a4e5c1e-2f0a-11f0-8f3b-0242ac1e5b0b", "99999999-2f0a-11f0-8f3b-0242ac1e5b0b"
UNREACHABLE: dict[str, Any] = {"msg": "Connection timed out."}
FROM = "if you know which host has everything, name it with `-e mariadb_recover_from=<host>`"


def node(**what: Any) -> dict[str, Any]:
    """A host on which nothing has happened yet, but for what is said."""
    nothing = {"unit": "inactive", "status": None, "clients": 0, "outdated": False, "state": None, "position": None}
    return nothing | {"alone_with_data": False} | what


def running(cluster_status: str = "Primary", state: str = "Synced", uuid: str = OURS, **what: Any) -> dict[str, Any]:
    status = {"cluster_status": cluster_status, "local_state_comment": state, "cluster_state_uuid": uuid}
    return node(unit="active", status=status, state=saved(uuid), **what)


def saved(uuid: str = OURS, seqno: int = -1) -> dict[str, Any]:
    return {"uuid": uuid, "seqno": seqno, "safe_to_bootstrap": False}


def stopped(seqno: int | None, uuid: str = OURS) -> dict[str, Any]:
    return node(state=saved(uuid), position=None if seqno is None else [uuid, seqno])


HUNG = node(unit="active", state=saved())
STANDALONE = node(unit="active", status={"cluster_status": "Disconnected"}, outdated=True)


# ---- Reading


def grastate(uuid: str = OURS, seqno: str = "4711", safe: str = "0") -> str:
    return f"# GALERA saved state\nversion: 2.1\nuuid:    {uuid}\nseqno:   {seqno}\nsafe_to_bootstrap: {safe}\n"


def test_a_saved_state_is_read() -> None:
    assert galera.parse_grastate(grastate()) == {"uuid": OURS, "seqno": 4711, "safe_to_bootstrap": False}
    assert galera.parse_grastate(grastate(seqno="-1", safe="1")) == {
        "uuid": OURS,
        "seqno": -1,
        "safe_to_bootstrap": True,
    }


@pytest.mark.parametrize("text", ["", grastate(uuid=galera.NO_UUID), "\0\0\0"])
def test_a_state_without_a_cluster_is_none(text: str) -> None:
    assert galera.parse_grastate(text) is None


def test_a_broken_number_is_an_unknown_one() -> None:
    state = galera.parse_grastate(grastate(seqno="47x"))
    assert state is not None
    assert state["seqno"] == galera.UNKNOWN_SEQNO


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (f"--wsrep_start_position={OURS}:2736\n", (OURS, 2736)),
        (f"--wsrep_start_position={OURS}:-1,0-1-5\n", (OURS, -1)),
        ("", None),
        ("--wsrep_start_position=what:1", None),
    ],
)
def test_a_recovered_position_is_read(text: str, position: tuple[str, int] | None) -> None:
    assert galera.parse_position(text) == position


def test_of_the_status_what_matters_is_kept() -> None:
    status = galera.parse_status("wsrep_ready\tON\nwsrep_cluster_size\t3\nwsrep_thread_count\t5\nnonsense\n")
    assert status == {
        "cluster_status": "",
        "cluster_size": "3",
        "cluster_state_uuid": "",
        "local_state_comment": "",
        "ready": "ON",
    }


# ---- A cluster that there is


def test_where_there_is_a_cluster_the_others_join_it_whoever_is_first_in_the_inventory() -> None:
    plan = FILTERS["galera_plan"]({"one": node(), "two": running(), "three": running("non-Primary", "Initialized")})
    assert plan == {
        "action": "join",
        "seed": "",
        "members": ["two"],
        "astray": ["three"],
        "absent": ["one"],
        "problem": "",
    }


def test_a_donor_is_a_member_and_one_that_lags_is_not() -> None:
    plan = galera.plan({"one": running(state="Donor/Desynced"), "two": running(state="Joined")})
    assert (plan["members"], plan["astray"]) == (["one"], ["two"])


def test_a_cluster_that_there_is_needs_nobodys_word_but_its_own() -> None:
    plan = galera.plan({"one": UNREACHABLE, "two": running(), "three": HUNG})
    assert (plan["action"], plan["members"], plan["absent"]) == ("join", ["two"], ["three"])


def test_an_overrule_does_not_overrule_a_cluster() -> None:
    assert galera.plan({"one": stopped(9), "two": running()}, overrule="one")["action"] == "join"


def test_two_clusters_are_refused() -> None:
    with pytest.raises(galera.GaleraError, match="There are 2 clusters, of host one and host two: compare their data"):
        galera.plan({"one": running(), "two": running(uuid=THEIRS)})


def test_data_of_its_own_is_not_replaced_by_the_clusters() -> None:
    with pytest.raises(galera.GaleraError, match="MariaDB on host two holds a database of its own, which joining"):
        galera.plan({"one": running(), "two": STANDALONE | {"alone_with_data": True}})


# ---- A cluster that there has never been


def test_the_first_host_founds_the_cluster_where_nobody_knows_anything() -> None:
    plan = galera.plan({"one": node(), "two": STANDALONE, "three": node()})
    assert (plan["action"], plan["seed"], plan["absent"]) == ("found", "one", ["one", "two", "three"])


def test_a_host_that_stood_alone_with_data_founds_it_instead() -> None:
    assert galera.plan({"one": node(), "two": STANDALONE | {"alone_with_data": True}})["seed"] == "two"
    with pytest.raises(galera.GaleraError, match="MariaDB on hosts one and two each holds a database of its own"):
        galera.plan({name: STANDALONE | {"alone_with_data": True} for name in ("one", "two")})


def test_nothing_is_founded_while_a_node_cannot_be_read() -> None:
    plan = FILTERS["galera_plan"]({"one": node(), "two": UNREACHABLE, "three": node()})
    assert plan["action"] == ""
    assert plan["problem"] == (
        "No node is known to be in a cluster that may write, and host two cannot be read, so that a cluster may be "
        "there or the newest data be lost: bring it back. Only if you are sure that MariaDB does not run there, and "
        "you know which host has everything, name it with `-e mariadb_recover_from=<host>`."
    )


@pytest.mark.parametrize("overrule", ["", "one"])
def test_one_that_hangs_may_be_writing_whatever_people_say(overrule: str) -> None:
    with pytest.raises(galera.GaleraError, match="MariaDB on host two runs but does not answer, so that it may be"):
        galera.plan({"one": stopped(5), "two": HUNG}, overrule)


# ---- A cluster that is down


def test_a_state_of_a_single_node_is_enough_to_found_nothing() -> None:
    assert galera.plan({"one": node(), "two": stopped(None), "three": node()})["action"] == "recover"


@pytest.mark.parametrize(
    ("seqnos", "chosen"),
    [((5, 7, 6), "two"), ((7, 7, 7), "one"), ((0, 1, 2), "three"), ((9, 10, 8), "two")],
)
def test_the_most_advanced_goes_first(seqnos: tuple[int, ...], chosen: str) -> None:
    nodes = {name: stopped(seqno) for name, seqno in zip(("one", "two", "three"), seqnos, strict=True)}
    assert FILTERS["galera_most_advanced"](nodes) == {"host": chosen, "problem": ""}


def test_a_fresh_host_among_them_does_not_count() -> None:
    assert galera.most_advanced({"one": node(), "two": stopped(3), "three": stopped(4)}) == "three"


def refusal(**nodes: dict[str, Any]) -> str:
    return str(FILTERS["galera_most_advanced"](nodes)["problem"])


@pytest.mark.parametrize("position", [None, [OURS, -1]])
def test_an_unknown_position_is_refused(position: list[Any] | None) -> None:
    assert refusal(one=stopped(5), two=stopped(5) | {"position": position}) == (
        "It cannot be told how far host two got (`journalctl --unit mariadb` there may say why), so no host can be "
        f"told to have everything: {FROM}."
    )


def test_data_of_different_clusters_is_refused() -> None:
    assert refusal(one=stopped(5), two=stopped(7, THEIRS)) == (
        f"The hosts hold data of different clusters ({OURS} on host one and {THEIRS} on host two), whose ages cannot "
        f"be compared: {FROM}; the others then take over its data."
    )


def test_a_node_that_cannot_be_read_is_refused_and_overruled_by_name() -> None:
    nodes = {"one": UNREACHABLE, "two": stopped(5), "three": stopped(6)}
    assert "host one cannot be read" in refusal(**nodes)
    assert galera.most_advanced(nodes, "two") == "two"
    assert galera.plan(nodes, "two")["action"] == "recover"


def test_an_overrule_must_name_a_host_of_the_cluster_that_can_be_read() -> None:
    nodes = {"one": UNREACHABLE, "two": stopped(5)}
    with pytest.raises(galera.GaleraError, match="'db-9', which is no host of the cluster: give it one of one and two"):
        galera.plan(nodes, "db-9")
    with pytest.raises(galera.GaleraError, match="Host one, which mariadb_recover_from names, cannot be read"):
        galera.most_advanced(nodes, "one")


def test_nothing_is_bootstrapped_beside_a_cluster_or_a_server_that_still_runs() -> None:
    assert "host two meanwhile formed a cluster again" in refusal(one=stopped(5), two=running())
    with pytest.raises(galera.GaleraError, match="formed a cluster again"):
        galera.most_advanced({"one": stopped(5), "two": running()}, overrule="one")
    still = node(unit="activating", state=saved())
    for overrule in ("", "one"):
        with pytest.raises(galera.GaleraError, match="MariaDB still runs on host two and could be writing"):
            galera.most_advanced({"one": stopped(5), "two": still}, overrule)


# ---- Restarts


def test_the_one_with_the_most_clients_is_restarted_last() -> None:
    nodes = {"one": running(clients=30), "two": running(clients=0), "three": running(clients=2)}
    assert FILTERS["galera_restart_order"](nodes, ["one", "two", "three"]) == ["two", "three", "one"]
    assert galera.restart_order(nodes, ["one", "three"]) == ["three", "one"]
