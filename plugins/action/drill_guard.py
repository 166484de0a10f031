"""Guard a drill: have a process that outlives this playbook mend what it broke, should nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from ansible import context
from ansible.plugins.action import ActionBase


def same_command(argv: Sequence[str], playbooks: Sequence[str], playbook: str) -> list[str]:
    """Tell the command that runs another playbook as this one is run: same inventory, user, keys and variables."""
    return [*(word for word in argv if word not in playbooks), playbook]


def terminal_of(process: int, folder: Path) -> BinaryIO:
    """Open the place to which a process tells its errors; a worker's own words lead nowhere."""
    try:
        # Not to be positioned, which a terminal or a pipe cannot be.
        return Path(f"/proc/{process}/fd/2").open("ab", buffering=0)
    except OSError:
        return (folder / "guard.log").open("ab", buffering=0)


class ActionModule(ActionBase):
    """Start the guard, and leave it alone."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Answer Ansible."""
        super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec(  # type: ignore[no-untyped-call]  # ansible-core is typed in part
            {
                "program": {"type": "path", "required": True},
                "folder": {"type": "path", "required": True},
                "playbook": {"type": "path", "required": True},
                "seconds": {"type": "float", "required": True},
            }
        )
        # A task is carried out by a worker, the child of the process that a person interrupts.
        playbook_process = os.getppid()
        mend = same_command(sys.argv, context.CLIARGS["args"], arguments["playbook"])
        with terminal_of(playbook_process, Path(arguments["folder"])) as terminal:
            subprocess.Popen(
                [
                    sys.executable,
                    arguments["program"],
                    str(playbook_process),
                    arguments["folder"],
                    str(arguments["seconds"]),
                    "--",
                    sys.executable,
                    *mend,
                ],
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
                # A terminal interrupts all processes of a session.
                start_new_session=True,
            )
        return {"changed": False}
