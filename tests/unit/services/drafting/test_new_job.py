"""A new job of every type: valid, or told what is missing; never with a name that nobody declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.form.field_edits import add_job
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder
from bunsui.project.repository import Repository
from bunsui.services.drafting.checking import check_draft
from bunsui.services.drafting.new_job import new_job

ONE_JOB = b"version: 1\nname: orders\ntimeout: 15m\njobs:\n  first:\n    type: wait\n    for: 1s\n"
SCOPE = Scope(project="shop", environment="dev", account="0" * 12, region="eu-west-1", project_id="p-1")
VALID = {"wait", "check", "fail", "approval", "choice", "athena_query", "asl"}


@pytest.mark.parametrize("kind", builtin_registry())
def test_a_new_job_is_valid_or_says_what_is_missing(kind: str, tmp_path: Path) -> None:
    project = ProjectDocument(name="shop", id="p-1", environment=EnvironmentDocument(name="dev", region="eu-west-1"))
    repository = Repository(source=RootFolder(tmp_path), project=project, scope=SCOPE)
    draft = draft_of("pipelines/orders.yaml", None, begin=ONE_JOB)
    after = draft.edit(add_job("load", new_job(kind, after="first")), "+ job load")
    assert isinstance(after, Draft)
    assert b"    depends_on: [first]\n    type: " + kind.encode() in after.content
    found = check_draft(repository, after, with_others=False).own
    assert (not found) is (kind in VALID), found
    assert all("is missing" in one.summary or "write either function:" in one.summary for one in found)
    assert all(one.pointer == "/jobs/load" for one in found)
