"""The proof of an import: the next plan is empty. Where it is not, everything is as it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bunsui.apply.events import ApplyEvent, ChangeFailed, ChangeSkipped
from bunsui.errors import BunsuiError
from bunsui.plan.model import Plan
from bunsui.ports.cloud import HandingBack
from bunsui.project.repository import Repository
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.adoption.importing import (
    ImportedMachine,
    ImportOutcome,
    ImportPlan,
    ImportStatus,
    ProjectFiles,
    address_of,
    with_variables,
)
from bunsui.services.apply.locking import hold_lock, new_record
from bunsui.services.apply.patience import Patience
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest


def prove(
    imported: ImportPlan,
    events: Sequence[ApplyEvent],
    repository: Repository,
    ports: ReconcilePorts,
    *,
    files: ProjectFiles,
    patience: Patience,
) -> ImportOutcome:
    """Plan again what was imported, and give back what is not as its file says. Files are removed after the machine was given
    back: with our tags and without its file, a machine would look as if it were to be deleted."""
    new = imported.filed
    why = _failures(events)
    read = with_variables(repository, [one.candidate for one in new])
    pending = _pending(read, ports, [one for one in new if one.candidate.pipeline not in why])
    why |= {name: f"the plan is not empty: {words}" for name, words in pending.items()}
    good = [replace(one, status=_GOOD[one.status]) for one in new if one.candidate.pipeline not in why]
    failed = [replace(one, reason=why[one.candidate.pipeline]) for one in new if one.candidate.pipeline in why]
    errors: list[BunsuiError] = []
    undone = _give_back(failed, imported, ports, patience, errors) if failed else []
    for one in undone:
        if one.status is ImportStatus.UNDONE:
            for path in reversed(tuple(one.candidate.files)):
                files.remove(path)
            for edit in reversed(one.candidate.edits):
                files.replace(edit.path, edit.after, edit.before)
    stays = [one for one in imported.machines if one not in new]
    machines = sorted((*good, *undone, *stays), key=lambda one: one.candidate.machine.name)
    kept = [path for one in machines if one.status in _KEEPING for path in one.candidate.contents]
    return ImportOutcome(machines=tuple(machines), kept=tuple(kept), errors=tuple(errors))


_GOOD = {ImportStatus.NEW: ImportStatus.IMPORTED, ImportStatus.WATCH: ImportStatus.OBSERVED}
_KEEPING = frozenset({ImportStatus.IMPORTED, ImportStatus.OBSERVED, ImportStatus.LEFT})


def _failures(events: Sequence[ApplyEvent]) -> dict[str, str]:
    """Return why pipelines were not taken over, by name."""
    found: dict[str, str] = {}
    for event in events:
        if isinstance(event, ChangeFailed):
            found[event.address.pipeline] = event.message
        elif isinstance(event, ChangeSkipped):
            found.setdefault(event.address.pipeline, event.because)
    return found


def _pending(repository: Repository, ports: ReconcilePorts, machines: Sequence[ImportedMachine]) -> dict[str, str]:
    """Return what the plan would still change, by the pipeline's name."""
    if not machines:
        return {}
    names = tuple(one.candidate.pipeline for one in machines)
    outcome = plan_project(repository, ports, PlanRequest(exactly=names, refresh=Refresh.TOUCHED))
    if outcome.plan is None:
        return dict.fromkeys(names, "the files have errors")
    return _words(outcome.plan)


def _words(plan: Plan) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for change in plan.pending:
        found.setdefault(change.address.pipeline, []).append(f"{change.address}: {change.action.value}, {change.reason.value}")
    return {name: "; ".join(words) for name, words in found.items()}


def _give_back(
    failed: Sequence[ImportedMachine],
    imported: ImportPlan,
    ports: ReconcilePorts,
    patience: Patience,
    errors: list[BunsuiError],
) -> list[ImportedMachine]:
    """Take tags, alias and state away again, under the lock; what does not work leaves the machine with its file."""
    results: list[ImportedMachine] = []
    try:
        with hold_lock(ports, new_record(ports, "import undone"), patience) as work:
            for one in failed:
                try:
                    _hand_back(one, imported, ports)
                    ports.ledger.journal.settle({address_of(one): None}, work.fence)
                except BunsuiError as error:
                    errors.append(error)
                    results.append(replace(one, status=ImportStatus.LEFT))
                else:
                    results.append(replace(one, status=ImportStatus.UNDONE))
            work.outcome = "incomplete" if errors else "complete"
    except BunsuiError as error:
        errors.append(error)
        told = {one.candidate.pipeline for one in results}
        results += [replace(one, status=ImportStatus.LEFT) for one in failed if one.candidate.pipeline not in told]
    return results


def _hand_back(one: ImportedMachine, imported: ImportPlan, ports: ReconcilePorts) -> None:
    if one.status is ImportStatus.WATCH:
        return
    assert imported.plan is not None, "something was taken over"
    change = next(change for change in imported.plan.changes if change.address == address_of(one))
    provider = ports.providers[change.address.kind]
    actual = provider.read(change.address, change.physical_name)
    if actual is None or change.actual is None:
        return
    assert isinstance(provider, HandingBack), "machines can be handed back"
    provider.hand_back(actual, change.actual)
