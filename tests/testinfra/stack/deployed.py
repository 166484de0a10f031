"""The deployed stack as tests see it: its inventory, its hosts and its public addresses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import testinfra
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner


@dataclass(frozen=True)
class Stack:
    """The deployed stack, as its inventory describes it."""

    inventory: Path
    runner: AnsibleRunner

    @property
    def ui_url(self) -> str:
        """What a person opens: the load balancers' common address, or what is published on this machine."""
        return f"http://{self.variables(self.names()[0]).get('nginx_lb_vip', 'localhost')}"

    @property
    def api_url(self) -> str:
        """What the user interface calls."""
        return f"{self.ui_url}:3001"

    def names(self, group: str = "all") -> list[str]:
        """The group's hosts in the inventory's order."""
        return [str(name) for name in self.runner.get_hosts(group)]

    def variables(self, name: str) -> dict[str, Any]:
        """The inventory's variables of a host."""
        return dict(self.runner.get_variables(name))

    def host(self, name: str) -> Host:
        """A host to run commands on."""
        return testinfra.get_host(f"ansible://{name}?ansible_inventory={self.inventory}")

    def address(self, name: str) -> str:
        """The address of a host on the stack's network; the controller is one of its operators."""
        return str(self.variables(name)["stack_address"])

    def backend_urls(self) -> dict[str, str]:
        """The URL of each API instance, past the load balancer, by host name."""
        return {name: f"http://{self.address(name)}:3000" for name in self.names("api")}

    def secrets(self) -> dict[str, str]:
        """The lab's secrets by file name."""
        folder = self.inventory / ".secrets"
        return {path.name: path.read_text().split()[0] for path in sorted(folder.iterdir())}
