"""Machines of an account as lines: whose each is, what an import would make of it, what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from bunsui.command_line import command_line
from bunsui.services.adoption.owners import OwnerKind
from bunsui.services.adoption.survey import AccountSurvey, NightFailure, SurveyedMachine
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

_MOST_NAMED = 5


def machine_lines(machines: Sequence[SurveyedMachine], *, width: int | None = None) -> Iterator[Line]:
    """Return the machines as a table."""
    if not machines:
        yield line(span("no such machines", Role.MUTED))
        return
    yield from table(
        ("machine", "type", "owner", "import"), [_row(one) for one in machines], Layout(whole=frozenset({0})), width=width
    )


def survey_lines(survey: AccountSurvey, *, where: str, zone: tzinfo, width: int | None = None) -> Iterator[Line]:
    """Return the page that is read before anything is imported."""
    count = len(survey.machines)
    yield line(span(f"{count} state machine{'' if count == 1 else 's'} in {where}", Role.STRONG))
    yield from machine_lines(survey.machines, width=width)
    own = sum(bool(one.pipeline) and one.owner.kind is OwnerKind.NOBODY for one in survey.machines)
    watched = sum(bool(one.pipeline) and one.owner.kind is OwnerKind.CLOUDFORMATION for one in survey.machines)
    yield line()
    yield line(span(f"an import would manage {own} of them, and watch {watched} that CloudFormation writes"))
    yield line()
    since = survey.since.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if not survey.failures:
        yield line(span(f"nothing of machines that nobody manages failed since {since} {zone_name(zone)}", Role.GOOD))
        return
    yield line(span(f"failed since {since} {zone_name(zone)}", Role.STRONG))
    for failure in survey.failures:
        yield from _failure_lines(failure)


def _row(one: SurveyedMachine) -> tuple[Span, ...]:
    kind = one.owner.kind
    words = f"pipeline {one.pipeline}" if one.pipeline else "express: not managed" if one.is_unmanaged else "managed"
    if one.pipeline and kind is not OwnerKind.NOBODY:
        words += ", observed"
    return (
        span(one.machine.name, Role.NAME),
        span("express" if one.machine.is_express else "standard", Role.MUTED),
        span(one.owner.words, Role.PLAIN if one.is_unmanaged else Role.MUTED),
        span(words, Role.ADOPT if one.pipeline else Role.MUTED),
    )


def _failure_lines(failure: NightFailure) -> Iterator[Line]:
    newest, note = failure.sessions[0], failure.note
    times = f"{len(failure.sessions)} ×  " if len(failure.sessions) > 1 else ""
    error = note.error if note is not None else "failed"
    place = f" in {note.place}" if note is not None and note.place else ""
    yield line(span(f"✗ {times}", Role.BAD), span(error, Role.BAD), span(place, Role.MUTED), indent=2)
    if note is not None and note.message:
        yield line(span(note.message), indent=4)
    names = list(dict.fromkeys(one.pipeline for one in failure.sessions))
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    yield line(span(", ".join(names[:_MOST_NAMED]) + more, Role.NAME), indent=4)
    if newest.latest is not None and newest.latest.execution_arn:
        command = command_line("show", "--unmanaged", newest.latest.execution_arn)
        yield line(span(command, Role.COMMAND), indent=4)
