"""Start a session of a pipeline: it can be followed to its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.command_line import command_line
from bunsui.errors import AccessDenied, InvalidInput, Missing, NotFound, Refused
from bunsui.model.session import Session
from bunsui.services.session_context import SessionContext
from bunsui.sessions.inputs import read_parameters
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
    slot: str | None = None
    """A day or an instant; None means now, shifted by the pipeline's `slot`."""
    key: str | None = None
    """What the run is known by: asked for again with the same key, it is the same session."""


def start_session(context: SessionContext, request: RunRequest) -> Session:
    """Check the input, then start; the session is running when this returns.

    With a key that was used before it is the session of then, as it stands.

    Raises:
        NotFound: there is no such pipeline, or it was not applied yet.
        Refused: the pipeline is switched off.
        InvalidInput: parameters, slot or key cannot be used.
        Unsupported: the embedded AWS cannot run one of its operations.

    """
    intent = prepare_intent(context, request)
    try:
        session = context.manager.create(intent)
    except Missing as error:
        raise not_applied(intent.machine.pipeline, intent.machine.arn) from error
    if request.slot and session.slot != intent.slot:
        raise key_used(session, "slot")
    return session


def prepare_intent(context: SessionContext, request: RunRequest) -> Intent:
    """Return what is to be started, after every check that can be made before; nothing is written.

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
    if pipeline.type == "EXPRESS":
        raise InvalidInput(
            "express-not-observable",
            "runs of express pipelines are not kept by Step Functions, so that there is no session to follow",
            hint="Use type: standard, or start the machine with AWS's own tools.",
            pipeline=pipeline.name,
        )
    params = read_parameters(pipeline, request.params)
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
    _check_applied(context, intent)
    return intent


def _check_applied(context: SessionContext, intent: Intent) -> None:
    """Refuse what is not in the account before there is a row of it."""
    try:
        context.ports.execution.definition(intent.machine.alias_arn)
    except Missing as error:
        raise not_applied(intent.machine.pipeline, intent.machine.arn) from error
    except AccessDenied:
        return  # the start says it


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
