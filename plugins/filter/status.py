"""Filters which put the stack's status into words; each is documented in the file of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.discordgym.stack.plugins.module_utils import cluster_view
from ansible_collections.discordgym.stack.plugins.module_utils import status_table as core
from ansible_collections.discordgym.stack.plugins.module_utils.topology import Groups, HostVariables


def status_table(names: Sequence[str], groups: Groups, hostvars: Mapping[str, HostVariables]) -> str:
    rows = core.status_rows(groups, hostvars, names)
    services = [hostvars[host].get("status_services", ()) for host in groups["all"]]
    addresses = core.aligned([(f"{title}:", url) for title, url in core.urls(services).items()])
    faults = [f"{fault}; unless one runs, playbooks/heal.yml mends it." for fault in core.faults(groups, hostvars)]
    blocks = [core.table(rows), addresses, faults]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def status_complaints(names: Sequence[str], groups: Groups, hostvars: Mapping[str, HostVariables]) -> list[str]:
    return [
        *core.complaints(core.status_rows(groups, hostvars, names)),
        *cluster_view.ailments(groups, hostvars, names),
        *core.faults(groups, hostvars),
    ]


def cluster_fit(groups: Groups, hostvars: Mapping[str, HostVariables], name: str) -> list[str]:
    return [host for host in groups.get(name, ()) if cluster_view.fit(hostvars, host, name)]


class FilterModule:
    """Name the filters for Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cluster_fit": cluster_fit, "status_complaints": status_complaints, "status_table": status_table}
