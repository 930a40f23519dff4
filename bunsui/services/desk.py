"""What every use case over sessions works with: the pipelines as the files say, and the account side."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bunsui.document.load import load_pipelines
from bunsui.errors import InvalidInput, NotFound
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Session
from bunsui.model.values import Value
from bunsui.services.compiled import compile_documents
from bunsui.services.edges import Repository, SessionEdges
from bunsui.sessions.explain import hints_of
from bunsui.sessions.machines import Machine, machine_of
from bunsui.sessions.manager import SessionManager
from bunsui.sessions.observer import SessionObserver


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A project's sessions in one environment, opened; make it with `open_desk`."""

    repository: Repository
    edges: SessionEdges
    pipelines: Mapping[str, Pipeline]
    """By name; those without errors."""
    has_errors: bool
    """True when some file has errors, so that a pipeline may be missing here."""
    compiled: Callable[[str], Mapping[str, Value] | None] = lambda pipeline: None
    """Gives what the files of a pipeline compile to; None when that cannot be told."""

    @property
    def manager(self) -> SessionManager:
        """What starts, follows, resumes and stops."""
        edges = self.edges
        return SessionManager(execution=edges.execution, sessions=edges.sessions, clock=edges.clock, new_id=edges.new_id)

    @property
    def machines(self) -> tuple[Machine, ...]:
        """The machines of all pipelines."""
        return tuple(self.machine(name) for name in self.pipelines)

    def machine(self, name: str) -> Machine:
        """Give the machine of a pipeline, also of one whose file is gone."""
        pipeline = self.pipelines.get(name)
        timezone = pipeline.timezone if pipeline else self.repository.project.timezone
        named = pipeline.resource_name if pipeline else None
        is_raw = pipeline is not None and pipeline.is_raw
        return machine_of(self.repository.scope, name, timezone=timezone, name=named, is_raw=is_raw)

    def pipeline(self, name: str) -> Pipeline:
        """Give a pipeline; NotFound with the name that was probably meant, InvalidInput when its file may have errors."""
        found = self.pipelines.get(name)
        if found is not None:
            return found
        near = difflib.get_close_matches(name, self.pipelines, n=1, cutoff=0.5)
        if self.has_errors and not near:
            raise InvalidInput(
                "pipeline-invalid",
                "there is no pipeline of that name without errors",
                hint="See what is wrong with the files:\nbunsui validate",
                pipeline=name,
            )
        raise NotFound(
            "unknown-pipeline",
            "there is no pipeline of that name",
            hint=f"Did you mean `{near[0]}`?" if near else "See all of them:\nbunsui status",
            pipeline=name,
        )

    def observer(self, session: Session) -> SessionObserver:
        """Give what looks at the session."""
        pipeline = self.pipelines.get(session.pipeline)
        return SessionObserver(
            manager=self.manager,
            execution=self.edges.execution,
            logs=self.edges.logs,
            clock=self.edges.clock,
            target_arn=self.machine(session.pipeline).alias_arn,
            order=[job.name for job in pipeline.jobs] if pipeline else (),
            hints=hints_of(pipeline, self.repository.registry) if pipeline else None,
            map_runs=self.edges.map_runs,
        )


def open_desk(repository: Repository, edges: SessionEdges) -> Desk:
    """Read the pipelines and give the desk. Findings in the files do not matter here: what runs was applied before."""
    documents = load_pipelines(
        repository.source,
        repository.project,
        registry=repository.registry,
        scope=repository.scope,
        parameters=repository.parameters,
    )
    return Desk(
        repository=repository,
        edges=edges,
        pipelines={pipeline.name: pipeline for pipeline in documents.pipelines},
        compiled=lambda pipeline: compile_documents(repository, documents, [pipeline])[pipeline].definition or None,
        has_errors=any(found.is_error for found in documents.diagnostics),
    )
