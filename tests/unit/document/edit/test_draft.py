"""The history of a draft, its diff, and what becomes of it when the file changes meanwhile."""

from __future__ import annotations

from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.edit.edits import RemoveValue, SetValue
from bunsui.document.edit.merge import MergeConflict

BASE = b"version: 1\nname: orders\ntitle: Orders\nowner: me\n"


def begun() -> Draft:
    draft = draft_of("pipelines/orders.yaml", BASE).edit(SetValue(path=("owner",), value="you"), "owner: you")
    assert isinstance(draft, Draft)
    return draft


def test_undo_gives_the_bytes_back_and_redo_the_edit() -> None:
    draft = begun().rewrite(b"anything: [at all")
    assert (draft.edits, draft.undoes, draft.redoes) == (2, "edited as text", "")
    assert draft.undo().content == BASE.replace(b"me\n", b"you\n")
    assert draft.undo().undo().content == BASE
    assert draft.undo().undo().undo().content == BASE
    assert draft.undo().undo().redo().undoes == "owner: you"


def test_an_edit_after_undo_forgets_what_was_undone() -> None:
    draft = begun().undo().edit(RemoveValue(path=("title",)), "title removed")
    assert isinstance(draft, Draft)
    assert (draft.redoes, draft.content) == ("", BASE.replace(b"title: Orders\n", b""))


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    draft = begun()
    assert draft.edit(SetValue(path=("owner",), value="you"), "again") is draft


def test_the_diff_has_another_digest_with_another_text_or_another_base() -> None:
    draft = begun()
    assert [line for line in draft.diff().lines if line[:1] in "+-"][2:] == ["-owner: me", "+owner: you"]
    digests = {draft.diff().digest, draft.undo().diff().digest, draft_of(draft.file, None, begin=draft.content).diff().digest}
    assert len(digests) == 3


def test_a_change_of_other_lines_is_brought_together_with_the_draft() -> None:
    rebased = begun().rebase(BASE.replace(b"version: 1", b"version: 1  # one"))
    assert isinstance(rebased, Draft)
    assert rebased.content == b"version: 1  # one\nname: orders\ntitle: Orders\nowner: you\n"
    assert rebased.base == b"version: 1  # one\nname: orders\ntitle: Orders\nowner: me\n"


def test_a_change_of_the_same_line_is_a_conflict_at_its_place() -> None:
    conflict = begun().rebase(BASE.replace(b"owner: me", b"owner: her"))
    assert conflict == MergeConflict(file="pipelines/orders.yaml", line=4, ours="owner: you\n", theirs="owner: her\n")


def test_a_draft_without_edits_follows_the_file() -> None:
    rebased = draft_of("a.yaml", BASE).rebase(b"name: other\n")
    assert isinstance(rebased, Draft)
    assert (rebased.content, rebased.is_changed) == (b"name: other\n", False)


def test_the_diff_shows_line_breaks_that_change() -> None:
    draft = draft_of("a.yaml", b"a: 1\nb: 2\n")
    assert draft.rewrite(b"a: 1\nb: 2").diff().lines[-3:] == ("-b: 2", "+b: 2", "\\ No newline at end of file")
    assert draft.rewrite(b"a: 1\r\nb: 2\n").diff().lines[-3:] == ("-a: 1", "+a: 1\r", " b: 2")
    windows = draft_of("a.yaml", b"a: 1\r\nb: 2\r\n")
    assert windows.rewrite(b"a: 1\r\nb: 3\r\n").diff().lines[-3:] == (" a: 1", "-b: 2", "+b: 3")
    assert windows.diff().lines == ()
