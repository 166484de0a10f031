"""The judgement on an inventory: every problem is told, in one sentence, and a sound inventory has none."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError


Inventory = dict[str, Any]
Judge = Callable[..., object]

ROLE = Path(__file__).parents[2] / "roles/validate_inventory"
DEFAULTS = yaml.safe_load((ROLE / "defaults/main.yml").read_text(encoding="utf-8"))
GROUPS = "mariadb, redis, api, nginx_lb, ui or prisma_studio"
REMEDY = "set it to at least 16 random characters, kept in a vault."

# The same at each run, long and mixed enough to pass, and guarding nothing.
SECRETS = {
    name: sha256(name.encode()).hexdigest()
    for name in (
        "mariadb_app_password",
        "mariadb_migration_password",
        "mariadb_studio_password",
        "redis_app_password",
        "redis_admin_password",
        "api_session_secret",
        "prisma_studio_password",
    )
}
CLUSTER_SECRETS = {
    name: sha256(name.encode()).hexdigest() for name in ("redis_replication_password", "redis_sentinel_password")
}
SETTINGS = {
    "api_ui_origin": "http://localhost",
    "ui_api_url": "http://localhost:3001",
    "prisma_studio_origin": "http://localhost:5556",
}
HA = {
    "vars": SECRETS | SETTINGS,
    "children": {
        "mariadb": {"hosts": {"db": {"stack_address": "10.0.0.11"}}},
        "redis": {"hosts": {"cache": {"stack_address": "10.0.0.12"}}},
        "api": {
            "hosts": {
                "api-1": {"stack_address": "10.0.0.21"},
                "api-2": {"stack_address": "10.0.0.22"},
                "api-3": {"stack_address": "10.0.0.23", "api_backup": True},
            }
        },
        "nginx_lb": {"hosts": {"lb": {"stack_address": "10.0.0.31"}}},
        "ui": {"hosts": {"web": {"ansible_host": "10.0.0.32"}}},
        "prisma_studio": {"hosts": {"studio": {"ansible_host": "10.0.0.33"}}},
    },
}
DEV = {
    "vars": SECRETS | SETTINGS,
    "hosts": {"dev": {"ansible_host": "10.0.1.1"}},
    "children": {group: {"hosts": {"dev": {}}} for group in ("mariadb", "redis", "api", "ui", "prisma_studio")},
}


@pytest.fixture
def ha() -> Inventory:
    return deepcopy(HA)


@pytest.fixture
def dev() -> Inventory:
    return deepcopy(DEV)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Lay down what the build leaves behind."""
    directory = tmp_path / "build"
    directory.mkdir()
    for name in ("api", "dbmate", "node", "ui", "prisma_studio"):
        archive = directory / f"{name}.tar.gz"
        archive.write_bytes(name.encode())
        digest = sha256(name.encode()).hexdigest()
        archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
        archive.with_name(f"{archive.name}.version").write_text("1.0.0\n", encoding="utf-8")
    return directory


@pytest.fixture
def problems(evaluate: Callable[..., object], build: Path) -> Judge:
    """Judge an inventory by the role's own table."""
    role_path = build.parent / "roles/validate_inventory"
    role_path.mkdir(parents=True)
    table = yaml.safe_dump(DEFAULTS["validate_inventory_groups"], sort_keys=False)
    rules = yaml.safe_load(table.replace("{{ role_path }}", str(role_path)))

    def judge(inventory: Inventory, **options: object) -> object:
        return evaluate(
            "{{ groups | discordgym.stack.inventory_problems(hostvars, rules, **options) }}",
            inventory,
            host="localhost",
            rules=rules,
            options=options,
        )

    return judge


def hosts(inventory: Inventory, group: str) -> dict[str, Any]:
    members: dict[str, Any] = inventory["children"].setdefault(group, {"hosts": {}})["hosts"]
    return members


def test_sound_inventories_have_no_problem(problems: Judge, ha: Inventory, dev: Inventory) -> None:
    assert problems(ha) == []
    assert problems(dev) == []


@pytest.fixture
def cluster(ha: Inventory) -> Inventory:
    for number in (2, 3):
        hosts(ha, "mariadb")[f"db-{number}"] = {"stack_address": f"10.0.2.{number}"}
        hosts(ha, "redis")[f"cache-{number}"] = {"stack_address": f"10.0.3.{number}"}
    hosts(ha, "nginx_lb")["lb-2"] = {"stack_address": "10.0.0.34"}
    hosts(ha, "ui")["web-2"] = {"stack_address": "10.0.0.35"}
    ha["vars"] = ha["vars"] | CLUSTER_SECRETS | {"nginx_lb_vip": "10.0.0.30"}
    return ha


