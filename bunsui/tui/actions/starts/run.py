"""Starts one session of a pipeline, with parameters."""

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


def _form(pipeline: Pipeline) -> StartForm:
    from bunsui.view.pipelines.form import run_form

    return run_form(pipeline)


def _foresee(context: SessionContext, pipeline: str, form: StartForm) -> Foreseeing:
    from bunsui.services.run import RunRequest
    from bunsui.services.running.run_plan import plan_run
    from bunsui.view.sessions.run_plan import run_plan_lines
    from bunsui.view.sessions.wording import zone_of

    request = RunRequest(pipeline=pipeline, params=form.params, slot=form.text("slot") or None)
    planned = plan_run(context, request)
    return Foreseeing(
        pipeline=pipeline,
        form=form,
        question="Start this run?",
        lines=tuple(run_plan_lines(planned, zone=zone_of(context.repository.project.timezone))),
        starts=planned.starts,
        run=request,
    )


def _carry_out(context: SessionContext, foreseen: Foreseeing) -> Iterator[Line]:
    from bunsui.services.run import start_session

    assert foreseen.run is not None, "foreseen by this action"
    session = start_session(context, foreseen.run)
    named = span(f"{session.pipeline} {session.id}", Role.STRONG)
    yield line(span("✓ started ", Role.GOOD), named)


def _command(pipeline: str, form: StartForm | None) -> str:
    words = [word for text in form.params for word in ("-p", text)] if form is not None else []
    slot = form.text("slot") if form is not None else ""
    return command_line("run", pipeline, *words, *(("--slot", slot) if slot else ()))


RUN = StartAction(
    name="run",
    key="n",
    told="start a session, with parameters",
    form=_form,
    foresee=_foresee,
    carry_out=_carry_out,
    command=_command,
)
