"""The pair of load balancers: who holds the VIP, and how to make one of them hold it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from testinfra.host import Host


VIP = "172.30.93.30"
BALANCERS = {"test-pair-lb-1": "172.30.93.31", "test-pair-lb-2": "172.30.93.32"}
INTERFACES = {"test-pair-ui-1": "172.30.93.33", "test-pair-ui-2": "172.30.93.34"}

# At the network card, for ARP too: five seconds after it began to hold the VIP, keepalived tells the network so once
# more, by a raw socket that the filters of a host's own packets do not see.
CUT = (
    "nft 'add table netdev cut;"
    " add chain netdev cut in { type filter hook ingress device eth0 priority 0; policy drop; };"
    " add chain netdev cut out { type filter hook egress device eth0 priority 0; policy drop; }'"
)
MEND = "nft delete table netdev cut"

On = Callable[[str], Host]


def docker(*arguments: str) -> None:
    subprocess.run(["docker", *arguments], check=True, capture_output=True)


class Pair:
    """The two load balancers."""

    def __init__(self, on: On) -> None:
        self.on = on

    def holders(self) -> list[str]:
        """Who has the VIP on an interface; a host that is down has none."""
        held = f"ip -brief address show | grep --fixed-strings ' {VIP}/'"
        return [name for name in BALANCERS if self.on(name).run(held).rc == 0]

    @property
    def holder(self) -> str:
        """The one that holds the VIP."""
        holders = self.holders()
        assert len(holders) == 1, f"the VIP is held by {holders or 'nobody'}"
        return holders[0]

    def other(self, name: str) -> str:
        return next(balancer for balancer in BALANCERS if balancer != name)

    def is_fit(self, name: str) -> bool:
        """Whether it could take the VIP."""
        fit = (
            "systemctl is-active nginx keepalived discordgym-vip-checker && cd /run/discordgym-vip &&"
            " test $(cat dead unfit | tr -d '\\n') = 00"
        )
        return bool(self.on(name).run(fit).rc == 0)

    def wait(self, what: str, condition: Callable[[], bool], seconds: float = 15) -> float:
        """Wait for a condition, and tell how long it took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"after {seconds} s still not: {what}"
            time.sleep(0.05)
        return time.monotonic() - began

    def settle(self) -> None:
        """Wait until both could hold the VIP and one does."""
        self.wait("both fit", lambda: all(map(self.is_fit, BALANCERS)))
        self.wait("one holder", lambda: len(self.holders()) == 1)
        # Longer than a peer that thinks there is no holder needs to find out that there is one.
        time.sleep(1.5)

    def give_to(self, name: str) -> None:
        """Make it the holder."""
        if self.holder != name:
            self.on(self.other(name)).check_output("systemctl restart keepalived")
            self.wait(f"held by {name}", lambda: self.holders() == [name])
            self.settle()

    def journal(self, name: str) -> str:
        """What keepalived and the checker said last."""
        said = "journalctl --unit keepalived --unit discordgym-vip-checker --output short-precise --lines 25 --no-pager"
        return f"{name}:\n{self.on(name).check_output(said)}"
