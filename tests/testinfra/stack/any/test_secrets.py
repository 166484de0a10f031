"""No secret in the repository, in a process list, in a log, or in a file that others can read."""

from __future__ import annotations

import json
import re
import secrets
import shlex
import subprocess
from pathlib import Path

from deployed import Stack


ROOT = Path(__file__).resolve().parents[4]


def test_not_in_the_repository(stack: Stack) -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [ROOT / name for name in tracked.split("\0") if name]
    texts = {path: path.read_bytes() for path in files if path.is_file()}
    assert texts
    for name, secret in stack.secrets().items():
        assert [path for path, text in texts.items() if secret.encode() in text] == [], name


def test_not_in_a_process_list(stack: Stack) -> None:
    for name in stack.names():
        # The environment belongs to the process's owner; the arguments are everybody's.
        arguments = stack.host(name).check_output("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
        assert "systemd" in arguments or "/sbin/init" in arguments
        for label, secret in stack.secrets().items():
            assert secret not in arguments, f"{label} on {name}"


def test_not_in_readable_files_nor_in_journals(stack: Stack) -> None:
    patterns = shlex.quote("\n".join(stack.secrets().values()))
    for name in stack.names():
        host = stack.host(name)
        readable = (
            "find / -xdev -type f -perm -o=r -size -2000k "
            "-not -path '/proc/*' -not -path '/sys/*' -not -path '/usr/*' -not -path '/opt/*' -print0"
        )
        found = host.run(f"{readable} | xargs -0 grep --files-with-matches --fixed-strings -e {patterns}")
        assert found.stdout == "", f"{name}: {found.stdout}"
        journal = host.run(f"journalctl --no-pager --output cat | grep --count --fixed-strings -e {patterns}")
        assert journal.stdout.strip() == "0", name


def test_secret_files_are_their_owners_alone(stack: Stack) -> None:
    for name in stack.names("api"):
        environment = stack.host(name).file("/etc/discordgym-api/environment")
        assert (environment.user, environment.mode) == ("root", 0o600)
    for path in (stack.inventory / ".secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_not_in_a_verbose_run(stack: Stack, tmp_path: Path) -> None:
    """Check mode with all secrets changed shows every task that would write one, at its most talkative."""
    variables = re.findall(
        r"^(\w+_(?:password|secret)): ", (ROOT / "molecule/lab/group_vars/secrets.yml").read_text(), re.MULTILINE
    )
    changed = {name: f"Changed{secrets.token_hex(16)}" for name in variables}
    overrides = tmp_path / "secrets.json"
    overrides.write_text(json.dumps(changed))
    command = ["ansible-playbook", "playbooks/site.yml", "-i", str(stack.inventory)]
    command += ["--check", "--diff", "-vvv", "--extra-vars", f"@{overrides}"]
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    log = result.stdout + result.stderr
    assert result.returncode == 0, log[-3000:]
    assert re.search(r"changed=[1-9]", log), "nothing would have changed, so nothing was shown"
    for name, secret in {**changed, **stack.secrets()}.items():
        assert secret not in log, name
