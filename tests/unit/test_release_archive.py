"""Which release archives can be deployed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible_collections.discordgym.stack.plugins.module_utils.release_archive import defect


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "api.tar.gz"
    path.write_bytes(b"a release")
    digest = hashlib.sha256(b"a release").hexdigest()
    (tmp_path / "api.tar.gz.sha256").write_text(f"{digest}  api.tar.gz\n", encoding="utf-8")
    (tmp_path / "api.tar.gz.version").write_text("1.2.3\n", encoding="utf-8")
    return path


def test_a_whole_release_has_no_defect(archive: Path) -> None:
    assert defect(str(archive)) is None


def test_a_missing_archive(archive: Path) -> None:
    archive.unlink()
    assert defect(str(archive)) == "does not exist"


def test_a_directory_is_no_archive(tmp_path: Path) -> None:
    assert defect(str(tmp_path)) == "does not exist"


def test_a_relative_path() -> None:
    assert defect("build/api.tar.gz") == "is not given by its absolute path"


def test_a_missing_checksum(archive: Path) -> None:
    Path(f"{archive}.sha256").unlink()
    assert defect(str(archive)) == "has no checksum beside it (.sha256)"


@pytest.mark.parametrize("content", [b"", b"SHA256 (api.tar.gz) = 0\n", b"\xff\x00"])
def test_a_checksum_in_another_format(archive: Path, content: bytes) -> None:
    Path(f"{archive}.sha256").write_bytes(content)
    assert defect(str(archive)) == "has a checksum beside it that is not in the format of sha256sum (.sha256)"


def test_an_archive_that_its_checksum_does_not_describe(archive: Path) -> None:
    archive.write_bytes(b"half a rel")
    assert defect(str(archive)) == "does not have the checksum that is noted beside it (.sha256)"


@pytest.mark.parametrize("version", [None, "", "\n"])
def test_a_missing_version(archive: Path, version: str | None) -> None:
    version_file = Path(f"{archive}.version")
    if version is None:
        version_file.unlink()
    else:
        version_file.write_text(version, encoding="utf-8")
    assert defect(str(archive)) == "has no version beside it (.version)"


def test_an_archive_that_cannot_be_read(tmp_path: Path) -> None:
    # Root, as whom the tests may run, is refused nothing but names like this.
    assert defect(str(tmp_path / ("a" * 300))) == "cannot be read (File name too long)"
