"""A scenario's hosts are deployed to again, as a user does it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]


def deploy(inventory: Path, *arguments: str, **variables: object) -> subprocess.CompletedProcess[str]:
    """Run the scenario's playbook with these variables; its output is all in stdout, without colour."""
    return play(inventory, "converge.yml", *arguments, **variables)


def recover(inventory: Path, **variables: object) -> subprocess.CompletedProcess[str]:
    """Bring back what lost its power."""
    return play(inventory, "../../playbooks/recover.yml", **variables)


def play(inventory: Path, playbook: str, /, *arguments: str, **variables: object) -> subprocess.CompletedProcess[str]:
    """Run a playbook, given relative to the scenario's folder or absolutely."""
    return subprocess.run(
        [
            "ansible-playbook",
            str((inventory.parent / playbook).resolve()),
            f"--inventory={inventory}",
            f"--extra-vars={json.dumps(variables)}",
            *arguments,
        ],
        env=os.environ
        | {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "MOLECULE_PROJECT_DIRECTORY": str(ROOT),
            # Molecule forces colour, which would stand between the words.
            "ANSIBLE_FORCE_COLOR": "0",
            "NO_COLOR": "1",
        },
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
