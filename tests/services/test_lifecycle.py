"""What `lifecycle:` promises: nothing that holds data is lost, and what belongs to others is never reset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bunsui.apply.events import ApplyFinished
from bunsui.errors import Refused, Unavailable
from bunsui.plan.model import Action, Plan, Reason
from bunsui.plan.saved.planfile import saved_plan
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.saved import check_saved
from bunsui.view.documents.plan import check_shown, plan_file
from tests.fakes.plans import destroy_plan
from tests.fakes.workspace import Workspace, a_workspace

RAW = "pipelines/raw.yaml"
DEFINITION = "pipelines/definitions/raw.asl.json"


def planned(workspace: Workspace) -> Plan:
    plan = workspace.plan().plan
    assert plan is not None, workspace.plan().diagnostics
    return plan


def say(workspace: Workspace, text: str) -> None:
    """Add a line to the pipeline's file."""
    path = workspace.folder / RAW
    path.write_text(f"{path.read_text().rstrip()}\n{text}\n")


def machine(workspace: Workspace) -> tuple[str, str]:
    return next(key for key in workspace.account.objects if key[0] == "state_machine")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path, "raw", "etl")
    made.apply()
    return made


def test_a_protection_alone_is_written_to_the_state_only(workspace: Workspace) -> None:
    say(workspace, "lifecycle: {prevent_destroy: true}")
    plan = planned(workspace)
    assert {(change.action, change.reason) for change in plan.pending} == {(Action.ADOPT, Reason.RULES)}
    workspace.account.calls.clear()
    workspace.apply()
    assert not workspace.account.calls
    assert not planned(workspace).pending


def test_a_protected_machine_is_not_removed_with_its_file(workspace: Workspace) -> None:
    say(workspace, "lifecycle: {prevent_destroy: true}")
    workspace.apply()
    (workspace.folder / RAW).unlink()
    plan = planned(workspace)
    refused = {change.address.kind for change in plan.refused}
    assert refused == {"state_machine", "log_group"}
    with pytest.raises(Refused) as caught:
        apply_plan(plan, workspace.ports)
    assert caught.value.code == "destroy-prevented"
    assert "prevent_destroy: false" in caught.value.hint


def test_no_rule_of_the_project_lifts_the_protection(workspace: Workspace) -> None:
    say(workspace, "lifecycle: {prevent_destroy: true}")
    workspace.apply()
    (workspace.folder / RAW).unlink()
    with (workspace.folder / "bunsui.yaml").open("a") as project:
        project.write("rules: {BS508: {level: accept, reason: none}, BS501: {level: accept, reason: none}}\n")
    with pytest.raises(Refused):
        apply_plan(planned(workspace), workspace.ports)


def test_a_protected_machine_is_not_destroyed(workspace: Workspace) -> None:
    say(workspace, "lifecycle: {prevent_destroy: true}")
    workspace.apply()
    with pytest.raises(Refused) as caught:
        apply_plan(destroy_plan(workspace.repository, workspace.ports), workspace.ports)
    assert caught.value.code == "destroy-prevented"


def test_a_protection_is_lifted_by_an_apply_of_its_own(workspace: Workspace) -> None:
    say(workspace, "lifecycle: {prevent_destroy: true}")
    workspace.apply()
    workspace.edit(RAW, "prevent_destroy: true", "prevent_destroy: false")
    workspace.apply()
    (workspace.folder / RAW).unlink()
    assert not planned(workspace).refused


def test_a_plan_from_before_the_protection_is_refused(workspace: Workspace) -> None:
    text = (workspace.folder / RAW).read_text()
    (workspace.folder / RAW).unlink()
    stale = destroy_plan(workspace.repository, workspace.ports, "raw")
    (workspace.folder / RAW).write_text(text)
    say(workspace, "lifecycle: {prevent_destroy: true}")
    workspace.apply()
    workspace.account.calls.clear()
    with pytest.raises(Refused) as caught:
        list(apply_plan(stale, workspace.ports))
    assert caught.value.code == "destroy-prevented"
    assert not workspace.account.calls


def test_a_saved_plan_from_before_the_protection_is_refused(workspace: Workspace) -> None:
    text = (workspace.folder / RAW).read_text()
    workspace.edit(RAW, "name: raw", "name: raw\nresource_name: other")
    before = (workspace.folder / RAW).read_text()
    saved = saved_plan(plan_file(planned(workspace), "one"))
    (workspace.folder / RAW).write_text(text)
    say(workspace, "lifecycle: {prevent_destroy: true}")
    workspace.apply()
    (workspace.folder / RAW).write_text(before)
    with pytest.raises(Refused):
        check_saved(saved, workspace.repository, workspace.ports)


def ignoring(workspace: Workspace, *places: str) -> None:
    say(workspace, f"lifecycle: {{ignore: [{', '.join(places)}]}}")
    workspace.apply()


def attributes(workspace: Workspace) -> Mapping[str, Any]:
    return workspace.account.objects[machine(workspace)].attributes


def raw(workspace: Workspace) -> tuple[str, str]:
    return next(key for key in workspace.account.objects if key[0] == "state_machine" and key[1].endswith("raw"))


