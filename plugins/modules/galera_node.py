#!/usr/bin/python
"""Tell what a node of a Galera cluster knows of itself."""

from __future__ import annotations


DOCUMENTATION = r"""
module: galera_node
short_description: Tell what a node of a Galera cluster knows of itself
version_added: "0.1.0"
author: The DiscordGym maintainers
description:
  - Asks systemd, the running server and the data directory of a host, each within a time limit, so that a server which
    hangs is told from one that answers.
  - Changes nothing, but for O(recover_position), which has InnoDB recover itself as each start does.
options:
  database:
    description: The database whose presence on a server without a cluster means that there is something to lose.
    type: str
    required: true
  data_directory:
    description: The server's data directory.
    type: path
    default: /var/lib/mysql
  unit:
    description: The server's systemd unit.
    type: str
    default: mariadb
  configuration:
    description: The files that the server reads when it starts, as far as a change of them is worth a restart.
    type: list
    elements: path
    default: []
  recover_position:
    description: >-
      Whether to find out how far a stopped node got whose server did not write it down, as after a power cut. Not done
      in check mode.
    type: bool
    default: false
attributes:
  check_mode:
    description: Runs in check mode as it does otherwise, but for O(recover_position).
    support: partial
  diff_mode:
    description: Has nothing to show, since it changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: Look at the node
  discordgym.stack.galera_node:
    database: discordgym
  register: node
"""

RETURN = r"""
unit:
  description: Systemd's word for the server's unit.
  returned: always
  type: str
  sample: active
status:
  description: The server's wsrep status variables without their prefix; null if it does not answer.
  returned: always
  type: dict
  sample: { cluster_status: Primary, local_state_comment: Synced, cluster_size: "3" }
clients:
  description: How many connections there are from other hosts.
  returned: always
  type: int
  sample: 12
outdated:
  description: Whether the server runs with an older configuration than the files of O(configuration).
  returned: always
  type: bool
alone_with_data:
  description: Whether the server has the database but no cluster.
  returned: always
  type: bool
state:
  description: What grastate.dat says; null if the node has never been in a cluster.
  returned: always
  type: dict
  sample: { uuid: 2a4e5c1e-2f0a-11f0-8f3b-0242ac1e5b0b, seqno: 4711, safe_to_bootstrap: false }
view_saved:
  description: Whether the node knows with whom it was last, and so may form a cluster with them again by itself.
  returned: always
  type: bool
position:
  description: The cluster's identity and the number of the last transaction of a stopped node; null if not known.
  returned: always
  type: list
  elements: raw
  sample: [2a4e5c1e-2f0a-11f0-8f3b-0242ac1e5b0b, 4711]
"""

import time
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.discordgym.stack.plugins.module_utils.galera import (
    UNKNOWN_SEQNO,
    SavedState,
    parse_grastate,
    parse_position,
    parse_status,
)


# A server that takes longer to say how it is hangs.
PATIENCE_SECONDS = 5
# InnoDB may have much to recover.
RECOVERY_SECONDS = 600


def run(module: AnsibleModule, *command: str, seconds: int = PATIENCE_SECONDS) -> str | None:
    """Run a command for so long at most, and return its output if it succeeds."""
    code, output, _ = module.run_command(
        ["timeout", "--kill-after=1", str(seconds), *command], environ_update={"LC_ALL": "C"}
    )
    return output if code == 0 else None


def query(module: AnsibleModule, sql: str) -> str | None:
    """Ask the server as its administrator."""
    return run(module, "mariadb", "--batch", "--skip-column-names", "--connect-timeout=2", "--execute", sql)


def unit_properties(module: AnsibleModule) -> dict[str, str]:
    """Ask systemd about the server's unit."""
    wanted = "ActiveState,ExecMainPID,ExecMainStartTimestampMonotonic"
    output = run(module, "systemctl", "show", module.params["unit"], f"--property={wanted}") or ""
    return dict(line.split("=", 1) for line in output.splitlines() if "=" in line)


def is_outdated(module: AnsibleModule, started_monotonic: str) -> bool:
    """Whether a configuration file is newer than the running server."""
    started = int(started_monotonic or 0) / 1_000_000
    if not started:
        return False
    started_at = time.time() - time.monotonic() + started
    changes = [Path(path).stat().st_mtime for path in module.params["configuration"] if Path(path).exists()]
    return any(change > started_at for change in changes)


def read_state(directory: Path) -> SavedState | None:
    """Read grastate.dat, if there is one."""
    try:
        return parse_grastate((directory / "grastate.dat").read_text("utf-8"))
    except FileNotFoundError:
        return None


def position(module: AnsibleModule, state: SavedState | None, unit: str) -> tuple[str, int] | None:
    """Tell how far a stopped node got."""
    if state is None or unit not in ("inactive", "failed"):
        return None
    if state["seqno"] != UNKNOWN_SEQNO:
        return state["uuid"], state["seqno"]
    if not module.params["recover_position"] or module.check_mode:
        return None
    output = run(module, "runuser", "--user", "mysql", "--", "galera_recovery", seconds=RECOVERY_SECONDS)
    return parse_position(output or "")


def look(module: AnsibleModule) -> dict[str, Any]:
    """Ask everything."""
    directory = Path(module.params["data_directory"])
    unit = unit_properties(module)
    active = unit.get("ActiveState", "inactive")
    answer = query(module, "SHOW GLOBAL STATUS LIKE 'wsrep\\_%'")
    status = None if answer is None else parse_status(answer)
    clients = query(module, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE HOST LIKE '%:%'")
    state = read_state(directory)
    has_database = (directory / module.params["database"]).is_dir()
    return {
        "unit": active,
        "status": status,
        "clients": int(clients) if clients else 0,
        "outdated": status is not None and is_outdated(module, unit.get("ExecMainStartTimestampMonotonic", "")),
        "alone_with_data": has_database and not (directory / "grastate.dat").exists(),
        "state": state,
        "view_saved": (directory / "gvwstate.dat").exists(),
        "position": position(module, state, active),
    }


def main() -> None:
    """Answer Ansible."""
    module = AnsibleModule(
        argument_spec={
            "database": {"type": "str", "required": True},
            "data_directory": {"type": "path", "default": "/var/lib/mysql"},
            "unit": {"type": "str", "default": "mariadb"},
            "configuration": {"type": "list", "elements": "path", "default": []},
            "recover_position": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, **look(module))


if __name__ == "__main__":
    main()
