"""A draft as one value: its jobs, where they stand, what is wrong in which of them, and the fix that is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.document.edit.draft import draft_of
from bunsui.view.builder.diff_lines import draft_diff_lines
from bunsui.view.builder.page import DraftPage, draft_page, title_line, with_findings
from bunsui.view.builder.yaml_lines import yaml_lines
from bunsui.view.drawing.picture import picture_lines
from bunsui.view.spans import Role, plain

TEXT = b"""\
version: 1
name: orders
jobs:
  extract:
    type: wait
    for: 1s
  load:
    depends_on: extrct
    type: wait
    for: 1s
alerts: []
"""
TEMPLATES = sorted((Path(__file__).parents[4] / "bunsui/services/templates").glob("*/pipelines/*.yaml.template"))
FILE = "pipelines/orders.yaml"
UNKNOWN = Diagnostic(
    code="BS201",
    severity=Severity.ERROR,
    summary="there is no job extrct",
    position=Position(FILE, 8, 17),
    pointer="/jobs/load/depends_on",
    hint="Did you mean extract?",
)


def page(content: bytes = TEXT) -> DraftPage:
    return draft_page(draft_of(FILE, content))


def test_lines_belong_to_the_jobs_that_they_stand_in() -> None:
    assert [page().job_at(number) for number in range(1, 12)] == ["", "", "", *["extract"] * 3, *["load"] * 4, ""]


def test_a_job_with_errors_says_so_in_the_graph_and_the_title_counts_them() -> None:
    found = with_findings(page(), [UNKNOWN], [])
    assert plain(picture_lines(found.picture)) == "┬─ extract ─┬\n└─ load ✗ ──┘\n"
    assert title_line(found).text == "Builder  orders  as in the file  ✗ 1 error"
    assert title_line(with_findings(page(), [], [])).text.endswith("✓ valid")
    assert title_line(page()).text.endswith("checking …")


def test_a_text_that_cannot_be_read_leaves_what_was_known() -> None:
    before = page()
    after = draft_page(before.draft.rewrite(b"jobs: ["), before)
    assert after.is_stale
    assert [job.name for job in after.jobs] == ["extract", "load"]
    assert plain(after.lines) == "jobs: [\n"
    assert "cannot be read" in title_line(after).text


def test_what_a_draft_would_write_tells_of_errors_first() -> None:
    found = with_findings(draft_page(page().draft.rewrite(TEXT + b"timeout: 1h\n")), [UNKNOWN], [])
    lines = plain(draft_diff_lines(found, found.draft.diff())).splitlines()
    assert lines[0] == "✗ 1 error: a plan would be refused"
    assert lines[-1] == "+timeout: 1h"


@pytest.mark.parametrize("file", TEMPLATES, ids=[file.parts[-3] for file in TEMPLATES])
def test_colours_leave_the_text_as_it_is(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert plain(yaml_lines(text)).splitlines() == [item.rstrip() for item in text.expandtabs(2).rstrip("\n").split("\n")]


def test_an_expression_over_lines_is_one_and_a_hash_in_a_word_is_no_comment() -> None:
    first, second, third = yaml_lines('a: "{% $x\n  + 1 %}" # end\nb: c#d\n')
    assert [part.role for part in first.parts][-1] is Role.LINK
    assert second.parts[0].role is Role.LINK
    assert second.parts[-1].role is Role.MUTED
    assert Role.MUTED not in {part.role for part in third.parts if "#" in part.text}
