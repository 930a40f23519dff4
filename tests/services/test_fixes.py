"""One fix after the other makes a file whole that is wrong in many ways; each was tried before it is offered."""

from __future__ import annotations

from pathlib import Path

from bunsui.document.edit.draft import draft_of
from bunsui.document.form.form import read_form
from bunsui.services.drafting.checking import check_draft
from bunsui.services.drafting.fix_files import fix_files
from bunsui.services.drafting.fixing import fixes_of
from bunsui.services.validate import validate
from tests.fakes.workspace import a_workspace

WRONG = b"""\
nme: orders  # the name
jobs:
  first:
    type: wiat
    for: 5
  second:
    dependson: [first]
    type: lambda
    function: f:1
    timeout: 5 minutes  # long enough
    retry: "3"
    idempotent: "yes"
    outputs: [n]
  third:
    depends_on: secnd
    type: check
    that: $jobs.second.n > 0
"""
RIGHT = b"""\
version: 1
name: orders  # the name
jobs:
  first:
    type: wait
    for: 5s
  second:
    depends_on: [first]
    type: lambda
    function: f:1
    timeout: 5m  # long enough
    retry: 3
    idempotent: true
    outputs: [n]
  third:
    depends_on: second
    type: check
    that: "{% $jobs.second.n > 0 %}"
"""


def test_the_likeliest_fixes_make_the_file_whole(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, "etl").repository
    draft = draft_of("pipelines/orders.yaml", None, begin=WRONG)
    taken: list[str] = []
    while errors := [one for one in check_draft(repository, draft, with_others=False).own if one.is_error]:
        fixes = next((found for one in errors if (found := fixes_of(repository, draft, one))), ())
        assert fixes, errors
        taken.append(fixes[0].words)
        draft = fixes[0].draft
    assert draft.content == RIGHT
    assert "for: 5s" in taken
    assert draft.edits == len(taken) == 10


def test_a_files_fixes_are_made_together_and_nothing_is_written(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, "etl").repository
    root = repository.source.root  # type: ignore[attr-defined]  # a folder
    file = root / "pipelines/orders.yaml"
    file.write_bytes(WRONG)
    findings = validate(repository, files=["pipelines/orders.yaml"]).diagnostics
    (fixed,) = fix_files(repository, root, findings)
    assert fixed.draft.content == RIGHT
    assert len(fixed.words) == 10
    assert file.read_bytes() == WRONG
    assert fix_files(repository, root, ()) == ()


def test_what_a_person_must_decide_has_no_fix(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, "etl").repository
    draft = draft_of("pipelines/orders.yaml", None, begin=RIGHT.replace(b"    function: f:1\n", b""))
    errors = [one for one in check_draft(repository, draft, with_others=False).own if one.is_error]
    assert errors
    assert [fixes_of(repository, draft, one) for one in errors] == [()] * len(errors)


def test_a_file_alone_is_not_judged_by_what_others_have(tmp_path: Path) -> None:
    repository = a_workspace(tmp_path, "etl").repository
    text = (
        b"version: 1\nname: orders\njobs:\n  child: {type: pipeline, pipeline: etl}\n  other: {type: pipeline, pipeline: elt}\n"
    )
    draft = draft_of("pipelines/orders.yaml", None, begin=text)
    assert [one.code for one in check_draft(repository, draft, with_others=False).own if one.is_error] == []
    own = check_draft(repository, draft).own
    assert [(one.code, one.position.line) for one in own if one.is_error and one.position] == [("BS207", 5)]
    form = read_form(draft.file, draft.content, ("jobs",), repository.registry, findings=own)
    assert form is not None
    assert [[one.code for one in field.findings if one.is_error] for field in form.fields] == [[], ["BS207"]]
    (fix,) = fixes_of(repository, draft, next(one for one in own if one.is_error))
    assert (fix.words, fix.draft.content) == ("pipeline: etl", text.replace(b"elt", b"etl"))
