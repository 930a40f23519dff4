"""`.bunsui`: made when it is asked for, used when it is ours, moved aside and told when it is not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bunsui.errors import Unavailable
from bunsui.folders.project import ProjectFolder, data_folder
from bunsui.folders.user import user_folders


@dataclass
class Desk:
    """A project and its user, with what was told."""

    base: Path
    tracked: bool = False
    told: list[str] = field(default_factory=list)
    released: list[Path] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.base / "project"

    def folder(self, root: Path | None = None) -> ProjectFolder:
        return ProjectFolder(
            root=root or self.root,
            user=user_folders({"HOME": str(self.base / "home")}, outside=root or self.root, temporary=self.base),
            is_tracked=lambda: self.tracked,
            notice=self.told.append,
            release=self.release,
        )

    def release(self, data: Path) -> bool:
        self.released.append(data)
        return True

    def aside(self) -> list[Path]:
        return sorted(self.root.glob(".bunsui/untrusted-*"))


@pytest.fixture
def context(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.root.mkdir()
    return made


def test_it_is_made_once_and_found_again(context: Desk) -> None:
    assert context.folder().look() is None
    own = context.folder().open()
    own.last_session.write_text("x")

    assert own.local == data_folder(context.root)
    assert context.folder().look() == context.folder().open() == own
    assert own.last_session.read_text() == "x"
    assert (own.root / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE(own.root.stat().st_mode) == 0o700
    assert context.told == []


def test_looking_makes_nothing(context: Desk) -> None:
    assert context.folder().look() is None
    assert not context.folder().has_strangers()
    assert list(context.root.iterdir()) == []


def a_folder(place: Path) -> None:
    (place / "local" / "state").mkdir(parents=True)
    (place / "local" / "state" / "lambda.json").write_text("{}")


def one_with_a_nonce(place: Path) -> None:
    a_folder(place)
    (place / "nonce").write_text("0" * 64)


def a_link(place: Path) -> None:
    place.symlink_to("../outside")


def a_broken_link(place: Path) -> None:
    place.symlink_to("nowhere")


def a_file(place: Path) -> None:
    place.write_text("x")


def a_pipe(place: Path) -> None:
    os.mkfifo(place)


def a_nonce_that_is_a_pipe(place: Path) -> None:
    place.mkdir(mode=0o700)
    os.mkfifo(place / "nonce")


def links_inside(place: Path) -> None:
    place.mkdir()
    for name in ("local", "cache", "last_session", ".gitignore", "nonce"):
        (place / name).symlink_to("../../outside")


@pytest.mark.parametrize(
    "stranger",
    [a_folder, one_with_a_nonce, a_link, a_broken_link, a_file, a_pipe, a_nonce_that_is_a_pipe, links_inside],
)
def test_what_is_not_ours_is_moved_aside_whole_and_told_once(context: Desk, stranger: Callable[[Path], None]) -> None:
    outside = context.base / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("years of work")
    stranger(context.root / ".bunsui")
    assert context.folder().look() is None
    assert context.folder().has_strangers()

    own = context.folder().open()
    assert context.folder().open() == own

    assert len(context.aside()) == 1
    assert len(context.told) == 1
    assert context.aside()[0].name in context.told[0]
    assert "bunsui local adopt" in context.told[0]
    assert not own.root.is_symlink()
    assert not own.local.exists()
    assert [path.name for path in outside.iterdir()] == ["thesis.txt"]


def test_nothing_of_what_was_moved_is_lost(context: Desk) -> None:
    a_folder(context.root / ".bunsui")
    (context.root / ".bunsui" / "untrusted-20260101").mkdir()

    context.folder().open()

    before, moved = context.aside()
    assert before.name == "untrusted-20260101"
    assert (moved / "local" / "state" / "lambda.json").read_text() == "{}"


def test_whoever_works_in_it_is_asked_to_leave_first(context: Desk) -> None:
    a_folder(context.root / ".bunsui")
    context.folder().open()
    assert context.released == [context.root / ".bunsui" / "local"]


def test_an_empty_folder_is_simply_taken(context: Desk) -> None:
    (context.root / ".bunsui").mkdir()
    (context.root / ".bunsui").chmod(0o775)

    assert context.folder().open().root == context.root / ".bunsui"
    assert context.told == []


@pytest.mark.parametrize("mode", [0o770, 0o702])
def test_one_that_others_may_write_is_not_ours_any_more(context: Desk, mode: int) -> None:
    own = context.folder().open()
    own.last_session.write_text("x")
    own.root.chmod(mode)

    assert context.folder().look() is None
    assert not context.folder().open().last_session.exists()
    assert len(context.told) == 1


def test_a_copy_elsewhere_is_not_believed(context: Desk, tmp_path: Path) -> None:
    nonce = (context.folder().open().root / "nonce").read_text()
    other = tmp_path / "other"
    (other / ".bunsui").mkdir(parents=True, mode=0o700)
    (other / ".bunsui" / "nonce").write_text(nonce)

    assert context.folder(other).look() is None


def test_a_folder_that_git_tracks_is_not_used_at_all(context: Desk) -> None:
    ours = context.folder().open()
    a_folder(context.root / ".bunsui")
    context.tracked = True

    own = context.folder().open()

    assert own != ours
    assert not own.root.is_relative_to(context.root)
    assert context.folder().look() == own
    assert not own.local.exists()
    assert "git rm -r --cached .bunsui" in context.told[0]
    own.last_session.write_text("kept")
    assert context.folder().open().last_session.read_text() == "kept"
    assert len(context.told) == 1


def test_what_git_puts_back_is_moved_again_and_ours_stays(context: Desk) -> None:
    context.tracked = True
    own = context.folder().open()
    own.last_session.write_text("kept")
    a_folder(context.root / ".bunsui")

    assert context.folder().open().last_session.read_text() == "kept"
    assert not (context.root / ".bunsui" / "local").exists()


def test_a_project_that_cannot_be_written_is_told(context: Desk) -> None:
    (context.root / ".bunsui").mkdir()
    root = context.base / "file"
    root.write_text("no folder")

    with pytest.raises(Unavailable) as caught:
        context.folder(root).open()
    assert caught.value.code == "own-folder-unusable"
