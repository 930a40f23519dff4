"""Import: files for machines that others made, then ownership."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bunsui.apply.events import ApplyEvent
from bunsui.apply.stop import Stop
from bunsui.errors import BunsuiError
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.plan.model import Action, Plan, Reason, ResourceChange
from bunsui.ports.machines import MachineCatalogue, MachineReader
from bunsui.project.overlay import OverlaySource
from bunsui.project.repository import Repository
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.adoption.candidates import FileEdit, ImportCandidate, ImportRequest, candidates, listed_machines
from bunsui.services.adoption.claims import claiming
from bunsui.services.adoption.handover import OwnerLookup
from bunsui.services.adoption.owners import NOBODY
from bunsui.services.apply.admission import Admission, admit, carry_out
from bunsui.services.apply.request import Answers, ApplyOperation, ApplyRequest
from bunsui.services.plan import PlanOutcome, plan_project
from bunsui.services.plan_request import PlanRequest

_TAKEN_OVER = frozenset({Reason.TAKEN_OVER, Reason.UNKNOWN_ORIGIN, Reason.INTERRUPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFiles:
    """What writes and removes files of the project, by their paths."""

    write: Callable[[str, bytes], None]
    """Writes a file that is not there."""
    remove: Callable[[str], None]
    """Removes one that the import wrote."""
    replace: Callable[[str, bytes, bytes], None]
    """Writes a file anew that holds what it did before."""


class ImportStatus(StrEnum):
    """What becomes, or became, of a machine."""

    NEW = "new"
    """It would be imported."""
    BLOCKED = "blocked"
    """It cannot be imported."""
    KNOWN = "known"
    """It is the project's already, and nothing is to be done."""
    IMPORTED = "imported"
    """It is the project's now, and its plan is empty."""
    UNDONE = "undone"
    """It was not taken over, or its plan was not empty: files and tags are as before."""
    WATCH = "watch"
    """Somebody else owns it: it would be planned and watched, never written."""
    OBSERVED = "observed"
    """It is planned and watched now, and its plan is empty."""
    WAITING = "waiting"
    """Its owner has something to do before it is taken over."""
    LEFT = "left"
    """It could not be given back: the files stay, and the import goes on where it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMachine:
    """One machine of an import."""

    candidate: ImportCandidate
    status: ImportStatus
    reason: str = ""
    """Why it is blocked, undone or left."""
    writes: tuple[str, ...] = ()
    """The calls that take it over, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import would do; nothing is written yet."""

    machines: tuple[ImportedMachine, ...]
    plan: Plan | None
    """What takes the machines over; None when nothing is to be done, or the files have errors."""
    outcome: PlanOutcome | None = None
    """The plan with its findings, those of files with errors included."""

    @property
    def new(self) -> tuple[ImportedMachine, ...]:
        """The machines that would be imported."""
        return tuple(one for one in self.machines if one.status is ImportStatus.NEW)

    @property
    def filed(self) -> tuple[ImportedMachine, ...]:
        """The machines of which files would be written: those, and the ones that would be watched."""
        return tuple(one for one in self.machines if one.status in (ImportStatus.NEW, ImportStatus.WATCH))

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files that would be written, in order: each definition before the pipeline's file that names it."""
        return {path: content for one in self.filed for path, content in one.candidate.files.items()}

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        """What would change in files that are there."""
        return tuple(edit for one in self.new for edit in one.candidate.edits)

    @property
    def has_nothing_to_do(self) -> bool:
        """True when neither AWS nor the project would change."""
        return self.plan is None and not self.files


def plan_import(
    repository: Repository,
    ports: ReconcilePorts,
    request: ImportRequest,
    *,
    catalogue: MachineCatalogue,
    reader: MachineReader,
    lookup: OwnerLookup,
) -> ImportPlan:
    """Find the machines, and what their files, tags and plan would be. Nothing is written.

    Raises:
        InvalidInput: nothing is named, a file is in the way, or a machine is elsewhere.
        NotFound: a machine is not there.

    """
    found = candidates(listed_machines(catalogue, request, repository.scope), reader, repository, request, lookup)
    open_ones = [one for one in found if not one.blocked and not one.steps]
    blocked = [ImportedMachine(candidate=one, status=ImportStatus.BLOCKED, reason=one.blocked) for one in found if one.blocked]
    blocked += [ImportedMachine(candidate=one, status=ImportStatus.WAITING) for one in found if one.steps]
    if not open_ones:
        return ImportPlan(machines=tuple(blocked), plan=None)
    outcome = plan_candidates(repository, ports, open_ones)
    if outcome.plan is None:
        machines = tuple(ImportedMachine(candidate=one, status=ImportStatus.NEW) for one in open_ones)
        return ImportPlan(machines=(*machines, *blocked), plan=None, outcome=outcome)
    judged = [_judge_candidate(one, outcome.plan) for one in open_ones]
    names = {one.candidate.pipeline for one in judged if one.status is ImportStatus.NEW}
    machines = tuple(sorted([*judged, *blocked], key=lambda one: one.candidate.machine.name))
    return ImportPlan(machines=machines, plan=_part(outcome.plan, names) if names else None, outcome=outcome)


