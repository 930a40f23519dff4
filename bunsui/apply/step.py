"""One change: re-read, check that nothing moved, write, remember."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from bunsui.apply.outputs import Outputs
from bunsui.errors import NotOwned, Refused
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.plan.comparison import difference
from bunsui.plan.model import Action, ResourceChange
from bunsui.plan.references import dependencies, resolved
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Provider, ResolvedResource, Written
from bunsui.ports.storage import StateStore

Attempt = Callable[[Callable[[], Written]], Written]
"""Makes a write, repeating it where that helps (see `bunsui.apply.propagation`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Everything that one change needs."""

    change: ResourceChange
    scope: Scope
    commit: str
    provider: Provider
    state: StateStore
    outputs: Outputs
    clock: Clock
    attempt: Attempt


def perform(step: Step) -> None:
    """Do what the plan says about one resource. The state is written right after AWS, so that a crash between the two leaves
    a resource that the next plan adopts."""
    change = step.change
    match change.action:
        case Action.NO_OP | Action.REFUSE:
            raise ValueError(f"{change.action.value} is nothing to perform")
        case Action.CREATE:
            _write(step, _wanted(change), None)
        case Action.UPDATE:
            _write(step, _wanted(change), _unmoved(step))
        case Action.REPLACE:
            _replace(step, _wanted(change), _unmoved(step))
        case Action.DELETE:
            _delete(step)
        case Action.ADOPT:
            _remember(step, _wanted(change), _existing(change))
        case Action.FORGET:
            step.state.forget(change.address)
        case _:
            assert_never(change.action)


def _write(step: Step, desired: DesiredResource, actual: ActualResource | None) -> None:
    resource = _resolved(step, desired)
    if actual is None:
        written = step.attempt(lambda: step.provider.create(resource))
    elif difference(desired.address.kind, actual.attributes, resource.attributes).is_empty:
        # The plan could not know a value that turned out to be the one that AWS already has.
        written = Written(outputs=actual.outputs, revision=actual.revision)
    else:
        written = step.attempt(lambda: step.provider.update(resource, actual))
    _record(step, desired, resource, written)


def _replace(step: Step, desired: DesiredResource, actual: ActualResource) -> None:
    """Another name: the new one first. The same name: there is room only after the old one has gone."""
    if actual.physical_name == desired.physical_name:
        step.provider.delete(actual)
        _write(step, desired, None)
    else:
        _write(step, desired, None)
        step.provider.delete(actual)


def _delete(step: Step) -> None:
    actual = step.provider.read(step.change.address, step.change.physical_name)
    if actual is not None:
        step.provider.delete(_checked(step, actual))
    step.state.forget(step.change.address)


def _remember(step: Step, desired: DesiredResource, actual: ActualResource) -> None:
    step.state.put(
        AppliedResource(
            address=desired.address,
            physical_name=actual.physical_name,
            attributes=actual.attributes,
            outputs=actual.outputs,
            revision=actual.revision,
            written_at=step.clock.now(),
            commit=step.commit,
            depends_on=dependencies(desired),
        )
    )


def _record(step: Step, desired: DesiredResource, resource: ResolvedResource, written: Written) -> None:
    step.outputs.record(desired.address, written.outputs)
    step.state.put(
        AppliedResource(
            address=desired.address,
            physical_name=resource.physical_name,
            attributes=resource.attributes,
            outputs=written.outputs,
            revision=written.revision,
            written_at=step.clock.now(),
            commit=step.commit,
            depends_on=dependencies(desired),
        )
    )


def _resolved(step: Step, desired: DesiredResource) -> ResolvedResource:
    attributes = resolved(desired.attributes, step.outputs.of)
    own = attributes.get("tags")
    users = {str(key): str(value) for key, value in own.items()} if isinstance(own, dict) else {}
    return ResolvedResource(
        address=desired.address,
        physical_name=desired.physical_name,
        attributes=attributes,
        tags={**users, **step.scope.tags(desired.address)},
        code=desired.code,
    )


def _unmoved(step: Step) -> ActualResource:
    """Read the resource again; it must exist, be ours, and be what the plan saw."""
    seen = _existing(step.change)
    actual = step.provider.read(step.change.address, seen.physical_name)
    if actual is None:
        raise _stale(step.change, "it is gone")
    return _checked(step, actual)


def _checked(step: Step, actual: ActualResource) -> ActualResource:
    if actual.unreadable:
        raise Refused(
            "unreadable-resource",
            "the resource cannot be read, so it is left alone",
            hint="Give the caller the permission to read it, then apply again.",
            reason=actual.unreadable,
        )
    if not actual.owned_by(step.scope):
        raise NotOwned(
            "not-owned",
            "the resource no longer carries our tags, so it is left alone",
            hint="Plan again to see what it is now:\n  bunsui plan " + step.change.address.pipeline,
            name=actual.physical_name,
        )
    seen = _existing(step.change)
    if seen.revision and not seen.unreadable and actual.revision != seen.revision:
        raise _stale(step.change, "it was changed")
    return actual


def _stale(change: ResourceChange, what: str) -> Refused:
    return Refused(
        "stale-resource",
        f"{what} since the plan was made, so the plan no longer describes what would happen",
        hint="Plan again and look at the difference:\n  bunsui plan " + change.address.pipeline,
        name=change.physical_name,
    )


def _wanted(change: ResourceChange) -> DesiredResource:
    if change.desired is None:
        raise ValueError(f"{change.address} has no desired value")
    return change.desired


def _existing(change: ResourceChange) -> ActualResource:
    if change.actual is None:
        raise ValueError(f"{change.address} has no actual value")
    return change.actual
