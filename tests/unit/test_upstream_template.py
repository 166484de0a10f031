"""The upstream block as Ansible renders it, for few and for many backends."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT, evaluated

THREE_BACKENDS = """\
upstream api_backend {
    # Shared by all workers: without it each one would have to find a dead server for itself.
    zone api_backend 256k;
    least_conn;

    # api-1
    server 10.0.0.1:3000 max_fails=2 fail_timeout=10s;
    # api-2
    server 10.0.0.2:3000 max_fails=2 fail_timeout=10s;
    # api-3
    server 10.0.0.3:3000 max_fails=2 fail_timeout=10s backup;

    keepalive 64;
}
"""


UPSTREAM = {
    "name": "api_backend",
    "group": "api",
    "port": 3000,
    "backup_variable": "api_backup",
    "balance": "least_conn",
    "max_fails": 2,
    "fail_timeout": "10s",
    "keepalive": 64,
}


def balanced(backends: int) -> dict[str, object]:
    """Describe a load balancer and its backends, the last of several a backup."""
    api = {
        f"api-{number}": {"stack_address": f"10.0.0.{number}", "api_backup": number == backends > 1}
        for number in range(1, backends + 1)
    }
    return {"hosts": {"balancer": {}}, "children": {"api": {"hosts": api}}}


def rendered(directory: Path, backends: int, limit: str | None = None, **options: object) -> object:
    """Render the block on the load balancer, as the template action does."""
    return evaluated(
        "{{ lookup('ansible.builtin.template', template) }}",
        balanced(backends),
        directory,
        host="balancer",
        limit=limit,
        template=str(ROOT / "templates/upstream.conf.j2"),
        upstream=UPSTREAM | options,
    )


def test_a_block_reads_as_if_written_by_hand(tmp_path: Path) -> None:
    assert rendered(tmp_path, 3) == THREE_BACKENDS


@pytest.mark.parametrize("backends", [1, 3, 50])
def test_every_backend_is_a_server_whatever_the_limit(tmp_path: Path, backends: int) -> None:
    block = str(rendered(tmp_path, backends))

    numbers = range(1, backends + 1)
    servers = [line.split() for line in block.splitlines() if line.startswith("    server ")]
    assert [server[1] for server in servers] == [f"10.0.0.{number}:3000" for number in numbers]
    assert ["backup;" in server for server in servers] == [number == backends > 1 for number in numbers]
    assert rendered(tmp_path, backends, limit="balancer") == block


def test_round_robin_is_nginxs_own_way_and_needs_no_directive(tmp_path: Path) -> None:
    assert rendered(tmp_path, 3, balance="round_robin") == THREE_BACKENDS.replace("    least_conn;\n", "")
