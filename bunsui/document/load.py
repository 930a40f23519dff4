"""All pipeline files of a project, for one environment: read, filled in, checked, lowered."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.diagnostics import Diagnostic, Position, Severity, sorted_diagnostics
from bunsui.document.checks import check_pipeline
from bunsui.document.checks_project import check_together
from bunsui.document.intake import read_document
from bunsui.document.interpolation import Names, fill
from bunsui.document.lowering import lower
from bunsui.document.lowering_tests import is_suite, read_suite, tests_of, twice_named
from bunsui.document.project import ProjectDocument
from bunsui.document.raw_definition import definition_path
from bunsui.document.reading import Lowering
from bunsui.document.rules import Rules
from bunsui.document.schema_check import SchemaCheck, pipeline_check
from bunsui.document.tree import Document
from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Pipeline
from bunsui.model.pipeline_test import PipelineTest
from bunsui.model.resource import Scope
from bunsui.model.values import Json
from bunsui.operations.contract import OperationType
from bunsui.ports.cloud import ParameterStore
from bunsui.ports.source import Source


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
) -> Documents:
    """Load every pipeline that the project's patterns find. User mistakes come back as diagnostics; a parameter store that
    cannot be reached raises its CloudError. Files that a pipeline uses (raw definitions, code folders) are no pipelines."""
    names = Names(variables=project.variables, scope=scope, parameters=parameters)
    found = source.find(project.patterns)
    findings: list[Diagnostic] = [] if found else [_nothing_found(project)]
    documents: list[Document] = []
    used = _Used()
    for file in found:
        intake = _read(source, file)
        if isinstance(intake, Document):
            documents.append(intake)
            used.add(intake)
        else:
            findings += intake
    findings = [finding for finding in findings if not finding.position or not used.holds(finding.position.file)]
    documents = [document for document in documents if not used.holds(document.file)]
    check = pipeline_check(registry)
    suites = [document for document in documents if is_suite(document.file)]
    documents = [document for document in documents if not is_suite(document.file)]
    loaded = [_load(source, document, project, names, registry, check) for document in documents]
    findings += [finding for one in loaded for finding in one.diagnostics]
    findings += check_together([(one.document, one.pipeline) for one in loaded], registry)
    broken = {finding.position.file for finding in findings if finding.is_error and finding.position}
    pipelines = [one.pipeline for one in loaded if one.pipeline is not None and one.document.file not in broken]
    tests, problems = _tests(loaded, suites)
    findings += problems
    rules = project.rules.beside(one.pipeline for one in loaded if one.pipeline is not None)
    return Documents(
        pipelines=tuple(sorted(pipelines, key=lambda pipeline: pipeline.name)),
        diagnostics=rules.applied(sorted_diagnostics(findings)),
        rules=rules,
        files=tuple(document.file for document in documents),
        tests=tuple(test for test in tests if test.pipeline in {pipeline.name for pipeline in pipelines}),
    )


def _tests(loaded: Sequence[Loaded], suites: Sequence[Document]) -> tuple[list[PipelineTest], list[Diagnostic]]:
    """Give the tests of all files, and what is wrong with files of tests."""
    tests: list[PipelineTest] = []
    findings: list[Diagnostic] = []
    names = {one.document.file: one.pipeline.name for one in loaded if one.pipeline is not None}
    for one in loaded:
        own = tests_of(one.document, one.pipeline.name) if one.pipeline is not None else ()
        findings += twice_named(one.document, own)
        tests += own
    for document in suites:
        read, problems = read_suite(document, names)
        findings += (*problems, *twice_named(document, read))
        tests += read
    return tests, findings


def _load(
    source: Source,
    document: Document,
    project: ProjectDocument,
    names: Names,
    registry: Mapping[str, OperationType],
    check: SchemaCheck,
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
    )
    is_readable = isinstance(filled.data, Mapping) and filled.data.get("version") == 1
    pipeline = lower(lowering, filled.value) if is_readable else None
    checks = check_pipeline(document, filled, registry) if is_readable else ()
    first = (*filled.diagnostics, *shape)
    # What lowering stumbles over in an operation with findings of the schema would only repeat them.
    broken = {_operation_of(finding) for finding in first}
    later = [finding for finding in lowering.findings if _operation_of(finding) not in broken]
    said = {(finding.position, finding.code) for finding in first}
    diagnostics = (*first, *later, *(finding for finding in checks if (finding.position, finding.code) not in said))
    return Loaded(document=document, pipeline=pipeline, diagnostics=diagnostics)


def _operation_of(finding: Diagnostic) -> tuple[str, str]:
    """Give the file, and the pointer of the operation that the finding lies in; its own pointer outside operations."""
    parts = finding.pointer.split("/")
    is_inside = len(parts) > 4 and parts[1] == "jobs" and parts[3] == "operations"
    return finding.position.file if finding.position else "", "/".join(parts[:5]) if is_inside else finding.pointer


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

    def add(self, document: Document) -> None:
        """Note what the document names."""
        data = document.data
        if not isinstance(data, Mapping):
            return
        definition = data.get("definition")
        if isinstance(definition, str):
            self._files.add(definition_path(posixpath.dirname(document.file), definition))
        for path in _code_folders(data.get("jobs")):
            if path.strip("./"):
                self._folders.add(posixpath.normpath(path) + "/")

    def holds(self, file: str) -> bool:
        """Tell whether a file is a definition, or lies in a code folder."""
        return file in self._files or any(file.startswith(folder) for folder in self._folders)


def _code_folders(value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        code = value.get("code")
        path = code.get("path") if isinstance(code, Mapping) else None
        if isinstance(path, str):
            yield path
        for item in value.values():
            yield from _code_folders(item)
    elif isinstance(value, list):
        for item in value:
            yield from _code_folders(item)
