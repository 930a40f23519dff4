"""What the state knows after a change, whole: of what was retired, adopted, forgotten, and the text that goes with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bunsui import __version__
from bunsui.apply.lease import LeaseTerms, Request, take
from bunsui.apply.outputs import Outputs
from bunsui.apply.perform import perform
from bunsui.apply.step import ChangeStep
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import AppliedResource
from bunsui.plan.model import Action, ResourceChange, Retirement
from bunsui.ports.ledger import Actor, Fence, JournalEntry
from bunsui.retry import Retrying
from bunsui.testkit.ledger import MemoryLedger
from tests.fakes.project import SCOPE, Project, a_pipeline
from tests.unit.apply.test_retention import Store

MACHINE, ROLE, LOGS = (Address(kind, "orders") for kind in ("state_machine", "role", "log_group"))


class Settling(MemoryLedger):
    """A journal that keeps what it is told."""

    begun: tuple[JournalEntry, ...] = ()
    kept: tuple[AppliedText, ...] = ()

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        self.begun = (*self.begun, entry)
        super().begin(entry, fence)

    def settle(self, outcome: Any, fence: Fence, *, texts: Any = (), deployments: Any = ()) -> None:
        self.kept = (*self.kept, *texts)
        super().settle(outcome, fence, texts=texts, deployments=deployments)


def done(project: Project, change: ResourceChange, **more: Any) -> Settling:
    """Carry out one change; give the journal."""
    project.state.ensure()
    ledger = Settling(project.state)
    lease = take(ledger, project.clock, Request(operation="apply", actor=Actor(), terms=LeaseTerms()))
    step = ChangeStep(
        change=change,
        scope=SCOPE,
        commit="abc",
        provider=project.account.providers()[change.address.kind],
        journal=ledger,
        fence=lease.fence,
        outputs=Outputs((), project.state),
        clock=project.clock,
        attempt=lambda write: write(),
        retrying=Retrying(clock=project.clock),
        apply_id="a-1",
        plan_id="p-1",
        **more,
    )
    perform(step)
    lease.release()
    return ledger


def leaving(address: Address) -> tuple[Project, ResourceChange]:
    """Return a project that was applied, some time ago, and the removal of one of its resources."""
    project = Project()
    project.converge(a_pipeline("orders"))
    project.clock.sleep(60)
    plan = project.plan(())
    return project, next(change for change in plan.changes if change.address == address)


def test_what_is_retired_is_remembered_as_it_was_left_and_since_when() -> None:
    project, going = leaving(MACHINE)
    known, now = project.state.applied()[MACHINE], project.clock.now()
    protected = replace(known, lifecycle=Lifecycle(protect=True))
    change = replace(going, action=Action.RETIRE, applied=protected, retirement=Retirement(keeps=(ROLE,)))
    journal = done(project, change)
    there = project.account.objects["state_machine", "sales--dev--orders"]
    assert project.state.applied()[MACHINE] == AppliedResource(
        address=MACHINE,
        physical_name="sales--dev--orders",
        attributes=there.attributes,
        outputs=there.outputs,
        revision=there.revision,
        written_at=now,
        commit="abc",
        depends_on=known.depends_on,
        plan="p-1",
        lifecycle=Lifecycle(protect=True),
        retired_at=now,
    )
    assert known.depends_on
    assert journal.begun == (
        JournalEntry(
            address=MACHINE,
            physical_name="sales--dev--orders",
            action="retire",
            steps=("retire",),
            apply_id="a-1",
            plan_id="p-1",
        ),
    )


def test_what_the_state_did_not_know_is_retired_with_what_stays_for_it() -> None:
    for needs, retirement in (((ROLE,), Retirement(keeps=(ROLE,))), ((), None)):
        project, going = leaving(MACHINE)
        done(project, replace(going, action=Action.RETIRE, applied=None, retirement=retirement))
        found = project.state.applied()[MACHINE]
        assert (found.depends_on, found.lifecycle) == (needs, Lifecycle())
    project, going = leaving(ROLE)
    done(project, replace(going, action=Action.RETIRE, retirement=Retirement()))
    assert project.state.applied()[ROLE].retired_at == project.clock.now()
    assert project.account.objects["role", "sales--dev--orders"]


def test_what_is_forgotten_stays_in_aws_and_its_text_is_kept_with_it() -> None:
    project, going = leaving(LOGS)
    journal = done(project, replace(going, action=Action.FORGET), text="{}")
    assert LOGS not in project.state.applied()
    assert ("log_group", "sales--dev--orders") in project.account.objects
    now = project.clock.now()
    assert journal.kept == (AppliedText(pipeline="orders", text="{}", kept_at=now, written_by=__version__),)
    assert journal.begun == ()
    project, going = leaving(LOGS)
    assert done(project, going).kept == ()


def test_what_is_adopted_is_remembered_as_it_is_in_aws() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    project.lose_state()
    project.clock.sleep(60)
    change = next(one for one in project.plan(a_pipeline("orders")).changes if one.address == ROLE)
    assert change.action is Action.ADOPT
    done(project, change)
    there = project.account.objects["role", "sales--dev--orders"]
    assert project.state.applied() == {
        ROLE: AppliedResource(
            address=ROLE,
            physical_name="sales--dev--orders",
            attributes=there.attributes,
            outputs=there.outputs,
            revision=there.revision,
            written_at=project.clock.now(),
            commit="abc",
            plan="p-1",
        )
    }


def test_a_removal_reads_again_and_takes_nothing_that_moved() -> None:
    project, going = leaving(LOGS)
    journal = done(project, going)
    assert (LOGS in project.state.applied(), ("log_group", "sales--dev--orders") in project.account.objects) == (False, False)
    assert [(entry.action, entry.steps, entry.intended) for entry in journal.begun] == [("delete", ("delete",), None)]
    again = done(project, going)
    assert again.begun == ()


def test_old_versions_are_looked_at_after_an_update_of_a_machine() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    store, notes = Store(), list[str]()
    for seconds in range(6, 26):
        change = next(one for one in project.plan(a_pipeline("orders", seconds=seconds)).changes if one.address == MACHINE)
        done(project, change, versions=store, noted=notes.append)
    assert notes == ["removed 10 old versions of the machine", "removed 9 old versions of its functions"]
