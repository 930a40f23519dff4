"""The data folder: what is announced is read back, and what is not ours is not believed."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from bunsui.emulator.launcher.folder import Announcement, DataFolder, announce, read_announcement
from bunsui.folders.files import write_atomically

ANNOUNCEMENT = Announcement(pid=7, port=4566, token="t", version="1", capabilities=("a",), notices=("b",))


def test_an_announcement_is_read_back(tmp_path: Path) -> None:
    announce(DataFolder(tmp_path), ANNOUNCEMENT)

    assert read_announcement(DataFolder(tmp_path)) == ANNOUNCEMENT


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"pid": 1}', '{"pid": "x", "port": 1, "token": "", "version": ""}', "\0"]
)
def test_another_file_is_no_announcement(tmp_path: Path, text: str) -> None:
    (tmp_path / "ready.json").write_text(text)

    assert read_announcement(DataFolder(tmp_path)) is None


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX systems")
def test_the_token_is_for_its_owner_only(tmp_path: Path) -> None:
    announce(DataFolder(tmp_path), ANNOUNCEMENT)

    assert stat.S_IMODE((tmp_path / "ready.json").stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_no_partial_one(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()

    with pytest.raises(OSError, match="target"):
        write_atomically(target, b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_the_folder_keeps_itself_out_of_git(tmp_path: Path) -> None:
    DataFolder(tmp_path / "local").prepare()

    assert (tmp_path / "local" / ".gitignore").read_text() == "*\n"
