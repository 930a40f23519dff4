"""The rows of a plan's tree: what is alike is one row, what is in sync another, and each unfolds to what it stands for."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from time import thread_time

from bunsui.apply.events import ApplyEvent, ChangeDone, ChangeFailed, ChangeStarted, ChangeWaiting
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.diff.model import ChangeOperation, DiffItem, ResourceDiff, Section
from bunsui.model.address import Address
from bunsui.model.resource import Scope
from bunsui.plan.model import Action, Plan, Reason, ResourceChange, Risk
from bunsui.tui.apply_progress import ApplyProgress
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.review.details import details, findings_page
from bunsui.view.plan.review.impact import impact_page, stakes_lines
from bunsui.view.plan.review.marks import Marks, marks_of
from bunsui.view.plan.review.split import split_rows
from bunsui.view.plan.review.standing import open_findings
from bunsui.view.plan.review.tree import IN_SYNC, NodeKind, PlanFolds, PlanNode, Selection, label, plan_nodes, words
from bunsui.view.spans import line, plain

AN_ERROR = Diagnostic(code="BS506", severity=Severity.WARNING, summary="nobody hears of failures")
SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")


def an_update(
    pipeline: str, *, after: int = 2, reason: Reason = Reason.CONFIGURED, kind: str = "state_machine"
) -> ResourceChange:
    item = DiffItem(
        section=Section.STATE,
        subject="load",
        path=("Retry", "0", "MaxAttempts"),
        operation=ChangeOperation.CHANGED,
        before=1,
        after=after,
        attribute="definition",
    )
    return ResourceChange(
        address=Address(kind, pipeline),
        physical_name=f"sales--dev--{pipeline}",
        action=Action.UPDATE,
        reason=reason,
        risk=Risk.NEW_SESSIONS_ONLY if reason is Reason.CONFIGURED else Risk.OVERWRITES_OUTSIDE_CHANGE,
        diff=ResourceDiff(items=(item,)),
        drift=(item,) if reason is Reason.DRIFT else (),
    )


def in_sync(pipeline: str, reason: Reason = Reason.IN_SYNC) -> ResourceChange:
    return replace(an_update(pipeline), action=Action.NO_OP, reason=reason, risk=Risk.NONE, diff=ResourceDiff())


def a_plan(*changes: ResourceChange) -> Plan:
    return Plan(scope=SCOPE, as_of=datetime(2026, 1, 1, tzinfo=UTC), commit="a1b2c3d", changes=changes)


EVERYTHING = Selection()


def rows(plan: Plan, selection: Selection = EVERYTHING, folds: PlanFolds | None = None) -> list[PlanNode]:
    view = plan_view(plan)
    return list(plan_nodes(view, selection, folds or PlanFolds.of(view)))


def test_pipelines_in_which_the_same_changes_are_one_row_that_unfolds_to_them() -> None:
    plan = a_plan(*(an_update(f"feed-{number}") for number in range(40)), an_update("ledger", after=9))
    group, ledger, *_ = rows(plan)
    assert (group.kind, len(group.pipelines), len(group.changes)) == (NodeKind.GROUP, 40, 40)
    assert "40 alike" in label(group).text
    assert ledger.pipeline.name == "ledger"
    folds = PlanFolds(chosen={group.key: True})
    unfolded = [node for node in rows(plan, folds=folds) if node.depth == 1 and node.kind is NodeKind.PIPELINE]
    assert len(unfolded) == 40


def test_what_is_in_sync_is_one_row_and_what_was_not_read_is_not_called_so() -> None:
    plan = a_plan(an_update("orders"), in_sync("a"), in_sync("b"), in_sync("c", Reason.ASSUMED))
    last = rows(plan)[-1]
    assert last.key == IN_SYNC
    assert label(last).text.strip() == "2 pipelines in sync, 1 not read, assumed as last applied"
    assert last.changes == ()
    shown = rows(plan, Selection(unchanged_too=True))
    assert IN_SYNC not in {node.key for node in shown}
    assert next(words(node, {}).text for node in shown if node.pipeline.name == "c") == "· not read"


def test_an_outside_change_is_said_at_the_pipeline_and_at_the_resource() -> None:
    plan = a_plan(an_update("ledger", reason=Reason.DRIFT), an_update("orders", after=3))
    assert [words(node, {}).text for node in rows(plan) if node.kind is not NodeKind.PLACE] == [
        "~ ≠ undoes outside",
        "≠ undoes outside",
        "~ update",
        "1 change",
    ]


def test_rows_that_stand_for_others_sum_up_what_an_apply_makes_of_them() -> None:
    plan = a_plan(*(an_update(f"feed-{number}", reason=Reason.DRIFT) for number in range(4)))
    (group, *_), addresses = rows(plan), [change.address for change in plan.changes]
    assert group.kind is NodeKind.GROUP
    progress, told = ApplyProgress.of(plan), []
    events: list[ApplyEvent] = [
        ChangeStarted(address=addresses[0], action=Action.UPDATE),
        ChangeDone(address=addresses[0], action=Action.UPDATE, seconds=1),
        ChangeWaiting(address=addresses[1], what="IAM"),
        *(ChangeDone(address=address, action=Action.UPDATE, seconds=1) for address in addresses[1:]),
    ]
    for event in events:
        told.append(words(group, progress.status).text)
        progress.take(event)
    told.append(words(group, progress.status).text)
    assert told == ["○ 4 to do", "● 0/4 done", "● 1/4 done", "◌ 1/4, 1 waits", "● 2/4 done", "● 3/4 done", "✓ 4 done"]
    part = {address: progress.status[address] for address in addresses[:3]}
    assert words(group, part).text == "✓ 3 of 4 done"
    progress.take(ChangeFailed(address=addresses[2], action=Action.UPDATE, code="x", message="no"))
    assert words(group, progress.status).text == "✗ 1 of 4 failed"


def test_a_finding_about_what_is_undone_is_over_once_it_was() -> None:
    change = an_update("orders", reason=Reason.DRIFT)
    found = [
        Diagnostic(code=code, severity=Severity.WARNING, summary="x", subject=str(change.address))
        for code in ("BS503", "BS505")
    ]
    view, progress = plan_view(replace(a_plan(change), diagnostics=tuple(found))), ApplyProgress.of(a_plan(change))
    assert [one.code for one in open_findings(view.findings, progress.status)] == ["BS503", "BS505"]
    progress.take(ChangeDone(address=change.address, action=Action.UPDATE, seconds=1))
    assert [one.code for one in open_findings(view.findings, progress.status)] == ["BS505"]


def test_a_filter_shows_members_of_groups_by_themselves() -> None:
    plan = a_plan(*(an_update(f"feed-{number}") for number in range(5)))
    shown = [node.pipeline.name for node in rows(plan, Selection(text="feed-3")) if node.kind is NodeKind.PIPELINE]
    assert shown == ["feed-3"]


def test_marks_take_along_what_they_need_and_say_so() -> None:
    role, machine = an_update("orders", kind="role"), an_update("orders")
    plan = a_plan(role, replace(machine, depends_on=(role.address,)), an_update("ledger", after=9))
    marks = marks_of(plan, [machine.address])
    assert marks.pulled_in == (role.address,)
    assert marks.line(plan).text == "marked 1 of 3, +1 pulled in: role"
    assert [marks.of([address]) for address in (machine.address, role.address, Address("state_machine", "ledger"))] == [
        "x",
        "•",
        " ",
    ]
    assert marks.turn(plan, [machine.address]) == Marks()


def test_side_by_side_both_values_stand_in_one_row() -> None:
    change = an_update("orders", after=5)
    told = [(row.left.text.strip(), row.right.text.strip()) for row in split_rows([change], [line()], context=0)]
    assert ("1", "5") in told


def test_the_impact_names_sessions_permissions_and_what_is_undone() -> None:
    drifted = an_update("ledger", reason=Reason.DRIFT)
    role = replace(an_update("ledger", kind="role"), newly_allowed=(("s3:*", "*"),), risk=Risk.WIDENS_PERMISSIONS)
    plan = replace(a_plan(drifted, role), running={drifted.address: ("one", "two")})
    text = plain(impact_page(plan, {drifted.address, role.address}))
    assert "s3:* on *" in text
    assert "state machine of ledger" in text
    assert "a change that somebody made outside is overwritten" in text
    asked = plain(stakes_lines(plan))
    assert "2 sessions run on what changes" in asked
    assert "1 more in 1 role" in asked
    told = Diagnostic(code="BS524", severity=Severity.INFO, summary="a run enters 5 states", subject=str(drifted.address))
    costs = plain(impact_page(replace(plan, diagnostics=(told,)), {drifted.address}))
    assert "a run enters 5 states\n  functions, tasks and queries are not in it" in costs
    assert "functions, tasks" not in text
    assert plain(impact_page(a_plan(in_sync("a")), set())) == "nothing that anybody relies on changes\n"


def test_findings_about_the_project_as_a_whole_stand_once() -> None:
    plan = replace(a_plan(an_update("orders"), an_update("ledger", after=3)), diagnostics=(AN_ERROR,))
    view = plan_view(plan)
    nodes = rows(plan)
    assert all(AN_ERROR.summary not in plain(details(node, view)) for node in nodes)
    assert plain(findings_page(nodes[0], view)).count(AN_ERROR.summary) == 1


def test_a_plan_of_300_pipelines_holds_up_no_screen() -> None:
    kinds = ("state_machine", "role", "log_group", "lambda_function", "schedule", "alias")
    changes = [an_update(f"p{number}", after=number, kind=kind) for number in range(300) for kind in kinds]
    plan = a_plan(*changes)
    view = plan_view(plan)
    folds = PlanFolds.of(view)
    first = next(plan_nodes(view, EVERYTHING, folds))
    progress = ApplyProgress.of(plan)
    every = frozenset(change.address for change in changes)

    def in_steps() -> None:
        for change in changes[:20]:
            progress.take(ChangeFailed(address=change.address, action=change.action, code="x", message="no"))
            assert progress.page([change.address])
            assert progress.title.text

    steps: dict[str, Callable[[], object]] = {
        "rows": lambda: list(plan_nodes(view, EVERYTHING, folds)),
        "filter": lambda: list(plan_nodes(view, Selection(text="p29"), folds)),
        "details": lambda: (details(first, view), findings_page(first, view), impact_page(plan, set(first.changes))),
        "marks": lambda: marks_of(plan, every),
        "stakes": lambda: list(stakes_lines(plan)),
        "progress": in_steps,
    }
    gc.collect()  # what other tests left is not looked through in a step
    for name, step in steps.items():
        begun = thread_time()
        step()
        assert thread_time() - begun < 0.1, name
