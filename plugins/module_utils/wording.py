"""Names and counts as they read in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


# A longer list hides the sentence's remedy.
HOSTS_NAMED_AT_MOST = 5


def enumeration(names: Sequence[str], conjunction: str) -> str:
    """Join names as in `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def hosts_named(hosts: Sequence[str]) -> str:
    """Name hosts, as many as a reader takes in."""
    if len(hosts) == 1:
        return f"host {hosts[0]}"
    if len(hosts) > HOSTS_NAMED_AT_MOST:
        first = hosts[: HOSTS_NAMED_AT_MOST - 1]
        return f"hosts {enumeration([*first, f'{len(hosts) - len(first)} more'], 'and')}"
    return f"hosts {enumeration(hosts, 'and')}"


def groups_named(groups: Sequence[str]) -> str:
    """Name groups."""
    return f"group{'s' if len(groups) > 1 else ''} {enumeration(groups, 'and')}"


def it_or_them(things: Sequence[str]) -> str:
    """Refer to what was just named."""
    return "it" if len(things) == 1 else "them"


def times(count: int) -> str:
    """Say how often."""
    return "twice" if count == 2 else f"{count} times"
