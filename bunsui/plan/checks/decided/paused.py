"""BS546: an operator paused a pipeline, so that nothing starts it by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bunsui.command_line import command_line
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.schedule import SCHEDULE
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.deployments.interventions import Pause
from bunsui.model.names import person
from bunsui.plan.interventions import ENABLED
from bunsui.plan.model import Plan, ResourceChange
from bunsui.plan.partial import by_pipeline

CODE = "BS546"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Tell every pause of a pipeline that was planned; of one whose time is over, that apply ends it."""
    changes = by_pipeline(plan.changes)
    for name, pause in sorted(plan.interventions.pauses.items()):
        if name not in changes:
            continue
        if not pause.is_over(plan.as_of):
            yield _finding(pause, _still_on(changes[name]))
        elif any(change.is_change and change.address.kind == SCHEDULE for change in changes[name]):
            yield _over(pause)


def _finding(pause: Pause, still_on: Sequence[Address]) -> Diagnostic:
    who = f" by {person(pause.who)}" if pause.who else ""
    until = f" until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until is not None else ""
    summary = f"{pause.pipeline} is paused{who} since {pause.since:%Y-%m-%d %H:%M} UTC{until}: {pause.reason}"
    end = command_line("unpause", pause.pipeline, "--reason", "TEXT")
    hint = f"No apply switches its schedules on. When it may start again:\n  {end}"
    if still_on:
        summary += f"; but {', '.join(map(str, still_on))} {'is' if len(still_on) == 1 else 'are'} on"
        again = command_line("pause", pause.pipeline, "--reason", "TEXT")
        hint = f"The pause died half-way, or somebody switched it on since. To finish it:\n  {again}\n{hint}"
    return Diagnostic(code=CODE, severity=Severity.WARNING, summary=summary, hint=hint, subject=_subject(pause))


def _over(pause: Pause) -> Diagnostic:
    assert pause.until is not None, "only those end by themselves"
    return Diagnostic(
        code=CODE,
        severity=Severity.WARNING,
        summary=f"the pause of {pause.pipeline} is over since {pause.until:%Y-%m-%d %H:%M} UTC, and schedules are still off",
        hint=f"Nobody is awake to switch them on: apply does, and so does\n  "
        f"{command_line('unpause', pause.pipeline, '--reason', 'TEXT')}",
        subject=_subject(pause),
    )


def _still_on(changes: Sequence[ResourceChange]) -> list[Address]:
    """Return the schedules that are on in AWS; what was not read is not among them."""
    return [
        change.address
        for change in changes
        if change.address.kind == SCHEDULE
        and change.actual is not None
        and not change.actual.is_assumed
        and change.actual.attributes.get(ENABLED) is True
    ]


def _subject(pause: Pause) -> str:
    return str(Address(MACHINE, pause.pipeline))
