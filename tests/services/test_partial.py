"""One refusal stops its own pipeline and what depends on it; the rest is applied, and what was left is told and recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyEvent, ApplyFinished, PipelineLeft
from bunsui.errors import InvalidInput, Refused
from bunsui.model.address import Address
from bunsui.model.resource import TAG_PROJECT
from bunsui.plan.digest import change_digest, pipeline_digests
from bunsui.plan.model import OUTSIDE_CHANGES, Action, Plan, Reason, Risk
from bunsui.plan.partial import Division, can_apply
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.approved_digest import not_as_reviewed
from bunsui.services.apply.ci_policy import admit_plan, gate
from bunsui.services.apply.request import Accepted, read_digest
from tests.fakes.workspace import Workspace, a_workspace

WAIT = "pipelines/definitions/raw.asl.json"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two pipelines, raw and etl, applied."""
    made = a_workspace(tmp_path, "raw", "etl")
    made.apply()
    made.clock.sleep(3600)
    return made


def planned(workspace: Workspace) -> Plan:
    plan = workspace.plan().plan
    assert plan is not None
    return replace(plan, commit="abc1234")


def key(workspace: Workspace, kind: str, pipeline: str) -> tuple[str, str]:
    return next(one for one, item in workspace.account.objects.items() if one[0] == kind and item.address.pipeline == pipeline)


def edit_raw(workspace: Workspace) -> None:
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')


def drift_in_etl(workspace: Workspace) -> None:
    workspace.account.change(*key(workspace, "role", "etl"), description="by hand")


def stranger_takes(workspace: Workspace, kind: str, pipeline: str) -> None:
    where = key(workspace, kind, pipeline)
    workspace.account.objects[where] = replace(workspace.account.objects[where], tags={TAG_PROJECT: "somebody"})


def carried_out(workspace: Workspace, division: Division) -> list[ApplyEvent]:
    return list(apply_plan(division.plan, workspace.ports, left=division.left))


def pipelines(plan: Plan) -> set[str]:
    return {change.address.pipeline for change in plan.pending}


def test_in_ci_unaccepted_drift_stops_its_own_pipeline_only(workspace: Workspace) -> None:
    drift_in_etl(workspace)
    edit_raw(workspace)
    role = key(workspace, "role", "etl")
    division = admit_plan(planned(workspace), Accepted())
    assert {name: error.code for name, error in division.left.items()} == {"etl": "outside-change-not-accepted"}
    assert "--accept-drift-of etl" in division.left["etl"].hint
    *_, told, last = carried_out(workspace, division)
    assert isinstance(told, PipelineLeft)
    assert (told.pipeline, told.code) == ("etl", "outside-change-not-accepted")
    assert isinstance(last, ApplyFinished)
    assert (last.done, last.left, last.is_complete) == (1, 1, False)
    assert workspace.account.objects[role].attributes["description"] == "by hand"
    [record] = workspace.ports.ledger.log.applies(limit=1)
    assert (record.outcome, record.facts["left"]) == ("incomplete", {"etl": "outside-change-not-accepted"})
    assert pipelines(planned(workspace)) == {"etl"}


@pytest.mark.parametrize("accepted", [Accepted(outside_changes=True), Accepted(outside_changes_of=frozenset({"etl"}))])
def test_accepted_drift_is_undone(workspace: Workspace, accepted: Accepted) -> None:
    drift_in_etl(workspace)
    division = admit_plan(planned(workspace), accepted)
    assert not division.left
    carried_out(workspace, division)
    assert not planned(workspace).pending


def test_drift_accepted_of_one_pipeline_is_not_accepted_of_another(workspace: Workspace) -> None:
    drift_in_etl(workspace)
    assert set(admit_plan(planned(workspace), Accepted(outside_changes_of=frozenset({"raw"}))).left) == {"etl"}
    with pytest.raises(InvalidInput) as caught:
        admit_plan(planned(workspace), Accepted(outside_changes_of=frozenset({"elt"})))
    assert caught.value.facts["given"] == "elt"


def test_an_environment_may_accept_all_drift_and_a_person_is_never_gated(workspace: Workspace) -> None:
    drift_in_etl(workspace)
    environment = workspace.repository.project.environment
    for said, in_ci, left in ((False, True, {"etl"}), (True, True, set()), (False, False, set())):
        accepted = gate(replace(environment, overwrites_drift=said), Accepted(), in_ci=in_ci)
        assert set(admit_plan(planned(workspace), accepted).left) == left


def test_every_kind_of_drift_is_gated_and_has_its_risk(workspace: Workspace) -> None:
    """Edited; edited where the files changed, too; deleted; removed from the files."""
    seen: set[Reason] = set()

    def check(kind: str, pipeline: str) -> None:
        plan = planned(workspace)
        [change] = [one for one in plan.pending if one.address == Address(kind, pipeline)]
        seen.add(change.reason)
        assert pipeline in admit_plan(plan, Accepted(deletions=100)).left, change.reason
        assert change.risk is Risk.OVERWRITES_OUTSIDE_CHANGE or change.action in (Action.DELETE, Action.RETIRE)

    edit_raw(workspace)
    machine = key(workspace, "state_machine", "raw")
    before = workspace.account.objects[machine]
    workspace.account.change(*machine, tracing=True)
    check("state_machine", "raw")
    workspace.account.objects[machine] = before
    definition = dict(before.attributes["definition"])  # type: ignore[arg-type]
    states = {name: {**state, "Seconds": 77} for name, state in definition["States"].items()}  # type: ignore[union-attr,dict-item]
    workspace.account.change(*machine, definition={**definition, "States": states})
    check("state_machine", "raw")
    workspace.account.objects[machine] = before
    drift_in_etl(workspace)
    check("role", "etl")
    group = key(workspace, "log_group", "etl")
    del workspace.account.objects[group]
    check("log_group", "etl")
    (workspace.folder / "pipelines/etl.yaml").unlink()
    workspace.account.change(*key(workspace, "state_machine", "etl"), tracing=True)
    check("state_machine", "etl")
    assert seen == OUTSIDE_CHANGES


