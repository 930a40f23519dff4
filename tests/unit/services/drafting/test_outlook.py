"""What writing a draft changes is what the two texts compile to; the line names it, and what a run costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.edit.edits import SetValue
from bunsui.document.form.field_edits import add_job
from bunsui.services.drafting.new_job import new_job
from bunsui.services.drafting.outlook import draft_outlook
from bunsui.view.builder.outlook import outlook_line
from tests.unit.services.drafting.test_code_file import repository

TEXT = b"version: 1\nname: orders\ntimeout: 15m\njobs:\n  first:\n    type: wait\n    for: 1s\n"


def line_of(root: Path, draft: Draft | object) -> str:
    assert isinstance(draft, Draft)
    ours = repository(root)
    ours = replace(ours, project=replace(ours.project, patterns=("pipelines/*.yaml",)))
    found = draft_outlook(ours, draft)
    return outlook_line(found).text if found is not None else ""


def test_the_line_says_what_differs_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    new = draft_of("pipelines/orders.yaml", None, begin=TEXT)
    assert line_of(tmp_path, new).startswith("beside the file  + ")
    assert "state machine" in line_of(tmp_path, new)
    (tmp_path / "pipelines/orders.yaml").write_bytes(TEXT)
    draft = draft_of("pipelines/orders.yaml", TEXT)
    same = line_of(tmp_path, draft)
    assert same.startswith("beside the file  compiles to the same   a run: at most 0.0001 USD")
    more = line_of(tmp_path, draft.edit(add_job("load", new_job("wait", after="first")), "+"))
    assert "~ state machine" in more
    assert "at most 0.0001 → 0.0002 USD" in more
    assert "+ " not in more
    lambda_job = {"type": "lambda", "function": "f:1", "timeout": "1m"}
    assert "without lambda in ask" in line_of(tmp_path, draft.edit(add_job("ask", lambda_job), "+"))
    assert line_of(tmp_path, draft.edit(SetValue(path=("jobs", "first", "for"), value="x"), "!")) == ""
