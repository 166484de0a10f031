"""Mitogen's linear strategy, on whichever processor is free.

Mitogen pins its multiplexer to the first processor, and all else that runs here to the others. Of two processors that
leaves one to every worker and local command, the probe of a drill among them, however idle the other is.
"""

from __future__ import annotations

from typing import Any

import ansible_mitogen.affinity
import ansible_mitogen.loaders
import ansible_mitogen.strategy


ansible_mitogen.affinity.policy = ansible_mitogen.affinity.Policy()
# Both come without types.
Linear: Any = ansible_mitogen.loaders.strategy_loader.get("linear", class_only=True)


class StrategyModule(ansible_mitogen.strategy.StrategyMixin, Linear):  # type: ignore[misc]
    """Runs each task on all hosts before the next one begins."""
