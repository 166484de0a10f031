#!/usr/bin/python
"""Read a host's service logs."""

from __future__ import annotations


DOCUMENTATION = r"""
module: service_log
short_description: Read a host's service logs
version_added: "0.1.0"
author: The DiscordGym maintainers
description:
  - Reads the journal of several units and several log files as one log in the order of time.
  - With O(follow) it shows further lines as they come, whatever the connection, until it is interrupted or
    O(follow_seconds) have passed.
options:
  units:
    description: The systemd units whose journal to read.
    type: list
    elements: str
    default: []
  files:
    description: The log files to read. One that does not exist has no lines yet.
    type: list
    elements: path
    default: []
  lines:
    description: How many of the last lines to return, where O(position) is not given.
    type: int
    default: 50
  position:
    description: Where an earlier call ended, its return value RV(position). Lines after it are returned, all of them.
    type: dict
  follow:
    description: Whether to show further lines as they come. This is done on the controller.
    type: bool
    default: false
  follow_seconds:
    description: How long to follow; until interrupted if not given.
    type: int
attributes:
  check_mode:
    description: Runs in check mode as it does otherwise.
    support: full
  diff_mode:
    description: Has nothing to show, since it changes nothing.
    support: none
  action:
    description: Following is done by an action plugin on the controller.
    support: full
"""

EXAMPLES = r"""
- name: Read what the load balancer did
  discordgym.stack.service_log:
    units: [nginx]
    files: [/var/log/nginx/load_balancer.log]
    lines: 20
  register: log

- name: Watch it for a minute
  discordgym.stack.service_log:
    units: [nginx]
    files: [/var/log/nginx/load_balancer.log]
    position: "{{ log.position }}"
    follow: true
    follow_seconds: 60
"""

RETURN = r"""
lines:
  description: The lines in the order of time; those that were shown while following are not returned.
  returned: always
  type: list
  elements: dict
  contains:
    time:
      description: When it was written, in seconds of the epoch.
      type: float
      sample: 1795430826.93
    source:
      description: The unit or the file's name.
      type: str
      sample: load_balancer.log
    text:
      description: The line itself.
      type: str
      sample: Started nginx.service
position:
  description: Where the reading ended.
  returned: always
  type: dict
"""

import time
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.discordgym.stack.plugins.module_utils.service_log import (
    LogLine,
    merged,
    parse_file,
    parse_journal,
)


# The last lines of a file lie within so many bytes; a log of longer ones shows fewer of them.
BYTES_PER_LINE = 1024


def read_journal(module: AnsibleModule, position: dict[str, Any] | None) -> tuple[list[LogLine], dict[str, Any]]:
    """Read the journal of the units."""
    if not module.params["units"]:
        return [], {}
    now = time.time()
    command = ["journalctl", "--output=json", "--no-pager", "--quiet"]
    command += [f"--unit={unit}" for unit in module.params["units"]]
    if position is None:
        command.append(f"--lines={module.params['lines']}")
    elif "cursor" in position:
        command.append(f"--after-cursor={position['cursor']}")
    else:
        command.append(f"--since=@{position['since']:.6f}")
    _, output, _ = module.run_command(command, check_rc=True)
    lines, cursor = parse_journal(output)
    if cursor is not None:
        return lines, {"cursor": cursor}
    return lines, position or {"since": now}


def read_file(path: Path, position: dict[str, Any] | None, count: int) -> tuple[list[LogLine], dict[str, Any]]:
    """Read the whole lines of a file from where an earlier call ended."""
    if not path.is_file():
        return [], {"inode": 0, "offset": 0}
    with path.open("rb") as log:
        status = path.stat()
        if position is None:
            start = max(0, status.st_size - count * BYTES_PER_LINE)
        else:
            rotated = position["inode"] not in (0, status.st_ino) or status.st_size < position["offset"]
            start = 0 if rotated else position["offset"]
        log.seek(start)
        content = log.read()
    whole = content[: content.rfind(b"\n") + 1]
    lines = whole.decode(errors="replace").splitlines()
    if position is None and start > 0:
        # The first one is most likely only the end of a line.
        lines = lines[1:]
    found = list(parse_file(path.name, lines, otherwise=status.st_mtime))
    return found, {"inode": status.st_ino, "offset": start + len(whole)}


def main() -> None:
    """Answer Ansible."""
    module = AnsibleModule(
        argument_spec={
            "units": {"type": "list", "elements": "str", "default": []},
            "files": {"type": "list", "elements": "path", "default": []},
            "lines": {"type": "int", "default": 50},
            "position": {"type": "dict"},
            # The action plugin of this name follows; here they are for who reads the documentation.
            "follow": {"type": "bool", "default": False},
            "follow_seconds": {"type": "int"},
        },
        supports_check_mode=True,
    )
    before = module.params["position"]
    lines, journal = read_journal(module, before["journal"] if before else None)
    files: dict[str, dict[str, Any]] = {}
    for name in module.params["files"]:
        of_file, files[name] = read_file(Path(name), before["files"][name] if before else None, module.params["lines"])
        lines += of_file
    lines = merged(lines)
    if before is None:
        lines = lines[-module.params["lines"] :]
    module.exit_json(changed=False, lines=lines, position={"journal": journal, "files": files})


if __name__ == "__main__":
    main()
