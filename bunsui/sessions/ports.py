"""The account side of use cases over sessions, handed to them by `bunsui.composition`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bunsui.ports.clock import Clock
from bunsui.ports.execution import MapRunReader, SessionExecutions
from bunsui.ports.gates import GatePorts
from bunsui.ports.monitoring import ContainerLogs, LogReader
from bunsui.ports.objects import ObjectLists, ObjectStore
from bunsui.ports.session_rows import SessionRepository
from bunsui.sessions.admission.line import LineSettings
from bunsui.sessions.history.commits import CommitOf, no_commit
from bunsui.sessions.starts.acts import SessionActs
from bunsui.sessions.starts.settling import SettledStarts


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPorts:
    """The account side of run, sessions, show, watch, logs and resume."""

    execution: SessionExecutions
    sessions: SessionRepository
    logs: LogReader
    clock: Clock
    caller_arn: str
    acts: SessionActs
    """Records what is done with sessions."""
    new_id: Callable[[], str]
    """Returns a fresh ULID."""
    objects: ObjectStore | None = None
    """None where there are no buckets."""
    lists: ObjectLists | None = None
    """Listings of the buckets from which items come; None where no foreach can read any."""
    map_runs: MapRunReader | None = None
    """None where no distributed foreach can run."""
    containers: ContainerLogs | None = None
    """None where no containers run."""
    commit_of: CommitOf = no_commit
    """Tells which commit a version of a machine was applied from."""
    gates: GatePorts | None = None
    """None where no session waits for an approval."""
    line: LineSettings | None = None
    """How starts of a pipeline with a limit wait; None where nothing is started."""
    settled: SettledStarts = field(default_factory=SettledStarts)
    """Lets starts wait where AWS may not know everywhere yet what was applied."""
