"""All pipeline files of a project, for one environment: read, filled in, checked, lowered."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from bunsui.diagnostics import Diagnostic, Position, Severity, has_errors, sorted_diagnostics
from bunsui.document.author_text import author_text
from bunsui.document.checks.expectations import check_expectations
from bunsui.document.checks.pipeline import check_pipeline
from bunsui.document.checks.project import check_together
from bunsui.document.checks.schedules import check_schedules
from bunsui.document.checks.stray_files import stray_files, unused_patterns
from bunsui.document.closing_jobs import with_closing_jobs
from bunsui.document.consequences import without_consequences
from bunsui.document.error_limit import distinct
from bunsui.document.interpolation import Filled, PlaceholderNames, fill
from bunsui.document.lowering.channels import check_entries
from bunsui.document.lowering.learnt_durations import check_durations, own_durations, read_durations
from bunsui.document.lowering.pipeline import lower
from bunsui.document.lowering.raw_definition import definition_path
from bunsui.document.lowering.tests import read_suite, tests_of, twice_named
from bunsui.document.lowering.values import Lowering, mapping_at
from bunsui.document.named_functions import with_project_functions
from bunsui.document.project import ProjectDocument
from bunsui.document.rules import Rules
from bunsui.document.schema.check import SchemaCheck, job_form, pipeline_check
from bunsui.document.short_forms import is_short, long_form
from bunsui.document.suite_files import is_suite
from bunsui.document.type_defaults import check_project_defaults, with_type_defaults
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document
from bunsui.errors import InvalidInput
from bunsui.model.estimates.learnt_durations import DURATIONS_FILE, JobDurations
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.pipeline_test import PipelineTest
from bunsui.model.resource import Scope
from bunsui.notifications.contract import ChannelType
from bunsui.operations.contract import OperationType
from bunsui.ports.cloud import ParameterStore
from bunsui.ports.service_models import ServiceModels
from bunsui.ports.source import Source

_NAME_LINE = re.compile(rb"(?m)^name:[ \t]*[\"']?(?P<name>[A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What the pipeline files say."""

    pipelines: tuple[Pipeline, ...]
    """Those without errors, by name."""
    diagnostics: tuple[Diagnostic, ...]
    """All findings, sorted, the project's rules applied."""
    files: tuple[str, ...]
    """The pipeline files that were read."""
    tests: tuple[PipelineTest, ...] = ()
    """Of pipelines without errors, in the order of the files; also those of `*.test.yaml` files."""
    rules: Rules = field(default_factory=Rules)
    """The project's rules, and the acceptances that stand in the files."""
    used: tuple[str, ...] = ()
    """Files that pipelines name (definitions, lock files), and the folders of their code, which end with `/`."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """The files with errors by the name of their pipeline; by the file's own where the name cannot be read."""
    made_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the name of each pipeline, also of those with errors, its files and what they name, as in `used`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One pipeline file on its way."""

    document: Document
    pipeline: Pipeline | None
    diagnostics: tuple[Diagnostic, ...]


def load_pipelines(
    source: Source,
    project: ProjectDocument,
    *,
    registry: Mapping[str, OperationType],
    scope: Scope,
    parameters: ParameterStore | None = None,
    named: Sequence[str] = (),
    services: ServiceModels | None = None,
    channel_types: Mapping[str, ChannelType] | None = None,
) -> Documents:
    """Load every pipeline that the project's patterns find, and the `named` files whether they find them or not. User mistakes
    come back as diagnostics; a parameter store that cannot be reached raises its CloudError. Files that a pipeline uses (raw
    definitions, code folders) are no pipelines. Without `services` calls of AWS's API are not held against its models, without
    `channel_types` channels are not held against their types."""
    names = PlaceholderNames(variables=project.variables, scope=scope, parameters=parameters)
    matched = source.find(project.patterns)
    findings: list[Diagnostic] = [*unused_patterns(project, matched)] if matched else [_nothing_found(project)]
    learnt = read_durations(source)
    named = [file for file in named if file != DURATIONS_FILE]
    files = sorted({*matched, *named} - {DURATIONS_FILE})
    form = job_form(registry)

    def complete(document: Document) -> Document:
        whole = with_type_defaults(long_form(with_closing_jobs(document), form), registry, project=project.document)
        return with_project_functions(whole, project.document)

    documents, used, unreadable = _read_all(source, files, complete)
    findings += unreadable
    torn = [file for file in set(files) - {document.file for document in documents} if not used.holds(file)]
    findings += stray_files(source, project, matched, named=[file for file in named if file not in matched])
    findings = [finding for finding in findings if not finding.position or not used.holds(finding.position.file)]
    documents = [document for document in documents if not used.holds(document.file)]
    check = pipeline_check(registry)
    suites = [document for document in documents if is_suite(document.file)]
    documents = [document for document in documents if not is_suite(document.file)]
    loaded = [_load(source, document, project, names, registry, check, services, learnt.pipelines) for document in documents]
    findings += [finding for one in loaded for finding in one.diagnostics]
    findings += check_project_defaults(project.document, registry) if project.document is not None else ()
    if project.document is not None and channel_types is not None:
        findings += check_entries(project.document, channel_types)
    findings += check_together([(one.document, one.pipeline) for one in loaded], registry)
    broken = {finding.position.file for finding in findings if finding.is_error and finding.position}
    # A definition that cannot be read stands in another file than the pipeline.
    broken |= {one.document.file for one in loaded if any(finding.is_error for finding in one.diagnostics)}
    pipelines = [one.pipeline for one in loaded if one.pipeline is not None and one.document.file not in broken]
    whole = {pipeline.name for pipeline in pipelines}
    called = {**{file: _torn_name(source, file) for file in torn}, **{one.document.file: _name_of(one) for one in loaded}}
    tests, problems = _tests(loaded, suites)
    unusable = {name: file for name, file in _by_name(called, broken).items() if name not in whole}
    findings += (*problems, *learnt.diagnostics, *check_durations(learnt, pipelines, unusable))
    rules = project.rules.beside(one.pipeline for one in loaded if one.pipeline is not None)
    return Documents(
        pipelines=tuple(sorted(pipelines, key=lambda pipeline: pipeline.name)),
        diagnostics=rules.applied(sorted_diagnostics(distinct(findings))),
        rules=rules,
        files=tuple(document.file for document in documents),
        used=used.names(),
        broken=unusable,
        made_of=_made_of(called, documents),
        tests=tuple(test for test in tests if test.pipeline in whole),
    )


def _read_all(
    source: Source, files: Sequence[str], complete: Callable[[Document], Document]
) -> tuple[list[Document], _Used, list[Diagnostic]]:
    """Read and complete the files; return what they name, and what is wrong with those that cannot be read."""
    documents: list[Document] = []
    findings: list[Diagnostic] = []
    used = _Used()
    for file in files:
        intake = _read(source, file)
        if isinstance(intake, Document):
            documents.append(complete(intake))
            used.add(documents[-1])
        else:
            findings += intake
    return documents, used, findings


def _name_of(one: Loaded) -> str:
    """Return the name that a file gives its pipeline, be there what errors there will; else the file's own."""
    if one.pipeline is not None and one.pipeline.name:
        return one.pipeline.name
    data = one.document.data
    name = data.get("name") if isinstance(data, Mapping) else None
    return name if isinstance(name, str) and name else _stem(one.document.file)


