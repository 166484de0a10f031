#!/usr/bin/python
"""Documents the action plugin of the same name."""

from __future__ import annotations


DOCUMENTATION = r"""
module: drill_guard
short_description: Have what a drill broke mended even if its playbook is interrupted
version_added: "0.3.0"
author: The DiscordGym maintainers
description:
  - An interrupted C(ansible-playbook) ends at once, without the C(always) of its blocks. This starts a process on the
    controller that outlives it, and that runs another playbook in the same way (same inventory, user, keys and
    variables) when this one ends before the drill's folder has the file C(mended), or when the time is up.
  - What the other playbook would have to ask a person for, such as a password, it does not get.
options:
  program:
    description: The program that guards.
    type: path
    required: true
  folder:
    description: The drill's folder on the controller; once it is gone, there is nothing left to mend.
    type: path
    required: true
  playbook:
    description: The playbook that mends.
    type: path
    required: true
  seconds:
    description: How long this playbook may take until it has mended what it broke.
    type: float
    required: true
attributes:
  check_mode:
    description: Runs in check mode as it does otherwise.
    support: full
  diff_mode:
    description: Has nothing to show, since it changes nothing.
    support: none
"""

EXAMPLES = r"""
- name: Have it mended whatever happens to this run
  discordgym.stack.drill_guard:
    program: "{{ playbook_dir }}/files/drill_guard.py"
    folder: "{{ drill_folder.path }}"
    playbook: "{{ playbook_dir }}/heal.yml"
    seconds: 120
"""

RETURN = r"""#"""
