"""What was set aside is taken back whole by who says so, and never where it holds what bunsui does not make."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput, NotFound
from bunsui.folders.adopt import set_aside, take
from bunsui.folders.project import ProjectFolder
from bunsui.folders.user import user_folders


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    """A project whose `.bunsui` is one of the version before: without a nonce."""
    state = tmp_path / "project" / ".bunsui" / "local" / "state"
    state.mkdir(parents=True)
    (state / "lambda.json").write_text("{}")
    (state / "s3.json").write_text("{}")
    (state.parent / "secret").write_text("known to somebody else")
    (state.parent.parent / "last_session").write_text("{}")
    return ProjectFolder(
        root=tmp_path / "project",
        user=user_folders({"HOME": str(tmp_path / "home")}, outside=tmp_path / "project", temporary=tmp_path),
        is_tracked=lambda: False,
        notice=lambda text: None,
        release=lambda path: False,
    )


def test_the_data_of_the_version_before_is_taken_back_whole(folder: ProjectFolder) -> None:
    own = folder.open()
    assert not own.local.exists()

    found = set_aside(folder, None)
    assert (found.services, found.files) == (("lambda", "s3"), 3)
    assert take(found, own) is None

    assert sorted(path.name for path in (own.local / "state").iterdir()) == ["lambda.json", "s3.json"]
    assert own.last_session.read_text() == "{}"
    assert folder.look() == own
    assert not (own.local / "secret").exists()
    with pytest.raises(NotFound):
        set_aside(folder, None)


def test_what_was_made_since_is_kept_beside(folder: ProjectFolder) -> None:
    own = folder.open()
    (own.local / "state").mkdir(parents=True)
    (own.local / "state" / "sqs.json").write_text("new")
    own.last_session.write_text("new")

    before = take(set_aside(folder, None), own)

    assert before is not None
    assert (before / "local" / "state" / "sqs.json").read_text() == "new"
    assert (own.local / "state" / "lambda.json").exists()
    assert own.last_session.read_text() == "new"


def test_another_name_is_answered_with_those_that_there_are(folder: ProjectFolder) -> None:
    folder.open()
    (name,) = (path.name for path in folder.put_aside())

    with pytest.raises(NotFound) as caught:
        set_aside(folder, "untrusted-20260101")
    assert name in caught.value.hint
    with pytest.raises(NotFound):
        set_aside(folder, "../../elsewhere")


def a_link(path: Path) -> None:
    path.symlink_to("/etc")


@pytest.mark.parametrize("where", ["state/x", "objects/deep/x", "x"])
@pytest.mark.parametrize("unsafe", [a_link, os.mkfifo])
def test_links_and_pipes_are_not_taken(folder: ProjectFolder, where: str, unsafe: Callable[[Path], None]) -> None:
    path = folder.inside / "local" / where
    path.parent.mkdir(parents=True, exist_ok=True)
    unsafe(path)
    own = folder.open()

    with pytest.raises(InvalidInput) as caught:
        set_aside(folder, None)
    assert caught.value.code == "adopt-unsafe"
    assert not own.local.exists()


def test_a_link_in_place_of_the_data_is_not_followed(folder: ProjectFolder, tmp_path: Path) -> None:
    (folder.inside / "local").rename(tmp_path / "elsewhere")
    (folder.inside / "local").symlink_to(tmp_path / "elsewhere")
    folder.open()

    with pytest.raises(InvalidInput):
        set_aside(folder, None)
    assert (tmp_path / "elsewhere" / "state" / "lambda.json").exists()
