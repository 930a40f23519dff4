"""Runs several pipelines for the slots of the same days, one after the other, with the defaults of their parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bunsui.errors import BunsuiError
from bunsui.tui.actions.starts.action import Foreseeing, StartAction
from bunsui.tui.actions.starts.backfill import BACKFILL
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.model.pipeline import Pipeline
    from bunsui.services.session_context import SessionContext
    from bunsui.view.pipelines.form import StartForm


def backfill_many(pipelines: Mapping[str, Pipeline], refused: Mapping[str, str]) -> StartAction:
    """Return the action that backfills each of the pipelines; what is `refused` before, with the reason, is told with it."""
    return replace(
        BACKFILL,
        told="run each for the slots of the same days",
        form=lambda _pipeline: _form(),
        foresee=lambda context, _label, form: _foresee(context, pipelines, refused, form),
        carry_out=_carry_out,
        command=lambda _label, form: "\n".join(BACKFILL.command(name, form) for name in pipelines),
    )


def _form() -> StartForm:
    from bunsui.view.pipelines.form import backfills_form

    return backfills_form()


def _foresee(
    context: SessionContext, pipelines: Mapping[str, Pipeline], refused: Mapping[str, str], form: StartForm
) -> Foreseeing:
    """Plan each; what refuses one is told with it, what the days themselves refuse is of the form."""
    from bunsui.sessions.starts.slots_between import parse_days
    from bunsui.view.sessions.backfill import several_lines

    parse_days(form.text("days"))
    each: dict[str, Foreseeing] = {}
    why = dict(refused)
    for name in pipelines:
        try:
            found = BACKFILL.foresee(context, name, form)
        except BunsuiError as error:
            why[name] = f"{error.summary}: b on it alone says more"
            continue
        if found.starts:
            each[name] = found
        else:
            why[name] = "every slot has a session"
    plans = [one.backfill for one in each.values() if one.backfill is not None]
    count, of = sum(len(plan.to_start) for plan in plans), len(plans)
    return Foreseeing(
        pipeline=f"{of} pipelines",
        form=form,
        question=f"Start {count} session{'s' * (count != 1)} of {of} pipeline{'s' * (of != 1)}?",
        lines=tuple(several_lines(plans, why)),
        starts=bool(each),
        several=tuple(each.values()),
    )


def _carry_out(context: SessionContext, foreseen: Foreseeing) -> Iterator[Line]:
    """Go through one after the other; what stops one keeps no other from it."""
    for one in foreseen.several:
        try:
            yield from BACKFILL.carry_out(context, one)
        except BunsuiError as error:
            yield line(span("✗ ", Role.BAD), span(one.pipeline, Role.NAME), span(f"  {error.summary}", Role.MUTED))
