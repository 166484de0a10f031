"""The address that two load balancers share: what moves it, how fast, and what does not."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from balancer_pair import BALANCERS, CUT, INTERFACES, MEND, VIP, On, Pair, docker
from deployment import deploy
from prober import Prober


# Twice the objectives, since the test shares its processors with all hosts.
SLACK = 2


@pytest.fixture
def pair(on: On) -> Iterator[Pair]:
    """Both load balancers, well before the test and after it; what they said is printed."""
    pair = Pair(on)
    pair.settle()
    yield pair
    print(*(pair.journal(name) for name in BALANCERS), sep="\n")
    pair.settle()


def prober() -> Prober:
    return Prober(VIP, 3001, "/", rate=100, timeout=0.25)


def kill(pair: Pair, name: str) -> None:
    pair.on(name).check_output("systemctl kill --kill-whom=main --signal=KILL nginx")


def hang(pair: Pair, name: str) -> None:
    pair.on(name).check_output("systemctl kill --signal=STOP nginx")


def wake(pair: Pair, name: str) -> None:
    pair.on(name).check_output("systemctl kill --signal=CONT nginx")


def switch_off(_pair: Pair, name: str) -> None:
    docker("kill", name)


def switch_on(_pair: Pair, name: str) -> None:
    docker("start", name)


def cut(pair: Pair, name: str) -> None:
    pair.on(name).check_output(CUT)


def mend(pair: Pair, name: str) -> None:
    pair.on(name).check_output(MEND)


def nothing(_pair: Pair, _name: str) -> None:
    """Whatever broke mends itself."""


Action = Callable[[Pair, str], None]


@pytest.mark.parametrize(
    ("break_it", "mend_it", "objective"),
    [
        pytest.param(kill, nothing, 0.3, id="kill"),
        pytest.param(hang, wake, 1.5, id="hang"),
        pytest.param(switch_off, switch_on, 0.5, id="host_down"),
        pytest.param(cut, mend, 0.5, id="partition"),
    ],
)
def test_the_vip_moves_once(pair: Pair, break_it: Action, mend_it: Action, objective: float) -> None:
    """Away from the one that the inventory prefers, to which nothing brings it back."""
    pair.give_to("test-pair-lb-1")
    with prober() as probed:
        time.sleep(1)
        break_it(pair, "test-pair-lb-1")
        time.sleep(4)
        # A host that is cut off has let go of it, so that two never answer when it is back.
        assert pair.holders() == ["test-pair-lb-2"]
    print(probed)
    with prober() as recovered:
        mend_it(pair, "test-pair-lb-1")
        pair.settle()
    print(f"recovery: {recovered}")
    assert pair.holder == "test-pair-lb-2"
    assert probed.failed > 0
    assert probed.outage < SLACK * objective
    assert recovered.outage < 0.3


def test_an_orderly_stop_costs_next_to_nothing(pair: Pair) -> None:
    """Though nginx waits for a connection that somebody holds."""
    pair.give_to("test-pair-lb-1")
    with socket.create_connection((BALANCERS["test-pair-lb-1"], 3001)) as held, prober() as probed:
        held.sendall(b"GET /socket.io/ HTTP/1.1\r\n")
        time.sleep(1)
        pair.on("test-pair-lb-1").check_output("systemctl restart nginx")
        time.sleep(1)
        assert pair.holders() == ["test-pair-lb-2"]
    print(probed)
    assert probed.outage < SLACK * 0.1


def test_a_stall_of_a_second_moves_nothing(pair: Pair) -> None:
    holder = pair.holder
    pair.on(holder).check_output("systemctl kill --signal=STOP nginx; sleep 1; systemctl kill --signal=CONT nginx")
    time.sleep(2)
    assert pair.holder == holder
    assert "unfit" not in pair.on(holder).check_output(
        "journalctl --unit discordgym-vip-checker --since -4s --output cat"
    )


def test_a_killed_keepalived_leaves_one_holder(pair: Pair) -> None:
    pair.on(pair.holder).check_output("systemctl kill --signal=KILL keepalived")
    pair.settle()


def test_nginx_hanging_everywhere_takes_the_vip_from_nobody(pair: Pair) -> None:
    """Nobody could do better, and a slow service is better than none."""
    holder = pair.holder
    for name in BALANCERS:
        hang(pair, name)
    time.sleep(3)
    assert pair.holder == holder
    for name in BALANCERS:
        wake(pair, name)


def test_a_rerun_leaves_the_vip_where_a_failover_left_it(pair: Pair, inventory: Path) -> None:
    pair.give_to("test-pair-lb-2")
    processes = [pair.on(name).check_output("systemctl show --property MainPID keepalived") for name in BALANCERS]
    again = deploy(inventory, "--limit=nginx_lb")
    assert again.returncode == 0, again.stdout
    assert again.stdout.count("changed=0 ") == len(BALANCERS), again.stdout
    assert pair.holder == "test-pair-lb-2"
    after = [pair.on(name).check_output("systemctl show --property MainPID keepalived") for name in BALANCERS]
    assert after == processes


def test_a_new_configuration_moves_nothing(pair: Pair, inventory: Path) -> None:
    pair.give_to("test-pair-lb-2")
    with prober() as probed:
        changed = deploy(inventory, "--limit=nginx_lb", "--tags=vip", nginx_lb_vrrp_advert_interval=0.2)
        assert changed.returncode == 0, changed.stdout
        time.sleep(1)
        assert pair.holder == "test-pair-lb-2"
    print(probed)
    assert probed.outage < 0.3
    order = [line for line in changed.stdout.splitlines() if "Reload keepalived where the VIP is" in line]
    assert [line.split("[")[1].split("]")[0].rpartition(" : ")[2] for line in order] == [
        "Reload keepalived where the VIP is not",
        "Reload keepalived where the VIP is",
    ]
    assert deploy(inventory, "--limit=nginx_lb", "--tags=vip").returncode == 0
    assert pair.holder == "test-pair-lb-2"


def test_one_whom_its_peer_does_not_know_does_not_take_the_vip(pair: Pair) -> None:
    """As when it was taken out of the inventory, or added while the run was limited to it."""
    pair.give_to("test-pair-lb-1")
    knowing = pair.on("test-pair-lb-1")
    file = "/etc/nginx/conf.d/load_balancer.conf"
    knowing.check_output(f"sed --in-place=.known '/allow 172.30.93.32;/d' {file} && systemctl reload nginx")
    pair.wait("unfit", lambda: not pair.is_fit("test-pair-lb-2"))
    assert "test-pair-lb-1 does not know this load balancer" in pair.journal("test-pair-lb-2")
    # It hears of no holder now, and believes all the same that it must not be one.
    knowing.check_output("systemctl stop keepalived")
    time.sleep(2)
    assert pair.holders() == []
    knowing.check_output(f"mv {file}.known {file} && systemctl reload nginx && systemctl start keepalived")


RECEIVE = f"""timeout 2 python3 -c '
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
while True:
    sender = receiver.recvfrom(100)[1][0]
    if sender == "{INTERFACES["test-pair-ui-1"]}":
        print("heard"); break
