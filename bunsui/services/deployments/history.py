"""History of a pipeline: version, commit, apply, how the sessions of each went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bunsui.model.deployments.deployment import Deployment, version_number
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery, SessionRepository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.deployments.rollback import versions_of
from bunsui.services.deployments.standing import DeployedMachine, deployed_machine

MOST_SESSIONS = 1000
"""So many of the pipeline's newest rows are counted."""
_ENDED_BADLY = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTally:
    """How the sessions went that began on a version while it was deployed."""

    succeeded: int = 0
    failed: int = 0
    """Failed, timed out or stopped."""
    open: int = 0
    """Not at their end yet."""
    last_failed: str = ""
    """The id of the last one that failed; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedVersion:
    """One line of the history."""

    version_arn: str
    deployment: Deployment | None
    """None for a version of which there is no record: somebody else published it, or a bunsui that kept none."""
    is_current: bool
    """True when new sessions run it, as far as bunsui knows."""
    is_there: bool
    """False when the version was removed."""
    sessions: SessionTally

    @property
    def version(self) -> str:
        """The version's number."""
        return version_number(self.version_arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineHistory:
    """The history of one pipeline."""

    machine: DeployedMachine
    lines: tuple[DeployedVersion, ...]
    """Newest first."""
    older: int
    """How many older lines there are."""
    counted_since: datetime | None
    """Sessions that began before were not counted; None when all were that are kept."""


def pipeline_history(ports: ReconcilePorts, sessions: SessionRepository, pipeline: str, *, limit: int) -> PipelineHistory:
    """Return what was deployed of the pipeline, newest first. Nothing is written.

    Raises:
        NotFound: `unknown-pipeline`.

    """
    machine = deployed_machine(ports, pipeline)
    there = versions_of(ports).machine_versions(machine.arn)
    rows = sessions.find(SessionQuery(pipeline=pipeline, limit=MOST_SESSIONS))
    lines = _lines(machine, there, rows)
    return PipelineHistory(
        machine=machine,
        lines=tuple(lines[:limit]),
        older=max(0, len(lines) - limit),
        counted_since=rows[-1].created_at if len(rows) == MOST_SESSIONS else None,
    )


def _lines(machine: DeployedMachine, there: Sequence[str], rows: Sequence[Session]) -> list[DeployedVersion]:
    current = machine.current
    lines: list[DeployedVersion] = []
    began_before: datetime | None = None
    for number, record in enumerate(machine.records):
        lines.append(
            DeployedVersion(
                version_arn=record.version_arn,
                deployment=record,
                is_current=number == 0 and record.version_arn == current,
                is_there=record.version_arn in there,
                sessions=_tally(row for row in rows if _began_on(row, record, began_before)),
            )
        )
        began_before = record.at
    known = {record.version_arn for record in machine.records}
    unrecorded = sorted((arn for arn in there if arn not in known), key=_order, reverse=True)
    return lines + [
        DeployedVersion(
            version_arn=arn,
            deployment=None,
            is_current=arn == current,
            is_there=True,
            sessions=_tally(row for row in rows if row.version_arn == arn),
        )
        for arn in unrecorded
    ]


def _began_on(row: Session, record: Deployment, before: datetime | None) -> bool:
    """Tell whether a session began on the version while this deployment was the newest one."""
    return row.version_arn == record.version_arn and row.created_at >= record.at and (before is None or row.created_at < before)


def _order(version_arn: str) -> int:
    number = version_number(version_arn)
    return int(number) if number.isdecimal() else 0


def _tally(rows: Iterable[Session]) -> SessionTally:
    found = list(rows)
    bad = [row for row in found if row.standing in _ENDED_BADLY]
    good = sum(1 for row in found if row.standing is SessionStatus.SUCCEEDED)
    return SessionTally(
        succeeded=good, failed=len(bad), open=len(found) - good - len(bad), last_failed=bad[0].id if bad else ""
    )
