"""One change as the executor works on it: its ports, and whether the resource is still as the plan saw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bunsui import __version__
from bunsui.apply.deployment import DeploymentRecorder
from bunsui.apply.outputs import Outputs
from bunsui.apply.retry import CALL_POLICIES
from bunsui.command_line import command_line
from bunsui.errors import NotOwned, Refused
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.plan.comparison import difference
from bunsui.plan.ignore_rules import with_ignored_places
from bunsui.plan.model import Reason, ResourceChange
from bunsui.ports.beside import BesideReader
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Provider, Written
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.ledger import Fence, Journal
from bunsui.ports.versions import VersionStore
from bunsui.retry import Retrying, retry

Attempt = Callable[[Callable[[], Written]], Written]
"""Makes a write, retrying it where that helps (`bunsui.apply.retry`, `bunsui.apply.iam_propagation`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStep:
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
    retrying: Retrying
    apply_id: str = ""
    plan_id: str = ""
    execution: ExecutionClient | None = None
    """Asked whether anything runs on a machine that was retired; None where nothing runs."""
    versions: VersionStore | None = None
    """Where old versions are removed."""
    beside: BesideReader | None = None
    """What removes what others put there; None where nobody else is."""
    noted: Callable[[str], None] = lambda note: None
    """Told what happened besides."""
    passing: Callable[[str], None] = lambda note: None
    """Told what goes on now, where it takes long."""
    text: str = ""
    """What the pipeline's file says, to be kept when this succeeds; empty where another change keeps it."""
    recorder: DeploymentRecorder | None = None
    """Makes the deployment record of a pipeline's machine; None for anything else."""
    rereads_creates: bool = True
    """True when another apply may have made, since the plan, what this one wants to make."""


def settle(step: ChangeStep, outcome: AppliedResource | None, *, deployment: Deployment | None = None) -> None:
    """Remember what became of the resource, None when it is gone, the pipeline's text where this change carries it, and what is
    deployed now."""
    pipeline = step.change.address.pipeline
    texts = (
        [AppliedText(pipeline=pipeline, text=step.text, kept_at=step.clock.now(), written_by=__version__)] if step.text else []
    )
    deployments = [deployment] if deployment is not None else []
    step.journal.settle({step.change.address: outcome}, step.fence, texts=texts, deployments=deployments)


def check_absent(step: ChangeStep) -> None:
    """Where another apply came in between, what is to be created must still not be there."""
    if not step.rereads_creates:
        return
    found = reread(step, step.change.physical_name)
    if found is not None and not found.owned_by(step.scope) and found.claimable:
        return  # the create takes it over
    if found is not None and not found.owned_by(step.scope):
        raise NotOwned(
            "not-owned",
            "an object of that name has appeared, and it is not ours",
            hint=f"Plan again to see what it is:\n  {command_line('plan', step.change.address.pipeline)}",
            name=found.physical_name,
        )
    if found is not None:
        raise stale_error(step.change, "it was created")


def read_unmoved(step: ChangeStep) -> ActualResource:
    """Read the resource again; it must exist, be ours, and be what the plan saw."""
    seen = existing_of(step.change)
    actual = reread(step, seen.physical_name)
    if actual is None:
        raise stale_error(step.change, "it is gone")
    return as_planned(step, actual)


def check_reference(step: ChangeStep) -> None:
    """Read what a change relies on, which the plan leaves alone: what may be referenced of it must be as the plan saw it.

    Raises:
        Refused: `stale-resource`.

    """
    seen = existing_of(step.change)
    actual = reread(step, seen.physical_name)
    if actual is None:
        why = "it is gone"
    elif not actual.unreadable and not actual.owned_by(step.scope):
        why = "it no longer carries our tags"
    elif not actual.unreadable and any(actual.outputs.get(name) != value for name, value in seen.outputs.items()):
        why = "it was replaced"
    else:
        return
    raise Refused(
        "stale-resource",
        "what it relies on has moved since the plan was made, so the plan no longer describes what would happen",
        hint=f"Plan again and look at the difference:\n  {command_line('plan', step.change.address.pipeline)}",
        relies_on=step.change.address,
        what=why,
    )


def reread(step: ChangeStep, physical_name: str) -> ActualResource | None:
    """Read the resource now, patiently."""
    return retry(lambda: step.provider.read(step.change.address, physical_name), CALL_POLICIES, step.retrying)


def as_planned(step: ChangeStep, actual: ActualResource) -> ActualResource:
    """Check that it is readable, ours, and what the plan saw; return it."""
    if actual.unreadable:
        raise Refused(
            "unreadable-resource",
            "the resource cannot be read, so it is left alone",
            hint="Give the caller the permission to read it, then apply again.",
            reason=actual.unreadable,
        )
    is_taken_over = step.change.reason is Reason.TAKEN_OVER and bool(actual.claimable)
    if not actual.owned_by(step.scope) and not is_taken_over:
        raise NotOwned(
            "not-owned",
            "the resource no longer carries our tags, so it is left alone",
            hint=f"Plan again to see what it is now:\n  {command_line('plan', step.change.address.pipeline)}",
            name=actual.physical_name,
        )
    seen = existing_of(step.change)
    said = step.change.desired or step.change.applied
    ignore = said.lifecycle.ignore if said is not None else ()
    if seen.is_assumed or (ignore and not seen.unreadable):
        # Compared by value: a revision also tells of what is not read, or belongs to others
        before = with_ignored_places(step.change.address.kind, seen.attributes, actual.attributes, ignore)
        if not difference(step.change.address.kind, before, actual.attributes).is_empty:
            raise stale_error(step.change, "it was changed")
        return actual
    if seen.revision and not seen.unreadable and actual.revision != seen.revision:
        raise stale_error(step.change, "it was changed")
    return actual


def stale_error(change: ResourceChange, what: str) -> Refused:
    """Return the error for a resource that is no longer what the plan saw; `what` says in which way."""
    return Refused(
        "stale-resource",
        f"{what} since the plan was made, so the plan no longer describes what would happen",
        hint=f"Plan again and look at the difference:\n  {command_line('plan', change.address.pipeline)}",
        name=change.physical_name,
    )


def wanted_of(change: ResourceChange) -> DesiredResource:
    """Return what the change makes of it."""
    if change.desired is None:
        raise ValueError(f"{change.address} has no desired value")
    return change.desired


def existing_of(change: ResourceChange) -> ActualResource:
    """Return what the plan saw of it."""
    if change.actual is None:
        raise ValueError(f"{change.address} has no actual value")
    return change.actual
