"""Lists sessions, and finds the one that a person means."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bunsui.errors import InvalidInput, Missing, NotFound
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.storage import SessionQuery
from bunsui.services.desk import Desk
from bunsui.sessions.machines import Machine

_ID_LETTERS = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_ID_LENGTH = 26
_SEARCHED = 200
_UNFINISHED = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED, SessionStatus.RECOVERING)
"""What a person may mean by a failed session: also one whose resume was cut short."""

_THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """What was shown before in this project and environment."""

    last: str = ""
    """The id of the session shown last."""
    listed: tuple[str, ...] = ()
    """The ids of the last list, in its order."""


def list_sessions(
    desk: Desk, *, pipeline: str | None = None, status: SessionStatus | None = None, limit: int = 50
) -> Sequence[Session]:
    """Give sessions, newest first, after repairing the rows from what Step Functions says."""
    machines = [desk.machine(pipeline)] if pipeline else desk.machines
    with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="sessions") as pool:
        list(pool.map(lambda machine: _repair(desk, machine), machines))
    query = SessionQuery(pipeline=pipeline, status=status.value if status else None, limit=limit)
    return desk.edges.sessions.find(query)


def find_session(desk: Desk, text: str, *, recollection: Recollection, failed: bool = False) -> Session:
    """Give the session that a person named: id, unique prefix, `-` for the one shown last, `#3` of the last list, or a
    pipeline's name for its latest one, with `failed` its latest failed one.

    Raises:
        NotFound: there is none.
        InvalidInput: the prefix fits several.

    """
    if text == "-":
        return _by_id(desk, _remembered_last(recollection))
    if text.startswith("#"):
        return _by_id(desk, _remembered_number(recollection, text))
    letters = text.upper()
    if letters[:1].isdigit() and set(letters) <= _ID_LETTERS:
        return _by_id(desk, letters) if len(letters) == _ID_LENGTH else _by_prefix(desk, letters)
    return _latest(desk, text, failed=failed)


def _repair(desk: Desk, machine: Machine) -> None:
    try:
        desk.manager.sync_machine(machine)
    except Missing:
        return  # not applied yet, or destroyed: its rows stay as they are


def _by_id(desk: Desk, session_id: str) -> Session:
    found = desk.edges.sessions.get(session_id)
    if found is None:
        raise _unknown(session_id)
    return found


def _by_prefix(desk: Desk, prefix: str) -> Session:
    found = desk.edges.sessions.find_prefix(prefix, limit=5)
    if not found:
        raise _unknown(prefix)
    if len(found) > 1:
        raise InvalidInput(
            "ambiguous-session",
            "several sessions begin like that",
            hint="Give more of the id.",
            asked=prefix,
            sessions=", ".join(session.id for session in found),
        )
    return found[0]


def _latest(desk: Desk, pipeline: str, *, failed: bool) -> Session:
    if pipeline in desk.pipelines:
        sessions = list_sessions(desk, pipeline=pipeline, limit=_SEARCHED)
    else:
        sessions = desk.edges.sessions.find(SessionQuery(pipeline=pipeline, limit=_SEARCHED))
        if not sessions:
            desk.pipeline(pipeline)
    for session in sessions:
        if not failed or session.status in _UNFINISHED:
            return session
    raise NotFound(
        "no-session",
        "the pipeline has no failed session" if failed else "the pipeline has no session yet",
        hint=f"See its sessions:\nbunsui sessions --pipeline {pipeline}" if failed else f"Start one:\nbunsui run {pipeline}",
        pipeline=pipeline,
    )


def _remembered_last(recollection: Recollection) -> str:
    if not recollection.last:
        raise NotFound("nothing-shown", "no session was shown here before", hint="List them:\nbunsui sessions")
    return recollection.last


def _remembered_number(recollection: Recollection, text: str) -> str:
    number = text[1:]
    if not number.isdecimal() or not 1 <= int(number) <= len(recollection.listed):
        raise NotFound(
            "no-such-number",
            "the last list has no such number",
            hint="List the sessions again:\nbunsui sessions",
            asked=text,
            listed=len(recollection.listed),
        )
    return recollection.listed[int(number) - 1]


def _unknown(session_id: str) -> NotFound:
    return NotFound("unknown-session", "there is no such session", hint="List them:\nbunsui sessions", session=session_id)