def waits(workspace: Workspace, seconds: int, comment: str = "") -> Mapping[str, Any]:
    """The definition with another wait, as somebody edited it in the console."""
    definition: Any = workspace.account.objects[raw(workspace)].attributes["definition"]
    states = {name: {**state} for name, state in definition["States"].items()}
    for state in states.values():
        if "Seconds" in state:
            state["Seconds"] = seconds
    return {**definition, **({"Comment": comment} if comment else {}), "States": states}


def wait_state(workspace: Workspace) -> str:
    definition: Any = workspace.account.objects[raw(workspace)].attributes["definition"]
    names: list[str] = [name for name, state in definition["States"].items() if "Seconds" in state]
    return names[0]


@pytest.mark.parametrize(
    ("place", "attribute", "value"),
    [
        ("tracing", "tracing", True),
        ("tags.cost-center", "tags", {"cost-center": "4711"}),
        ("tags", "tags", {"cost-center": "4711"}),
        ("logging.level", "logging", None),
    ],
)
def test_an_outside_change_to_what_is_ignored_is_nothing(workspace: Workspace, place: str, attribute: str, value: Any) -> None:
    ignoring(workspace, place)
    kind, name = raw(workspace)
    logging: Any = workspace.account.objects[kind, name].attributes["logging"]
    workspace.account.change(kind, name, **{attribute: value or {**logging, "level": "ALL"}})
    assert not planned(workspace).pending


def test_an_update_writes_back_what_belongs_to_others(workspace: Workspace) -> None:
    state = wait_state(workspace)
    ignoring(workspace, f"states.{state}.Seconds", "tracing")
    workspace.account.change(*raw(workspace), tracing=True, definition=waits(workspace, 99))
    workspace.edit(RAW, "name: raw", "name: raw\ntags: {team: data}")
    workspace.apply()
    now: Any = workspace.account.objects[raw(workspace)].attributes
    assert now["tracing"] is True
    assert now["definition"]["States"][state]["Seconds"] == 99
    assert now["tags"] == {"team": "data"}
    assert not planned(workspace).pending


def test_other_outside_changes_stay_drift(workspace: Workspace) -> None:
    state = wait_state(workspace)
    ignoring(workspace, f"states.{state}.Seconds")
    workspace.account.change(*raw(workspace), definition=waits(workspace, 99, comment="mine"))
    [change] = planned(workspace).pending
    assert change.reason is Reason.DRIFT
    assert [item.path for item in change.diff.items] == [("Comment",)]


def test_what_others_change_between_plan_and_apply_is_kept(workspace: Workspace) -> None:
    ignoring(workspace, "tracing")
    workspace.edit(DEFINITION, '"Seconds": 1', '"Seconds": 5')
    plan = planned(workspace)
    workspace.account.change(*raw(workspace), tracing=True)
    last = list(apply_plan(plan, workspace.ports))[-1]
    assert isinstance(last, ApplyFinished)
    assert last.is_complete
    assert workspace.account.objects[raw(workspace)].attributes["tracing"] is True


def test_a_saved_plan_is_not_stale_by_what_others_change(workspace: Workspace) -> None:
    ignoring(workspace, "tracing")
    workspace.edit(DEFINITION, '"Seconds": 1', '"Seconds": 5')
    document = plan_file(planned(workspace), "one")
    workspace.account.change(*raw(workspace), tracing=True)
    plan = check_saved(saved_plan(document), workspace.repository, workspace.ports).outcome.plan
    assert plan is not None
    check_shown(document, plan)
    assert [change.address.kind for change in plan.pending] == ["state_machine"]


def test_what_others_change_after_an_unanswered_create_is_kept(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    say(workspace, "lifecycle: {ignore: [tracing]}")
    lost: list[str] = []

    def once(verb: str, name: str) -> None:
        if verb == "create" and (("state_machine", name)) in workspace.account.objects and not lost:
            lost.append(name)
            workspace.account.change("state_machine", name, tracing=True)
            raise Unavailable("endpoint-unreachable", "no answer came")

    workspace.account.after = once
    assert workspace.apply().is_complete
    assert lost
    assert workspace.account.objects[raw(workspace)].attributes["tracing"] is True
    assert not planned(workspace).pending


@pytest.mark.parametrize(
    ("entry", "meant"),
    [
        ("loging", "logging"),
        ("role.polcy", "role.policy"),
        ("retention_days", "log_group"),
        ("alias", "cannot be written back"),
        ("type", "cannot be written back"),
        ("tracing.on", "one value"),
        ("states.nope", "states."),
        ("logging.levle", "level"),
    ],
)
def test_a_place_that_does_not_exist_is_a_located_finding(workspace: Workspace, entry: str, meant: str) -> None:
    say(workspace, f"lifecycle: {{ignore: [{entry}]}}")
    [found] = [finding for finding in workspace.plan().diagnostics if finding.code == "BS440"]
    assert found.position is not None
    assert found.position.file == RAW
    assert meant in f"{found.summary} {found.hint}"
