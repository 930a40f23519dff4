"""Runs a pipeline for the slots of many days, some at a time; the same again goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.tui.actions.starts.action import Foreseeing, StartAction
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.model.pipeline import Pipeline
    from bunsui.services.session_context import SessionContext
    from bunsui.view.pipelines.form import StartForm

_HELD = "bunsui starts the next ones as others end, while it is open; the same backfill, asked for again, goes on"


def _form(pipeline: Pipeline) -> StartForm:
    from bunsui.view.pipelines.form import backfill_form

    return backfill_form(pipeline)


def _foresee(context: SessionContext, pipeline: str, form: StartForm) -> Foreseeing:
    from bunsui.services.running.backfill import BackfillRequest, plan_backfill
    from bunsui.view.sessions.backfill import plan_lines

    request = BackfillRequest(
        pipeline=pipeline,
        days=form.text("days"),
        params=form.params,
        schedule=form.text("schedule") or None,
        only_missing=form.text("only missing") == "yes",
        concurrency=int(form.text("at a time")),
    )
    planned = plan_backfill(context, request)
    count = len(planned.to_start)
    held = (line(), line(span(_HELD, Role.MUTED))) if count > planned.concurrency else ()
    return Foreseeing(
        pipeline=pipeline,
        form=form,
        question=f"Start {count} session{'s' * (count != 1)}?",
        lines=(*plan_lines(planned), *held),
        starts=bool(count),
        backfill=planned,
    )


def _carry_out(context: SessionContext, foreseen: Foreseeing) -> Iterator[Line]:
    from bunsui.services.running.backfill import run_backfill
    from bunsui.view.sessions.backfill import end_line, step_line

    planned = foreseen.backfill
    assert planned is not None, "foreseen by this action"
    sessions = {session.id: session for session in planned.known.values()}
    for step in run_backfill(context, planned):
        sessions[step.session.id] = step.session
        named = span(f"backfill {foreseen.pipeline}  ", Role.STRONG)
        yield line(named, *step_line(step, width=len(str(step.total))).parts)
    yield line(span(f"backfill {foreseen.pipeline}  ", Role.STRONG), *end_line(planned, sessions.values()).parts)


def _command(pipeline: str, form: StartForm | None) -> str:
    if form is None:
        return command_line("backfill", pipeline, "DAY..DAY")
    words: list[str] = ["--concurrency", form.text("at a time")]
    words += [word for text in form.params for word in ("-p", text)]
    words += ["--schedule", form.text("schedule")] if form.text("schedule") else []
    words += ["--only-missing"] if form.text("only missing") == "yes" else []
    return command_line("backfill", pipeline, form.text("days") or "DAY..DAY", *words)


BACKFILL = StartAction(
    name="backfill",
    key="b",
    told="run it for the slots of many days",
    form=_form,
    foresee=_foresee,
    carry_out=_carry_out,
    command=_command,
    is_long=True,
)
