"""The account side of use cases over sessions, made on a connection: of a project's environment, or of machines of others."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bunsui.sessions.admission.line import LineSettings
from bunsui.sessions.history.commits import CommitOf, no_commit
from bunsui.sessions.ports import SessionPorts
from bunsui.sessions.starts.acts import SessionActs
from bunsui.sessions.starts.settling import SPREADING, SettledStarts, never_written
from bunsui.system_clock import SystemClock

if TYPE_CHECKING:
    from bunsui.aws.connect import Connection
    from bunsui.ports.acts import ActLog
    from bunsui.ports.gates import GatePorts
    from bunsui.ports.ledger import Actor
    from bunsui.ports.session_rows import PoolStore, SessionRepository

_LOCAL_PAUSE, _AWS_PAUSE = 0.3, 5.0
"""Seconds between two looks of who waits in line for a slot."""


def session_ports(
    connection: Connection,
    *,
    rows: SessionRepository,
    acts: ActLog,
    actor: Actor,
    warn: Callable[[str], None],
    unnamed_logs: tuple[str, str] = ("", ""),
    commit_of: CommitOf = no_commit,
    written: Callable[[str], datetime | None] = never_written,
    spreading: timedelta = SPREADING,
    gates: GatePorts | None = None,
    pools: PoolStore | None = None,
    is_local: bool = False,
) -> SessionPorts:
    """Return the ports. `warn` is told of acts that were done and whose outcome could not be recorded; `unnamed_logs` are group
    and prefix of what containers write that name no log, `commit_of` tells of versions of machines, `written` when what a
    pipeline runs on was written, `spreading` how long that takes to be known. `pools` hold the slots of limits."""
    from bunsui.aws.container_logs import EcsContainerLogs
    from bunsui.aws.logs import CloudWatchLogReader
    from bunsui.aws.map_runs import StepFunctionsMapRuns
    from bunsui.aws.stepfunctions import StepFunctionsClient
    from bunsui.aws.stores.objects import S3ObjectLists, S3ObjectStore

    return SessionPorts(
        execution=StepFunctionsClient(connection),
        sessions=rows,
        logs=CloudWatchLogReader(connection),
        clock=SystemClock(),
        caller_arn=actor.who,
        acts=SessionActs(log=acts, clock=SystemClock(), actor=actor, new_id=new_session_id, warn=warn),
        new_id=new_session_id,
        objects=S3ObjectStore(connection),
        lists=S3ObjectLists(connection),
        map_runs=StepFunctionsMapRuns(connection),
        containers=EcsContainerLogs(connection, unnamed=unnamed_logs),
        commit_of=commit_of,
        gates=gates,
        line=LineSettings(pools=pools, pause_seconds=_LOCAL_PAUSE if is_local else _AWS_PAUSE) if pools is not None else None,
        settled=SettledStarts(written=written, notice=warn, spreading=spreading),
    )


def new_session_id() -> str:
    """Return a fresh ULID: 48 bits of milliseconds, 80 random bits, in Crockford's base 32."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(alphabet[(number >> shift) & 31] for shift in range(125, -1, -5))


def unnamed_logs() -> tuple[str, str]:
    """Return group and prefix of the stream in which the embedded AWS keeps the output of containers that name no log."""
    from bunsui.emulator.stepfunctions.tasks.container_logs import UNNAMED_GROUP, UNNAMED_PREFIX

    return UNNAMED_GROUP, UNNAMED_PREFIX