def test_a_strangers_resource_stops_its_pipeline_and_the_rest_goes_on(workspace: Workspace) -> None:
    stranger_takes(workspace, "log_group", "etl")
    edit_raw(workspace)
    plan = planned(workspace)
    assert can_apply(plan)
    division = admit_plan(plan, None)
    assert {name: error.code for name, error in division.left.items()} == {"etl": "plan-refused"}
    last = carried_out(workspace, division)[-1]
    assert isinstance(last, ApplyFinished)
    assert (last.done, last.left) == (1, 1)


def test_where_everything_is_refused_nothing_is_done(workspace: Workspace) -> None:
    stranger_takes(workspace, "log_group", "etl")
    plan = planned(workspace)
    assert not can_apply(plan)
    division = admit_plan(plan, None)
    assert division.is_refused
    assert division.refusal().code == "plan-refused"
    with pytest.raises(Refused):
        apply_plan(plan, workspace.ports)


def test_what_starts_a_refused_pipeline_is_left_with_it(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw", "etl")
    (workspace.folder / "pipelines/parent.yaml").write_text(
        "version: 1\nname: parent\njobs:\n  start:\n    operations:\n      - {id: child, type: pipeline, pipeline: raw}\n"
    )
    plan = planned(workspace)
    raw = next(change for change in plan.pending if change.address == Address("state_machine", "raw"))
    refused = replace(raw, action=Action.REFUSE, reason=Reason.NOT_OURS, note="exists")
    plan = replace(plan, changes=tuple(refused if change is raw else change for change in plan.changes))
    division = admit_plan(plan, None)
    assert {name: error.code for name, error in division.left.items()} == {
        "raw": "plan-refused",
        "parent": "needs-another-pipeline",
    }
    assert pipelines(division.plan) == {"etl"}


def test_the_digest_of_the_whole_is_the_digest_of_its_pipelines(workspace: Workspace) -> None:
    edit_raw(workspace)
    drift_in_etl(workspace)
    plan = planned(workspace)
    digests = pipeline_digests(plan)
    assert set(digests) == {"raw", "etl"}
    assert read_digest(",".join((change_digest(plan), *digests.values()))).pipelines == set(digests.values())
    with pytest.raises(InvalidInput):
        read_digest(f"{change_digest(plan)},{digests['raw']}")


@pytest.mark.parametrize("is_listed", [True, False], ids=["with its pipelines", "of the whole alone"])
def test_a_reviewed_digest_applies_the_pipelines_that_are_as_reviewed(workspace: Workspace, is_listed: bool) -> None:
    edit_raw(workspace)
    workspace.edit("pipelines/etl.yaml", "\ntimeout: ", "\n# timeout: ")
    plan = planned(workspace)
    digest = ",".join((change_digest(plan), *(pipeline_digests(plan).values() if is_listed else ())))
    workspace.account.change(*key(workspace, "state_machine", "etl"), tracing=True)
    approved = read_digest(digest)
    plan = planned(workspace)
    left = admit_plan(plan, None, reviewed=not_as_reviewed(plan, approved, workspace.ports.ledger.log))
    division = left.under(approved.whole)
    assert {name: error.code for name, error in division.left.items()} == {"etl": "not-as-reviewed"}
    carried_out(workspace, division)
    # The same command again finds nothing that was reviewed and is left, and does not take what was left for its rest
    plan = planned(workspace)
    again = admit_plan(plan, None, reviewed=not_as_reviewed(plan, approved, workspace.ports.ledger.log))
    assert again.is_refused
    assert set(again.left) == {"etl"}


@pytest.mark.parametrize("moved", [drift_in_etl, lambda workspace: stranger_takes(workspace, "log_group", "etl")])
def test_drift_that_came_up_after_the_review_does_not_stop_what_was_reviewed(workspace: Workspace, moved: object) -> None:
    edit_raw(workspace)
    digest = read_digest(change_digest(planned(workspace)))
    assert callable(moved)
    moved(workspace)
    plan = planned(workspace)
    assert set(not_as_reviewed(plan, digest, workspace.ports.ledger.log)) == {"etl"}


def test_an_edit_after_the_review_is_vouched_for_by_no_digest(workspace: Workspace) -> None:
    edit_raw(workspace)
    digest = read_digest(change_digest(planned(workspace)))
    workspace.edit(WAIT, '"Seconds": 5', '"Seconds": 6')
    drift_in_etl(workspace)
    assert set(not_as_reviewed(planned(workspace), digest, workspace.ports.ledger.log)) == {"raw", "etl"}


@pytest.mark.parametrize(("said", "left"), [("", {"etl"}), ("drift: ask", {"etl"}), ("drift: overwrite", set())])
def test_the_project_file_says_whether_ci_overwrites_drift(workspace: Workspace, said: str, left: set[str]) -> None:
    drift_in_etl(workspace)
    file = workspace.folder / "bunsui.yaml"
    file.write_text(
        f"{file.read_text()}\nenvironments:\n  prod:\n    account: '111111111111'\n    region: eu-west-1\n    {said}\n"
    )
    environment = replace(workspace, environment="prod").repository.project.environment
    assert set(admit_plan(planned(workspace), gate(environment, Accepted(), in_ci=True)).left) == left
