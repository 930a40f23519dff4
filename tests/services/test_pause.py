"""A paused pipeline is started by nothing, whatever is applied, until somebody or the time ends that."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput, NotFound, Refused
from bunsui.model.deployments.interventions import Pause
from bunsui.plan.model import Action, Plan, Reason
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.patience import Patience
from bunsui.services.deployments.pause import PauseOutcome, pause_pipeline, unpause_pipeline
from bunsui.services.overview.standing import PipelineStanding, standing_of
from tests.fakes.workspace import Workspace, a_workspace

ETL = "pipelines/etl.yaml"
PAUSED = "BS546"
NIGHTLY = '  - {id: nightly, cron: "0 3 * * ? *", slot: {offset: -1d}}'


class PausedProject:
    """`etl` with a schedule, applied."""

    def __init__(self, folder: Path) -> None:
        self.workspace: Workspace = a_workspace(folder, "etl", "raw")
        self.workspace.edit(ETL, "# schedules:", "schedules:")
        self.workspace.edit(ETL, f"# {NIGHTLY}", NIGHTLY)
        assert self.workspace.apply().is_complete

    def pause(self, until: datetime | None = None) -> PauseOutcome:
        scope = self.workspace.repository.scope
        patience = Patience(seconds=600)
        return pause_pipeline(self.workspace.ports, scope, "etl", reason="source is down", until=until, patience=patience)

    def unpause(self) -> PauseOutcome:
        scope = self.workspace.repository.scope
        return unpause_pipeline(self.workspace.ports, scope, "etl", reason="it is back", patience=Patience(seconds=600))

    @property
    def pauses(self) -> dict[str, Pause]:
        return dict(self.workspace.ports.ledger.deployed.interventions().pauses)

    @property
    def on(self) -> list[bool]:
        """Whether each schedule is on in AWS, by name."""
        found = sorted(self.workspace.account.objects.items())
        return [bool(one.attributes["enabled"]) for key, one in found if key[0] == "schedule"]

    def plan(self) -> Plan:
        plan = self.workspace.plan().plan
        assert plan is not None
        return plan

    def told(self) -> list[str]:
        return [found.summary for found in self.plan().diagnostics if found.code == PAUSED]


@pytest.fixture
def project(tmp_path: Path) -> PausedProject:
    return PausedProject(tmp_path)


def test_a_pause_switches_the_schedules_off_and_is_no_drift(project: PausedProject) -> None:
    assert project.on == [True]
    outcome = project.pause()
    assert [(str(one.address), one.is_on, one.why_not) for one in outcome.schedules] == [("schedule.etl.nightly", False, "")]
    assert project.on == [False]
    plan = project.plan()
    assert not plan.pending
    [told] = project.told()
    assert "source is down" in told
    assert standing_of([one for one in plan.changes if one.address.pipeline == "etl"]) is PipelineStanding.IN_SYNC


def test_no_apply_undoes_a_pause(project: PausedProject) -> None:
    project.pause()
    project.workspace.edit(ETL, "timeout: 15m", "timeout: 16m")
    assert project.workspace.apply().is_complete
    project.workspace.edit(ETL, "0 3 * *", "0 4 * *")
    project.workspace.edit(ETL, NIGHTLY.replace("0 3", "0 4"), NIGHTLY + '\n  - {id: noon, cron: "0 12 * * ? *"}')
    assert project.workspace.apply().is_complete
    assert project.on == [False, False]
    assert list(project.pauses) == ["etl"]
    assert not project.plan().pending


def test_what_somebody_changed_in_a_schedule_stays_as_it_is(project: PausedProject) -> None:
    name = next(name for kind, name in project.workspace.account.objects if kind == "schedule")
    project.workspace.account.change("schedule", name, retries=3)
    project.pause()
    assert project.workspace.account.objects["schedule", name].attributes["retries"] == 3
    [change] = project.plan().pending
    assert (change.reason, [item.attribute for item in change.drift]) == (Reason.DRIFT, ["retries"])


def test_the_end_of_a_pause_switches_on_what_was_on(project: PausedProject) -> None:
    project.workspace.edit(ETL, NIGHTLY, NIGHTLY + '\n  - {id: noon, cron: "0 12 * * ? *", enabled: false}')
    assert project.workspace.apply().is_complete
    before = project.on
    assert sorted(before) == [False, True]
    project.pause()
    assert project.on == [False, False]
    project.pause()
    project.unpause()
    assert project.on == before
    assert not project.pauses
    assert not project.plan().pending


def test_the_end_of_a_pause_switches_on_what_was_added_meanwhile(project: PausedProject) -> None:
    project.pause()
    added = '\n  - {id: noon, cron: "0 12 * * ? *"}\n  - {id: dusk, cron: "0 18 * * ? *", enabled: false}'
    project.workspace.edit(ETL, NIGHTLY, NIGHTLY + added)
    assert project.workspace.apply().is_complete
    assert project.on == [False, False, False]
    project.unpause()
    assert sorted(project.on) == [False, True, True]
    assert not project.plan().pending


def test_the_end_of_a_pause_leaves_off_what_was_switched_off_meanwhile(project: PausedProject) -> None:
    project.pause()
    off = NIGHTLY.replace("slot", "enabled: false, slot") + '\n  - {id: noon, cron: "0 12 * * ? *"}'
    project.workspace.edit(ETL, NIGHTLY, off)
    assert project.workspace.apply().is_complete
    outcome = project.unpause()
    assert [str(one.address) for one in outcome.schedules] == ["schedule.etl.noon"]
    assert not project.plan().pending


def test_an_apply_brings_no_ended_pause_back(project: PausedProject) -> None:
    project.pause()
    project.workspace.edit(ETL, NIGHTLY, NIGHTLY + '\n  - {id: noon, cron: "0 12 * * ? *"}')
    plan = project.plan()
    project.unpause()
    list(apply_plan(plan, project.workspace.ports))
    assert not project.pauses


def test_a_pause_whose_time_is_over_is_ended_by_the_next_apply(project: PausedProject) -> None:
    project.pause(until=project.workspace.clock.now() + timedelta(hours=4))
    project.workspace.clock.sleep(4 * 3600)
    plan = project.plan()
    [change] = plan.pending
    assert (change.action, change.reason, change.undoes_outside_change) == (Action.UPDATE, Reason.CONFIGURED, False)
    [told] = project.told()
    assert "is over since" in told
    assert project.workspace.apply().is_complete
    assert (project.on, project.pauses, project.told()) == ([True], {}, [])


def test_a_schedule_that_somebody_switches_on_again_is_told_and_switched_off(project: PausedProject) -> None:
    project.pause()
    name = next(name for kind, name in project.workspace.account.objects if kind == "schedule")
    project.workspace.account.change("schedule", name, enabled=True)
    [told] = project.told()
    assert "schedule.etl.nightly is on" in told
    [change] = project.plan().pending
    assert change.reason is Reason.DRIFT


def test_a_pipeline_that_nothing_starts_cannot_be_paused(project: PausedProject) -> None:
    ports, scope = project.workspace.ports, project.workspace.repository.scope
    with pytest.raises(Refused, match="no schedule starts"):
        pause_pipeline(ports, scope, "raw", reason="x", until=None, patience=Patience(seconds=0))
    with pytest.raises(NotFound):
        pause_pipeline(ports, scope, "elt", reason="x", until=None, patience=Patience(seconds=0))
    with pytest.raises(InvalidInput, match="not paused"):
        project.unpause()
    assert not project.pauses


def test_a_schedule_that_is_gone_is_told_and_the_others_are_switched(project: PausedProject) -> None:
    name = next(name for kind, name in project.workspace.account.objects if kind == "schedule")
    del project.workspace.account.objects["schedule", name]
    [switched] = project.pause().schedules
    assert switched.why_not == "it is gone"
    [change] = project.plan().pending
    assert (change.action, change.reason) == (Action.CREATE, Reason.DELETED_OUTSIDE)
    assert project.workspace.apply().is_complete
    assert project.on == [False]


def test_a_pause_goes_with_its_pipeline(project: PausedProject) -> None:
    project.pause()
    (project.workspace.folder / ETL).unlink()
    (project.workspace.folder / "pipelines/etl.test.yaml").unlink(missing_ok=True)
    project.workspace.apply()
    project.workspace.clock.sleep(15 * 24 * 3600)
    project.workspace.apply()
    assert not project.pauses
