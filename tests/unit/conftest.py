"""What the unit tests share: the collection under its real name, and Ansible's own reading of an inventory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager


# From here on the tests import the collection as its users do.
init_plugin_loader([str(Path(__file__).parents[2] / ".collections")])


@pytest.fixture
def evaluate(tmp_path: Path) -> Callable[..., object]:
    """Evaluate a template on a host of an inventory (the contents of `all`), as a task of a limited run would."""

    def evaluated(
        expression: str, inventory: dict[str, Any], *, host: str, limit: str | None = None, **variables: object
    ) -> object:
        hosts = tmp_path / "hosts.yml"
        hosts.write_text(yaml.safe_dump({"all": inventory}, sort_keys=False), encoding="utf-8")
        loader = DataLoader()
        manager = InventoryManager(loader, sources=[str(hosts)])
        manager.subset(limit)
        variable_manager = VariableManager(loader, manager)
        HostVars(manager, variable_manager, loader)
        known = variable_manager.get_vars(host=manager.get_host(host))
        return Templar(loader, known | variables).template(trust_as_template(expression))

    return evaluated
