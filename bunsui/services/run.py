"""Starts a session of a pipeline, and follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.errors import InvalidInput, Missing, NotFound
from bunsui.model.session import Session
from bunsui.services.desk import Desk
from bunsui.sessions.inputs import read_parameters
from bunsui.sessions.manager import Intent
from bunsui.sessions.preflight import refuse_what_cannot_run_locally
from bunsui.sessions.slots import parse_slot


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What somebody asked for."""

    pipeline: str
    params: Sequence[str] = ()
    """`NAME=VALUE` each."""
    slot: str | None = None
    """A day or an instant; None means now."""


def start_session(desk: Desk, request: RunRequest) -> Session:
    """Check the input, then start; the session is running when this returns.

    Raises:
        NotFound: there is no such pipeline, or it was not applied yet.
        InvalidInput: parameters or slot cannot be used.
        Unsupported: the embedded AWS cannot run one of its operations.

    """
    pipeline = desk.pipeline(request.pipeline)
    if pipeline.type == "EXPRESS":
        raise InvalidInput(
            "express-not-observable",
            "runs of express pipelines are not kept by Step Functions, so that there is no session to follow",
            hint="Use type: standard, or start the machine with AWS's own tools.",
            pipeline=pipeline.name,
        )
    params = read_parameters(pipeline, request.params)
    if desk.repository.is_local:
        refuse_what_cannot_run_locally(
            pipeline, desk.repository.registry, desk.pipelines, allowed=desk.repository.allowed_locally
        )
    slot = parse_slot(request.slot, pipeline.timezone) if request.slot else desk.edges.clock.now().replace(microsecond=0)
    intent = Intent(
        machine=desk.machine(pipeline.name),
        params=params,
        slot=slot,
        started_by=desk.edges.caller_arn,
        commit=desk.repository.commit,
    )
    try:
        return desk.manager.create(intent)
    except Missing as error:
        raise not_applied(pipeline.name, intent.machine.arn) from error


def not_applied(pipeline: str, machine_arn: str) -> NotFound:
    """Give the error for a pipeline whose machine is not in the account."""
    return NotFound(
        "not-applied",
        "the pipeline is not in this account yet",
        hint=f"Deploy it first:\nbunsui apply {pipeline}",
        pipeline=pipeline,
        machine=machine_arn,
    )
