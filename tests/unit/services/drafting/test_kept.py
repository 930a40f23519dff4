"""Drafts on disk: found again, and believed only when they are one's own."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.edit.edits import SetValue
from bunsui.errors import InvalidInput, Refused
from bunsui.project.files import RootFolder
from bunsui.services.drafting.kept import content_of, drop_draft, find_draft, keep_draft, kept_drafts
from bunsui.services.drafting.writing import write_draft

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
FILE = "pipelines/orders.yaml"


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / FILE).write_bytes(b"name: orders\n")
    edited = draft_of(FILE, content_of(tmp_path, FILE)).edit(SetValue(path=("name",), value="other"), "name: other")
    assert isinstance(edited, Draft)
    keep_draft(tmp_path, edited, AT)
    return edited


def test_a_draft_is_found_again_with_its_age(tmp_path: Path, draft: Draft) -> None:
    kept = find_draft(tmp_path, FILE)
    assert kept is not None
    assert (kept.draft, kept.is_stale, kept.age(AT + timedelta(hours=3))) == (draft, False, timedelta(hours=3))
    assert kept_drafts(tmp_path, "pipelines") == (FILE,)
    assert (tmp_path / FILE).read_bytes() == b"name: orders\n"


def test_a_file_that_changed_meanwhile_is_told(tmp_path: Path, draft: Draft) -> None:
    (tmp_path / FILE).write_bytes(b"name: third\n")
    kept = find_draft(tmp_path, FILE)
    assert kept is not None
    assert kept.is_stale
    with pytest.raises(Refused, match="file-changed"):
        write_draft(tmp_path, draft, digest=draft.diff().digest)


def test_no_pattern_finds_a_draft_and_git_ignores_it(tmp_path: Path, draft: Draft) -> None:
    assert RootFolder(tmp_path).find(["**/*.yaml", "**/*.json", "pipelines/**/*"]) == [FILE]
    assert (tmp_path / "pipelines" / ".bunsui-drafts" / ".gitignore").read_bytes() == b"*\n"
    with pytest.raises(InvalidInput, match="file-refused"):
        RootFolder(tmp_path).read("pipelines/.bunsui-drafts/orders.yaml.json")


def test_the_last_draft_takes_its_folder_along(tmp_path: Path, draft: Draft) -> None:
    drop_draft(tmp_path, draft.file)
    assert find_draft(tmp_path, FILE) is None
    assert os.listdir(tmp_path / "pipelines") == ["orders.yaml"]  # noqa: PTH208


def test_a_draft_that_others_may_read_came_with_the_checkout(tmp_path: Path, draft: Draft) -> None:
    (tmp_path / "pipelines" / ".bunsui-drafts" / "orders.yaml.json").chmod(0o644)
    assert find_draft(tmp_path, draft.file) is None


def test_no_link_is_followed(tmp_path: Path, draft: Draft) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    drop_draft(tmp_path, draft.file)
    (tmp_path / "pipelines" / ".bunsui-drafts").symlink_to(elsewhere)
    with pytest.raises(InvalidInput, match="draft-not-kept"):
        keep_draft(tmp_path, draft, AT)
    assert list(elsewhere.iterdir()) == []
    (tmp_path / "pipelines" / "linked.yaml").symlink_to(tmp_path / FILE)
    with pytest.raises(InvalidInput, match="file-refused"):
        content_of(tmp_path, "pipelines/linked.yaml")


def test_only_what_was_shown_is_written(tmp_path: Path, draft: Draft) -> None:
    with pytest.raises(Refused, match="draft-not-shown"):
        write_draft(tmp_path, draft, digest=draft.undo().diff().digest)
    (tmp_path / FILE).chmod(0o640)
    written = write_draft(tmp_path, draft, digest=draft.diff().digest)
    assert (tmp_path / FILE).read_bytes() == b"name: other\n"
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o640
    assert (written.draft.is_changed, find_draft(tmp_path, FILE)) == (False, None)


def test_a_new_file_is_written_where_none_is(tmp_path: Path) -> None:
    new = draft_of("pipelines/more/new.yaml", None, begin=b"name: new\n")
    write_draft(tmp_path, new, digest=new.diff().digest)
    assert (tmp_path / "pipelines/more/new.yaml").read_bytes() == b"name: new\n"
    with pytest.raises(Refused, match="file-changed"):
        write_draft(tmp_path, new, digest=new.diff().digest)


@pytest.mark.parametrize(
    "file", ["../orders.yaml", "pipelines/../../x.yaml", "/etc/passwd", ".git/config", "a//b.yaml", ".BUNSUI/x"]
)
def test_no_path_leaves_the_project(tmp_path: Path, file: str) -> None:
    new = draft_of(file, None, begin=b"name: new\n")
    for act in (
        lambda: keep_draft(tmp_path, new, AT),
        lambda: write_draft(tmp_path, new, digest=new.diff().digest),
        lambda: content_of(tmp_path, file),
    ):
        with pytest.raises(InvalidInput, match="file-refused"):
            act()
    assert list(tmp_path.iterdir()) == []
