"""The code file of a job: found by what the draft and its defaults say, begun where it is not there, never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.handlers import handler_problem
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.document.yaml.tree import Path as Place
from bunsui.errors import Refused
from bunsui.model.resource import Scope
from bunsui.project.files import RootFolder
from bunsui.project.repository import Repository
from bunsui.services.drafting.checking import check_draft
from bunsui.services.drafting.code_file import JobCode, job_code, new_code
from bunsui.services.drafting.writing import write_draft

SCOPE = Scope(project="shop", environment="dev", account="0" * 12, region="eu-west-1", project_id="p-1")
TEXT = b"""\
version: 1
name: orders
timeout: 15m
defaults:
  lambda: {code: {path: shared}}
functions:
  tidy: {path: shared, handler: tidy.run}
jobs:
  load-all: {type: lambda}
  said: {type: lambda, code: {handler: app.main}}
  named: {type: lambda, code: tidy}
  given: {type: lambda, function: f:1}
  rest: {type: wait, for: 1s}
  listed:
    operations:
      - {type: wait, for: 1s}
      - {type: lambda, code: {path: own, handler: a.b.go}}
"""


def repository(root: Path) -> Repository:
    project = ProjectDocument(name="shop", id="p-1", environment=EnvironmentDocument(name="dev", region="eu-west-1"))
    return Repository(source=RootFolder(root), project=project, scope=SCOPE)


@pytest.mark.parametrize(
    ("place", "file", "is_said"),
    [
        (("jobs", "load-all"), "shared/load_all.py", False),
        (("jobs", "said"), "shared/app.py", True),
        (("jobs", "named", "code"), "shared/tidy.py", True),
        (("jobs", "given"), "", False),
        (("jobs", "rest"), "", False),
        (("jobs", "listed"), "own/a/b.py", True),
        (("jobs", "listed", "operations", 0), "", False),
        ((), "", False),
    ],
)
def test_the_code_of_a_job_is_what_it_says_with_its_defaults(place: Place, file: str, is_said: bool, tmp_path: Path) -> None:
    draft = draft_of("pipelines/orders.yaml", None, begin=TEXT)
    found = job_code(repository(tmp_path), tmp_path, draft, place)
    assert (found.file, found.is_said) == (file, is_said) if found is not None else file == ""


def test_a_new_file_has_the_handler_and_makes_the_job_valid(tmp_path: Path) -> None:
    ours = repository(tmp_path)
    text = b"version: 1\nname: orders\ntimeout: 15m\njobs:\n  load:\n    type: lambda\n"
    draft = draft_of("pipelines/orders.yaml", None, begin=text)
    code = job_code(ours, tmp_path, draft, ("jobs", "load"))
    assert code is not None
    new = new_code(code, folder="functions/all")
    assert new.edit is not None
    assert not list(tmp_path.iterdir())
    write_draft(tmp_path, new.draft, digest=new.draft.diff().digest)
    after = draft.edit(new.edit, "code")
    assert isinstance(after, Draft)
    assert after.content == text + b"    code: {path: functions/all, handler: load.handler}\n"
    assert handler_problem(ours.source, "functions/all", "load.handler") is None
    assert not check_draft(ours, after).own
    given: dict[str, object] = {}
    exec((tmp_path / "functions/all/load.py").read_text(encoding="utf-8"), given)
    handler = given["handler"]
    assert callable(handler)
    assert handler({"n": 1}, None) == {"given": {"n": 1}}
    there = job_code(ours, tmp_path, after, ("jobs", "load"))
    assert there is not None
    assert there.is_there
    with pytest.raises(Refused, match="stays as it is"):
        new_code(there)


def test_a_handler_that_names_no_function_makes_no_file() -> None:
    code = JobCode(place=("jobs", "x"), folder="a", handler="../x", file="a/x.py", is_there=False, is_said=True)
    with pytest.raises(Refused, match="no function"):
        new_code(code)
