"""The roles' interfaces: specification, defaults, documentation and scenarios say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml


ROOT = Path(__file__).parents[2]
ROLES = sorted(path.parent.name for path in ROOT.glob("roles/*/tasks"))

# What ansible-core's ArgumentSpecValidator reads, and what ansible-doc shows; it ignores a misspelt key in silence.
OPTION_KEYS = {
    "choices",
    "default",
    "description",
    "elements",
    "no_log",
    "options",
    "required",
    "type",
    "version_added",
}

Options = dict[str, dict[str, Any]]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def options(role: str) -> Options:
    """Gather the options of all entry points, since these share the role's defaults."""
    entry_points = read(ROOT / "roles" / role / "meta/argument_specs.yml")["argument_specs"]
    return {name: option for entry_point in entry_points.values() for name, option in entry_point["options"].items()}


def defaults(role: str) -> dict[str, Any]:
    path = ROOT / "roles" / role / "defaults/main.yml"
    return read(path) if path.exists() else {}


def nested(options_of_one_level: Options) -> Options:
    """Flatten options and their sub-options."""
    found = dict(options_of_one_level)
    for name, option in options_of_one_level.items():
        found |= {f"{name}.{key}": value for key, value in nested(option.get("options", {})).items()}
    return found


def contains_template(value: object) -> bool:
    return "{{" in yaml.safe_dump(value)


@pytest.mark.parametrize("role", ROLES)
def test_the_specification_names_every_default_and_nothing_else(role: str) -> None:
    specified = options(role)
    required = {name for name, option in specified.items() if option.get("required")}
    assert defaults(role).keys() == specified.keys() - required


@pytest.mark.parametrize("role", ROLES)
def test_the_specification_repeats_the_defaults_that_are_literal(role: str) -> None:
    actual = {name: value for name, value in defaults(role).items() if not contains_template(value)}
    specified = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert {name: specified.get(name) for name in actual} == actual
    assert specified.keys() <= actual.keys()


@pytest.mark.parametrize("role", ROLES)
def test_every_option_is_described_with_keys_that_ansible_reads(role: str) -> None:
    for name, option in nested(options(role)).items():
        assert option.keys() <= OPTION_KEYS, name
        assert option.get("description"), name
        assert option.get("type"), name
        assert ("elements" in option) == (option["type"] == "list"), name


@pytest.mark.parametrize("role", ROLES)
def test_options_carry_the_roles_prefix_and_secrets_stay_out_of_the_log(role: str) -> None:
    for name, option in options(role).items():
        assert name.startswith(f"{role}_")
        assert option.get("no_log", False) or not name.endswith(("_password", "_secret")), name


@pytest.mark.parametrize("role", ROLES)
def test_the_readme_shows_an_example(role: str) -> None:
    assert "```yaml" in (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")


# Roles that other roles are made of are shown by the scenario of one of those.
SHOWN_BY = {"mariadb_proxy": "mariadb_cluster", "nginx": "nginx_lb", "node_service": "api", "release": "api"}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_scenario(role: str) -> None:
    assert (ROOT / "molecule" / SHOWN_BY.get(role, role) / "molecule.yml").is_file()


VALIDATED_GROUPS = {group["name"]: group for group in defaults("validate_inventory")["validate_inventory_groups"]}


@pytest.mark.parametrize("group", VALIDATED_GROUPS)
def test_the_validation_assumes_the_defaults_of_the_groups_role(group: str) -> None:
    actual = defaults(group)
    rule = VALIDATED_GROUPS[group]
    assumed = rule.get("ports", {}) | rule.get("archives", {}) | rule.get("common_prefix", {})
    for more in rule.get("with_several", {}).values():
        assumed |= more.get("ports", {})
    assert {name: actual.get(name) for name in assumed} == assumed
    assert {name for name in actual if name.endswith("_archive")} <= assumed.keys()


@pytest.mark.parametrize("group", VALIDATED_GROUPS)
def test_the_validation_asks_for_all_that_the_groups_role_requires(group: str) -> None:
    required = {name: option for name, option in options(group).items() if option.get("required")}
    assert set(VALIDATED_GROUPS[group].get("secrets", [])) == {n for n, o in required.items() if o.get("no_log")}
    assert set(VALIDATED_GROUPS[group].get("settings", [])) == {n for n, o in required.items() if not o.get("no_log")}
