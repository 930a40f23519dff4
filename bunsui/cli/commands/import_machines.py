"""`bunsui import`: machines that others made become pipelines with an empty plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bunsui.apply.events import ApplyEvent, ApplyFinished, ChangeDone, ChangeFailed
from bunsui.apply.stop import Stop
from bunsui.cli.acceptance import ConfirmOption
from bunsui.cli.adoption.definitions import import_definitions, names_definitions
from bunsui.cli.adoption.jobs import say_in_jobs
from bunsui.cli.adoption.surveying import survey_account
from bunsui.cli.apply_flow import DEFAULT_LOCK_TIMEOUT, LockTimeout, bar, patience, show_findings
from bunsui.cli.confirmation import confirmed
from bunsui.cli.named_files import read_named_file
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.output import Output
from bunsui.cli.signals import signals_to
from bunsui.command_line import command_line
from bunsui.composition import workspace as bootstrap
from bunsui.composition.machine_ports import MachinePorts, machine_ports
from bunsui.errors import ExitCode, InvalidInput
from bunsui.ports.machines import TERRAFORM_STATE_BYTES
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.adoption.candidates import ImportRequest
from bunsui.services.adoption.handover import OwnerLookup
from bunsui.services.adoption.importing import (
    ImportedMachine,
    ImportOutcome,
    ImportPlan,
    ImportStatus,
    ProjectFiles,
    admit_import,
    plan_import,
    take_over,
)
from bunsui.services.adoption.new_files import remove_new_file, replace_file, write_new_file
from bunsui.services.adoption.proof import prove
from bunsui.services.adoption.terraform_state import S3_ADDRESS, machines_in_state, state_in_bucket
from bunsui.services.apply.admission import Admission
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.request import Answers, check_confirmation
from bunsui.view.adoption.imported import import_lines, outcome_lines
from bunsui.view.apply.events import event_lines
from bunsui.view.documents.adoption.imports import import_document


class ImportShape(StrEnum):
    """What an imported machine is said in."""

    JOBS = "jobs"


def run(
    context: typer.Context,
    machines: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MACHINE|FILE]...",
            help="State machines that others made, by name or ARN; or files of definitions that no machine has yet, .asl.json.",
        ),
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="All machines that have this tag; may be repeated.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All machines of the region that nobody else owns.")] = False,
    into: Annotated[
        str | None, typer.Option("--into", metavar="FOLDER", help="Where the files go, from the project's root.")
    ] = None,
    stack: Annotated[
        list[str] | None,
        typer.Option("--stack", metavar="NAME", help="A CloudFormation stack that may own them, where no tag says so."),
    ] = None,
    tfstate: Annotated[
        list[str] | None,
        typer.Option(
            "--tfstate", metavar="FILE", help="A state of Terraform that may own them: a file (state pull), or s3://BUCKET/KEY."
        ),
    ] = None,
    handover: Annotated[
        bool, typer.Option("--handover", help="Take over what is observed: says what its owner does first, and sees it done.")
    ] = False,
    read_only: Annotated[
        bool,
        typer.Option(
            "--read-only",
            help="Write nothing: one page with all machines, what an import would manage, what failed at night.",
        ),
    ] = False,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="What a placeholder of the files stands for; may be repeated."),
    ] = None,
    as_: Annotated[
        ImportShape | None,
        typer.Option(
            "--as",
            help="`jobs`: definitions become jobs where both, when they are run, behave alike; with --read-only, which could.",
        ),
    ] = None,
    confirm: ConfirmOption = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> None:
    """Take over state machines that others made: a pipeline's file and the definition beside it, byte by byte, then tags and
    state. Nothing that runs changes: the next plan is empty, or everything is as before. Of a definition's file it makes a
    pipeline, and shows the plan of what an apply would make. Asks before anything is written."""
    options = globals_of(context)
    if read_only:
        survey_account(options, tries_jobs=as_ is ImportShape.JOBS)
        return
    if names_definitions(machines or ()):
        raise typer.Exit(import_definitions(options, machines or (), values or (), into, as_jobs=as_ is ImportShape.JOBS))
    request = ImportRequest(
        machines=tuple(machines or ()), tags=tuple(tag or ()), everything=everything, folder=into, hands_over=handover
    )
    owners = _Owners(stacks=tuple(stack or ()), states=tuple(tfstate or ()))
    wants_jobs = as_ is ImportShape.JOBS
    raise typer.Exit(_import(options, request, owners, confirm=confirm, lock_timeout=lock_timeout, wants_jobs=wants_jobs))


_OURS = frozenset({ImportStatus.IMPORTED, ImportStatus.KNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owners:
    """Where owners are looked for, as it was typed."""

    stacks: tuple[str, ...]
    states: tuple[str, ...]

    def lookup(self, ports: MachinePorts) -> OwnerLookup:
        """Read the states, and return what looks owners up."""
        found: dict[str, str] = {}
        for said in self.states:
            is_stored = said.startswith(S3_ADDRESS)
            content = state_in_bucket(said, ports.states) if is_stored else _read_state(Path(said))
            found |= machines_in_state(content, file=said)
        return OwnerLookup(
            stacks=ports.stacks,
            named_stacks=self.stacks,
            states=found,
            has_states=bool(self.states),
            named_states=self.states,
        )


def _read_state(path: Path) -> bytes:
    try:
        return read_named_file(path, limit_bytes=TERRAFORM_STATE_BYTES)
    except OSError as error:
        raise InvalidInput("cannot-read", "the state of Terraform cannot be read", path=path, reason=error.strerror) from error


def _import(
    options: Globals, request: ImportRequest, owners: _Owners, *, confirm: str | None, lock_timeout: str, wants_jobs: bool
) -> ExitCode:
    output = options.output
    workspace = bootstrap.Workspace(options)
    repository, ports = workspace.repository, workspace.reconcile
    found = machine_ports(workspace.connection)
    answers = Answers(environment=confirm, agreed=options.assume_yes)
    check_confirmation(answers, repository.scope.environment)
    waits = patience(output, lock_timeout, ports.clock)
    lookup = owners.lookup(found)
    imported = plan_import(repository, ports, request, catalogue=found.catalogue, reader=found.reader, lookup=lookup)
    if imported.outcome is not None and imported.outcome.plan is None:
        show_findings(output, imported.outcome.diagnostics)
        return ExitCode.INVALID
    if not output.as_json:
        output.lines(import_lines(imported, where=f"{repository.scope.environment}, account {repository.scope.account}"))
    if imported.has_nothing_to_do:
        return _in_jobs(options, imported.machines, ()) if wants_jobs else _nothing(options, imported)
    sure: Admission | None = None
    if imported.plan is not None:
        admission = admit_import(imported, repository, ports, answers)
        if admission.refusal is not None:
            raise admission.refusal
        if admission.division.left:
            raise next(iter(admission.division.left.values()))
        sure = confirmed(output, admission)
    is_sure = sure is not None or (
        imported.plan is None and (options.assume_yes or output.confirm("Write these files?", flag="--yes"))
    )
    if not is_sure:
        output.say("nothing was changed")
        return ExitCode.FAILED
    root = workspace.settings.root
    files = ProjectFiles(
        write=partial(write_new_file, root), remove=partial(remove_new_file, root), replace=partial(replace_file, root)
    )
    outcome = _follow(output, imported, sure, repository, ports, files, waits)
    if not output.as_json:
        output.lines(outcome_lines(outcome))
    if wants_jobs and outcome.is_complete:
        return _in_jobs(options, outcome.machines, outcome.kept)
    return _tell_outcome(output, outcome)


def _tell_outcome(output: Output, outcome: ImportOutcome) -> ExitCode:
    """Say what went wrong, and what comes next."""
    if output.as_json:
        output.document(import_document(outcome.machines, outcome.kept, is_complete=outcome.is_complete))
    for error in outcome.errors:
        output.error(error)
    if outcome.is_complete:
        output.next_step(command_line("plan"), "it is empty; commit the new files")
    return ExitCode.DONE if outcome.is_complete else ExitCode.FAILED


def _in_jobs(options: Globals, machines: Sequence[ImportedMachine], kept: tuple[str, ...]) -> ExitCode:
    """Say in jobs what is the project's now and can be said so."""
    ours = [one for one in machines if one.status in _OURS]
    lifts = say_in_jobs(options, [one.candidate.pipeline for one in ours])
    if options.output.as_json:
        options.output.document(import_document(tuple(machines), kept, is_complete=True, lifts=lifts or ()))
    return ExitCode.FAILED if lifts is None else ExitCode.DONE


def _follow(
    output: Output,
    imported: ImportPlan,
    admission: Admission | None,
    repository: Repository,
    ports: ReconcilePorts,
    files: ProjectFiles,
    waits: Patience,
) -> ImportOutcome:
    """Take the machines over and prove it, telling what happens."""
    stop = Stop()
    events: list[ApplyEvent] = []
    with signals_to(stop, output), bar(output, "importing", total=len(imported.new)) as move:
        for event in take_over(imported, admission, ports, files, stop=stop):
            events.append(event)
            move(sum(isinstance(one, ChangeDone | ChangeFailed) for one in events), len(imported.new))
            if not output.as_json and not isinstance(event, ChangeDone | ApplyFinished):
                output.lines(event_lines(event), to_stderr=True)
        return prove(imported, events, repository, ports, files=files, patience=waits)


def _nothing(options: Globals, imported: ImportPlan) -> ExitCode:
    """Say that nothing is to be done, and why."""
    output = options.output
    if output.as_json:
        output.document(import_document(imported.machines, (), is_complete=True))
    if any(one.status in (ImportStatus.BLOCKED, ImportStatus.WAITING) for one in imported.machines):
        return ExitCode.STALE
    output.say("nothing is to be imported")
    return ExitCode.DONE
