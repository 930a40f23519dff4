"""Start a session of a pipeline: it can be followed to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.command_line import command_line
from bunsui.errors import InvalidInput, Missing, NotFound, Refused
from bunsui.model.session import Session
from bunsui.services.session_context import SessionContext
from bunsui.sessions.inputs import read_parameters
from bunsui.sessions.manager import Intent
from bunsui.sessions.preflight import refuse_what_cannot_run_locally
from bunsui.sessions.slots import parse_slot, shift_slot


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What somebody asked for."""

    pipeline: str
    params: Sequence[str] = ()
    """`NAME=VALUE` each."""
    slot: str | None = None
    """A day or an instant; None means now, shifted by the pipeline's `slot`."""


def start_session(context: SessionContext, request: RunRequest) -> Session:
    """Check the input, then start; the session is running when this returns.

    Raises:
        NotFound: there is no such pipeline, or it was not applied yet.
        Refused: the pipeline is switched off.
        InvalidInput: parameters or slot cannot be used.
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
    )
    try:
        return context.manager.create(intent)
    except Missing as error:
        raise not_applied(pipeline.name, intent.machine.arn) from error


def not_applied(pipeline: str, machine_arn: str) -> NotFound:
    """Return the error for a pipeline whose machine is not in the account."""
    return NotFound(
        "not-applied",
        "the pipeline is not in this account yet",
        hint=f"Deploy it first:\n  {command_line('apply', pipeline)}",
        pipeline=pipeline,
        machine=machine_arn,
    )
