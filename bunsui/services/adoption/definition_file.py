"""Definitions in files, without a machine in the account: files of a pipeline, and the plan of what it would make."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.diagnostics import Diagnostic
from bunsui.document.globs import glob_pattern
from bunsui.document.yaml.builder import LIMIT_DEFINITION_PARTS
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.writer import yaml_text
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.plan.model import Plan
from bunsui.project.compile import documents_of
from bunsui.project.overlay import OverlaySource
from bunsui.project.repository import Repository
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.adoption.definition_text import DefinitionText, definition_text
from bunsui.services.adoption.lifting.attempt import LiftAttempt, try_lift
from bunsui.services.adoption.pipeline_file import SCHEMA_FILE, file_path, free_name, pipeline_name, schema_line
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest

SUFFIXES = (".asl.json", ".asl.yaml", ".asl.yml", ".json", ".yaml", ".yml", ".asl")
"""Ends of names of definitions' files."""
_TEMPLATE = ("AWSTemplateFormatVersion", "Resources", "Transform")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDefinition:
    """A definition's file that was named."""

    file: str
    """As it was typed."""
    content: bytes
    inside: str = ""
    """Its path from the project's root; empty where it lies elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionRequest:
    """What is asked to be imported."""

    definitions: tuple[NamedDefinition, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    """What placeholders stand for."""
    folder: str | None = None
    as_jobs: bool = False
    """True says in jobs what can be said so; the rest stays a definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDefinition:
    """A definition, and the pipeline that it would be."""

    source: NamedDefinition
    pipeline: str
    text: DefinitionText
    files: Mapping[str, bytes]
    """Those that are not there yet, by path; empty where the pipeline is in the project already."""
    lift: LiftAttempt | None = None
    """What came of saying it in jobs; None where that was not asked."""

    @property
    def is_kept(self) -> bool:
        """True where the definition's bytes are those of its file."""
        return self.text.content == self.source.content and not self.is_lifted

    @property
    def is_lifted(self) -> bool:
        """True where the pipeline has jobs in place of the definition."""
        return self.lift is not None and self.lift.content is not None

    @property
    def why_not(self) -> str:
        """Why it has no jobs; empty where it has, or where that was not asked."""
        return self.lift.refusal if self.lift is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionImport:
    """What would be written, and what an apply would make of it; nothing is written yet."""

    definitions: tuple[ImportedDefinition, ...]
    plan: Plan | None
    """None where the files have errors."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Placed in the files as they were named."""

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files that would be written, in order."""
        return {path: content for one in self.definitions for path, content in one.files.items()}


def is_definition_file(said: str) -> bool:
    """Tell whether a word of the command line names a file, and no machine."""
    return not said.startswith("arn:") and said.endswith(SUFFIXES)


def plan_definitions(repository: Repository, ports: ReconcilePorts, request: DefinitionRequest) -> DefinitionImport:
    """Find the files that would be written, check them, and plan them. Nothing is written.

    Raises:
        InvalidInput: a file is no definition, is in the way of another, or a placeholder has no value.

    """
    found = tuple(_import_each(repository, request))
    _check_used(request, found)
    contents = {path: content for one in found for path, content in one.files.items()}
    laid = replace(repository, source=OverlaySource(repository.source, contents))
    names = tuple(one.pipeline for one in found)
    outcome = plan_project(laid, ports, PlanRequest(exactly=names, refresh=Refresh.TOUCHED))
    said = {path: one.source.file for one in found for path in tuple(one.files)[:-1]}
    diagnostics = tuple(_place_finding(finding, said) for finding in outcome.diagnostics)
    return DefinitionImport(definitions=found, plan=outcome.plan, diagnostics=diagnostics)


def _import_each(repository: Repository, request: DefinitionRequest) -> Iterator[ImportedDefinition]:
    pipelines = {one.name: one.path for one in documents_of(repository).pipelines}
    taken = set(pipelines)
    for source in request.definitions:
        _check_definition(source)
        text = definition_text(source.content, repository.scope, request.values, file=source.file, finds_arns=not source.inside)
        wanted = pipeline_name(_stem(source.file))
        path = file_path(wanted, repository, request.folder)
        if pipelines.get(wanted) == path:
            files, lift = _files_of(repository, request, source, text, wanted, path)
            if _are_there(repository, files):
                yield ImportedDefinition(source=source, pipeline=wanted, text=text, files={}, lift=lift)
                continue
        pipeline = free_name(wanted, taken)
        taken.add(pipeline)
        path = file_path(pipeline, repository, request.folder)
        files, lift = _files_of(repository, request, source, text, pipeline, path)
        new = _files_to_write(repository, files)
        yield ImportedDefinition(source=source, pipeline=pipeline, text=text, files=new, lift=lift)


def _files_of(
    repository: Repository, request: DefinitionRequest, source: NamedDefinition, text: DefinitionText, pipeline: str, path: str
) -> tuple[dict[str, bytes], LiftAttempt | None]:
    """Return the pipeline's files, with jobs where these were asked for and can be had."""
    files = _files(repository, source, text, pipeline, path)
    if not request.as_jobs:
        return files, None
    first = schema_line(path, has_schema=repository.source.holds(SCHEMA_FILE))

    def write(keys: Mapping[str, Json]) -> bytes:
        return (first + yaml_text({"version": 1, "name": pipeline, **keys})).encode()

    lift = try_lift(repository, pipeline, path, files, text, write=write)
    return (files if lift.content is None else {path: lift.content}), lift


