"""Which services a person means by a word on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from .wording import enumeration


ALL = "all"


class ChoiceError(Exception):
    """What was asked for does not exist; the message says what does."""


def chosen_services(known: Sequence[str], requested: str) -> list[str]:
    """Return the requested services (`all`, or names with commas between) in the order of the known ones."""
    names = [name for name in (part.strip() for part in requested.split(",")) if name]
    if ALL in names:
        return list(known)
    for name in names:
        if name not in known:
            raise ChoiceError(f"There is no service {name}{_suggestion(known, name)}")
    if not names:
        raise ChoiceError(f"No service is named: choose {enumeration([*known, ALL], 'or')}.")
    return [name for name in known if name in names]


def _suggestion(known: Sequence[str], name: str) -> str:
    # What people say for it: the load balancer is found by `lb`, Studio by `studio`.
    contained = [candidate for candidate in known if name.replace("-", "_") in candidate]
    for candidate in contained or get_close_matches(name, known, n=1):
        return f": did you mean {candidate}?"
    return f": choose {enumeration([*known, ALL], 'or')}."