def plan_candidates(repository: Repository, ports: ReconcilePorts, found: Sequence[ImportCandidate]) -> PlanOutcome:
    """Plan the pipelines with the files that they would have, as if their machines could be taken over."""
    contents = {path: content for one in found for path, content in one.contents.items()}
    laid = replace(with_variables(repository, found), source=OverlaySource(repository.source, contents))
    names = tuple(one.pipeline for one in found)
    claimed = claiming(ports, {one.machine.name for one in found if one.owner is NOBODY})
    return plan_project(laid, claimed, PlanRequest(exactly=names, refresh=Refresh.TOUCHED))


def with_variables(repository: Repository, found: Sequence[ImportCandidate]) -> Repository:
    """Return the repository as it is read once the project's file has the variables of the machines."""
    variables = {name: value for one in found for name, value in one.variables.items()}
    return replace(repository, project=replace(repository.project, variables={**repository.project.variables, **variables}))


def admit_import(imported: ImportPlan, repository: Repository, ports: ReconcilePorts, answers: Answers) -> Admission:
    """Return what may be done about the import, and what has to be asked first. Nothing is written."""
    assert imported.plan is not None, "something is taken over"
    names = {one.candidate.machine.name for one in imported.new}
    request = ApplyRequest(plan=imported.plan, operation=ApplyOperation.IMPORT, answers=answers)
    return admit(request, repository, claiming(ports, names))


def take_over(
    imported: ImportPlan, admission: Admission | None, ports: ReconcilePorts, files: ProjectFiles, *, stop: Stop
) -> Iterator[ApplyEvent]:
    """Write the files, then take ownership of the machines; the last event is `ApplyFinished`. Without an admission nothing is
    taken over, and there are no events.

    The files come first: a machine with our tags and no file would look as if its file had been removed. Where nothing was
    begun in AWS, the files go again.

    Raises:
        InvalidInput: a file cannot be written.
        BunsuiError: of `apply_plan`, such as Locked.

    """
    written: list[str] = []
    edited: list[FileEdit] = []
    is_begun = False
    try:
        for path, content in imported.files.items():
            files.write(path, content)
            written.append(path)
        for edit in imported.edits:
            files.replace(edit.path, edit.before, edit.after)
            edited.append(edit)
        if admission is None:
            return
        for event in carry_out(admission, claiming(ports, {one.candidate.machine.name for one in imported.new}), stop=stop):
            is_begun = True
            yield event
    except BunsuiError:
        if not is_begun:
            for path in reversed(written):
                files.remove(path)
            for edit in reversed(edited):
                files.replace(edit.path, edit.after, edit.before)
        raise


def _part(plan: Plan, names: set[str]) -> Plan:
    return replace(plan, changes=tuple(change for change in plan.changes if change.address.pipeline in names))


def _judge_candidate(one: ImportCandidate, plan: Plan) -> ImportedMachine:
    """Tell whether nothing but ownership would change."""
    changes = [change for change in plan.pending if change.address.pipeline == one.pipeline]
    if not changes:
        is_watched = one.owner is not NOBODY and bool(one.files)
        return ImportedMachine(candidate=one, status=ImportStatus.WATCH if is_watched else ImportStatus.KNOWN)
    others = [words for change in changes for words in _beyond(change)]
    if others:
        reason = f"the plan would not be empty afterwards: {'; '.join(others)}"
        return ImportedMachine(candidate=one, status=ImportStatus.BLOCKED, reason=reason)
    return ImportedMachine(candidate=one, status=ImportStatus.NEW, writes=_writes(changes[0]))


def _beyond(change: ResourceChange) -> Iterator[str]:
    """Yield what a change does beyond taking the machine over with an alias where there is none."""
    if change.address.kind != MACHINE or change.action not in (Action.UPDATE, Action.ADOPT) or change.reason not in _TAKEN_OVER:
        yield f"{change.address}: {change.action.value}, {change.note or change.reason.value}"
        return
    for item in change.diff.items:
        if item.attribute != "alias" or item.before:
            where = f"its {item.attribute}" if item.attribute else str(change.address)
            yield f"{where} is {item.before}, and an apply would make it {item.after}{_next_step(item.attribute, change)}"


def _next_step(attribute: str | None, change: ResourceChange) -> str:
    """Return what to do about an alias that leads elsewhere: where new executions begin is its owner's to say."""
    if attribute != "alias":
        return ""
    return (
        f". The alias keeps its routing: nothing is written. Lead it to a version of what {change.physical_name} has now,"
        " all of it, or give it another name, then repeat the command"
    )


def _writes(change: ResourceChange) -> tuple[str, ...]:
    """Return the calls that take the machine over, as AWS names them."""
    if change.action is Action.ADOPT:
        return ()
    publishes = ("PublishStateMachineVersion",) if not change.diff.is_empty else ()
    tags = ("TagResource",) if change.reason is Reason.TAKEN_OVER else ()
    return (*publishes, *tags, *(("CreateStateMachineAlias",) if publishes else ()))


def address_of(one: ImportedMachine) -> Address:
    """Return the address of the machine's resource."""
    return Address(MACHINE, one.candidate.pipeline)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of an import."""

    machines: tuple[ImportedMachine, ...]
    kept: tuple[str, ...] = ()
    """The files that were written and stay."""
    errors: tuple[BunsuiError, ...] = field(default=())
    """What kept machines from being given back."""

    @property
    def is_complete(self) -> bool:
        """True when every machine that was to be imported is."""
        return not any(one.status in (ImportStatus.UNDONE, ImportStatus.LEFT) for one in self.machines)
