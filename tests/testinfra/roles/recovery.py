"""How long systemd takes to bring a killed service back."""

from __future__ import annotations

import time

from testinfra.host import Host


def seconds_to_recover(host: Host, unit: str, probe: str, patience: float = 10.0) -> float:
    """Kill the unit and poll the probe, a command that succeeds once the service answers.

    Raises AssertionError where it does not within the patience, in seconds.
    """
    host.check_output(probe)
    host.check_output(f"systemctl kill --signal=KILL {unit}")
    killed = time.monotonic()
    while host.run(f"systemctl is-active {unit} && {probe}").rc != 0:
        assert time.monotonic() - killed < patience, f"{unit} did not come back within {patience} s"
        time.sleep(0.1)
    return time.monotonic() - killed
