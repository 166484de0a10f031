#!/usr/bin/env python3
"""Build the lab hosts' image once and keep it until its recipe changes.

No image registry is needed: Debian's own packages make the base (mmdebstrap). Where they cannot,
for want of apt or root, the plain Debian image of the configured registry is the base.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from system import ROOT, as_root, install_packages, run, say


IMAGE = "discordgym-lab:bookworm"
BASE = "discordgym-lab-base:bookworm"
RECIPE = ROOT / "molecule" / "lab" / "image"
SUITE = "bookworm"
LABEL = "discordgym.lab.recipe"
# Enough to boot and to be managed; the Dockerfile adds nothing that a registry's image would not get too.
PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-apt,sudo,procps,ca-certificates,iproute2"


def recipe_digest() -> str:
    """The digest of all that decides the image's content."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(RECIPE.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def built_digest() -> str:
    """The recipe digest of the image that is there, or an empty string."""
    template = f'{{{{ index .Config.Labels "{LABEL}" }}}}'
    result = subprocess.run(
        ["docker", "image", "inspect", "--format", template, IMAGE], check=False, capture_output=True, text=True
    )
    return result.stdout.strip() if result.returncode == 0 else ""


def make_base() -> str:
    """Make or name the base image and return its name."""
    if not shutil.which("apt-get"):
        return f"debian:{SUITE}-slim"
    if not shutil.which("mmdebstrap"):
        install_packages("mmdebstrap")
    say("making the lab's base image from Debian's packages (about a minute, once)")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "base.tar"
        excluded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "doc", "locale")]
        subprocess.run(
            as_root(
                [
                    "mmdebstrap",
                    "--quiet",
                    "--variant=minbase",
                    "--mode=root",
                    f"--include={PACKAGES}",
                    *excluded,
                    SUITE,
                    str(archive),
                ]
            ),
            check=True,
        )
        subprocess.run(["docker", "import", str(archive), BASE], check=True, stdout=subprocess.DEVNULL)
    return BASE


def build(digest: str) -> None:
    """Build the image; the classic builder, because buildx is a package of its own on Debian."""
    command = ["docker", "build", "--quiet", "--build-arg", f"BASE={make_base()}"]
    command += ["--label", f"{LABEL}={digest}", "--tag", IMAGE, str(RECIPE)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DOCKER_BUILDKIT": "0"})


def main() -> int:
    """Build the image where its recipe changed; print `built` or `unchanged`."""
    digest = recipe_digest()
    if built_digest() == digest:
        print("unchanged")
        return 0
    build(digest)
    print("built")
    return 0


if __name__ == "__main__":
    run("lab image", main)
