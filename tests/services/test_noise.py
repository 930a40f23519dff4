"""What only looks like a change is none, in the files and in AWS alike; what was switched on by hand is drift."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bunsui.plan.model import Action, Plan, Reason
from tests.fakes.workspace import Workspace, a_workspace

FILE = "pipelines/definitions/raw.asl.json"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A raw definition with a number that has a fraction, applied."""
    made = a_workspace(tmp_path, "raw")
    made.edit(FILE, '"Seconds": 1,', '"Seconds": 2.0,')
    assert made.apply().is_complete
    return made


def planned(workspace: Workspace) -> Plan:
    plan = workspace.plan().plan
    assert plan is not None
    return plan


def backwards(value: Any) -> Any:
    """Return the same JSON with its keys in the other order."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if isinstance(value, list) else value


FORMATS: dict[str, Callable[[str], str]] = {
    "minified": lambda text: json.dumps(json.loads(text), separators=(",", ":")),
    "keys reordered": lambda text: json.dumps(backwards(json.loads(text)), indent=2),
    "2.0 as 2": lambda text: text.replace("2.0", "2"),
    "a letter escaped": lambda text: text.replace("Greets", "\\u0047reets"),
}


@pytest.mark.parametrize("form", FORMATS)
def test_another_form_of_the_file_is_no_change(workspace: Workspace, form: str) -> None:
    path = workspace.folder / FILE
    before = path.read_text()
    path.write_text(FORMATS[form](before))
    assert path.read_text() != before
    assert planned(workspace).pending == ()


@pytest.mark.parametrize("form", FORMATS)
def test_another_form_in_aws_is_no_change(workspace: Workspace, form: str) -> None:
    text = FORMATS[form]((workspace.folder / FILE).read_text())
    [name] = [name for kind, name in workspace.account.objects if kind == "state_machine"]
    workspace.account.change("state_machine", name, definition=json.loads(text))
    assert planned(workspace).pending == ()


def test_one_number_in_the_file_is_one_change(workspace: Workspace) -> None:
    workspace.edit(FILE, '"Seconds": 2.0,', '"Seconds": 3,')
    [change] = planned(workspace).pending
    assert (change.action, change.reason) == (Action.UPDATE, Reason.CONFIGURED)
    assert len(change.diff.items) == 1


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("tracing", True),
        ("logging", {"level": "ALL", "include_execution_data": True, "log_group_arn": None}),
        ("tags", {"team": "somebody"}),
        ("definition", {"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}),
    ],
)
def test_what_was_changed_by_hand_is_drift_whether_or_not_the_file_mentions_it(
    workspace: Workspace, attribute: str, value: Any
) -> None:
    [name] = [name for kind, name in workspace.account.objects if kind == "state_machine"]
    workspace.account.change("state_machine", name, **{attribute: value})
    [change] = planned(workspace).pending
    assert change.reason is Reason.DRIFT
    assert {item.attribute for item in change.drift} == {attribute}


def test_a_machine_deleted_by_hand_is_made_again(workspace: Workspace) -> None:
    [key] = [key for key in workspace.account.objects if key[0] == "state_machine"]
    del workspace.account.objects[key]
    [change] = planned(workspace).pending
    assert (change.action, change.reason) == (Action.CREATE, Reason.DELETED_OUTSIDE)