def test_a_cluster_with_fifty_backends_is_sound(problems: Judge, cluster: Inventory) -> None:
    for number in range(4, 51):
        hosts(cluster, "api")[f"api-{number}"] = {"stack_address": f"10.0.4.{number}"}
    assert problems(cluster) == []


def test_what_several_hosts_need_besides_is_told(problems: Judge, cluster: Inventory) -> None:
    cluster["vars"] = {name: value for name, value in cluster["vars"].items() if name not in CLUSTER_SECRETS}
    del cluster["vars"]["nginx_lb_vip"]
    hosts(cluster, "redis")["cache"]["redis_port"] = 26379
    hosts(cluster, "nginx_lb")["lb-2"]["nginx_lb_port"] = 80
    assert problems(cluster) == [
        "Host cache would listen on port 26379 twice, by redis_port and redis_sentinel_port: set them to different "
        "ports, or use different hosts.",
        "Host lb-2 would listen on port 80 twice, by nginx_lb_port and nginx_lb_ui_port: set them to different ports, "
        "or use different hosts.",
        "Variable nginx_lb_vip is not set for group nginx_lb: give it a value, since it has no default.",
        f"Secret redis_replication_password is not set for group redis: {REMEDY}",
        f"Secret redis_sentinel_password is not set for group redis: {REMEDY}",
    ]


def test_several_user_interfaces_without_a_load_balancer_are_told(problems: Judge, dev: Inventory) -> None:
    hosts(dev, "ui")["web-2"] = {"stack_address": "10.0.1.2"}
    assert problems(dev) == [
        "Group ui has 2 hosts but group nginx_lb has none to share the requests out: list a host under nginx_lb, or "
        "keep only one under ui."
    ]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"nginx_lb_vip": "gym.example.org"},
            "Variable nginx_lb_vip is 'gym.example.org', which is no IP address: give a free literal address.",
        ),
        (
            {"nginx_lb_vip": "10.0.0.21"},
            "The address 10.0.0.21 is nginx_lb_vip and that of host api-1 too: choose a free one.",
        ),
        (
            {"nginx_lb_vip": "10.0.0.200", "nginx_lb_vip_prefix": 26},
            "The address 10.0.0.200 (nginx_lb_vip) is not in the network 10.0.0.0/26 of host lb: choose a free one "
            "there, or set nginx_lb_vip_prefix.",
        ),
    ],
)
def test_an_unusable_virtual_address_is_told(
    problems: Judge, cluster: Inventory, variables: Inventory, sentence: str
) -> None:
    cluster["vars"] |= variables
    found = problems(cluster)
    assert isinstance(found, list)
    assert found[0] == sentence


def test_virtual_addresses_that_differ_are_told(problems: Judge, cluster: Inventory) -> None:
    hosts(cluster, "nginx_lb")["lb-2"]["nginx_lb_vip"] = "10.0.0.31"
    assert problems(cluster) == [
        "Variable nginx_lb_vip differs between the hosts of group nginx_lb, which share that address: set it once for "
        "all of them."
    ]


def test_an_absent_or_empty_group_is_told(problems: Judge, ha: Inventory) -> None:
    del ha["children"]["redis"]
    ha["children"]["api"] = {"hosts": {}}
    ha["children"]["prisma_studio"] = {"hosts": {}}
    assert problems(ha) == [
        "Group redis has no host: list at least one under redis in the inventory.",
        "Group api has no host: list at least one under api in the inventory.",
        "Group prisma_studio has no host: list at least one under prisma_studio, or remove the group from the "
        "inventory, since the stack can do without.",
    ]


@pytest.mark.parametrize(
    ("misspelt", "meant"), [("apis", "api"), ("maria_db", "mariadb"), ("prisma-studio", "prisma_studio"), ("uis", "ui")]
)
def test_a_misspelt_group_is_told_with_what_was_meant(
    problems: Judge, ha: Inventory, misspelt: str, meant: str
) -> None:
    ha["children"][misspelt] = ha["children"].pop(meant)
    assert problems(ha) == [
        f"Group {misspelt} is unknown to the stack (did you mean {meant}?): rename it, or list it in "
        "validate_inventory_other_groups if it serves something else."
    ]


def test_a_misspelling_beside_the_group_itself_is_told_too(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "apii")["api-4"] = {"stack_address": "10.0.0.24"}
    assert problems(ha) == [
        "Group apii is unknown to the stack (did you mean api?): rename it, or list it in "
        "validate_inventory_other_groups if it serves something else."
    ]
    assert problems(ha, other_groups=["apii"]) == []


def test_groups_that_gather_the_stacks_hosts_are_nobodys_business(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "api_a")["api-1"] = {}
    hosts(ha, "rack_1").update({"api-1": {}, "db": {}})
    assert problems(ha) == []