'"""
SEND = f"""python3 -c '
import socket, time
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
for _ in range(10):
    sender.sendto(b"forged", ("{BALANCERS["test-pair-lb-1"]}", 0)); time.sleep(0.1)
'"""


def test_only_load_balancers_are_heard(pair: Pair) -> None:
    balancer, stranger = pair.on("test-pair-lb-1"), pair.on("test-pair-ui-1")

    def listen_and_forge() -> str:
        balancer.check_output("systemd-run --unit=receiver --collect sh -c %s", f"{RECEIVE} > /run/heard")
        time.sleep(0.5)
        stranger.check_output(SEND)
        time.sleep(1.5)
        return str(balancer.check_output("cat /run/heard"))

    assert listen_and_forge() == ""
    balancer.check_output("systemctl stop discordgym-firewall")
    try:
        assert listen_and_forge() == "heard", "it was not the firewall that kept the stranger out"
    finally:
        balancer.check_output("systemctl start discordgym-firewall")


def test_what_asks_the_network_has_no_rights(pair: Pair) -> None:
    for name in BALANCERS:
        balancer = pair.on(name)
        process = balancer.check_output("systemctl show --property MainPID --value discordgym-vip-checker")
        status = balancer.file(f"/proc/{process}/status").content_string
        fields = dict(line.split(":\t", 1) for line in status.splitlines())
        assert fields["Uid"].split()[0] != "0"
        assert int(fields["CapEff"], 16) == 0
        # Nor is there anything that keepalived would run.
        assert "script " not in balancer.file("/etc/keepalived/keepalived.conf").content_string
        assert balancer.file("/run/discordgym-vip/dead").user == "root"


def test_backends_are_called_from_the_own_address(pair: Pair) -> None:
    """Which is the one that they trust."""
    holder = pair.holder
    assert requests.get(f"http://{VIP}:3001/", timeout=5).status_code == 200
    connections = pair.on(holder).check_output("ss --no-header --numeric --tcp state established dst :8080")
    sources = {line.split()[2].rpartition(":")[0] for line in connections.splitlines()}
    assert sources == {BALANCERS[holder]}


def test_a_group_without_an_address_is_refused(inventory: Path) -> None:
    refused = deploy(inventory, "--limit=nginx_lb", "--tags=vip", nginx_lb_vip="")
    assert refused.returncode != 0
    assert "test-pair-lb-1: the group nginx_lb has 2 hosts, but nginx_lb_vip is not set" in " ".join(
        refused.stdout.split()
    )


def test_strangers_do_not_reach_a_user_interface_past_the_load_balancers(on: On) -> None:
    address = INTERFACES["test-pair-ui-1"]
    connect = f"""python3 -c 'import socket; socket.create_connection(("{address}", 80), 2)'"""
    assert on("test-pair-lb-2").run(connect).rc == 0
    refused = on("test-pair-api-1").run(connect)
    assert refused.rc != 0
    assert "timed out" in refused.stderr
