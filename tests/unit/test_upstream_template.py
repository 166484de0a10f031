"""The upstream block as Ansible renders it, for few and for many backends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


Render = Callable[..., str]

TEMPLATE = Path(__file__).parents[2] / "templates/upstream.conf.j2"

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


@pytest.fixture
def render(evaluate: Callable[..., object]) -> Render:
    """Render the block on the load balancer, as the template action does."""

    def rendered(backends: int, limit: str | None = None, **options: object) -> str:
        block = evaluate(
            "{{ lookup('ansible.builtin.template', template) }}",
            balanced(backends),
            host="balancer",
            limit=limit,
            template=str(TEMPLATE),
            upstream=UPSTREAM | options,
        )
        assert isinstance(block, str)
        return block

    return rendered


def test_a_block_reads_as_if_written_by_hand(render: Render) -> None:
    assert render(3) == THREE_BACKENDS


@pytest.mark.parametrize("backends", [1, 3, 50])
def test_every_backend_is_a_server_whatever_the_limit(render: Render, backends: int) -> None:
    block = render(backends)

    numbers = range(1, backends + 1)
    servers = [line.split() for line in block.splitlines() if line.startswith("    server ")]
    assert [server[1] for server in servers] == [f"10.0.0.{number}:3000" for number in numbers]
    assert ["backup;" in server for server in servers] == [number == backends > 1 for number in numbers]
    assert render(backends, limit="balancer") == block


def test_round_robin_is_nginxs_own_way_and_needs_no_directive(render: Render) -> None:
    assert render(3, balance="round_robin") == THREE_BACKENDS.replace("    least_conn;\n", "")
