"""What the product's pure functions say of a project that lies in memory: part after part, the cheap ones first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from bunsui.codec.writing import to_json
from bunsui.composition.settings import local_ecs
from bunsui.document.project import ProjectDocument
from bunsui.document.project_reading import read_project
from bunsui.errors import BunsuiError, InvalidInput
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.environment.freeze import frozen_at
from bunsui.model.environment.resident import ResidentCode
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import ActualResource, AppliedResource, Scope
from bunsui.model.session import JobProgress, JobStatus, Session, SessionStatus
from bunsui.plan.build import Facts, build_plan
from bunsui.ports.source import FolderEntry, UnusedPattern
from bunsui.project.compile import CompiledProject, compile_project
from bunsui.project.repository import Repository
from bunsui.services.apply.ci_policy import gate
from bunsui.services.apply.questions import needed
from bunsui.services.apply.request import Accepted
from bunsui.services.graph import graph_of
from bunsui.services.render import shown as rendered
from bunsui.services.sessions import SessionList, kept_since
from bunsui.services.testing.pipeline_tests import run_tests
from bunsui.sessions.inputs import read_parameters
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.documents.graphs import GraphDocument
from bunsui.view.documents.running.sessions import sessions_document
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.sessions.model import detail_lines, session_detail
from bunsui.view.spans import plain

AT = datetime(2026, 1, 1, tzinfo=UTC)
GONE = Address(MACHINE, "gone")
WAS: Mapping[str, Any] = {
    "type": "STANDARD",
    "definition": {"StartAt": "only", "States": {"only": {"Type": "Succeed"}}},
    "role_arn": "arn:aws:iam::111111111111:role/given",
    "tracing": False,
    "alias": "live",
    "logging": None,
    "tags": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFiles:
    """A `Source` over a dictionary; `pipelines` is asked for by its own pattern, or by none."""

    files: Mapping[str, bytes] = field(default_factory=dict)

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        own = sorted(path for path in self.files if path.startswith("pipelines/"))
        return own if "pipelines/**/*.yaml" in patterns else []

    def holds(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        if path.endswith(("/a.py", "/c.py")):
            return CODE.encode()
        if path not in self.files:
            raise InvalidInput("no-file", "there is no such file", path=path)
        return self.files[path]

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        names = {"a.py", "b.pem", "c.py"} - set(exclude) - ({"b.pem"} - set(include))
        return [FolderEntry(path=name, executable=False, content=f"# {path}\n{CODE}".encode()) for name in sorted(names)]

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        return ["b.pem"] if "b.pem" not in (*include, *exclude) else []

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        return []


def repository_of(
    pipeline: Mapping[str, Any], project: Mapping[str, Any], others: Sequence[Mapping[str, Any]] = ()
) -> Repository:
    """Return a project with this pipeline file, beside others, that lies in memory."""
    text = project_of(json.dumps(project))
    chosen = text.project(text.default_environment)
    files = {f"pipelines/{one['name']}.yaml": json.dumps(one).encode() for one in others}
    return Repository(
        source=MemoryFiles(files={"pipelines/p.yaml": json.dumps(pipeline).encode(), "lock.txt": LOCK, **files}),
        project=replace(chosen, rules=chosen.rules.on(AT.date())),
        scope=scope_of(chosen),
        is_local=False,
        resident=ResidentCode(version="0.1.0", digest="d") if chosen.environment.resident else None,
    )


def shown(
    pipeline: Mapping[str, Any], project: Mapping[str, Any], others: Sequence[Mapping[str, Any]] = ()
) -> Iterator[object]:
    """Yield what is said of a project with this pipeline file, beside others: findings, settings, definition, plan, tests."""
    found = repository_of(pipeline, project, others)
    chosen = found.project
    compiled = compile_project(found, asks_whether_refused=False)
    yield [(item.code, item.summary, item.severity, item.accepted) for item in compiled.diagnostics]
    yield found.scope, local_ecs(chosen, environ={}), chosen.local_iam, chosen.local_answers, chosen.timezone, compiled.moved
    yield chosen.environment.state_key_is_managed, chosen.local_lag_seconds
    yield to_json(sessions_document(SessionList(sessions=(), kept_since=kept_since(found, AT)), {}))
    for one in compiled.documents.pipelines:
        if made := compiled.pipelines.get(one.name):
            yield rendered(made.definition), made.given_roles, compiled.resources
    yield _planned(compiled, found)
    for one in compiled.documents.pipelines:
        yield _failed(one), _asked(one)
        if (made := compiled.pipelines.get(one.name)) and made.structure and made.structure.tree:
            yield to_json(GraphDocument.of(graph_of(one.name, one.jobs, made.structure, one.about)))
    yield compiled.documents.rules
    if "tests" in pipeline:
        yield [(one.test.name, one.problem, one.mismatches) for one in run_tests(found).verdicts]


def same(left: Iterator[object], right: Iterator[object]) -> bool:
    """Tell whether both say the same; what comes after the first difference is never computed."""
    nothing = object()
    return all(next(right, nothing) == part for part in left) and next(right, nothing) is nothing


CODE = "def b(event, context): ...\ndef c(event, context): ...\n"
LOCK = b"a==1 --hash=sha256:" + b"0" * 64 + b"\n"


@cache
def project_of(text: str) -> Any:
    found = read_project("bunsui.yaml", text.encode())
    assert found.document is not None, found.diagnostics
    return found


def scope_of(project: ProjectDocument) -> Scope:
    return Scope(
        project=project.name,
        environment=project.environment.name,
        account=project.environment.account or "0" * 12,
        region=project.environment.region,
        project_id=project.id,
        permissions_boundary=project.environment.permissions_boundary,
        bucket=project.environment.bucket,
        bucket_kms_key=project.environment.bucket_kms_key,
    )


def _planned(compiled: CompiledProject, found: Repository) -> object:
    """Return the plan beside a pipeline whose file is gone, what an apply of it asks for, and what CI may undo by itself."""
    place = found.project.environment
    told = compiled.facts(AT, found.registry)
    before = AppliedResource(address=GONE, physical_name="gone", attributes=WAS)
    facts = Facts(
        scope=found.scope,
        as_of=AT,
        desired=compiled.resources,
        actual=(ActualResource(address=GONE, physical_name="gone", attributes=WAS, tags=found.scope.tags(GONE)),),
        applied={GONE: before},
        pipelines=told,
        frozen=str(frozen_at(place.freeze, AT, ZoneInfo(found.project.timezone)) or ""),
        kept_for=timedelta(seconds=place.retire_seconds),
        rules=compiled.documents.rules,
        moved=compiled.moved,
    )
    plan = build_plan(facts)
    asks = needed(plan, environment=place.name, is_protected=place.protected)
    starts = [one.next_starts for one in told.values()]
    return plain(plan_lines(plan_view(plan))), plan.diagnostics, starts, asks, gate(place, Accepted(), in_ci=True)


def _failed(one: Pipeline) -> str:
    session = Session(
        id="01",
        pipeline=one.name,
        status=SessionStatus.FAILED,
        slot=AT,
        date="2026-01-01",
        params={},
        started_by="x",
        created_at=AT,
    )
    jobs = (JobProgress(name="a", status=JobStatus.FAILED, error="E"),)
    return plain(detail_lines(session_detail(SessionSnapshot(session=session, jobs=jobs, taken_at=AT, about=one.about))))


def _asked(one: Pipeline) -> list[object]:
    answers: list[object] = [one.enabled, one.slot]
    for texts in ([], ["n=z"], ["n=5"], ["n=[1]"]):
        try:
            answers.append(read_parameters(one, texts))
        except BunsuiError as error:
            answers.append((error.facts, error.hint))
    return answers
