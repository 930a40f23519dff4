"""Verify what pipelines refer to: compile, collect, ask, judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic, has_errors, sorted_diagnostics
from bunsui.errors import ExitCode
from bunsui.kinds.role import ROLE
from bunsui.ports.account import Presence, ReferenceReader
from bunsui.ports.cloud import Provider
from bunsui.project.compile import PROJECT_FILE, CompiledProject, compile_project
from bunsui.project.repository import Repository
from bunsui.refresh.external_roles import services_in, trusted_by
from bunsui.services.verify.judge import LookedUp, ReferringFiles, TrustedRole, reference_findings, role_findings
from bunsui.services.verify.references import passed_roles, referred_objects


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOutcome:
    """What was looked at, and what there is to say."""

    pipelines: tuple[str, ...]
    looked: tuple[LookedUp, ...] = ()
    roles: tuple[TrustedRole, ...] = ()
    """Those that somebody else makes."""
    findings: tuple[Diagnostic, ...] = ()
    """Sorted, the project's rules applied."""
    has_invalid_files: bool = False
    """True when the files have errors: then nothing was asked, and these are the findings."""

    def count(self, presence: Presence) -> int:
        """Return how many references are so."""
        return sum(one.found.presence is presence for one in self.looked)

    @property
    def exit_code(self) -> ExitCode:
        """INVALID for files with errors, FAILED when something is missing; warnings do not count."""
        if self.has_invalid_files:
            return ExitCode.INVALID
        return ExitCode.FAILED if has_errors(self.findings) else ExitCode.DONE


def verify(
    repository: Repository, reader: ReferenceReader, providers: Mapping[str, Provider], *, names: Sequence[str] = ()
) -> VerifyOutcome:
    """Return whether what the pipelines refer to is there; only these pipelines, with what they start, when any are named.

    Raises:
        NotFound: there is no pipeline of such a name.

    """
    project = compile_project(repository, select=tuple(names))
    pipelines = tuple(name for name, compiled in sorted(project.pipelines.items()) if compiled.definition)
    if has_errors(project.diagnostics):
        return VerifyOutcome(pipelines=pipelines, findings=project.diagnostics, has_invalid_files=True)
    files = _files(repository, project)
    named = referred_objects(project, repository.scope)
    answers = reader.look(tuple(named))
    looked = tuple(LookedUp(target=one, pipelines=tuple(who), found=answers[one]) for one, who in named.items())
    given = tuple(_given_roles(project, providers[ROLE]))
    findings = (*reference_findings(looked, files), *role_findings(given, files))
    return VerifyOutcome(
        pipelines=pipelines,
        looked=looked,
        roles=given,
        findings=sorted_diagnostics(project.documents.rules.applied(findings)),
    )


def _given_roles(project: CompiledProject, roles: Provider) -> Iterator[TrustedRole]:
    wanted: dict[tuple[str, str], set[str]] = {}
    for name, compiled in sorted(project.pipelines.items()):
        for role in compiled.given_roles:
            wanted.setdefault((name, role.arn), set()).update(services_in(role.needs.attributes.get("trust")))
        for arn, service in passed_roles(compiled):
            wanted.setdefault((name, arn), set()).add(service)
    trusted = trusted_by(roles, dict.fromkeys(arn for _, arn in wanted))
    for (name, arn), services in wanted.items():
        can = trusted[arn]
        told = None if can is None else tuple(sorted(can))
        yield TrustedRole(arn=arn, pipeline=name, services=tuple(sorted(services)), trusted=told)


def _files(repository: Repository, project: CompiledProject) -> ReferringFiles:
    paths = {pipeline.name: (pipeline.path, PROJECT_FILE) for pipeline in project.documents.pipelines}
    wanted = dict.fromkeys(path for both in paths.values() for path in both)
    return ReferringFiles(texts={path: repository.source.read(path).decode("utf-8", "replace") for path in wanted}, files=paths)
