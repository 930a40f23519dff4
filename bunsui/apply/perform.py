"""Carries out one change: re-read, check that nothing moved, note what is to be done, write, remember.

The journal's entry is written before the first call and goes with the write of the applied value, in one transaction; so after
a crash at any point it is known which resources may be half done, and reading AWS tells how far they got.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from bunsui.apply.idleness import check_idle, check_unneeded
from bunsui.apply.retention import Retention, is_due, remove_old
from bunsui.apply.step import (
    ChangeStep,
    as_planned,
    check_absent,
    existing_of,
    read_unmoved,
    reread,
    settle,
    stale_error,
    wanted_of,
)
from bunsui.errors import BunsuiError, CloudError
from bunsui.kinds.lambda_function import FUNCTION, VERSION_IN_USE
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import is_pipeline
from bunsui.model.beside import BesideOurs
from bunsui.model.json import Json
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource
from bunsui.model.values import Reference
from bunsui.plan.comparison import difference
from bunsui.plan.exclusive import removed_beside
from bunsui.plan.ignore_rules import with_ignored_places
from bunsui.plan.model import Action
from bunsui.plan.references import as_written, dependencies, resolve_references
from bunsui.ports.beside import BesideReader
from bunsui.ports.cloud import ResolvedResource, Retiring, Uploading, Written
from bunsui.ports.ledger import JournalEntry

_TOLD_UPLOAD_BYTES = 1_000_000
"""Uploads from this size on are announced."""


def perform(step: ChangeStep) -> None:
    """Do what the plan says about one resource."""
    change = step.change
    match change.action:
        case Action.NO_OP | Action.REFUSE:
            raise ValueError(f"{change.action.value} is nothing to perform")
        case Action.CREATE:
            check_absent(step)
            _write(step, wanted_of(change), None)
        case Action.UPDATE:
            _write(step, wanted_of(change), read_unmoved(step))
            _remove_beside(step)
        case Action.REPLACE:
            _replace(step, wanted_of(change), read_unmoved(step))
        case Action.RETIRE:
            _retire(step)
        case Action.DELETE:
            _delete(step)
        case Action.ADOPT:
            _remember(step, wanted_of(change), existing_of(change))
        case Action.FORGET:
            settle(step, None)
        case _:
            assert_never(change.action)


def _write(step: ChangeStep, desired: DesiredResource, actual: ActualResource | None) -> None:
    resource = _resolve_references(step, desired)
    if actual is not None:
        resource = _with_theirs(resource, actual, desired.lifecycle.ignore)
    actual = _as_it_works(step, actual) if actual is not None else None
    is_same = actual is not None and difference(desired.address.kind, actual.attributes, resource.attributes).is_empty
    if actual is not None and is_same and actual.owned_by(step.scope):
        # The plan could not know a value that turned out to be the one that AWS already has.
        _settle(step, desired, resource, Written(outputs=actual.outputs, revision=actual.revision))
        return
    _announce_upload(step, resource, actual)
    steps = ("create",) if actual is None else ("update",)
    _begin(step, resource.physical_name, steps, intended=_as_applied(step, desired, resource, Written()))
    written = step.attempt(_writer(step, resource, actual))
    _settle(step, desired, resource, written, is_new=actual is None)
    _tidy(step, desired, written)


def _remove_beside(step: ChangeStep) -> None:
    """Take away what the plan says that others put there. Where that ends half-way, the next plan names what is left."""
    for one in removed_beside(step.change):
        if step.beside is not None:
            _remove_one(step, step.beside, one)
            step.noted(f"removed the {one.what} {one.name}")


def _remove_one(step: ChangeStep, reader: BesideReader, one: BesideOurs) -> None:
    def write() -> Written:
        reader.remove(one)
        return Written()

    step.attempt(write)


_ROLE_OF_FUNCTION = "role_arn"


def _as_it_works(step: ChangeStep, actual: ActualResource) -> ActualResource:
    """Return what is there, without the role of a function where this apply made it anew, after somebody had removed it. Its
    ARN is the same, but the grant with which Lambda decrypts the function's variables names the role that is gone, until the
    function's role is written again. Source: terraform-provider-aws #9703 and #6352, chalice #1103. A version that the plan saw
    deleted is deleted until there is another one."""
    desired, seen = step.change.desired, step.change.actual
    if seen is not None and VERSION_IN_USE in seen.attributes and seen.outputs == actual.outputs:
        actual = replace(actual, attributes={**actual.attributes, VERSION_IN_USE: seen.attributes[VERSION_IN_USE]})
    role = desired.attributes.get(_ROLE_OF_FUNCTION) if desired is not None and desired.address.kind == FUNCTION else None
    if not isinstance(role, Reference) or not step.outputs.is_made(role.address):
        return actual
    return replace(actual, attributes={**actual.attributes, _ROLE_OF_FUNCTION: ""})


def _announce_upload(step: ChangeStep, resource: ResolvedResource, actual: ActualResource | None) -> None:
    """Say how much is about to be uploaded, where that takes a while."""
    if not isinstance(provider := step.provider, Uploading):
        return
    size = provider.upload_bytes(resource, actual)
    if size >= _TOLD_UPLOAD_BYTES:
        step.passing(f"uploading {size / 1_000_000:.0f} MB")


def _tidy(step: ChangeStep, desired: DesiredResource, written: Written) -> None:
    """Remove old versions, once in many updates. The machine is as wanted already, so what fails here is only told."""
    kept, version = desired.lifecycle.keep_versions, written.outputs.get("version_arn", "")
    if step.versions is None or desired.address.kind != MACHINE or not is_due(version, kept):
        return
    functions = [address for address in dependencies(desired) if address.kind == FUNCTION]
    retention = Retention(
        machine_arn=written.outputs["arn"],
        function_arns=tuple(step.outputs.of(Reference(address, "arn")) for address in functions),
        kept=kept,
        as_of=step.clock.now(),
    )
    try:
        # Of an Express machine, which is no pipeline's, Step Functions lists no executions
        execution = step.execution if is_pipeline(desired.address.pipeline) else None
        for note in remove_old(retention, step.versions, execution):
            step.noted(note)
    except CloudError as error:
        step.noted(f"old versions could not be removed: {error.summary} ({error.code})")


def _writer(step: ChangeStep, resource: ResolvedResource, actual: ActualResource | None) -> Callable[[], Written]:
    """Return what makes the write, and can be called again when it failed.

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


