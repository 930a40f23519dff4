"""Start a session of a pipeline: it can be followed to its end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bunsui.command_line import command_line
from bunsui.compile.start_limits import read_concurrency
from bunsui.errors import AccessDenied, InvalidInput, Missing, NotFound, Refused
from bunsui.model.admission.concurrency import Concurrency
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Session
from bunsui.services.session_context import SessionContext
from bunsui.sessions.inputs import given_values, read_parameters
from bunsui.sessions.manager import Intent
from bunsui.sessions.preflight import refuse_what_cannot_run_locally
from bunsui.sessions.slots import parse_slot, shift_slot
from bunsui.sessions.starts.starting import key_used

_KEY = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What somebody asked for."""

    pipeline: str
    params: Sequence[str] = ()
    """`NAME=VALUE` each."""
    values: Mapping[str, Json] | None = None
    """The parameters as they are, in place of `params`."""
    slot: str | None = None
    """A day or an instant; None means now, shifted by the pipeline's `slot`."""
    key: str | None = None
    """What the run is known by: asked for again with the same key, it is the same session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """A run that was checked and not started."""

    intent: Intent
    applied: Mapping[str, Json]
    """The definition that runs; empty where it may not be read."""
    at: datetime
    """When it was asked for."""


def start_session(context: SessionContext, request: RunRequest) -> Session:
    """Check the input, then start; the session is running when this returns.

    With a key that was used before it is the session of then, as it stands.

    Raises:
        NotFound: there is no such pipeline, or it was not applied yet.
        Refused: the pipeline is switched off.
        InvalidInput: parameters, slot or key cannot be used.
        Unsupported: the embedded AWS cannot run one of its operations.
        HeldBack: as many sessions of the pipeline run as may, and this one does not wait.

    """
    intent = prepare_intent(context, request)
    session = start_intent(context, intent)
    _check_slot(request, intent, session)
    return session


def start_intent(context: SessionContext, intent: Intent) -> Session:
    """Start what was prepared; that which has its identity, where one was started before.

    Raises:
        NotFound: the machine is not in the account.

    """
    try:
        return context.manager.create(intent)
    except Missing as error:
        raise not_applied(intent.machine.pipeline, intent.machine.arn) from error


def find_started(context: SessionContext, request: RunRequest, intent: Intent) -> Session | None:
    """Return the session that the request would be, by its key; None when it would be a new one.

    Raises:
        InvalidInput: the key was used for something else.

    """
    if not intent.identity:
        return None
    name = intent.new_session("", at=intent.slot).intent
    rows = context.ports.sessions
    holder = rows.intended([name]).get(name)
    found = rows.get(holder) if holder is not None else None
    if found is None:
        return None
    if found.params != intent.params:
        raise key_used(found, "params")
    _check_slot(request, intent, found)
    return found


def _check_slot(request: RunRequest, intent: Intent, session: Session) -> None:
    if request.slot and session.slot != intent.slot:
        raise key_used(session, "slot")


def prepare_intent(context: SessionContext, request: RunRequest) -> Intent:
    """Return what is to be started, after every check that can be made before; nothing is written.

    Raises:
        NotFound, Refused, InvalidInput, Unsupported: as `prepare_run`.

    """
    return prepare_run(context, request).intent


def prepare_run(context: SessionContext, request: RunRequest) -> PreparedRun:
    """Return what is to be started and what it runs, after every check that can be made before; nothing is written.

    Raises:
        NotFound: there is no such pipeline, or it was not applied yet.
        Refused: the pipeline is switched off.
        InvalidInput: parameters, slot or key cannot be used.
        Unsupported: the embedded AWS cannot run one of its operations.

    """
    pipeline = context.pipeline(request.pipeline)
    if not pipeline.enabled:
        raise Refused(
            "pipeline-disabled",
            "the pipeline is switched off: its file says enabled: false",
            hint="Remove that line and apply; nothing starts it until then.",
            pipeline=pipeline.name,
            file=pipeline.path,
        )
    params = read_parameters(pipeline, request.params) if request.values is None else given_values(pipeline, request.values)
    if context.repository.is_local:
        refuse_what_cannot_run_locally(
            pipeline, context.repository.registry, context.pipelines, allowed=context.repository.allowed_locally
        )
    now = context.ports.clock.now().replace(microsecond=0)
    slot = (
        parse_slot(request.slot, pipeline.timezone) if request.slot else shift_slot(now, pipeline.slot, pipeline.timezone)
    )  # fmt: skip
    intent = Intent(
        machine=context.machine(pipeline.name),
        params=params,
        slot=slot,
        started_by=context.ports.caller_arn,
        commit=context.repository.commit,
        identity=_identity(request.key),
    )
    applied = _read_applied(context, intent)
    return PreparedRun(intent=replace(intent, concurrency=_limit(pipeline, applied)), applied=applied, at=now)


def _limit(pipeline: Pipeline, applied: Mapping[str, Json]) -> Concurrency | None:
    """Return how many may run at a time, as it is applied; who may not read that has what the file says."""
    return read_concurrency(applied) if applied else pipeline.concurrency


def _read_applied(context: SessionContext, intent: Intent) -> Mapping[str, Json]:
    """Return the definition that runs; what is not in the account is refused before there is a row of it."""
    try:
        return context.applied_definition(intent.machine)
    except Missing as error:
        raise not_applied(intent.machine.pipeline, intent.machine.arn) from error
    except AccessDenied:
        return {}  # the start says it


def _identity(key: str | None) -> str:
    if key is None:
        return ""
    if not _KEY.fullmatch(key):
        raise InvalidInput(
            "bad-key",
            "an idempotency key has 1 to 128 letters, digits and signs, without spaces",
            hint="Take what names the cause of the run, such as --idempotency-key fix-4711.",
            key=key,
        )
    return f"key={key}"


def not_applied(pipeline: str, machine_arn: str) -> NotFound:
    """Return the error for a pipeline whose machine is not in the account."""
    return NotFound(
        "not-applied",
        "the pipeline is not in this account yet",
        hint=f"Deploy it first:\n  {command_line('apply', pipeline)}",
        pipeline=pipeline,
        machine=machine_arn,
    )
