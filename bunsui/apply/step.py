"""One change: re-read, check that nothing moved, note what is to be done, write, remember.

The journal's entry is written before the first call and goes with the write of the applied value, in one transaction; so after
a crash at any point it is known which resources may be half done, and reading AWS tells how far they got.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from bunsui.apply.outputs import Outputs
from bunsui.apply.repetition import Pace, repeated
from bunsui.apply.retention import Retention, is_due, remove_old
from bunsui.errors import BunsuiError, CloudError, NotOwned, Refused
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.session import SessionStatus
from bunsui.model.values import Json, Reference
from bunsui.plan.comparison import difference
from bunsui.plan.ignored import held
from bunsui.plan.model import Action, ResourceChange
from bunsui.plan.references import as_written, dependencies, resolved
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Provider, ResolvedResource, Retiring, Written
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.ledger import Fence, Journal, JournalEntry
from bunsui.ports.versions import VersionStore

Attempt = Callable[[Callable[[], Written]], Written]
"""Makes a write, repeating it where that helps (see `bunsui.apply.propagation`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Everything that one change needs."""

    change: ResourceChange
    scope: Scope
    commit: str
    provider: Provider
    journal: Journal
    fence: Fence
    outputs: Outputs
    clock: Clock
    attempt: Attempt
    pace: Pace
    apply_id: str = ""
    plan_id: str = ""
    execution: ExecutionClient | None = None
    """Asked whether anything runs on a machine that was retired; None where nothing runs."""
    versions: VersionStore | None = None
    """Where old versions are removed."""
    noted: Callable[[str], None] = lambda note: None
    """Told what happened besides."""
    rereads_creates: bool = True
    """True when another apply may have made, since the plan, what this one wants to make."""


def perform(step: Step) -> None:
    """Do what the plan says about one resource."""
    change = step.change
    match change.action:
        case Action.NO_OP | Action.REFUSE:
            raise ValueError(f"{change.action.value} is nothing to perform")
        case Action.CREATE:
            _check_absent(step)
            _write(step, _wanted(change), None)
        case Action.UPDATE:
            _write(step, _wanted(change), _unmoved(step))
        case Action.REPLACE:
            _replace(step, _wanted(change), _unmoved(step))
        case Action.RETIRE:
            _retire(step)
        case Action.DELETE:
            _delete(step)
        case Action.ADOPT:
            _remember(step, _wanted(change), _existing(change))
        case Action.FORGET:
            step.journal.settle({change.address: None}, step.fence)
        case _:
            assert_never(change.action)


def _write(step: Step, desired: DesiredResource, actual: ActualResource | None) -> None:
    resource = _resolved(step, desired)
    if actual is not None:
        resource = _with_theirs(resource, actual, desired.lifecycle.ignore)
    if actual is not None and difference(desired.address.kind, actual.attributes, resource.attributes).is_empty:
        # The plan could not know a value that turned out to be the one that AWS already has.
        _settle(step, desired, resource, Written(outputs=actual.outputs, revision=actual.revision))
        return
    steps = ("create",) if actual is None else ("update",)
    _begin(step, resource.physical_name, steps, intended=_applied(step, desired, resource, Written()))
    written = step.attempt(_writer(step, resource, actual))
    _settle(step, desired, resource, written)
    _tidy(step, desired, written)


def _tidy(step: Step, desired: DesiredResource, written: Written) -> None:
    """Remove old versions, once in many updates. The machine is as wanted already, so what fails here is only told."""
    kept, version = desired.lifecycle.keep_versions, written.outputs.get("version_arn", "")
    if step.versions is None or desired.address.kind != "state_machine" or not is_due(version, kept):
        return
    functions = [address for address in dependencies(desired) if address.kind == "lambda_function"]
    retention = Retention(
        machine_arn=written.outputs["arn"],
        function_arns=tuple(step.outputs.of(Reference(address, "arn")) for address in functions),
        kept=kept,
        as_of=step.clock.now(),
    )
    try:
        for note in remove_old(retention, step.versions, step.execution):
            step.noted(note)
    except CloudError as error:
        step.noted(f"old versions could not be removed: {error.summary} ({error.code})")


def _writer(step: Step, resource: ResolvedResource, actual: ActualResource | None) -> Callable[[], Written]:
    """Give what makes the write, and can be called again when it failed.

    A write may be several calls, of which the first had their effect when a later one is throttled; so whatever the failure
    was, the resource is read before the write is repeated.
    """
    tried = False
    ignore = step.change.desired.lifecycle.ignore if step.change.desired is not None else ()

    def write() -> Written:
        nonlocal tried
        try:
            if tried and (actual is not None or ignore):
                return _written_again(step, resource, ignore, is_new=actual is None)
            if actual is None:
                return step.provider.create(resource)  # adopts what it made before
            return step.provider.update(resource, actual)
        except BunsuiError:
            tried = True
            raise

    return write


def _written_again(step: Step, resource: ResolvedResource, ignore: Sequence[IgnoredPlace], *, is_new: bool) -> Written:
    found = step.provider.read(resource.address, resource.physical_name)
    if found is None:
        if is_new:
            return step.provider.create(resource)
        raise _stale(step.change, "it is gone")
    if not found.owned_by(step.scope):
        return step.provider.create(resource)  # which says whose it is
    resource = _with_theirs(resource, found, ignore)
    if difference(resource.address.kind, found.attributes, resource.attributes).is_empty:
        return Written(outputs=found.outputs, revision=found.revision)
    return step.provider.update(resource, found)


def _with_theirs(resource: ResolvedResource, actual: ActualResource, ignore: Sequence[IgnoredPlace]) -> ResolvedResource:
    """Give what is to be written with the places that belong to others as they are: tags are among them."""
    if not ignore:
        return resource
    kept = held(resource.address.kind, resource.attributes, actual.attributes, ignore)
    attributes = {name: as_written(value) for name, value in kept.items()}
    users = dict.fromkeys(users_tags(resource.attributes))
    own = {key: value for key, value in resource.tags.items() if key not in users}
    return replace(resource, attributes=attributes, tags={**users_tags(attributes), **own})


def _replace(step: Step, desired: DesiredResource, actual: ActualResource) -> None:
    """Another name: the new one first. The same name: there is room only after the old one has gone."""
    resource = _with_theirs(_resolved(step, desired), actual, desired.lifecycle.ignore)
    intended = _applied(step, desired, resource, Written())
    if actual.physical_name == desired.physical_name:
        _begin(step, resource.physical_name, ("delete", "create"), intended=intended)
        step.attempt(lambda: _removed(step, actual))
        _begin(step, resource.physical_name, ("delete", "create"), intended=intended, done=1)
        written = step.attempt(_writer(step, resource, None))
    else:
        _begin(step, resource.physical_name, ("create", "delete"), intended=intended)
        written = step.attempt(_writer(step, resource, None))
        _begin(step, resource.physical_name, ("create", "delete"), intended=intended, done=1)
        step.attempt(lambda: _removed(step, actual))
    _settle(step, desired, resource, written)


def _removed(step: Step, actual: ActualResource) -> Written:
    step.provider.delete(actual)
    return Written()


def _retire(step: Step) -> None:
    """Stop its starts, where it has any, and remember since when. Doing it twice does no harm."""
    actual = _unmoved(step)
    _begin(step, actual.physical_name, ("retire",), intended=None)
    after = actual
    if isinstance(provider := step.provider, Retiring):
        found: list[ActualResource] = []

        def write() -> Written:
            found.append(provider.retire(actual))
            return Written()

        step.attempt(write)
        after = found[-1]
    remembered, retirement = step.change.applied, step.change.retirement
    needs = remembered.depends_on if remembered is not None else ()
    retired = AppliedResource(
        address=step.change.address,
        physical_name=after.physical_name,
        attributes=after.attributes,
        outputs=after.outputs,
        revision=after.revision,
        written_at=step.clock.now(),
        commit=step.commit,
        depends_on=needs or (retirement.keeps if retirement is not None else ()),
        plan=step.plan_id,
        lifecycle=remembered.lifecycle if remembered is not None else Lifecycle(),
        retired_at=step.clock.now(),
    )
    step.journal.settle({step.change.address: retired}, step.fence)


def _check_idle(step: Step, actual: ActualResource) -> None:
    """A retired machine goes only when nothing runs on it, also when somebody redrove a session since the plan."""
    arn = actual.outputs.get("arn")
    if step.change.retirement is None or step.change.address.kind != "state_machine" or step.execution is None or not arn:
        return
    execution = step.execution
    running = repeated(lambda: execution.executions(arn, limit=1, status=SessionStatus.RUNNING), step.pace)
    if running:
        raise Refused(
            "session-running",
            "a session runs on the retired machine since the plan was made, so it stays",
            hint="Plan again, and apply when it has ended.",
            machine=actual.physical_name,
            session=running[0].name,
        )


def _delete(step: Step) -> None:
    actual = _read(step, step.change.physical_name)
    if actual is not None:
        checked = _checked(step, actual)
        _check_idle(step, checked)
        _begin(step, actual.physical_name, ("delete",), intended=None)
        step.attempt(lambda: _removed(step, checked))
    step.journal.settle({step.change.address: None}, step.fence)


def _remember(step: Step, desired: DesiredResource, actual: ActualResource) -> None:
    resource = ResolvedResource(
        address=desired.address, physical_name=actual.physical_name, attributes=actual.attributes, tags=actual.tags
    )
    _settle(step, desired, resource, Written(outputs=actual.outputs, revision=actual.revision))


def _begin(step: Step, physical_name: str, steps: tuple[str, ...], *, intended: AppliedResource | None, done: int = 0) -> None:
    entry = JournalEntry(
        address=step.change.address,
        physical_name=physical_name,
        action=step.change.action.value,
        steps=steps,
        done=done,
        apply_id=step.apply_id,
        plan_id=step.plan_id,
        intended=intended,
    )
    step.journal.begin(entry, step.fence)


def _settle(step: Step, desired: DesiredResource, resource: ResolvedResource, written: Written) -> None:
    step.outputs.record(desired.address, written.outputs)
    step.journal.settle({desired.address: _applied(step, desired, resource, written)}, step.fence)


def _applied(step: Step, desired: DesiredResource, resource: ResolvedResource, written: Written) -> AppliedResource:
    return AppliedResource(
        address=desired.address,
        physical_name=resource.physical_name,
        attributes=resource.attributes,
        outputs=written.outputs,
        revision=written.revision,
        written_at=step.clock.now(),
        commit=step.commit,
        depends_on=dependencies(desired),
        plan=step.plan_id,
        lifecycle=desired.lifecycle,
    )


def _resolved(step: Step, desired: DesiredResource) -> ResolvedResource:
    attributes = resolved(desired.attributes, step.outputs.of)
    users = users_tags(attributes)
    return ResolvedResource(
        address=desired.address,
        physical_name=desired.physical_name,
        attributes=attributes,
        tags={**users, **step.scope.tags(desired.address)},
        code=desired.code,
    )


def users_tags(attributes: Mapping[str, Json]) -> dict[str, str]:
    """Give the tags that people declared, among a resource's attributes."""
    own = attributes.get("tags")
    return {str(key): str(value) for key, value in own.items()} if isinstance(own, Mapping) else {}


def _check_absent(step: Step) -> None:
    """Where another apply came in between, what is to be created must still not be there."""
    if not step.rereads_creates:
        return
    found = _read(step, step.change.physical_name)
    if found is not None and not found.owned_by(step.scope):
        raise NotOwned(
            "not-owned",
            "an object of that name has appeared, and it is not ours",
            hint="Plan again to see what it is:\n  bunsui plan " + step.change.address.pipeline,
            name=found.physical_name,
        )
    if found is not None:
        raise _stale(step.change, "it was created")


def _unmoved(step: Step) -> ActualResource:
    """Read the resource again; it must exist, be ours, and be what the plan saw."""
    seen = _existing(step.change)
    actual = _read(step, seen.physical_name)
    if actual is None:
        raise _stale(step.change, "it is gone")
    return _checked(step, actual)


def _read(step: Step, physical_name: str) -> ActualResource | None:
    return repeated(lambda: step.provider.read(step.change.address, physical_name), step.pace)


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
    said = step.change.desired or step.change.applied
    ignore = said.lifecycle.ignore if said is not None else ()
    if seen.is_assumed or (ignore and not seen.unreadable):
        # Compared by value: a revision also tells of what is not read, or belongs to others
        before = held(step.change.address.kind, seen.attributes, actual.attributes, ignore)
        if not difference(step.change.address.kind, before, actual.attributes).is_empty:
            raise _stale(step.change, "it was changed")
        return actual
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
