"""Partial apply: one refusal stops its own pipeline and what depends on it, and the rest of the plan goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.diagnostics import Diagnostic
from bunsui.errors import Refused
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address, parse_address
from bunsui.plan.model import Action, Plan, Reason, ResourceChange
from bunsui.plan.prevention import newly_prevented, prevented_error

_NEEDS = "needs-another-pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A plan, divided into what is carried out and what is left."""

    plan: Plan
    """What may be applied: the changes of pipelines that are left are no changes here."""
    left: Mapping[str, Refused] = field(default_factory=dict)
    """The pipelines that are left as they are, by name, each with the reason."""

    def under(self, digest: str) -> Division:
        """Return the same as something that was reviewed under this digest, under which it is recorded."""
        return replace(self, plan=replace(self.plan, saved_digest=digest))

    @property
    def is_refused(self) -> bool:
        """True when there is a refusal and nothing else to do."""
        return bool(self.left) and not self.plan.pending

    def refusal(self) -> Refused:
        """Build the one error for an apply that does nothing, from the first refusal; the others are named in its facts."""
        first, *others = self.left.values()
        named = {"pipelines": ", ".join(self.left)} if others else {}
        return type(first)(first.code, first.summary, hint=first.hint, **first.facts, **named)


def divided(plan: Plan, refusals: Mapping[str, Refused]) -> Division:
    """Leave the refused pipelines out of the plan, with those that have a change which depends on a change of theirs, or start
    one whose machine would have changed."""
    if not refusals:
        return Division(plan=plan)
    left = dict(refusals)
    waiting = {change.address: change for change in plan.pending}
    found = True
    while found:
        found = False
        for change in waiting.values():
            pipeline = change.address.pipeline
            if pipeline in left:
                continue
            need = next((one for one in relied_on(plan, change) if one in waiting and one.pipeline in left), None)
            if need is not None:
                found = True
                left[pipeline] = Refused(
                    _NEEDS,
                    "it needs a pipeline that is left as it is",
                    hint=left[need.pipeline].hint,
                    resource=change.address,
                    needs=need,
                )
    return Division(plan=_without(plan, left), left=left)


def can_apply(plan: Plan) -> bool:
    """Tell whether an apply has something to do, and not all of it is forbidden."""
    try:
        return plan.basis is None and bool(divided(plan, forbidden(plan)).plan.pending)
    except Refused:
        return False


def dependents(plan: Plan) -> dict[str, str]:
    """Return the pipelines that only a refusal of another one stops, by name, each with what it needs."""
    try:
        left = divided(plan, forbidden(plan)).left
    except Refused:
        return {}
    return {name: error.facts["needs"] for name, error in left.items() if error.code == _NEEDS}


def forbidden(plan: Plan) -> dict[str, Refused]:
    """Return what forbids to apply a pipeline, by its name: resources that are not ours, and findings that are errors.

    Raises:
        Refused: an error is about no single pipeline.

    """
    result: dict[str, Refused] = {}
    errors = _by_subject([found for found in plan.diagnostics if found.is_error])
    if "" in errors:
        raise _with_errors(errors[""])
    for name, found in errors.items():
        result[name] = _with_errors(found)
    refusals = {name: _refused_error(changes) for name, changes in by_pipeline(plan.refused).items()}
    return {**result, **refusals, **newly_prevented(plan.pending)}


def relied_on(plan: Plan, change: ResourceChange) -> tuple[Address, ...]:
    """Return what a change relies on: what must come before it, and the machines of the pipelines that its own starts, which a
    definition names by ARN."""
    facts = plan.pipelines.get(change.address.pipeline)
    return (*change.depends_on, *(Address(MACHINE, name) for name in sorted(facts.starts if facts else ())))


def by_pipeline(changes: Iterable[ResourceChange]) -> dict[str, list[ResourceChange]]:
    """Return the changes by the names of their pipelines, in the plan's order."""
    result: dict[str, list[ResourceChange]] = {}
    for change in changes:
        result.setdefault(change.address.pipeline, []).append(change)
    return result


def pipeline_of(subject: str) -> str:
    """Return the pipeline that a finding's subject names; empty for a finding about the whole plan."""
    try:
        return parse_address(subject).pipeline
    except ValueError:
        return ""


def _without(plan: Plan, names: Mapping[str, Refused]) -> Plan:
    return replace(
        plan,
        changes=tuple(
            replace(change, action=Action.NO_OP) if change.address.pipeline in names else change for change in plan.changes
        ),
        diagnostics=tuple(found for found in plan.diagnostics if pipeline_of(found.subject) not in names),
    )


def count_words(changes: Sequence[ResourceChange]) -> str:
    """Return the address of the first, and how many more there are."""
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"{changes[0].address}{more}"


def _refused_error(changes: Sequence[ResourceChange]) -> Refused:
    """Build the error for resources of one pipeline that are not ours to change."""
    kept = next((change for change in changes if change.reason is Reason.PREVENTED), None)
    if kept is not None:
        return prevented_error(kept)
    first = changes[0]
    summary = "a resource cannot be read" if first.reason is Reason.UNREADABLE else "a resource is not ours to change"
    return Refused("plan-refused", summary, hint=first.note, resources=count_words(changes))


def _with_errors(errors: Sequence[Diagnostic]) -> Refused:
    """Build the error for findings that forbid an apply."""
    return Refused(
        "plan-has-errors",
        "the plan has findings that forbid an apply",
        hint=errors[0].hint or "Look at the findings of the plan.",
        findings=", ".join(dict.fromkeys(found.code for found in errors)),
    )


def _by_subject(found: Sequence[Diagnostic]) -> dict[str, list[Diagnostic]]:
    """Return the findings by the pipelines that they are about, those about the whole plan under the empty name."""
    result: dict[str, list[Diagnostic]] = {}
    for one in found:
        result.setdefault(pipeline_of(one.subject), []).append(one)
    return result
