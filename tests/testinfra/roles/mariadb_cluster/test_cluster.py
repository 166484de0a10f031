"""The cluster as it was deployed: who belongs to it, who may what, and who may come near."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from galera_cluster import ADDRESSES, CLIENTS, Cluster
from testinfra.host import Host


NODES = tuple(ADDRESSES)


def test_three_nodes_are_one_cluster(cluster: Cluster) -> None:
    said = [cluster.says(node) for node in NODES]
    assert {s["cluster_size"] for s in said} == {3}
    assert len({s["cluster_uuid"] for s in said}) == 1
    assert all(s["ready"] and s["cluster_status"] == "Primary" for s in said)


@pytest.mark.parametrize("node", NODES)
def test_the_settings_are_in_force(cluster: Cluster, node: str) -> None:
    variables = "@@innodb_flush_log_at_trx_commit, @@binlog_format, @@innodb_autoinc_lock_mode, @@wsrep_sst_method"
    assert cluster.query(node, f"SELECT {variables}") == [["1", "ROW", "2", "mariabackup"]]
    ((options,),) = cluster.query(node, "SELECT @@wsrep_provider_options")
    assert "evs.suspect_timeout = PT1.4S;" in options
    assert f"gmcast.listen_addr = tcp://{ADDRESSES[node]}:4567;" in options


def test_accounts_are_the_same_everywhere_and_may_no_more_than_they_must(cluster: Cluster) -> None:
    expected = [
        ["discordgym-check", "localhost"],
        ["discordgym_app", "172.30.91.21"],
        ["discordgym_app", "172.30.91.22"],
        ["discordgym_migration", "172.30.91.21"],
        ["discordgym_migration", "172.30.91.22"],
        ["mariadb.sys", "localhost"],
        ["mysql", "localhost"],
        ["root", "localhost"],
    ]
    for node in NODES:
        assert cluster.query(node, "SELECT User, Host FROM mysql.user ORDER BY 1, 2") == expected
        ((check,),) = cluster.query(node, "SHOW GRANTS FOR 'discordgym-check'@localhost")
        assert check.startswith("GRANT USAGE ON *.* TO `discordgym-check`@`localhost` IDENTIFIED VIA unix_socket")
        (copying, *_) = cluster.query(node, "SHOW GRANTS FOR mysql@localhost")
        assert copying[0].startswith("GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO `mysql`@`localhost`")


def test_no_secret_is_where_others_can_read_it(cluster: Cluster, on: Callable[[str], Host], inventory: Path) -> None:
    secrets = "|".join(path.read_text().split()[0] for path in (inventory / ".secrets").iterdir())
    assert cluster.password in secrets
    for host in (*NODES, *CLIENTS):
        places = "/etc/mysql /etc/haproxy /etc/systemd /etc/discordgym /usr/local/lib/discordgym"
        search = f"grep --recursive --extended-regexp --files-with-matches {shlex.quote(secrets)} {places}"
        assert on(host).run(search).stdout == ""
        assert (
            on(host).run(f"journalctl --no-pager | grep --extended-regexp --count {shlex.quote(secrets)}").stdout
            == "0\n"
        )


@pytest.mark.parametrize("port", [4567, 4568, 4444, 9200])
def test_the_clusters_ports_are_open_among_the_nodes_alone(on: Callable[[str], Host], port: int) -> None:
    on("test-galera-1").run(
        f"systemd-run --unit=listen-{port} python3 -m http.server --bind {ADDRESSES['test-galera-1']} {port}"
    )
    connect = f"""python3 -c 'import socket; socket.create_connection(("{ADDRESSES["test-galera-1"]}", {port}), 2)'"""
    try:
        on("test-galera-1").check_output(f"for try in $(seq 50); do {connect} && exit 0; sleep 0.1; done; exit 1")
        assert on("test-galera-2").run(connect).rc == 0
        refused = on("test-galera-api-1").run(connect)
        assert (refused.rc == 0) == (port == 9200), refused.stderr
    finally:
        on("test-galera-1").run(f"systemctl stop listen-{port}")


def test_galeras_datagrams_pass_among_the_nodes_alone(on: Callable[[str], Host]) -> None:
    rules = on("test-galera-1").check_output("nft list table inet discordgym")
    for address in ADDRESSES.values():
        assert f"udp dport 4567 ip saddr {address} accept" in rules
    assert "udp dport 4567 drop" in rules


def test_the_proxies_talk_to_each_other_alone(on: Callable[[str], Host]) -> None:
    connect = """python3 -c 'import socket; socket.create_connection(("172.30.91.21", 3310), 2)'"""
    assert on("test-galera-api-2").run(connect).rc == 0
    assert "timed out" in on("test-galera-1").run(connect).stderr


def test_the_proxy_is_there_for_its_own_host_alone(on: Callable[[str], Host]) -> None:
    listening = on("test-galera-api-1").check_output("ss --listening --tcp --numeric --no-header 'sport = :3306'")
    assert listening.split()[3] == "127.0.0.1:3306"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("172.30.91.21", 3306), 2)
    mode = on("test-galera-api-1").file("/run/haproxy/admin.sock")
    assert (mode.user, mode.group, mode.mode) == ("root", "root", 0o600)


def test_the_check_may_nothing(on: Callable[[str], Host]) -> None:
    host = on("test-galera-1")
    pid = host.check_output("systemctl show --property=MainPID --value discordgym-mariadb-check")
    status = host.check_output(f"cat /proc/{pid}/status")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert host.check_output(f"stat --format=%U /proc/{pid}") == "discordgym-check"
