#!/usr/bin/env python3
"""Write the roles' variables, as their specifications describe them, into the documentation.

Two places are made: docs/variables.md, and of each role's README the part below `## Variables`.
With --check nothing is written, and the exit status tells whether everything is up to date.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from os.path import relpath
from pathlib import Path
from typing import Any

import yaml


ROOT = Path(__file__).parents[1]
OVERVIEW = ROOT / "docs/variables.md"
INTRODUCTION = """\
# Variables

Made from the roles' specifications (`roles/*/meta/argument_specs.yml`) by `docs/generate_variables.py`.
"""
README_HEADING = "## Variables\n"
LONGEST_DEFAULT = 80

Options = dict[str, dict[str, Any]]


def main() -> int:
    """Write or check every document; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if something is out of date")
    check = parser.parse_args().check

    complaints = []
    overview = [INTRODUCTION]
    for role in sorted(path.parents[1] for path in ROOT.glob("roles/*/meta/argument_specs.yml")):
        entry_points = read(role / "meta/argument_specs.yml")["argument_specs"]
        options = {name: option for entry in entry_points.values() for name, option in entry["options"].items()}
        overview += [
            f"## {role.name}\n",
            f"{plain(entry_points['main']['short_description'])}.\n",
            table(options, role, OVERVIEW),
        ]
        readme = role / "README.md"
        by_hand, heading, _ = readme.read_text("utf-8").partition(README_HEADING) if readme.exists() else ("", "", "")
        if heading:
            complaints += update(readme, f"{by_hand}{heading}\n{table(options, role, readme)}", check=check)
        else:
            complaints.append(
                f"{shown(readme)} has no line `{README_HEADING.strip()}`: write what the role does above it"
            )
    complaints += update(OVERVIEW, "\n".join(overview), check=check)

    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def update(document: Path, text: str, *, check: bool) -> list[str]:
    """Give a document its text, or in check mode complain of another one."""
    if document.exists() and document.read_text("utf-8") == text:
        return []
    if check:
        return [f"{shown(document)} is out of date: run docs/generate_variables.py"]
    document.write_text(text, "utf-8")
    return []


def shown(path: Path) -> Path:
    """Shorten a path for a message."""
    return path.relative_to(ROOT)


def table(options: Options, role: Path, document: Path) -> str:
    """Render the options of one role for a document."""
    defaults_file = role / "defaults/main.yml"
    defaults = read(defaults_file) if defaults_file.exists() else {}
    link = relpath(defaults_file, document.parent)
    rows = [
        (f"`{name}`", type_of(option), default_of(name, option, defaults, link), plain(option["description"]))
        for name, option in flattened(options)
    ]
    header = [("Variable", "Type", "Default", "Meaning"), ("---",) * 4]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in [*header, *rows])


def flattened(options: Options, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield options followed by their sub-options, named by their paths."""
    for name, option in options.items():
        path = prefix + name
        yield path, option
        marker = "[]." if option["type"] == "list" else "."
        yield from flattened(option.get("options", {}), path + marker)


def type_of(option: dict[str, Any]) -> str:
    """Name an option's type, or its choices."""
    if "choices" in option:
        return "one of " + ", ".join(f"`{choice}`" for choice in option["choices"])
    return f"list of {option['elements']}" if option["type"] == "list" else str(option["type"])


def default_of(name: str, option: dict[str, Any], defaults: dict[str, Any], link: str) -> str:
    """Show a default: as it is if it is short, else where it is defined."""
    if option.get("required"):
        return "*required*"
    if "default" not in option and name not in defaults:
        return ""
    value = option["default"] if "default" in option else defaults[name]
    text = value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True, width=10**6)
    text = text.removesuffix("\n").removesuffix("\n...")
    return f"`{text}`" if 0 < len(text) <= LONGEST_DEFAULT else f"[see there]({link})" if text else "(empty)"


def plain(description: str | list[str]) -> str:
    """Turn Ansible's markup into Markdown's, on one line."""
    text = " ".join(description) if isinstance(description, list) else description
    return re.sub(r"\b[COVP]\(([^)]*)\)", r"`\1`", " ".join(text.split()))


def read(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text("utf-8"))


if __name__ == "__main__":
    sys.exit(main())
