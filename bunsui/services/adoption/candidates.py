"""The machines that an import is about: what each would be, what keeps it from being imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.command_line import command_line
from bunsui.document.edit.draft import draft_of
from bunsui.document.edit.editing import EditRefusal
from bunsui.document.edit.edits import RemoveValue
from bunsui.errors import InvalidInput, NotFound
from bunsui.model.json import Json
from bunsui.model.lifecycle import fits_tag
from bunsui.model.names import STATE_MACHINE_NAME_LIMIT, resource_name
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import Scope
from bunsui.ports.machines import DescribedMachine, ListedMachine, MachineCatalogue, MachineReader
from bunsui.project.repository import Repository
from bunsui.services.adoption.handover import OwnerLookup, handover_steps
from bunsui.services.adoption.owners import NOBODY, Owner, OwnerKind, owner_of, said_owner
from bunsui.services.adoption.pipeline_file import (
    SCHEMA_FILE,
    definition_name,
    file_path,
    free_name,
    pipeline_name,
    pipeline_text,
)
from bunsui.services.adoption.varying import NotVaried, sibling, vary
from bunsui.services.without_files.unmanaged import EVERYTHING, chosen_machines


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What is asked to be imported."""

    machines: tuple[str, ...] = ()
    """Names or ARNs."""
    tags: tuple[str, ...] = ()
    """KEY=VALUE, each."""
    everything: bool = False
    """All machines of the region that nobody else owns."""
    folder: str | None = None
    """Where the files go, from the project's root; None for where its patterns begin."""
    hands_over: bool = False
    """True when machines are taken over that others owned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEdit:
    """A file of the project that becomes another one."""

    path: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCandidate:
    """A machine, and the pipeline that it would be."""

    machine: DescribedMachine
    pipeline: str
    """The pipeline's name; that of its file where there is one already."""
    files: Mapping[str, bytes]
    """Files that are not there yet by path: the definition, then the pipeline's own."""
    owner: Owner = NOBODY
    """Who owns it as yet."""
    edits: tuple[FileEdit, ...] = ()
    """What changes in files that are there."""
    variables: Mapping[str, Json] = field(default_factory=dict)
    """What the environment says of variables, in what it has already: its own and new ones."""
    steps: tuple[str, ...] = ()
    """What its owner has to do first, where it is to be handed over; empty when that is done."""
    blocked: str = ""
    """Why it cannot be imported; empty when nothing is in the way."""

    @property
    def contents(self) -> Mapping[str, bytes]:
        """Return every file as it would be."""
        return {**self.files, **{edit.path: edit.after for edit in self.edits}}


def listed_machines(catalogue: MachineCatalogue, request: ImportRequest, scope: Scope) -> tuple[ListedMachine, ...]:
    """Return the machines that are asked for, each once, by name.

    Raises:
        InvalidInput: nothing is asked for, a tag has no value, or an ARN leads elsewhere.
        NotFound: no machine has that name.

    """
    if not (request.machines or request.tags or request.everything):
        raise InvalidInput(
            "nothing-to-import",
            "no machine is named",
            hint="Name machines, or ask for a tag:\n  bunsui import --tag team=data",
        )
    asked = [*request.machines, *(f"tag:{tag}" for tag in request.tags), *([EVERYTHING] if request.everything else [])]
    found: dict[str, ListedMachine] = {}
    for one in asked:
        for machine in chosen_machines(catalogue, one):
            _check_reached(machine, scope)
            found.setdefault(machine.arn, machine)
    return tuple(sorted(found.values(), key=lambda machine: machine.name))


def candidates(
    machines: Sequence[ListedMachine],
    reader: MachineReader,
    repository: Repository,
    request: ImportRequest,
    lookup: OwnerLookup,
) -> tuple[ImportCandidate, ...]:
    """Describe the machines, and return what each would be.

    Raises:
        NotFound: a machine is gone.

    """
    filed = filed_machines(repository)
    taken = {one.name for one in filed.values()}
    found: list[ImportCandidate] = []
    for listed in machines:
        machine = reader.machine(listed.arn)
        if machine is None:
            raise NotFound("unknown-machine", "there is no such state machine", machine=listed.arn)
        there = filed.get(machine.name)
        like = sibling(machine.name, filed, repository) if there is None else None
        one = _of_sibling(machine, like, repository, lookup) if like is not None else None
        if one is None:
            name = there.name if there is not None else free_name(pipeline_name(machine.name), taken)
            taken.add(name)
            one = _candidate(machine, name, there, repository, request, lookup)
        found.append(_one_at_a_time(one, found) if one.variables else one)
    return tuple(found)


def _of_sibling(
    machine: DescribedMachine, like: Pipeline, repository: Repository, lookup: OwnerLookup
) -> ImportCandidate | None:
    """Return the candidate of a pipeline that names the machine of another environment; None where it is another one."""
    if _why_blocked(machine, repository.scope) or lookup.owner(machine, "") is not NOBODY or like.lifecycle.observed:
        return None
    one = _vary_candidate(ImportCandidate(machine=machine, pipeline=like.name, files={}), like, repository)
    return one if one.edits else None


