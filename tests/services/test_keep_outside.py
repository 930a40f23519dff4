"""An outside change that is kept: written into the file, so that the next plan has nothing to undo."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.model.json import Json
from bunsui.plan.model import Reason, ResourceChange, Risk
from bunsui.services.drafting.outside import keep_outside, may_be_kept
from bunsui.services.drafting.writing import write_draft
from tests.fakes.workspace import Workspace, a_workspace

FILE = "pipelines/etl.yaml"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path, "etl")
    made.edit(FILE, "timeout: 15m\n", 'timeout: 15m\nschedules: [{id: nightly, cron: "0 3 * * ? *"}]  # at night\n')
    made.edit(FILE, "code: {handler: etl.load}", "code: {handler: etl.load, environment: {MODE: one}}  # the loader")
    made.apply()
    return made


CHANGES: dict[tuple[str, str], tuple[dict[str, Json], str]] = {
    ("lambda_function", "load.lambda"): (
        {"memory_mb": 1024, "environment": {"MODE": "two", "SIDE": "x"}},
        "    code: {handler: etl.load, environment: {MODE: two, SIDE: x}, memory: 1024}  # the loader",
    ),
    ("lambda_function", "extract.read"): (
        {"timeout_seconds": 45, "ephemeral_storage_mb": 1024},
        "code: {handler: etl.extract, timeout: 45s, ephemeral_storage: 1024}",
    ),
    ("state_machine", ""): ({"tracing": True}, "tracing: true"),
    ("log_group", ""): ({"retention_days": 90}, "retention_days: 90"),
    ("schedule", "nightly"): (
        {"expression": "rate(2 hours)", "enabled": False},
        "schedules: [{id: nightly, rate: 2 hours, enabled: false}]  # at night",
    ),
}


def change_outside(workspace: Workspace, kind: str, name: str, attributes: dict[str, Json]) -> None:
    """Change a resource in the account, as in a console."""
    for key, actual in workspace.account.objects.items():
        if actual.address is not None and (actual.address.kind, actual.address.name) == (kind, name):
            workspace.account.objects[key] = replace(actual, attributes={**actual.attributes, **attributes})


def undone_by_the_plan(workspace: Workspace) -> dict[tuple[str, str], ResourceChange]:
    """Return what the plan would undo, by kind and name."""
    plan = workspace.plan().plan
    assert plan is not None
    return {(one.address.kind, one.address.name): one for one in plan.pending if one.undoes_outside_change}


def test_what_is_kept_the_next_plan_does_not_undo(workspace: Workspace) -> None:
    for (kind, name), (attributes, _) in CHANGES.items():
        change_outside(workspace, kind, name, attributes)
    changes = undone_by_the_plan(workspace)
    assert changes.keys() == CHANGES.keys()
    for address, (attributes, line) in CHANGES.items():
        assert may_be_kept(changes[address])
        kept = keep_outside(workspace.repository, workspace.folder, changes[address])
        assert (set(kept.kept), kept.left) == (set(attributes), ())
        (draft,) = kept.drafts
        assert line in "\n".join(draft.diff().lines)
        write_draft(workspace.folder, draft, digest=draft.diff().digest)
    assert undone_by_the_plan(workspace) == {}
    plan = workspace.plan().plan
    assert plan is not None
    # The machine changes all the same: it pins other versions of its functions.
    machine = next(one for one in plan.pending if one.address.kind == "state_machine")
    assert (machine.reason, machine.risk) == (Reason.CONFIGURED_AND_DRIFT, Risk.NEW_SESSIONS_ONLY)
    assert not [found for found in plan.diagnostics if found.code == "BS503"]


def test_how_many_items_run_at_once_is_kept_where_a_foreach_says_it(workspace: Workspace) -> None:
    key, machine = next(
        (key, one)
        for key, one in workspace.account.objects.items()
        if one.address is not None and one.address.kind == "state_machine"
    )
    definition = deepcopy(machine.attributes["definition"])
    assert isinstance(definition, dict)
    definition["States"]["transform"]["MaxConcurrency"] = 9
    workspace.account.objects[key] = replace(machine, attributes={**machine.attributes, "definition": definition})
    change = undone_by_the_plan(workspace)[("state_machine", "")]
    assert may_be_kept(change)
    kept = keep_outside(workspace.repository, workspace.folder, change)
    assert (kept.kept, kept.left) == (("definition",), ())
    (draft,) = kept.drafts
    assert 'label: "{% $country.name %}", max_concurrency: 9}' in "\n".join(draft.diff().lines)
    write_draft(workspace.folder, draft, digest=draft.diff().digest)
    assert undone_by_the_plan(workspace) == {}


def test_of_a_state_it_is_not_claimed_that_no_file_says_it(workspace: Workspace) -> None:
    change_outside(workspace, "state_machine", "", {"definition": {"StartAt": "Mine", "States": {"Mine": {"Type": "Succeed"}}}})
    change = undone_by_the_plan(workspace)[("state_machine", "")]
    kept = keep_outside(workspace.repository, workspace.folder, change)
    reasons = {one.attribute: one.reason for one in kept.left}
    assert reasons["definition"] == "what a state does is not written back; change its job in the file by hand"


def test_what_no_file_says_alone_is_left_with_the_reason(workspace: Workspace) -> None:
    role = "arn:aws:iam::000000000000:role/other"
    workspace.edit(FILE, "environment: {MODE: one}", 'environment: {MODE: "${environment.name}"}')
    workspace.apply()
    change_outside(workspace, "lambda_function", "load.lambda", {"role_arn": role, "environment": {"MODE": "mine"}})
    change = undone_by_the_plan(workspace)[("lambda_function", "load.lambda")]
    kept = keep_outside(workspace.repository, workspace.folder, change)
    assert (kept.drafts, kept.kept) == ((), ())
    reasons = {one.attribute: one.reason for one in kept.left}
    assert reasons["role_arn"] == "no key of a file says it"
    assert "other environments" in reasons["environment"]