def test_an_unknown_group_whose_hosts_get_nothing_is_told(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "monitoring").update({"grafana": {}, "loki": {}, "db": {}})
    assert problems(ha) == [
        "Group monitoring is unknown to the stack, so nothing would be deployed to hosts grafana and loki: put them "
        f"under {GROUPS}, or list monitoring in validate_inventory_other_groups."
    ]
    assert problems(ha, other_groups=["monitoring"]) == []


def test_a_host_in_no_group_is_told(problems: Judge, ha: Inventory) -> None:
    ha["hosts"] = {"forgotten": {}, "localhost": {}}
    assert problems(ha) == [
        f"No group contains host forgotten, so nothing would be deployed there: put it under {GROUPS}, or remove it."
    ]


@pytest.mark.parametrize("group", ["mariadb", "redis"])
def test_two_data_nodes_are_told(problems: Judge, ha: Inventory, group: str) -> None:
    hosts(ha, group)["second"] = {"stack_address": "10.0.2.2"}
    ha["vars"] = ha["vars"] | CLUSTER_SECRETS
    assert problems(ha) == [
        f"Group {group} has 2 hosts, so neither could tell its failure from the other's: use one host, or three for a "
        "cluster."
    ]


def test_an_even_number_of_data_nodes_is_told(problems: Judge, ha: Inventory) -> None:
    for number in (2, 3, 4):
        hosts(ha, "mariadb")[f"db-{number}"] = {"stack_address": f"10.0.2.{number}"}
    assert problems(ha) == [
        "Group mariadb has 4 hosts, which survive no more failures than 3: use an odd number, 3 or 5."
    ]


def test_several_backends_without_a_load_balancer_are_told(problems: Judge, ha: Inventory) -> None:
    del ha["children"]["nginx_lb"]
    assert problems(ha) == [
        "Group api has 3 hosts but group nginx_lb has none to share the requests out: list a host under nginx_lb, or "
        "keep only one under api."
    ]


@pytest.mark.parametrize("mark", [True, "yes", "true", 1])
def test_backups_alone_are_told(problems: Judge, ha: Inventory, mark: object) -> None:
    for variables in hosts(ha, "api").values():
        variables["api_backup"] = mark
    assert problems(ha) == [
        "Group api has no host that serves in normal times, since api_backup is true on all of them: remove "
        "api_backup from at least one."
    ]


def test_a_mark_that_is_neither_true_nor_false_is_told(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "api")["api-3"]["api_backup"] = "ture"
    assert problems(ha) == ["Host api-3: api_backup is 'ture': set it to true or false."]


def test_hosts_without_an_address_are_told(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "mariadb")["db"] = {"ansible_host": "db.example.org"}
    hosts(ha, "redis")["cache"] = {"stack_address": "cache.example.org"}
    assert problems(ha) == [
        "Host db has no address: set its stack_address to the IP address at which the other hosts reach it (or set "
        "ansible_host to one).",
        "Host cache: stack_address is 'cache.example.org', which is no IP address: give the literal address at which "
        "the other hosts reach it.",
    ]


def test_an_address_given_twice_is_told(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "api")["api-2"]["stack_address"] = "10.0.0.21"
    assert problems(ha) == [
        "The address 10.0.0.21 is given to hosts api-1 and api-2: set a stack_address of its own on each, or make "
        "them one host that is in several groups."
    ]


def test_a_port_used_twice_on_one_host_is_told(problems: Judge, dev: Inventory) -> None:
    dev["hosts"]["dev"] |= {"api_port": 3306, "ui_port": "3306", "prisma_studio_port": 5555}
    assert problems(dev) == [
        "Host dev would listen on port 3306 3 times, by mariadb_port, api_port and ui_port: set them to different "
        "ports, or use different hosts.",
        "Host dev would listen on port 5555 twice, by prisma_studio_port and prisma_studio_backend_port: set them to "
        "different ports, or use different hosts.",
    ]


def test_the_same_port_on_different_hosts_is_sound(problems: Judge, ha: Inventory) -> None:
    ha["vars"] |= {"api_port": 80, "mariadb_port": 80}
    assert problems(ha) == []


def test_what_is_no_port_is_told(problems: Judge, dev: Inventory) -> None:
    dev["hosts"]["dev"]["ui_port"] = "http"
    assert problems(dev) == [
        "Host dev: ui_port is 'http', which is no port: set it to a number from 1 to 65535.",
    ]


def test_a_reference_to_nothing_is_told_beside_other_problems(problems: Judge, dev: Inventory) -> None:
    del dev["hosts"]["dev"]["ansible_host"]
    dev["vars"] |= {"api_session_secret": "{{ vault_api_session_secret }}", "ui_port": "{{ ports.ui }}"}
    assert problems(dev) == [
        "Host dev has no address: set its stack_address to the IP address at which the other hosts reach it (or set "
        "ansible_host to one).",
        "Variable api_session_secret has no value on host dev, because 'vault_api_session_secret' is undefined: "
        "define what it refers to.",
        "Variable ui_port has no value on host dev, because 'ports' is undefined: define what it refers to.",
    ]


