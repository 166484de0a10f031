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
  - Asks a service that is a member of a cluster how it does its part there.
  - Changes nothing. Needs no privileges but for a database proxy, whose socket is root's.
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
      asks:
        description: >-
          Who is to be asked about the service's part in its cluster; a service without it stands alone.
        type: dict
        suboptions:
          galera_url:
            description: The URL at which this node of a Galera cluster tells whether it may be written to.
            type: str
          redis_port:
            description: The port of this host's Redis.
            type: int
          sentinel_port:
            description: The port of this host's Sentinel.
            type: int
          sentinel_master:
            description: The name that the Sentinels have for the master.
            type: str
          vip:
            description: The virtual address that this host may hold.
            type: str
          proxy_socket:
            description: The socket of this host's HAProxy, which knows the database node that is written to.
            type: path
  redis_user:
    description: As whom to ask Redis and its Sentinel.
    type: str
    default: discordgym_admin
  redis_password:
    description: That user's password.
    type: str
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
    member:
      description: >-
        What the service says of its part in its cluster, null if it stands alone. C(ailment) tells what keeps it from
        doing it, as the rest of a sentence. Of Galera C(state), C(cluster_status), C(cluster_size); of Redis C(role),
        C(replicas), C(link_up) and C(lag_seconds), and of its Sentinel C(master), C(sentinels) and C(quorum);
        C(holds_vip) of a virtual address, C(writer) of a database proxy. What could not be asked is missing.
      type: dict
      sample: { ailment: '', state: Synced, cluster_status: Primary, cluster_size: 3 }
drill_fault:
  description: What a failover drill broke on this host and has not mended yet; null if nothing.
  returned: always
  type: dict
  sample: { fault: hang, unit: discordgym-api, began: 1795467943.15 }
"""

import json
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.discordgym.stack.plugins.module_utils.cluster_member import (
    Member,
    galera_member,
    proxy_member,
    redis_member,
    vip_member,
)
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

# One that hangs is given up: its silence is an answer.
ANSWER_SECONDS = 2


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


def read_url(url: str) -> str | None:
    """Read what is answered, whatever its status."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=ANSWER_SECONDS) as answer:
            return str(answer.read(), "utf-8", "replace")
    except HTTPError as refusal:
        return str(refusal.read(), "utf-8", "replace")
    except (OSError, ValueError):
        return None


def read_socket(path: str, command: str) -> str | None:
    """Ask a program by its socket."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(path)
            connection.sendall(f"{command}\n".encode())
            return str(b"".join(iter(lambda: connection.recv(65536), b"")), "utf-8", "replace")
    except OSError:
        return None


def ask_member(module: AnsibleModule, asks: Mapping[str, Any]) -> Member:
    """Ask a service about its part in its cluster."""
    if asks.get("galera_url"):
        return galera_member(read_url(asks["galera_url"]))
    if asks.get("proxy_socket"):
        return proxy_member(read_socket(asks["proxy_socket"], "show table mariadb; show servers state mariadb"))
    if asks.get("vip"):
        _, shown, _ = module.run_command(["ip", "-json", "address"])
        return vip_member(shown, asks["vip"])

    def redis(port: int, *command: str) -> str:
        words = ["timeout", str(ANSWER_SECONDS), "redis-cli", "-p", str(port), "--user", module.params["redis_user"]]
        # Not among the words, which every user of the host can read.
        secret = {"REDISCLI_AUTH": module.params["redis_password"] or ""}
        _, shown, _ = module.run_command([*words, *command], environ_update=secret)
        return str(shown)

    name = asks["sentinel_master"]
    return redis_member(
        redis(asks["redis_port"], "INFO", "replication"),
        redis(asks["sentinel_port"], "SENTINEL", "MASTER", name),
        redis(asks["sentinel_port"], "SENTINEL", "CKQUORUM", name),
    )


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
                    "asks": {
                        "type": "dict",
                        "options": {
                            "galera_url": {"type": "str"},
                            "redis_port": {"type": "int"},
                            "sentinel_port": {"type": "int"},
                            "sentinel_master": {"type": "str"},
                            "vip": {"type": "str"},
                            "proxy_socket": {"type": "path"},
                        },
                        "required_together": [("redis_port", "sentinel_port", "sentinel_master")],
                    },
                },
            },
            "redis_user": {"type": "str", "default": "discordgym_admin"},
            "redis_password": {"type": "str", "no_log": True},
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
    members = {
        service["name"]: ask_member(module, service["asks"])
        for service in services
        if any((service["asks"] or {}).values())
    }
    looked = list(combine(services, statuses, versions, memory, members))
    module.exit_json(changed=False, services=looked, drill_fault=drill_fault())


if __name__ == "__main__":
    main()
