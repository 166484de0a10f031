#!/usr/bin/python
"""Documents the action plugin of the same name."""

from __future__ import annotations


DOCUMENTATION = r"""
module: drill_verdict
short_description: End a play by a drill's verdict
version_added: "0.2.0"
author: The DiscordGym maintainers
description:
  - Succeeds for V(passed), fails for V(deviated) and V(aborted), so that C(ansible-playbook) exits with status 2, and
    reports the host as unreachable for V(inconclusive), so that it exits with status 4.
options:
  verdict:
    description: The verdict.
    type: str
    required: true
    choices: [passed, deviated, aborted, inconclusive]
  message:
    description: What to tell with it.
    type: str
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
- name: Verdict
  discordgym.stack.drill_verdict:
    verdict: "{{ drill_report.verdict }}"
    message: "{{ drill_report | discordgym.stack.drill_summary }}"
"""

RETURN = r"""#"""
