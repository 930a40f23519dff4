"""A test that is begun in a draft: valid, with a mock for each task and a value for each parameter that has none."""

from __future__ import annotations

from pathlib import Path

from bunsui.document.edit.draft import Draft, draft_of
from bunsui.services.drafting.checking import check_draft
from bunsui.services.drafting.first_test import first_test
from bunsui.services.drafting.trying import run_draft_tests
from tests.unit.services.drafting.test_code_file import repository

TEXT = b"""\
version: 1
name: orders
timeout: 15m
parameters:
  day: {type: string}
  size: {type: string, enum: [small, large]}
  count: {type: integer, default: 1}
jobs:
  load:
    type: lambda
    function: f:1
    payload: {day: "{% $params.day %}", size: "{% $params.size %}", count: "{% $params.count %}"}
  tell: {depends_on: [load], type: wait, for: 1s}
"""


def test_it_runs_and_its_mocks_are_those_of_the_tasks(tmp_path: Path) -> None:
    ours = repository(tmp_path)
    draft = draft_of("pipelines/orders.yaml", None, begin=TEXT)
    edit = first_test(ours, draft)
    assert not isinstance(edit, tuple)
    after = draft.edit(edit, "+ test")
    assert isinstance(after, Draft)
    assert after.content.startswith(TEXT)
    assert after.content[len(TEXT) :].decode() == (
        'tests:\n  - name: it succeeds\n    input: {day: "", size: small}\n'
        "    mocks:\n      load: {return: {}}\n    expect: {status: succeeded}\n"
    )
    assert not check_draft(ours, after).has_errors
    (verdict,) = run_draft_tests(ours, after).verdicts
    assert verdict.passed


def test_a_draft_with_errors_gives_what_is_wrong_with_it(tmp_path: Path) -> None:
    draft = draft_of("pipelines/orders.yaml", None, begin=TEXT.replace(b"load]", b"laod]"))
    found = first_test(repository(tmp_path), draft)
    assert isinstance(found, tuple)
    assert any("laod" in one.summary for one in found)
