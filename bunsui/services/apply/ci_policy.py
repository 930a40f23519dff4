"""The gates of an apply: what forbids it, pipeline by pipeline, and what CI must have accepted since nobody looks there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bunsui.command_line import command_line
from bunsui.document.project import EnvironmentDocument
from bunsui.errors import InvalidInput, Refused
from bunsui.model.deployments.interventions import Hold
from bunsui.plan.checks.mass_deletion import allowed_deletions, deletions
from bunsui.plan.interventions import ended_holds
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.plan.partial import Division, by_pipeline, count_words, divided, forbidden
from bunsui.services.apply.request import ACCEPT_BEHIND, ACCEPT_DRIFT_OF, END_HOLD, Accepted


def gate(environment: EnvironmentDocument, accepted: Accepted, *, in_ci: bool) -> Accepted | None:
    """Return what flags and the environment's `drift: overwrite` accept; None outside CI, where a person looks at the plan."""
    return replace(accepted, outside_changes=accepted.outside_changes or environment.overwrites_drift) if in_ci else None


def admit_plan(
    plan: Plan,
    accepted: Accepted | None,
    *,
    reviewed: Mapping[str, Refused] | None = None,
    limits_deletions: bool = True,
) -> Division:
    """Divide the plan into what may be applied and what is left, and why.

    `accepted` is what CI accepted; None where a person looks at the plan. `reviewed` are refusals from a comparison with what
    was reviewed, by pipeline. Without `limits_deletions` deletions are what was asked for: a destroy is confirmed by name.

    Raises:
        Refused: an error that is about no single pipeline, or too many deletions in CI.
        InvalidInput: the drift of a pipeline was accepted that the plan does not have.

    """
    if accepted is not None:
        _check_names(plan, accepted)
    refusals = {**forbidden(plan), **(reviewed or {})}
    if accepted is not None:
        refusals = {**unaccepted(plan, accepted), **refusals}
    order = dict.fromkeys(change.address.pipeline for change in plan.changes)
    division = divided(plan, {name: refusals[name] for name in (*order, *refusals) if name in refusals})
    if accepted is not None and limits_deletions:
        _check_deletions(division.plan, accepted)
    return division


def unaccepted(plan: Plan, accepted: Accepted) -> dict[str, Refused]:
    """Return the pipelines that the plan would take back, or whose drift it would undo, or whose hold it would end, although
    nobody accepted that."""
    drifted = by_pipeline(change for change in plan.pending if change.undoes_outside_change)
    drift = {name: _unaccepted_drift(name, changes) for name, changes in drifted.items() if not accepted.drift_of(name)}
    lacked = {} if accepted.behind else {name: found.commit for name, found in plan.behind.items() if not found.unknown}
    held = {name: _hold_error(hold) for name, hold in ended_holds(plan).items() if name not in accepted.ended_holds}
    return {name: _behind(commit) for name, commit in lacked.items()} | held | drift


def _unaccepted_drift(pipeline: str, changes: Sequence[ResourceChange]) -> Refused:
    verb = "deletes" if all(change.action is Action.DELETE for change in changes) else "undoes"
    return Refused(
        "outside-change-not-accepted",
        f"the plan {verb} what somebody changed outside bunsui",
        hint=f"Write the change into the files, or accept its loss:  {ACCEPT_DRIFT_OF} {pipeline}",
        resources=count_words(changes),
    )


def _behind(commit: str) -> Refused:
    return Refused(
        "branch-behind-not-accepted",
        "this branch does not contain the commit that was applied last, so the plan takes that back",
        hint=f"Merge or rebase first:  git merge {commit}\nIf taking it back is meant:  {ACCEPT_BEHIND}",
        commit=commit,
    )


def _hold_error(hold: Hold) -> Refused:
    return Refused(
        "hold-not-ended",
        "the pipeline is held at an earlier version, and the plan would end that",
        hint=f"If this change is the fix:  {END_HOLD} {hold.pipeline}",
        version=hold.version,
        reason=hold.reason,
    )


def _check_names(plan: Plan, accepted: Accepted) -> None:
    known = {change.address.pipeline for change in plan.changes}
    for option, names in ((ACCEPT_DRIFT_OF, accepted.outside_changes_of), (END_HOLD, accepted.ended_holds)):
        unknown = sorted(names - known)
        if not unknown:
            continue
        raise InvalidInput(
            "unknown-pipeline",
            f"{option} names a pipeline that is not in the plan",
            hint=f"See what the plan changes:\n  {command_line('plan')}",
            given=", ".join(unknown),
        )


def _check_deletions(plan: Plan, accepted: Accepted) -> None:
    count = deletions(plan)
    if count > max(allowed_deletions(plan), accepted.deletions):
        raise Refused(
            "deletions-not-allowed",
            "the plan deletes more than a tenth of what is there",
            hint=f"If the checkout is complete and this is meant:  --allow-deletes {count}",
            deletions=count,
            allowed=max(allowed_deletions(plan), accepted.deletions),
        )
