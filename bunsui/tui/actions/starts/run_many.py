"""Starts one session of each of several pipelines, with the defaults of their parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.errors import BunsuiError
from bunsui.tui.actions.starts.action import Foreseeing, StartAction
from bunsui.tui.actions.starts.run import RUN
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, Span, line, span

if TYPE_CHECKING:
    from bunsui.model.pipeline import Pipeline
    from bunsui.services.session_context import SessionContext
    from bunsui.view.pipelines.form import StartForm


def run_many(pipelines: Mapping[str, Pipeline], refused: Mapping[str, str]) -> StartAction:
    """Return the action that starts each of the pipelines; what is `refused` before, with the reason, is told with it."""
    return replace(
        RUN,
        told="start a session of each, with their defaults",
        foresee=lambda context, _label, form: _foresee(context, pipelines, refused, form),
        carry_out=_carry_out,
        command=lambda _label, _form: "\n".join(command_line("run", name) for name in pipelines),
    )


def _foresee(
    context: SessionContext, pipelines: Mapping[str, Pipeline], refused: Mapping[str, str], empty: StartForm
) -> Foreseeing:
    each: list[Foreseeing] = []
    why = dict(refused)
    for name, pipeline in pipelines.items():
        form = RUN.form(pipeline).check()
        missing = [field.name for field in form.fields if field.problem]
        if missing:
            why[name] = f"n on it alone asks for {', '.join(missing)}"
            continue
        try:
            found = RUN.foresee(context, name, form)
        except BunsuiError as error:
            why[name] = error.summary
            continue
        if found.starts:
            each.append(found)
        else:
            why[name] = "nothing would start now: n on it alone says why"
    lines = [line(span("+ ", Role.CREATE), span(one.pipeline, Role.NAME), *_defaults(one.form)) for one in each]
    lines += [
        line(span("✗ ", Role.WARN), span(name, Role.NAME), span(f"  {safe(text)}", Role.MUTED)) for name, text in why.items()
    ]
    count = len(each)
    return Foreseeing(
        pipeline=f"{count} pipelines",
        form=empty,
        question=f"Start {count} run{'s' * (count != 1)}?",
        lines=tuple(lines),
        starts=bool(each),
        several=tuple(each),
    )


def _defaults(form: StartForm) -> Iterator[Span]:
    """Yield what stands for each parameter."""
    for field in form.fields:
        if field.parameter is not None and field.default:
            yield span(f"  {field.name} = {field.default}", Role.MUTED)


def _carry_out(context: SessionContext, foreseen: Foreseeing) -> Iterator[Line]:
    """Start them one after the other; one that is refused keeps no other from it."""
    for one in foreseen.several:
        try:
            yield from RUN.carry_out(context, one)
        except BunsuiError as error:
            yield line(span("✗ ", Role.BAD), span(one.pipeline, Role.NAME), span(f"  {error.summary}", Role.MUTED))
