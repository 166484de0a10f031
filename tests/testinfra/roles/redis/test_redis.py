"""Redis: closed without a password, and the application's user confined to its keys and channels."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest
from recovery import seconds_to_recover
from testinfra.host import Host


@pytest.fixture(scope="module")
def server(on: Callable[[str], Host]) -> Host:
    return on("test-redis")


@pytest.fixture(scope="module")
def as_app(server: Host, secret: Callable[[str], str]) -> Callable[[str], str]:
    """Run a Redis command as the application; the password goes by the environment."""
    # A subscription that was allowed would go on for ever.
    login = f"REDISCLI_AUTH={shlex.quote(secret('redis_app'))} timeout 2 redis-cli --user discordgym_app"
    return lambda command: str(server.run(f"{login} {command}").stdout).strip()


def test_nobody_gets_in_without_a_password(server: Host) -> None:
    assert "NOAUTH" in server.run("redis-cli PING").stdout
    assert "WRONGPASS" in server.run("REDISCLI_AUTH=wrong redis-cli --user discordgym_app PING 2>&1").stdout


def test_the_application_is_confined(as_app: Callable[[str], str]) -> None:
    assert as_app("SET session:1 x") == "OK"
    assert as_app("PUBLISH socket.io#/# x") == "0"
    for command in ("SET other 1", "PUBLISH other x", "CONFIG GET '*'", "FLUSHALL", "KEYS '*'", "ACL LIST"):
        assert "NOPERM" in as_app(command), command


def test_it_hears_no_channels_but_its_own(as_app: Callable[[str], str]) -> None:
    assert "psubscribe" in as_app("PSUBSCRIBE 'socket.io#/#*'")
    for command in ("SUBSCRIBE other", "PSUBSCRIBE '*'", "PSUBSCRIBE 'socket*'"):
        assert "NOPERM" in as_app(command), command


def test_it_keeps_sessions_and_drops_the_ones_next_to_expire(server: Host, secret: Callable[[str], str]) -> None:
    login = f"REDISCLI_AUTH={shlex.quote(secret('redis_admin'))} redis-cli --user discordgym_admin"
    settings = server.check_output(f"{login} CONFIG GET appendonly appendfsync maxmemory maxmemory-policy").split()
    assert dict(zip(settings[::2], settings[1::2], strict=True)) == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory": str(256 * 1024 * 1024),
        "maxmemory-policy": "volatile-ttl",
    }


def test_sessions_survive_a_kill(server: Host, as_app: Callable[[str], str]) -> None:
    assert as_app("SET session:kept yes") == "OK"
    # The append-only file is synced each second.
    server.check_output("sleep 1.1")
    assert seconds_to_recover(server, "redis-server", "redis-cli PING") < 3
    assert as_app("GET session:kept") == "yes"


def test_it_listens_where_it_must(server: Host) -> None:
    sockets = server.check_output("ss --listening --tcp --numeric --no-header 'sport = 6379'")
    assert {line.split()[3] for line in sockets.splitlines()} == {"127.0.0.1:6379", "172.30.90.12:6379"}


def test_no_password_lies_on_the_host(server: Host, secret: Callable[[str], str]) -> None:
    for name in ("redis_app", "redis_admin"):
        assert server.run(f"grep --recursive --fixed-strings {secret(name)} /etc/redis").rc == 1
