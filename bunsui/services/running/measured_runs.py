"""What the last runs of a pipeline tell of the next: how long its jobs take, and what a run uses. Read from their histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from bunsui.errors import CloudError
from bunsui.model.estimates.cost import Usage
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import HistoryEvent, JobStatus, Session, SessionStatus
from bunsui.operations.contract import OperationType
from bunsui.ports.execution import ExecutionClient
from bunsui.sessions.history.usage import UsageReader
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.trace import read_trace

_EVENTS_A_CALL = 1000
"""What GetExecutionHistory gives at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRun:
    """One run that succeeded in one attempt."""

    session: str
    jobs: Mapping[str, float]
    """Seconds of each job that ran and succeeded, its retries and waits included."""
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRuns:
    """The newest of them whose histories are still known."""

    runs: tuple[MeasuredRun, ...] = ()
    unread: int = 0
    """Runs whose history Step Functions does not know any more, or may not be read."""
    calls: int = 0
    """Calls of Step Functions that this took."""

    def typical(self, job: str) -> TypicalDuration:
        """Return how long a job takes."""
        took = [run.jobs[job] for run in self.runs if job in run.jobs]
        if took:
            return TypicalDuration(seconds=median(took), runs=len(took))
        return TypicalDuration(seconds=None, why=self._why_unknown())

    def _why_unknown(self) -> str:
        if self.runs:
            return f"it did not run in the last {_successes(len(self.runs))}"
        if self.unread:
            return f"Step Functions does not know the last {_successes(self.unread)} any more"
        return "no run succeeded in one go yet"


@dataclass(frozen=True)
class RunMeter:
    """Measures runs; the definition of each version is asked for once."""

    execution: ExecutionClient
    registry: Mapping[str, OperationType]
    _shapes: dict[str, MachineShape] = field(default_factory=dict)

    def measure(self, pipeline: Pipeline | None, rows: Iterable[Session], *, most: int) -> MeasuredRuns:
        """Read the histories of the newest runs, at most that many, among rows that come newest first; of a pipeline that no
        file says, without what its functions use."""
        found: list[MeasuredRun] = []
        unread = calls = 0
        chosen = [row for row in rows if _is_measurable(row)][:most]
        for row in chosen:
            arn = row.attempts[-1].execution_arn
            known = len(self._shapes)
            try:
                events = self.execution.history(arn)
                shape = self._shape(row, arn)
            except CloudError:
                unread, calls = unread + 1, calls + 1
                continue
            calls += -(-len(events) // _EVENTS_A_CALL) + len(self._shapes) - known
            found.append(_read_run(row, shape, events, UsageReader(pipeline, self.registry)))
        return MeasuredRuns(runs=tuple(found), unread=unread, calls=calls)

    def _shape(self, row: Session, arn: str) -> MachineShape:
        key = row.version_arn or arn
        if key not in self._shapes:
            self._shapes[key] = machine_shape(self.execution.definition(arn))
        return self._shapes[key]


def _read_run(row: Session, shape: MachineShape, events: Iterable[HistoryEvent], reader: UsageReader) -> MeasuredRun:
    history = tuple(events)
    return MeasuredRun(
        session=row.id,
        jobs={
            job.name: (job.stopped_at - job.started_at) / timedelta(seconds=1)
            for job in job_progress(shape, history)
            if job.status is JobStatus.SUCCEEDED and not job.coarse and job.started_at and job.stopped_at
        },
        usage=reader.usage(shape, read_trace(history)),
    )


def _is_measurable(row: Session) -> bool:
    """Tell whether the row is of a whole run that succeeded in one go: of others the jobs did not all run."""
    return row.status is SessionStatus.SUCCEEDED and len(row.attempts) == 1 and not row.skipped


def _successes(count: int) -> str:
    return f"{count} successes" if count != 1 else "success"