def _torn_name(source: Source, file: str) -> str:
    """Return the same of a file that is no YAML: its line `name:` is looked for in the text."""
    try:
        found = _NAME_LINE.search(source.read(file))
    except InvalidInput:
        found = None
    return found["name"].decode("ascii") if found else _stem(file)


def _stem(file: str) -> str:
    return PurePosixPath(file).name.split(".")[0]


def _by_name(called: Mapping[str, str], files: Collection[str]) -> dict[str, str]:
    return {called.get(file) or _stem(file): file for file in sorted(files)}


def _made_of(called: Mapping[str, str], documents: Sequence[Document]) -> dict[str, tuple[str, ...]]:
    """Return the files of each name, and what they use; two files that claim one name are both its."""
    known = {document.file: document for document in documents}
    found: dict[str, tuple[str, ...]] = {}
    for file, name in sorted(called.items()):
        own = _Used()
        if file in known:
            own.add(known[file])
        found[name] = (*found.get(name, ()), file, *own.names())
    return found


def _tests(loaded: Sequence[Loaded], suites: Sequence[Document]) -> tuple[list[PipelineTest], list[Diagnostic]]:
    """Return the tests of all files, and what is wrong with files of tests."""
    tests: list[PipelineTest] = []
    findings: list[Diagnostic] = []
    names = {one.document.file: one.pipeline.name for one in loaded if one.pipeline is not None}
    pipelines = {one.pipeline.name: one.pipeline for one in loaded if one.pipeline is not None}
    for one in loaded:
        own = tests_of(one.document, one.pipeline.name) if one.pipeline is not None else ()
        findings += twice_named(one.document, own)
        findings += check_expectations(one.document, one.pipeline) if one.pipeline is not None else ()
        tests += own
    for document in suites:
        read, problems = read_suite(document, names)
        findings += (*problems, *twice_named(document, read))
        findings += check_expectations(document, pipelines[read[0].pipeline]) if read else ()
        tests += read
    return tests, findings


