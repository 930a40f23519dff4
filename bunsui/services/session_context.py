"""What every use case over sessions works with: the pipelines as the files say, and the account side."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bunsui.command_line import command_line
from bunsui.compile.start_limits import read_concurrency
from bunsui.diagnostics import Diagnostic
from bunsui.document.load import load_pipelines
from bunsui.errors import AccessDenied, InvalidInput, Missing, Refused
from bunsui.model.admission.concurrency import Concurrency
from bunsui.model.json import Json
from bunsui.model.pipeline import NOTHING_SAID, Pipeline
from bunsui.model.session import Session
from bunsui.model.values import Value
from bunsui.project.compile import compile_documents
from bunsui.project.repository import Repository
from bunsui.project.unknown_names import invalid_file, unknown_name
from bunsui.sessions.analysis import Origin
from bunsui.sessions.authored import authored_expressions
from bunsui.sessions.explain import machine_name_of
from bunsui.sessions.failures.operation_hints import OperationHints
from bunsui.sessions.items.runs import no_notice
from bunsui.sessions.machines import PipelineMachine, machine_of
from bunsui.sessions.manager import SessionManager
from bunsui.sessions.observer import SessionObserver
from bunsui.sessions.ports import SessionPorts
from bunsui.sessions.rounds import FIRST_LOOK, MachineRounds


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionContext:
    """A project's sessions in one environment, opened; make it with `open_context`."""

    repository: Repository
    ports: SessionPorts
    pipelines: Mapping[str, Pipeline]
    """By name; those without errors."""
    has_errors: bool
    """True when some file has errors, so that a pipeline may be missing here."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """The files with errors by the name of their pipeline."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What was found in the files while they were read; a plan finds more."""
    tests: Mapping[str, int] = field(default_factory=dict)
    """How many tests each pipeline has, by its name; those without any are left out."""
    compiled: Callable[[str], Mapping[str, Value] | None] = lambda pipeline: None
    """Returns what the files of a pipeline compile to; None when that cannot be told."""
    has_files: bool = True
    """False where only what was applied is known (`bunsui.services.without_files.deployed`)."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Pipelines of which no more than the machine is known -> why. They can be looked at."""
    is_managed: bool = True
    """False for machines of others (`bunsui.services.without_files.unmanaged`)."""
    on_reading: Callable[[int], None] = no_notice
    """Told how many executions of items are about to be read, one call each: many take their time."""
    first_look: int = FIRST_LOOK
    """How many executions the first look at a machine goes back."""

    @property
    def manager(self) -> SessionManager:
        """Return the manager of sessions over these ports."""
        ports = self.ports
        return SessionManager(
            execution=ports.execution,
            sessions=ports.sessions,
            clock=ports.clock,
            acts=ports.acts,
            new_id=ports.new_id,
            map_runs=ports.map_runs,
            settled=ports.settled,
            line=ports.line,
        )

    @property
    def rounds(self) -> MachineRounds:
        """Return what looks at machines over these ports."""
        ports = self.ports
        return MachineRounds(
            execution=ports.execution,
            sessions=ports.sessions,
            clock=ports.clock,
            manager=self.manager,
            first_look=self.first_look,
            map_runs=ports.map_runs,
            commit_of=ports.commit_of,
        )

    def all_machines(self) -> tuple[PipelineMachine, ...]:
        """Return the machines of all pipelines, and those that were looked at before and whose file is gone since."""
        known = {machine.arn for machine in self.machines}
        gone = [
            PipelineMachine(pipeline=mark.pipeline, arn=mark.machine_arn, timezone=self.repository.project.timezone)
            for mark in self.ports.sessions.watermarks().values()
            if mark.machine_arn not in known and mark.pipeline not in self.pipelines and not mark.is_gone
        ]
        return (*self.machines, *gone)

    @property
    def machines(self) -> tuple[PipelineMachine, ...]:
        """The machines of all pipelines."""
        return tuple(self.machine(name) for name in self.pipelines)

    def machine(self, name: str) -> PipelineMachine:
        """Return the machine of a pipeline, also of one whose file is gone."""
        pipeline = self.pipelines.get(name)
        timezone = pipeline.timezone if pipeline else self.repository.project.timezone
        named = pipeline.resource_name if pipeline else None
        is_raw = pipeline is not None and pipeline.is_raw
        found = machine_of(self.repository.scope, name, timezone=timezone, name=named, is_raw=is_raw)
        declared = pipeline.parameters if pipeline else ()
        secret = frozenset(parameter.name for parameter in declared if parameter.sensitive)
        return replace(found, sensitive=secret, slot=pipeline.slot if pipeline else found.slot)

    def applied_definition(self, machine: PipelineMachine) -> Mapping[str, Json]:
        """Return the definition that a start would run; what was applied a moment ago is waited for where AWS does not tell of
        it yet. Missing when it is not in the account."""
        ports = self.ports
        try:
            return ports.execution.definition(machine.alias_arn)
        except Missing:
            if not ports.settled.wait(machine.pipeline, ports.clock):
                raise
            return ports.execution.definition(machine.alias_arn)

    def pipeline(self, name: str) -> Pipeline:
        """Return a pipeline; NotFound with the name that was probably meant, InvalidInput when its file may have errors."""
        found = self.pipelines.get(name)
        if name in self.unread:
            raise Refused(
                "pipeline-unknown-here",
                "only the pipeline's files say what it declares, and they are not here",
                hint="Work in a checkout of the project. What ran can be looked at from anywhere.",
                pipeline=name,
                reason=self.unread[name],
            )
        if found is not None:
            return found
        if name in self.broken:
            raise invalid_file(name, self.broken[name])
        near = difflib.get_close_matches(name, self.pipelines, n=1, cutoff=0.5)
        if self.has_errors and not near:
            raise InvalidInput(
                "pipeline-invalid",
                "there is no pipeline of that name without errors",
                hint="See what is wrong with the files:\n  bunsui validate",
                pipeline=name,
            )
        summary, see = (
            "there is no pipeline of that name",
            command_line("status") if self.has_files else command_line("sessions"),
        )
        raise unknown_name("unknown-pipeline", summary, what="pipeline", name=name, known=self.pipelines, see=see)

    def concurrency_in_force(self, name: str) -> Concurrency | None:
        """Return how many sessions may run at a time, as it is applied; None for as many as are started. Who may not
        read the machine has what the file says.

        Raises:
            Refused: the machine says it in a way that this bunsui does not know.

        """
        try:
            return read_concurrency(self.ports.execution.definition(self.machine(name).alias_arn))
        except Missing:
            return None  # the start says it
        except AccessDenied:
            known = self.pipelines.get(name)
            return known.concurrency if known is not None else None

    def pipeline_of(self, execution_arn: str) -> str:
        """Return the pipeline whose machine an execution ran; the machine's name when it is none of these."""
        name = machine_name_of(execution_arn)
        return next((one.pipeline for one in self.machines if one.arn.rpartition(":")[2] == name), name)

    def _hints(self, origin: Origin, execution_arn: str) -> Mapping[str, str]:
        hints = OperationHints(self.repository.registry, self.pipelines)
        pipeline, service = self.pipeline_of(execution_arn), origin.raised.service
        return hints.of(pipeline, job=origin.job, state=origin.state, service=service)

    def observer(self, session: Session) -> SessionObserver:
        """Return what looks at the session."""
        pipeline = self.pipelines.get(session.pipeline)
        return SessionObserver(
            manager=self.manager,
            execution=self.ports.execution,
            logs=self.ports.logs,
            clock=self.ports.clock,
            target_arn=self.machine(session.pipeline).alias_arn,
            order=[job.name for job in pipeline.jobs] if pipeline else (),
            hints=self._hints,
            pipeline_of=self.pipeline_of,
            map_runs=self.ports.map_runs,
            containers=self.ports.containers,
            about=pipeline.about if pipeline else NOTHING_SAID,
            closing=[job.name for job in pipeline.jobs if job.closing is not None] if pipeline else (),
            described={job.name: job.description for job in pipeline.jobs if job.description} if pipeline else {},
            authored=authored_expressions(pipeline, self.repository.registry) if pipeline else None,
        )


def open_context(repository: Repository, ports: SessionPorts) -> SessionContext:
    """Read the pipelines and give the context. Findings in the files do not matter here: what runs was applied before."""
    documents = load_pipelines(
        repository.source,
        repository.project,
        registry=repository.registry,
        scope=repository.scope,
        parameters=repository.parameters,
    )
    return SessionContext(
        repository=repository,
        ports=ports,
        pipelines={pipeline.name: pipeline for pipeline in documents.pipelines},
        compiled=lambda pipeline: compile_documents(repository, documents, [pipeline])[pipeline].definition or None,
        has_errors=any(found.is_error for found in documents.diagnostics),
        broken=documents.broken,
        diagnostics=documents.diagnostics,
        tests=Counter(test.pipeline for test in documents.tests),
    )
