"""Releases of an application follow one another, and one that does not serve changes nothing."""

from __future__ import annotations

import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import requests
from deployment import ROOT, deploy
from testinfra.host import Host


Deploy = Callable[..., subprocess.CompletedProcess[str]]

URL = "http://172.30.90.21:8080"
ENTRY_POINT = "server/start.js"
SERVES = (ROOT / "tests/fixtures/third_party_app" / ENTRY_POINT).read_text(encoding="utf-8")
DIES = "throw new Error('the shelf is empty');"
MAIN_PROCESS = "systemctl show --property MainPID --value third-party"
# Far less than the minute that a start may take.
PROMPTLY_SECONDS = 30


@pytest.fixture(scope="module")
def server(on: Callable[[str], Host]) -> Host:
    return on("test-api")


@pytest.fixture(scope="module")
def other(on: Callable[[str], Host]) -> Host:
    """A host that is switched after the first one."""
    return on("test-api-2")


@pytest.fixture(scope="module")
def release(inventory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploy]:
    """Pack a release of this version and deploy it; in the end, the scenario's own is deployed again."""

    def pack_and_deploy(version: str, script: str = SERVES, **variables: object) -> subprocess.CompletedProcess[str]:
        archive = pack(tmp_path_factory.mktemp(version), version, script)
        return deploy(inventory, api_archive=str(archive), **variables)

    yield pack_and_deploy
    assert deploy(inventory).returncode == 0


def pack(folder: Path, version: str, script: str) -> Path:
    """Make the archive of a release, with its version and checksum beside it."""
    source = folder / ENTRY_POINT
    source.parent.mkdir()
    source.write_text(script, encoding="utf-8")
    archive = folder / "app.tar.gz"
    with tarfile.open(archive, "w:gz") as content:
        content.add(source.parent, arcname=source.parent.name)
    Path(f"{archive}.version").write_text(f"{version}\n", encoding="utf-8")
    Path(f"{archive}.sha256").write_text(
        f"{sha256(archive.read_bytes()).hexdigest()}  {archive.name}\n", encoding="utf-8"
    )
    return archive


def unpacked(server: Host) -> set[str]:
    return set(server.check_output("ls /opt/third-party/releases").split())


def serving(server: Host) -> str:
    """The version that the process was started from, by the folder it works in; current must be the same."""
    assert server.file("/opt/third-party/current").linked_to == working_folder(server)
    assert requests.get(f"{URL}/greeting", timeout=5).status_code == 200
    return working_folder(server).rsplit("/", maxsplit=1)[-1]


def working_folder(server: Host) -> str:
    return str(server.check_output(f"runuser --user third-party readlink /proc/$({MAIN_PROCESS})/cwd"))


def flowed(output: str) -> str:
    """Join the lines that a terminal's width would break."""
    return " ".join(output.split())


def test_an_upgrade_keeps_the_release_before(server: Host, release: Deploy) -> None:
    upgraded = release("3.2.0")
    assert upgraded.returncode == 0, upgraded.stdout
    assert serving(server) == "3.2.0"
    assert unpacked(server) >= {"3.1.4", "3.2.0"}


def test_an_upgrade_can_be_checked_first(server: Host, inventory: Path, tmp_path: Path) -> None:
    planned = deploy(inventory, "--check", api_archive=str(pack(tmp_path, "3.2.1", SERVES)))
    assert planned.returncode == 0, planned.stdout
    assert serving(server) == "3.2.0"


def test_an_archive_is_never_deployed_under_another_version(server: Host, release: Deploy) -> None:
    refused = release("3.2.9", api_version="3.0.0")
    assert refused.returncode != 0
    message = flowed(refused.stdout)
    assert "test-api: version 3.0.0 is not unpacked in /opt/third-party any more, and the archive" in message
    assert "holds version 3.2.9: set api_archive to the archive of 3.0.0, or do not set api_version." in message
    assert "changed=0" in message
    assert unpacked(server) == {"3.1.4", "3.2.0"}
    assert serving(server) == "3.2.0"


def test_a_broken_release_changes_nothing(server: Host, other: Host, release: Deploy) -> None:
    untouched = other.check_output(MAIN_PROCESS)
    began = time.monotonic()
    failed = release("3.3.0", DIES)
    assert time.monotonic() - began < PROMPTLY_SECONDS
    assert failed.returncode != 0
    message = flowed(failed.stdout)
    assert f"test-api: third-party 3.3.0 does not serve at {URL}/alive. 3.2.0 serves again, configured" in message
    assert "Mend the release, under a new version, or its variables, and deploy again." in message
    assert "Error: the shelf is empty" in message
    assert serving(server) == "3.2.0"
    assert other.check_output(MAIN_PROCESS) == untouched
    assert working_folder(other) == "/opt/third-party/releases/3.2.0"


def test_a_broken_setting_is_taken_back(server: Host, release: Deploy) -> None:
    before = server.check_output("sha256sum /etc/third-party/environment /etc/systemd/system/third-party.service")
    failed = release("3.2.0", api_extra_environment={"LISTEN_PORT": "none"}, api_memory_max_mb=300)
    assert failed.returncode != 0
    assert "3.2.0 serves again, configured as before" in flowed(failed.stdout)
    assert before == server.check_output(
        "sha256sum /etc/third-party/environment /etc/systemd/system/third-party.service"
    )
    assert serving(server) == "3.2.0"
    leftovers = server.check_output("find /etc/third-party /etc/systemd/system -name '*~'")
    assert leftovers == "", "a replaced configuration is still there"


def test_the_oldest_releases_go_and_the_way_back_stays(server: Host, release: Deploy) -> None:
    # The broken one is younger than the one that serves, which must stay all the same.
    assert unpacked(server) == {"3.1.4", "3.2.0", "3.3.0"}
    upgraded = release("3.4.0", api_keep_releases=2)
    assert upgraded.returncode == 0, upgraded.stdout
    assert serving(server) == "3.4.0"
    assert unpacked(server) == {"3.2.0", "3.4.0"}


def test_a_release_on_the_host_needs_no_archive_of_its_own(server: Host, release: Deploy) -> None:
    back = release("3.4.9", api_version="3.2.0")
    assert back.returncode == 0, back.stdout
    assert serving(server) == "3.2.0"
    assert unpacked(server) == {"3.2.0", "3.4.0"}
