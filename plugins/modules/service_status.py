#!/usr/bin/python
"""Tell how the stack's services on a host are doing."""

from __future__ import annotations


DOCUMENTATION = r"""
module: service_status
short_description: Tell how the stack's services on a host are doing
version_added: "0.1.0"
author: The DiscordGym maintainers
description:
  - Asks systemd, dpkg and the release links of a host about several services in one call, and tells whether a failover
    drill has broken something there that is not mended yet.
  - Changes nothing and needs no privileges.
options:
  services:
    description: The services to look at.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name under which the service's status is returned.
        type: str
        required: true
      units:
        description: The service's own systemd unit, then those that it needs on the same host.
        type: list
        elements: str
        required: true
      package:
        description: The Debian package whose version is the service's.
        type: str
      link:
        description: The link to the current release, whose folder's name is the service's version.
        type: path
attributes:
  check_mode:
    description: Runs in check mode as it does otherwise.
    support: full
  diff_mode:
    description: Has nothing to show, since it changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: Look at the API and at the web server
  discordgym.stack.service_status:
    services:
      - name: api
        units: [discordgym-api]
        link: /opt/discordgym-api/current
      - name: nginx_lb
        units: [nginx]
        package: nginx
  register: status
"""

RETURN = r"""
services:
  description: The services in the order in which they were asked for.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The service's name.
      type: str
      sample: api
    state:
      description: >-
        V(active) if all units run, V(not installed) if there is no such unit, else systemd's word for the first unit
        that does not run.
      type: str
      sample: active
    sub_state:
      description: Systemd's finer word for it.
      type: str
      sample: running
    uptime_seconds:
      description: How long the service's own unit has been active; null if it is not.
      type: int
      sample: 86400
    version:
      description: The service's version; null if it is not installed.
      type: str
      sample: 1.4.0
    main_pid:
      description: The main process of the service's own unit; null if it does not run.
      type: int
      sample: 4711
    resident_bytes:
      description: The resident memory of that process.
      type: int
      sample: 96468992
drill_fault:
  description: What a failover drill broke on this host and has not mended yet; null if nothing.
  returned: always
  type: dict
  sample: { fault: hang, unit: discordgym-api, began: 1795467943.15 }
"""

import json
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.discordgym.stack.plugins.module_utils.service_status import (
    UNIT_PROPERTIES,
    combine,
    packages_of,
    parse_packages,
    parse_resident_bytes,
    parse_units,
    units_of,
)


# playbooks/files/drill_fault.py writes it.
DRILL_STATE = Path("/run/discordgym-drill/state.json")


def resident_bytes(pid: int) -> int | None:
    """Read a process's resident memory; it may have ended meanwhile."""
    try:
        return parse_resident_bytes(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    except OSError:
        return None


def drill_fault() -> dict[str, object] | None:
    """Read what a drill broke and has not mended yet."""
    try:
        fault: dict[str, object] = json.loads(DRILL_STATE.read_text(encoding="utf-8"))
    except OSError:
        return None
    return fault


def main() -> None:
    """Answer Ansible."""
    module = AnsibleModule(
        argument_spec={
            "services": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "units": {"type": "list", "elements": "str", "required": True},
                    "package": {"type": "str"},
                    "link": {"type": "path"},
                },
            }
        },
        supports_check_mode=True,
    )
    services = module.params["services"]
    if not services:
        module.exit_json(changed=False, services=[], drill_fault=drill_fault())

    units = [f"{unit}.service" for unit in units_of(services)]
    _, shown, _ = module.run_command(
        ["systemctl", "show", f"--property={','.join(UNIT_PROPERTIES)}", *units], check_rc=True
    )
    statuses = parse_units(shown, time.clock_gettime(time.CLOCK_MONOTONIC))

    versions: dict[str, str] = {}
    packages = packages_of(services)
    if packages:
        # It exits with 1 where one package of several is unknown, and tells about the others.
        _, shown, _ = module.run_command(
            ["dpkg-query", "--show", "--showformat=${Package}\\t${Version}\\t${db:Status-Status}\\n", *packages]
        )
        versions = parse_packages(shown)

    memory = {
        status["main_pid"]: resident_bytes(status["main_pid"]) for status in statuses.values() if status["main_pid"]
    }
    looked = list(combine(services, statuses, versions, memory))
    module.exit_json(changed=False, services=looked, drill_fault=drill_fault())


if __name__ == "__main__":
    main()