def _check_definition(source: NamedDefinition) -> None:
    """Refuse what is something else, before placeholders are asked for."""
    intake = read_document(source.file, source.content, limit_parts=LIMIT_DEFINITION_PARTS)
    data = intake.document.data if intake.document is not None else None
    if not isinstance(data, dict):
        return  # told, with its place, where the pipeline is compiled
    if "States" not in data and any(key in data for key in _TEMPLATE):
        raise InvalidInput(
            "not-a-definition",
            "this is a template of CloudFormation, and not the definition of a state machine",
            hint="Name the file of its DefinitionUri, or take over the machine that the stack made:  bunsui import MACHINE",
            file=source.file,
        )
    if "version" in data and ("jobs" in data or "definition" in data):
        hint = "It is used as soon as it lies where `pipelines` in bunsui.yaml looks:  bunsui validate"
        raise InvalidInput("not-a-definition", "this is a pipeline's file already", hint=hint, file=source.file)


def _stem(file: str) -> str:
    name = posixpath.basename(file)
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)


def _files(repository: Repository, source: NamedDefinition, text: DefinitionText, pipeline: str, path: str) -> dict[str, bytes]:
    """Return the pipeline's file, after the definition's where that is to be written."""
    definition = source.inside or _definition_path(repository, source.file, path)
    entry: dict[str, Json] = {
        "version": 1,
        "name": pipeline,
        "definition": posixpath.relpath(definition, posixpath.dirname(path) or "."),
    }
    if text.substitutions:
        entry["substitutions"] = text.substitutions if isinstance(text.substitutions, str) else dict(text.substitutions)
    pipeline_file = schema_line(path, has_schema=repository.source.holds(SCHEMA_FILE)) + yaml_text(entry)
    copied = {} if source.inside else {definition: text.content}
    return {**copied, path: pipeline_file.encode()}


def _definition_path(repository: Repository, file: str, path: str) -> str:
    """Return where the definition goes: beside the pipeline's file, under a name that no pattern takes for a pipeline's."""
    suffix = ".asl.json" if file.endswith(".json") else ".asl"
    place = path.rpartition(".")[0] + suffix
    if any(glob_pattern(pattern).fullmatch(place) for pattern in repository.project.patterns):
        hint = "Narrow `pipelines` in bunsui.yaml to *.yaml."
        raise InvalidInput("definition-in-the-way", "it would be taken for a pipeline there", hint=hint, file=place)
    return place


def _are_there(repository: Repository, files: Mapping[str, bytes]) -> bool:
    source = repository.source
    return all(source.holds(path) and source.read(path) == content for path, content in files.items())


def _files_to_write(repository: Repository, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return those that are not there.

    Raises:
        InvalidInput: another file is there.

    """
    wanted = dict(files)
    for path, content in files.items():
        if repository.source.holds(path):
            if repository.source.read(path, limit_bytes=len(content) + 1_048_576) != content:
                hint = "Move it away, or import into another folder:  --into FOLDER"
                raise InvalidInput("files-exist", "a file is there already, and nothing is overwritten", hint=hint, file=path)
            del wanted[path]
    return wanted


def _check_used(request: DefinitionRequest, found: Sequence[ImportedDefinition]) -> None:
    places = {name for one in found for name in one.text.places}
    if unused := [name for name in request.values if name not in places]:
        raise InvalidInput(
            "no-such-placeholder",
            "a value is given for a placeholder that no definition has",
            hint=f"Their placeholders are: {', '.join(sorted(places)) or 'none'}",
            placeholder=", ".join(unused),
        )


def _place_finding(finding: Diagnostic, said: Mapping[str, str]) -> Diagnostic:
    """Return the finding where the user has the file."""
    if finding.position is None or finding.position.file not in said:
        return finding
    return replace(finding, position=replace(finding.position, file=said[finding.position.file]))
