"""A release as the build leaves it: an archive with its checksum and version beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path


_CHECKSUM_LINE = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *].+\n?")


def defect(path: str) -> str | None:
    """Say what is wrong with a release archive as the rest of a sentence that begins with its name."""
    archive = Path(path)
    # A relative path would mean another file to each role that uses it.
    if not archive.is_absolute():
        return "is not given by its absolute path"
    try:
        return _defect(archive)
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _defect(archive: Path) -> str | None:
    if not archive.is_file():
        return "does not exist"
    checksum_file, version_file = (archive.with_name(archive.name + suffix) for suffix in (".sha256", ".version"))
    if not checksum_file.is_file():
        return "has no checksum beside it (.sha256)"
    checksum = _CHECKSUM_LINE.fullmatch(checksum_file.read_text(encoding="utf-8", errors="replace"))
    if checksum is None:
        return "has a checksum beside it that is not in the format of sha256sum (.sha256)"
    with archive.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != checksum["digest"]:
            return "does not have the checksum that is noted beside it (.sha256)"
    if not version_file.is_file() or not version_file.read_text(encoding="utf-8", errors="replace").strip():
        return "has no version beside it (.version)"
    return None
