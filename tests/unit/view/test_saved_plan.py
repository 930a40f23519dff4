"""A saved plan read for showing it: it says what the plan said, and what is no plan is refused as `apply` refuses it."""

from __future__ import annotations

import json

import pytest

from bunsui.errors import BunsuiError
from bunsui.model.json import Json
from bunsui.plan.model import Plan
from bunsui.plan.saved.saved_plan import checksum
from bunsui.view.documents.plan import plan_file
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.saved_plan import read_plan_file
from bunsui.view.spans import plain
from tests.fakes.project import Project, a_pipeline


def two_steps() -> Plan:
    """A pipeline that changes beside one that is new."""
    project = Project()
    project.apply(project.plan(a_pipeline("orders")))
    return project.plan((*a_pipeline("orders", memory=256, seconds=9), *a_pipeline("billing")))


def content(plan: Plan, **changed: Json) -> bytes:
    document = {**plan_file(plan, "one", made_by="arn:aws:iam::1:user/mika"), **changed}
    return json.dumps({**document, "checksum": checksum(document)}).encode()


def test_the_file_shows_what_the_plan_showed() -> None:
    plan = two_steps()
    found = read_plan_file(content(plan), "plan.json")
    assert plain(plan_lines(plan_view(found.plan))) == plain(plan_lines(plan_view(plan)))
    assert (found.made_by, found.saved.commit) == ("arn:aws:iam::1:user/mika", plan.commit)


@pytest.mark.parametrize(
    "changed",
    [
        {"findings": [{"code": 1}]},
        {"changes": "none"},
        {"counts": []},
        {"project": {}},
        {"format_version": 99},
        {"digest": "0" * 64},
        {"refresh": "none"},
        {"edits": {"orders": [{"part": "job", "path": 3}]}},
    ],
)
def test_what_bunsui_did_not_write_is_refused(changed: dict[str, Json]) -> None:
    with pytest.raises(BunsuiError):
        read_plan_file(content(two_steps(), **changed), "plan.json")


def test_a_file_whose_checksum_does_not_fit_is_refused() -> None:
    edited = content(two_steps()).replace(b"orders", b"others")
    with pytest.raises(BunsuiError) as caught:
        read_plan_file(edited, "plan.json")
    assert caught.value.code == "plan-edited"


def test_digits_of_other_scripts_in_a_path_are_shown_as_they_are() -> None:
    document = json.loads(content(two_steps()))
    row = next(row for row in document["changes"] if row["diff"])
    row["diff"][0] |= {"section": "state", "path": ["Retry", "\u00b2", "MaxAttempts"]}
    found = read_plan_file(json.dumps({**document, "checksum": checksum(document)}).encode(), "plan.json")
    assert "\u00b2" in plain(plan_lines(plan_view(found.plan)))
