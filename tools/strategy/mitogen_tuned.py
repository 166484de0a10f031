"""Mitogen's linear strategy, rid of three things that cost much where processors are few.

It pins its multiplexer to the first processor, and all else that runs here to the others: of two, every worker and
local command, the probe of a drill among them, shares one, however idle the other is. And Ansible loads filters where
they are first used, which is in a worker: each task on each host begins with a process that has none yet. And a worker
that collects its garbage writes to every object that it shares with its parent, so that the kernel copies them all.
"""

from __future__ import annotations

import gc
from typing import Any

import ansible_mitogen.affinity
import ansible_mitogen.loaders
import ansible_mitogen.strategy
from ansible.plugins.loader import filter_loader, test_loader


ansible_mitogen.affinity.policy = ansible_mitogen.affinity.Policy()
# Both come without types.
Linear: Any = ansible_mitogen.loaders.strategy_loader.get("linear", class_only=True)


class StrategyModule(ansible_mitogen.strategy.StrategyMixin, Linear):  # type: ignore[misc]
    """Runs each task on all hosts before the next one begins."""

    def run(self, iterator: Any, play_context: Any) -> Any:
        """Run a play; the workers inherit what was loaded before."""
        # Any one brings all of Ansible's own, and of its collection.
        filter_loader.get("discordgym.stack.stack_address")
        test_loader.get("ansible.builtin.match")
        gc.freeze()
        return super().run(iterator, play_context)
