"""Goes on without a job: it does not run, and outputs that somebody gives stand for its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session
from bunsui.tui.actions.action import Foreseen, SessionAction, TextAsked
from bunsui.tui.actions.resume import ENDED_BADLY, RESUME, stakes
from bunsui.view.safe import safe
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    from bunsui.services.session_context import SessionContext


def skip_job(job: str = "", *, given: str | None = None) -> SessionAction:
    """Return the action for that job, for the one that failed where none is named; `given` is the JSON of its outputs, None as
    long as nobody typed it, and empty for a job that declares none."""
    named = safe(job) or "the job that failed"
    asked = TextAsked(
        prompt=f"Outputs of {named} as JSON; empty where it declares none",
        example='{"rows": 7}',
        then=lambda text: skip_job(job, given=text.strip()),
    )
    return SessionAction(
        name="skip",
        key="K",
        question=f"Go on without {named}?",
        question_many="Go on with {count} sessions without the job that failed?",
        done="resumed",
        role=f"{named} does not run, and gives what you say",
        is_frequent=False,
        fits=lambda session: session.standing in ENDED_BADLY and bool(job or session.failed_job),
        foresee=partial(_foresee, job, given or ""),
        carry_out=RESUME.carry_out,
        command=lambda session: command_line(
            "resume", session.id, "--skip", job or session.failed_job, *(("--output", given or "JSON") if given != "" else ())
        ),
        asks=asked if given is None else None,
    )


def _foresee(job: str, given: str, context: SessionContext, session: Session) -> Foreseen:
    from bunsui.services.recovery.single import plan_by_strategy
    from bunsui.sessions.checkpoints import ResumeWishes
    from bunsui.sessions.recovery.given import read_given_outputs, refuse_no_json

    refuse_no_json([given] if given else [])  # before it is asked whether the job declares any
    name = job or session.failed_job
    jobs = [one for one in context.pipeline(session.pipeline).jobs if one.name == name]
    outputs = read_given_outputs(jobs, [given] if given else []) if jobs else {name: {}}  # the plan refuses what is not there
    resumption = plan_by_strategy(context, session, Strategy.RESUME, ResumeWishes(given=outputs))
    told = line(span(f"- {safe(name)} does not run", Role.WARN), span(f", and gives {given}" if given else "", limit=400))
    return Foreseen(session=resumption.session, lines=(told, *stakes(resumption)), resumption=resumption)


SKIP = skip_job()
