"""MariaDB: its settings are in force, and each account can do what it must and no more."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from deployment import deploy
from recovery import seconds_to_recover
from testinfra.host import Host


ADDRESS = "172.30.90.11"
ACCOUNTS = [
    ["discordgym_app", "172.30.90.21"],
    ["discordgym_migration", "172.30.90.21"],
    ["discordgym_studio", "172.30.90.33"],
    ["root", "localhost"],
]
INSTALL = "apt-get install --yes --quiet --no-install-recommends"


@pytest.fixture(scope="module")
def database(on: Callable[[str], Host]) -> Host:
    return on("test-db")


def query(host: Host, sql: str) -> list[list[str]]:
    output = host.check_output(f"mariadb --batch --skip-column-names --execute {shlex.quote(sql)}")
    return [line.split("\t") for line in output.splitlines()]


def accounts(host: Host) -> list[list[str]]:
    return query(host, "SELECT User, Host FROM mysql.user WHERE User NOT IN ('mariadb.sys', 'mysql') ORDER BY 1")


def grants(host: Host, user: str, address: str) -> set[str]:
    """What an account may do, without the line that only says that it has a password."""
    (_, *granted) = query(host, f"SHOW GRANTS FOR '{user}'@'{address}'")
    return {line for (line,) in granted}


def as_user(host: Host, user: str, password: str, sql: str) -> tuple[int, str]:
    """Run SQL over the network from a host; the password goes by the environment."""
    script = (
        "import os, pymysql; "
        f"c = pymysql.connect(host='{ADDRESS}', user='{user}', password=os.environ['P'], database='discordgym'); "
        f"k = c.cursor(); k.execute({sql!r}); c.commit()"
    )
    result = host.run(f"P={shlex.quote(password)} python3 -c {shlex.quote(script)}")
    return result.rc, result.stderr


def test_an_unfinished_write_frees_its_locks(database: Host) -> None:
    """Asked as an account without privileges, for which alone the limit is meant."""
    database.check_output('mariadb --execute "CREATE USER IF NOT EXISTS nobody@localhost IDENTIFIED VIA unix_socket"')
    try:
        asked = "runuser --user nobody -- mariadb --batch --skip-column-names --execute"
        limit = database.check_output(f"{asked} 'SELECT @@idle_write_transaction_timeout'")
        assert limit == "1"
        assert query(database, "SELECT @@idle_write_transaction_timeout") == [["0"]]
    finally:
        database.check_output("mariadb --execute 'DROP USER nobody@localhost'")


def test_a_commit_is_on_the_disk(database: Host) -> None:
    assert query(database, "SELECT @@innodb_flush_log_at_trx_commit") == [["1"]]
    assert query(database, "SELECT @@bind_address") == [[ADDRESS]]


def test_accounts_are_bound_to_their_hosts(database: Host) -> None:
    assert accounts(database) == ACCOUNTS


def test_accounts_have_exactly_their_privileges(database: Host) -> None:
    on_database = "ON `discordgym`.* TO"
    app, migration, studio = ((user, address) for user, address in ACCOUNTS if user != "root")
    assert grants(database, *app) == {f"GRANT SELECT, INSERT, UPDATE, DELETE {on_database} `{app[0]}`@`{app[1]}`"}
    assert grants(database, *migration) == {f"GRANT ALL PRIVILEGES {on_database} `{migration[0]}`@`{migration[1]}`"}
    assert grants(database, *studio) == {f"GRANT SELECT, UPDATE {on_database} `{studio[0]}`@`{studio[1]}`"}


def test_users_can_do_no_more_than_they_must(on: Callable[[str], Host], secret: Callable[[str], str]) -> None:
    api = on("test-api")
    api.check_output(f"{INSTALL} python3-pymysql")
    app, migration = ("discordgym_app", secret("mariadb_app")), ("discordgym_migration", secret("mariadb_migration"))
    assert as_user(api, *migration, "CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY)")[0] == 0
    assert as_user(api, *app, "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE id = 1")[0] == 0

    for sql in ("CREATE TABLE u (id INT)", "DROP TABLE t", "SELECT * FROM mysql.user"):
        rc, error = as_user(api, *app, sql)
        assert rc != 0
        assert "denied" in error, sql


def test_an_account_is_useless_on_another_host(
    database: Host, on: Callable[[str], Host], secret: Callable[[str], str]
) -> None:
    for host, refusal in ((database, "is not allowed to connect"), (on("test-studio"), "Access denied for user")):
        host.check_output(f"{INSTALL} python3-pymysql")
        rc, error = as_user(host, "discordgym_app", secret("mariadb_app"), "SELECT 1")
        assert rc != 0
        assert refusal in error


def test_accounts_of_hosts_that_left_are_removed(database: Host, inventory: Path) -> None:
    for account in ("discordgym_app@172.30.90.99", "discordgym_studio@172.30.90.99", "root@'%'", "''@localhost"):
        query(database, f"CREATE USER {account} IDENTIFIED BY 'known to somebody'")
    query(database, "CREATE USER somebody_else@172.30.90.99")
    deployed = deploy(inventory)
    assert deployed.returncode == 0, deployed.stdout
    assert [account for account in accounts(database) if account not in ACCOUNTS] == [["somebody_else", "172.30.90.99"]]
    query(database, "DROP USER somebody_else@172.30.90.99")
    assert accounts(database) == ACCOUNTS


def test_no_password_is_in_the_process_list_meanwhile(database: Host, inventory: Path) -> None:
    for user, address in ACCOUNTS[:-1]:
        query(database, f"DROP USER {user}@{address}")
    look = "while :; do cat /proc/[0-9]*/cmdline; done 2> /dev/null > /run/arguments"
    database.check_output(f"systemd-run --unit=look-at-arguments sh -c {shlex.quote(look)}")
    deployed = deploy(inventory)
    database.check_output("systemctl stop look-at-arguments")
    assert deployed.returncode == 0, deployed.stdout
    assert accounts(database) == ACCOUNTS

    assert database.run("grep --quiet --text mitogen: /run/arguments").rc == 0, "nothing was seen of the deployment"
    for path in (inventory / ".secrets").iterdir():
        assert database.run(f"grep --quiet --text {path.read_text().split()[0]} /run/arguments").rc == 1, path.name


def test_systemd_brings_it_back(database: Host) -> None:
    assert seconds_to_recover(database, "mariadb", "mariadb --execute 'SELECT 1'") < 5