def _one_at_a_time(one: ImportCandidate, before: Sequence[ImportCandidate]) -> ImportCandidate:
    """Return the candidate, blocked where another one edits the project's file already."""
    if not any(other.variables for other in before):
        return one
    reason = f"its variables go into the same file as another machine's: {command_line('import', one.machine.name)} by itself"
    return replace(one, edits=(), variables={}, blocked=reason)


def _candidate(
    machine: DescribedMachine,
    name: str,
    there: Pipeline | None,
    repository: Repository,
    request: ImportRequest,
    lookup: OwnerLookup,
) -> ImportCandidate:
    said = there.lifecycle.observed if there is not None else ""
    if blocked := _why_blocked(machine, repository.scope):
        return ImportCandidate(machine=machine, pipeline=name, files={}, blocked=blocked)
    owner = lookup.owner(machine, said)
    files = {} if there is not None else _files(machine, name, owner, repository, request)
    whole = ImportCandidate(machine=machine, pipeline=name, files=files, owner=owner)
    if there is not None and owner is NOBODY and not said:
        return _vary_candidate(whole, there, repository)
    if not request.hands_over:
        return replace(whole, owner=said_owner(said)) if said and owner is NOBODY else whole
    if owner is not NOBODY:
        return replace(whole, files={}, steps=handover_steps(owner, machine, lookup))
    if there is not None and said:
        return replace(whole, edits=(_without_owner(there, repository),))
    return whole


def _vary_candidate(whole: ImportCandidate, there: Pipeline, repository: Repository) -> ImportCandidate:
    """Return the candidate with the edits by which its file means this machine, too; as it was where there are none."""
    machine = whole.machine
    is_ours = owner_of(machine.tags, repository.scope).kind is OwnerKind.OURS
    if is_ours or not set(repository.project.environments) - {repository.scope.environment}:
        return whole  # what differs in the only environment is the file's to say
    try:
        varied = vary(there, machine, repository)
    except NotVaried:
        return whole  # the plan says what differs
    if varied is None:
        return whole
    edits = tuple(
        FileEdit(path=path, before=repository.source.read(path), after=content) for path, content in varied.contents.items()
    )
    return replace(whole, edits=edits, variables=varied.variables)


def filed_machines(repository: Repository) -> dict[str, Pipeline]:
    """Return the pipelines in the files by the names of their machines."""
    from bunsui.project.compile import documents_of  # deferred: the compiler

    scope = repository.scope
    return {
        one.resource_name or resource_name(scope.project, scope.environment, one.name, limit=STATE_MACHINE_NAME_LIMIT): one
        for one in documents_of(repository).pipelines
    }


def _without_owner(there: Pipeline, repository: Repository) -> FileEdit:
    """Return the pipeline's file without the key that says who owns its machine."""
    before = repository.source.read(there.path)
    result = draft_of(there.path, before).edit(RemoveValue(path=("observed",)), "observed")
    if isinstance(result, EditRefusal):
        hint = "Take the key `observed` out of the file yourself, then repeat the command."
        raise InvalidInput("draft-not-written", "the file cannot be edited", hint=hint, file=there.path)
    return FileEdit(path=there.path, before=before, after=result.content)


def _files(
    machine: DescribedMachine, name: str, owner: Owner, repository: Repository, request: ImportRequest
) -> dict[str, bytes]:
    path, ignored = file_path(name, repository, request.folder), repository.project.ignored_tags
    ours = {key: value for key, value in machine.tags.items() if not any(fits_tag(pattern, key) for pattern in ignored)}
    text = pipeline_text(
        replace(machine, tags=ours),
        name,
        path=path,
        owner=owner,
        has_schema=repository.source.holds(SCHEMA_FILE),
        tells=bool(repository.project.alerts),
    )
    wanted = {definition_name(path): machine.definition.encode(), path: text.encode()}
    for one, content in tuple(wanted.items()):
        if not repository.source.holds(one):
            continue
        if repository.source.read(one) != content:
            hint = "Move it away, or import into another folder:  --into FOLDER"
            raise InvalidInput("files-exist", "a file is there already, and nothing is overwritten", hint=hint, file=one)
        del wanted[one]
    return wanted


def _why_blocked(machine: DescribedMachine, scope: Scope) -> str:
    """Return why the machine cannot be imported, as far as it says so itself."""
    if machine.is_express:
        return (
            "it is an express machine: bunsui runs standard ones, of which Step Functions keeps the executions. It stays;"
            " its definition, saved to a file, becomes a standard machine beside it by `bunsui import FILE.asl.json`"
        )
    owner = owner_of(machine.tags, scope)
    if owner.kind is OwnerKind.BUNSUI:
        return f"it belongs to {owner.words}"
    return ""


def _check_reached(machine: ListedMachine, scope: Scope) -> None:
    region, account = machine.arn.split(":")[3:5]
    if (region, account) != (scope.region, scope.account):
        raise InvalidInput(
            "elsewhere",
            "the machine is not in the environment's account and region",
            hint="Choose the environment that is there:  --env NAME",
            machine=machine.arn,
            environment=f"account {scope.account}, region {scope.region}",
        )