@pytest.mark.parametrize("value", [None, ""])
def test_every_setting_without_a_default_is_needed(problems: Judge, ha: Inventory, value: object) -> None:
    ha["vars"] |= {"ui_api_url": value}
    del ha["vars"]["api_ui_origin"]
    hosts(ha, "api")["api-2"]["api_ui_origin"] = "http://localhost"
    assert problems(ha) == [
        "Variable api_ui_origin is not set for hosts api-1 and api-3: give it a value, since it has no default.",
        "Variable ui_api_url is not set for group ui: give it a value, since it has no default.",
    ]


def test_every_secret_is_needed(problems: Judge, ha: Inventory) -> None:
    ha["vars"] = SETTINGS
    assert problems(ha) == [
        f"Secret {secret} is not set for group {group}: {REMEDY}"
        for secret, group in (
            ("mariadb_app_password", "mariadb"),
            ("mariadb_migration_password", "mariadb"),
            ("mariadb_studio_password", "mariadb"),
            ("redis_app_password", "redis"),
            ("redis_admin_password", "redis"),
            ("api_session_secret", "api"),
            ("prisma_studio_password", "prisma_studio"),
        )
    ]


def test_a_weak_secret_is_told_without_its_value(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "api")["api-2"]["api_session_secret"] = "hunter2"
    assert problems(ha) == [
        f"Secret api_session_secret is shorter than 16 characters for host api-2: {REMEDY}",
    ]


def test_a_secret_that_a_groups_hosts_do_not_share_is_told(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "api")["api-2"]["api_session_secret"] = sha256(b"another").hexdigest()
    assert problems(ha) == [
        "Secret api_session_secret differs between the hosts of group api, which must share it: set it once for all "
        "of them."
    ]


def test_the_minimum_length_can_be_raised(problems: Judge, ha: Inventory) -> None:
    sentences = problems(ha, secret_minimum_length=65)
    assert isinstance(sentences, list)
    assert len(sentences) == len(SECRETS)
    assert sentences[0] == (
        "Secret mariadb_app_password is shorter than 65 characters for group mariadb: set it to at least 65 random "
        "characters, kept in a vault."
    )


def test_a_missing_archive_is_told_with_its_path_and_variable(
    problems: Judge, ha: Inventory, build: Path, tmp_path: Path
) -> None:
    (build / "ui.tar.gz").unlink()
    ha["vars"] |= {"api_archive": str(tmp_path / "other.tar.gz"), "api_node_archive": "node.tar.gz"}
    assert problems(ha) == [
        f"Release archive {tmp_path}/other.tar.gz does not exist: make it with playbooks/build.yml, or set "
        "api_archive to the absolute path of another.",
        "Release archive node.tar.gz is not given by its absolute path: make it with playbooks/build.yml, or set "
        "api_node_archive to the absolute path of another.",
        f"Release archive {build}/ui.tar.gz does not exist: make it with playbooks/build.yml, or set ui_archive to "
        "the absolute path of another.",
    ]


def test_an_archive_that_serves_two_groups_is_told_once(problems: Judge, dev: Inventory, build: Path) -> None:
    (build / "node.tar.gz").unlink()
    assert problems(dev) == [
        f"Release archive {build}/node.tar.gz does not exist: make it with playbooks/build.yml, or set "
        "api_node_archive and prisma_studio_node_archive to the absolute path of another.",
    ]


def test_archives_of_services_without_hosts_are_not_needed(problems: Judge, ha: Inventory, build: Path) -> None:
    del ha["children"]["prisma_studio"]
    (build / "prisma_studio.tar.gz").unlink()
    assert problems(ha) == []


def test_a_long_list_of_hosts_is_cut(problems: Judge, ha: Inventory) -> None:
    hosts(ha, "relics").update({f"relic-{number}": {} for number in range(1, 8)})
    assert problems(ha) == [
        "Group relics is unknown to the stack, so nothing would be deployed to hosts relic-1, relic-2, relic-3, "
        f"relic-4 and 3 more: put them under {GROUPS}, or list relics in validate_inventory_other_groups."
    ]


def test_a_rule_with_an_unknown_key_is_refused(evaluate: Callable[..., object], ha: Inventory) -> None:
    with pytest.raises(AnsibleError, match=r"a rule has a key too many or too few: .*'quorun'"):
        evaluate(
            "{{ groups | discordgym.stack.inventory_problems(hostvars, rules) }}",
            ha,
            host="localhost",
            rules=[{"name": "mariadb", "quorun": True}],
        )