def _written_again(step: ChangeStep, resource: ResolvedResource, ignore: Sequence[IgnoredPlace], *, is_new: bool) -> Written:
    found = step.provider.read(resource.address, resource.physical_name)
    if found is None:
        if is_new:
            return step.provider.create(resource)
        raise stale_error(step.change, "it is gone")
    if not found.owned_by(step.scope) and not found.claimable:
        return step.provider.create(resource)  # which says whose it is
    resource, found = _with_theirs(resource, found, ignore), _as_it_works(step, found)
    if difference(resource.address.kind, found.attributes, resource.attributes).is_empty:
        return Written(outputs=found.outputs, revision=found.revision)
    return step.provider.update(resource, found)


def _with_theirs(resource: ResolvedResource, actual: ActualResource, ignore: Sequence[IgnoredPlace]) -> ResolvedResource:
    """Return what is to be written with the places that belong to others as they are: tags are among them."""
    if not ignore:
        return resource
    kept = with_ignored_places(resource.address.kind, resource.attributes, actual.attributes, ignore)
    attributes = {name: as_written(value) for name, value in kept.items()}
    users = dict.fromkeys(users_tags(resource.attributes))
    own = {key: value for key, value in resource.tags.items() if key not in users}
    return replace(resource, attributes=attributes, tags={**users_tags(attributes), **own})


def _replace(step: ChangeStep, desired: DesiredResource, actual: ActualResource) -> None:
    """Another name: the new one first. The same name: there is room only after the old one has gone."""
    resource = _with_theirs(_resolve_references(step, desired), actual, desired.lifecycle.ignore)
    intended = _as_applied(step, desired, resource, Written())
    _announce_upload(step, resource, None)
    if actual.physical_name == desired.physical_name:
        check_unneeded(step, actual)
        _begin(step, resource.physical_name, ("delete", "create"), intended=intended)
        step.attempt(lambda: _remove_resource(step, actual))
        _begin(step, resource.physical_name, ("delete", "create"), intended=intended, done=1)
        written = step.attempt(_writer(step, resource, None))
    else:
        _begin(step, resource.physical_name, ("create", "delete"), intended=intended)
        written = step.attempt(_writer(step, resource, None))
        _begin(step, resource.physical_name, ("create", "delete"), intended=intended, done=1)
        step.attempt(lambda: _remove_resource(step, actual))
    _settle(step, desired, resource, written, is_new=True)


def _remove_resource(step: ChangeStep, actual: ActualResource) -> Written:
    step.provider.delete(actual)
    return Written()


def _retire(step: ChangeStep) -> None:
    """Stop its starts, where it has any, and remember since when. Doing it twice does no harm."""
    actual = read_unmoved(step)
    _begin(step, actual.physical_name, ("retire",), intended=None)
    after = actual
    if isinstance(provider := step.provider, Retiring):

        def write() -> Written:
            nonlocal after
            after = provider.retire(actual)
            return Written()

        step.attempt(write)
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
    settle(step, retired)


def _delete(step: ChangeStep) -> None:
    actual = reread(step, step.change.physical_name)
    if actual is not None:
        checked = as_planned(step, actual)
        check_idle(step, checked)
        _begin(step, actual.physical_name, ("delete",), intended=None)
        step.attempt(lambda: _remove_resource(step, checked))
    settle(step, None)


def _remember(step: ChangeStep, desired: DesiredResource, actual: ActualResource) -> None:
    resource = ResolvedResource(
        address=desired.address, physical_name=actual.physical_name, attributes=actual.attributes, tags=actual.tags
    )
    _settle(step, desired, resource, Written(outputs=actual.outputs, revision=actual.revision))


def _begin(
    step: ChangeStep, physical_name: str, steps: tuple[str, ...], *, intended: AppliedResource | None, done: int = 0
) -> None:
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


def _settle(
    step: ChangeStep, desired: DesiredResource, resource: ResolvedResource, written: Written, *, is_new: bool = False
) -> None:
    step.outputs.record(desired.address, written.outputs, is_new=is_new)
    recorder = step.recorder
    deployment = recorder.record(resource.attributes, written, is_new=is_new) if recorder is not None else None
    settle(step, _as_applied(step, desired, resource, written), deployment=deployment)


def _as_applied(step: ChangeStep, desired: DesiredResource, resource: ResolvedResource, written: Written) -> AppliedResource:
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
        files=desired.code.files if desired.code is not None else {},
    )


def _resolve_references(step: ChangeStep, desired: DesiredResource) -> ResolvedResource:
    attributes = resolve_references(desired.attributes, step.outputs.of)
    users = users_tags(attributes)
    return ResolvedResource(
        address=desired.address,
        physical_name=desired.physical_name,
        attributes=attributes,
        tags={**users, **step.scope.tags(desired.address)},
        code=desired.code,
    )


def users_tags(attributes: Mapping[str, Json]) -> dict[str, str]:
    """Return the tags that people declared, among a resource's attributes."""
    own = attributes.get("tags")
    return {str(key): str(value) for key, value in own.items()} if isinstance(own, Mapping) else {}
