"""The upstream block, and the servers it includes, from Ansible's inventory to nginx's file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.template import trust_as_template
from ansible_collections.discordgym.stack.roles.nginx_lb.files import upstream_checker as checker


Servers = Callable[..., str]

ROOT = Path(__file__).parents[2]
ROLE = ROOT / "roles/nginx_lb"

BLOCK = """\
upstream api_backend {
    # Shared by all workers: without it each one would have to find a dead server for itself.
    zone api_backend 256k;
    least_conn;

    include /var/lib/nginx-upstreams/api_backend.servers;

    keepalive 64;
}
"""
THREE_BACKENDS = """\
# Written by upstream_checker.py, which takes sick backends out.
# api-1
server 10.0.0.1:3000 max_fails=1 fail_timeout=5s;
# api-2
server 10.0.0.2:3000 max_fails=1 fail_timeout=5s;
# api-3
server 10.0.0.3:3000 max_fails=1 fail_timeout=5s backup;
"""


def balanced(backends: int) -> dict[str, object]:
    """Describe a load balancer and its backends, the last of several a backup."""
    api = {
        f"api-{number}": {"stack_address": f"10.0.0.{number}", "api_backup": number == backends > 1}
        for number in range(1, backends + 1)
    }
    return {"hosts": {"balancer": {}}, "children": {"api": {"hosts": api}}}


def trusted(value: Any) -> Any:
    """Mark the templates in a variable as such, as Ansible does with all that it reads from files."""
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    return trust_as_template(value) if isinstance(value, str) else value


def role_variables() -> dict[str, Any]:
    """Read the role's own variables."""
    files = (ROLE / "defaults/main.yml", ROLE / "vars/main.yml")
    return {name: trusted(value) for file in files for name, value in yaml.safe_load(file.read_text("utf-8")).items()}


@pytest.fixture
def on_balancer(evaluate: Callable[..., object]) -> Callable[..., object]:
    """Evaluate a template on the load balancer with the role's variables, as a task of the role does."""

    def evaluated(expression: str, backends: int, limit: str | None = None, **options: object) -> object:
        return evaluate(expression, balanced(backends), host="balancer", limit=limit, **role_variables() | options)

    return evaluated


@pytest.fixture
def block(on_balancer: Callable[..., object]) -> Callable[..., str]:
    """Render the upstream's block."""

    def rendered(**options: object) -> str:
        return str(
            on_balancer(
                "{{ lookup('ansible.builtin.template', template, template_vars={'upstream': __nginx_lb_upstream}) }}",
                3,
                template=str(ROOT / "templates/upstream.conf.j2"),
                **options,
            )
        )

    return rendered


@pytest.fixture
def servers(on_balancer: Callable[..., object]) -> Servers:
    """Render the servers that the block includes, by way of the settings that the role writes."""

    def rendered(backends: int, limit: str | None = None) -> str:
        content = on_balancer("{{ __nginx_lb_checker_content }}", backends, limit)
        assert isinstance(content, dict)
        settings = checker.settings_from(content)
        return checker.rendered(settings, checker.Lists())[settings.servers_file]

    return rendered


def test_a_block_reads_as_if_written_by_hand(block: Callable[..., str]) -> None:
    assert block() == BLOCK


def test_round_robin_is_nginxs_own_way_and_needs_no_directive(block: Callable[..., str]) -> None:
    assert block(nginx_lb_balance="round_robin") == BLOCK.replace("    least_conn;\n", "")


def test_the_servers_read_so_too_and_are_in_the_file_that_the_block_includes(servers: Servers) -> None:
    assert servers(3) == THREE_BACKENDS


@pytest.mark.parametrize("backends", [1, 3, 50])
def test_every_backend_is_a_server_whatever_the_limit(servers: Servers, backends: int) -> None:
    included = servers(backends)

    numbers = range(1, backends + 1)
    lines = [line.split() for line in included.splitlines() if line.startswith("server ")]
    assert [line[1] for line in lines] == [f"10.0.0.{number}:3000" for number in numbers]
    assert ["backup;" in line for line in lines] == [number == backends > 1 for number in numbers]
    assert servers(backends, limit="balancer") == included
