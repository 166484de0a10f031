"""Every part has all of its members, and one of them leads."""

from __future__ import annotations

import json
import re

import requests
from deployed import Stack


SENTINEL_PORT = 26379


def test_every_database_has_all_that_was_written(stack: Stack) -> None:
    names = stack.names("mariadb")
    for name in names:
        answer = requests.get(f"http://{stack.address(name)}:9200/", timeout=5)
        assert answer.status_code == 200, f"{name}: {answer.text}"
        state = answer.json()
        assert (state["state"], state["cluster_status"], state["cluster_size"]) == ("Synced", "Primary", len(names))


def test_all_proxies_write_to_the_same_database(stack: Stack) -> None:
    """Asked is each proxy for the host that it gets to."""
    query = "SELECT @@hostname"
    script = (
        "import os, pymysql; "
        "c = pymysql.connect(host='127.0.0.1', user='discordgym_app', password=os.environ['P']).cursor(); "
        f"c.execute({query!r}); print(c.fetchone()[0])"
    )
    password = stack.secrets()["mariadb_app"]
    writers = set()
    for name in stack.names("api"):
        host = stack.host(name)
        host.check_output("apt-get install --yes --quiet --no-install-recommends python3-pymysql")
        writers.add(host.check_output(f'P={password} python3 -c "{script}"'))
    assert len(writers) == 1, writers
    assert writers <= set(stack.names("mariadb"))


def test_the_sentinels_agree_on_a_master(stack: Stack) -> None:
    user, password = "discordgym_app", stack.secrets()["redis_app"]
    masters = set()
    for name in stack.names("redis"):
        asked = f"redis-cli -p {SENTINEL_PORT} --user {user} --no-auth-warning"
        told = stack.host(name).check_output(
            f"REDISCLI_AUTH={password} {asked} -h {stack.address(name)} SENTINEL get-master-addr-by-name discordgym"
        )
        masters.add(told.split()[0])
    assert len(masters) == 1, masters
    assert masters <= {stack.address(name) for name in stack.names("redis")}


def test_one_load_balancer_holds_the_common_address(stack: Stack) -> None:
    vip = stack.variables(stack.names("nginx_lb")[0])["nginx_lb_vip"]
    holders = []
    for name in stack.names("nginx_lb"):
        interfaces = json.loads(stack.host(name).check_output("ip -json address"))
        if any(address["local"] == vip for interface in interfaces for address in interface["addr_info"]):
            holders.append(name)
    assert len(holders) == 1, holders


def test_both_user_interfaces_serve_the_page(stack: Stack) -> None:
    served = set()
    for _ in range(20):
        page = requests.get(stack.ui_url, timeout=5)
        assert page.status_code == 200
        assert "<title>DiscordGym</title>" in page.text
        served.add(page.headers["X-Served-By"])
    assert served == set(stack.names("ui"))
    script = re.search(r'src="(main-[^"]+\.js)"', page.text)
    assert script, page.text
    bundle = requests.get(f"{stack.ui_url}/{script[1]}", timeout=5)
    assert bundle.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert bundle.headers["Content-Encoding"] == "gzip"


def test_studio_reads_by_the_same_way_as_the_api(stack: Stack) -> None:
    (name,) = stack.names("prisma_studio")
    environment = stack.host(name).check_output("cat /etc/discordgym-prisma-studio/environment")
    assert "@127.0.0.1:3306/discordgym" in environment