def _load(
    source: Source,
    document: Document,
    project: ProjectDocument,
    names: PlaceholderNames,
    registry: Mapping[str, OperationType],
    check: SchemaCheck,
    services: ServiceModels | None,
    learnt: Mapping[str, JobDurations],
) -> Loaded:
    filled = fill(document, names)
    shape = check(document, filled.data)
    lowering = Lowering(
        document=document,
        source=source,
        registry=registry,
        timezone=project.timezone,
        project_defaults=project.defaults,
        roles=project.environment.roles,
        alerts=project.alerts,
        routes=project.alert_routes,
        channels=project.channels,
        resident_only=[name for name, one in project.channels.items() if not one.is_direct],
        tells=project.environment.alerts_enabled,
        has_resident=project.environment.resident,
    )
    is_readable = isinstance(filled.data, Mapping) and filled.data.get("version") == 1
    pipeline = lower(lowering, filled.value) if is_readable else None
    checks = check_pipeline(document, filled, registry, services, project.ignored_tags) if is_readable else ()
    first = (*filled.diagnostics, *shape)
    # What lowering stumbles over in an operation with findings of the schema would only repeat them.
    broken = {_operation_of(finding, document) for finding in first}
    said = {(finding.position, finding.code) for finding in first}
    later = [
        finding
        for finding in lowering.findings
        if _operation_of(finding, document) not in broken and (finding.position, finding.code) not in said
    ]
    unsaid = (finding for finding in checks if (finding.position, finding.code) not in said)
    diagnostics = without_consequences(tuple(distinct((*first, *later, *unsaid))))
    if pipeline is not None and project.rules.today is not None and not has_errors(diagnostics):
        diagnostics = (*diagnostics, *check_schedules(document, pipeline, project.rules.today))
    if pipeline is not None and not has_errors(diagnostics):
        pipeline = replace(pipeline, durations=own_durations(pipeline, learnt))
        pipeline = replace(pipeline, text=_text(document, filled, project, names, pipeline))
    return Loaded(document=document, pipeline=pipeline, diagnostics=diagnostics)


def _text(document: Document, filled: Filled, project: ProjectDocument, names: PlaceholderNames, pipeline: Pipeline) -> str:
    """Return the pipeline's text; what a parameter store gave stands in it by its name."""
    named = filled if not names.asked else fill(document, replace(names, parameters=None))
    written = named.as_written()
    if not isinstance(written, Mapping):
        return ""
    return author_text(written, project.defaults, project.alerts_text, pipeline.durations, alerts=pipeline.alerts)


def _operation_of(finding: Diagnostic, document: Document) -> tuple[str, str]:
    """Return the file, and the pointer of the operation that the finding lies in; its own pointer outside operations."""
    file = finding.position.file if finding.position else ""
    parts = finding.pointer.split("/")
    if len(parts) > 4 and parts[1] == "jobs" and parts[3] == "operations":
        return file, "/".join(parts[:5])
    if len(parts) > 2 and parts[1] == "jobs" and is_short(document, parts[2]):
        long = mapping_at(document.data, "jobs", parts[2])
        return file, finding.pointer if len(parts) > 3 and parts[3] in long else "/".join(parts[:3])
    return file, finding.pointer


def _nothing_found(project: ProjectDocument) -> Diagnostic:
    return Diagnostic(
        code="BS217",
        severity=Severity.WARNING,
        summary="there is no pipeline file",
        position=project.patterns_at,
        detail=f"No file matches {', '.join(project.patterns)}.",
        hint="Add one, or correct pipelines: in bunsui.yaml.",
    )


def _read(source: Source, file: str) -> Document | list[Diagnostic]:
    try:
        content = source.read(file)
    except InvalidInput as error:
        return [
            Diagnostic(
                code="BS001",
                severity=Severity.ERROR,
                summary=error.summary,
                position=Position(file, 1, 1),
                hint=error.hint,
            )
        ]
    intake = read_document(file, content)
    return intake.document if intake.document is not None else list(intake.diagnostics)


class _Used:
    """Files that pipelines name: raw definitions and code folders."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self._locks: set[str] = set()

    def add(self, document: Document) -> None:
        """Note what the document names."""
        data = document.data
        if not isinstance(data, Mapping):
            return
        definition = data.get("definition")
        if isinstance(definition, str):
            self._files.add(definition_path(posixpath.dirname(document.file), definition))
        functions = data.get("functions")
        named = [code for code in functions.values() if isinstance(code, Mapping)] if isinstance(functions, Mapping) else []
        for code in (*_codes(data.get("jobs")), *named):
            path, lock = code.get("path"), code.get("requirements")
            if isinstance(path, str) and path.strip("./"):
                self._folders.add(posixpath.normpath(path) + "/")
            if isinstance(lock, str):
                self._locks.add(posixpath.normpath(lock))

    def names(self) -> tuple[str, ...]:
        """Return everything that is named, sorted."""
        return tuple(sorted({*self._files, *self._locks, *self._folders}))

    def holds(self, file: str) -> bool:
        """Tell whether a file is a definition, or lies in a code folder."""
        return file in self._files or any(file.startswith(folder) for folder in self._folders)


def _codes(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, Mapping):
        code = value.get("code")
        if isinstance(code, Mapping):
            yield code
        for item in value.values():
            yield from _codes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _codes(item)
