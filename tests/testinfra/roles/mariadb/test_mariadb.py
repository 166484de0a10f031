"""MariaDB: its settings are in force, and each account can do what it must and no more."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest
from recovery import seconds_to_recover
from testinfra.host import Host


ADDRESS = "172.30.90.11"


@pytest.fixture(scope="module")
def database(on: Callable[[str], Host]) -> Host:
    return on("test-db")


def query(host: Host, sql: str) -> list[list[str]]:
    output = host.check_output(f"mariadb --batch --skip-column-names --execute {shlex.quote(sql)}")
    return [line.split("\t") for line in output.splitlines()]


def as_user(host: Host, user: str, password: str, sql: str) -> tuple[int, str]:
    """Run SQL over the network from a host; the password goes by the environment."""
    script = (
        "import os, pymysql; "
        f"c = pymysql.connect(host='{ADDRESS}', user='{user}', password=os.environ['P'], database='discordgym'); "
        f"k = c.cursor(); k.execute({sql!r}); c.commit()"
    )
    result = host.run(f"P={shlex.quote(password)} python3 -c {shlex.quote(script)}")
    return result.rc, result.stderr


def test_a_commit_is_on_the_disk(database: Host) -> None:
    assert query(database, "SELECT @@innodb_flush_log_at_trx_commit") == [["1"]]
    assert query(database, "SELECT @@bind_address") == [[ADDRESS]]


def test_accounts_are_bound_to_their_hosts(database: Host) -> None:
    accounts = query(
        database, "SELECT User, Host FROM mysql.user WHERE User NOT IN ('mariadb.sys', 'mysql') ORDER BY 1"
    )
    assert accounts == [
        ["discordgym_app", "172.30.90.21"],
        ["discordgym_migration", "172.30.90.21"],
        ["root", "localhost"],
    ]


def test_users_can_do_no_more_than_they_must(
    database: Host, on: Callable[[str], Host], secret: Callable[[str], str]
) -> None:
    api = on("test-api")
    api.check_output("apt-get install --yes --quiet --no-install-recommends python3-pymysql")
    app, migration = ("discordgym_app", secret("mariadb_app")), ("discordgym_migration", secret("mariadb_migration"))
    assert as_user(api, *migration, "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY)")[0] == 0
    assert as_user(api, *app, "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE id = 1")[0] == 0

    for sql in ("CREATE TABLE u (id INT)", "DROP TABLE t", "SELECT * FROM mysql.user"):
        rc, error = as_user(api, *app, sql)
        assert rc != 0
        assert "denied" in error, sql
    rc, error = as_user(database, *app, "SELECT 1")
    assert rc != 0, "the application's user got in from another host"


def test_systemd_brings_it_back(database: Host) -> None:
    assert seconds_to_recover(database, "mariadb", "mariadb --execute 'SELECT 1'") < 5
