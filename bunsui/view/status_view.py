"""Where you are, for reading: one line a pipeline, and the next useful command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from bunsui.command_line import command_line
from bunsui.diagnostics import has_errors
from bunsui.model.session import SessionStatus
from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.services.status import OwnMachineStatus, ProjectStatus
from bunsui.view.pipelines.intervention import intervention_lines, standing_text
from bunsui.view.pipelines.preview import preview_lines
from bunsui.view.pipelines.wording import STANDINGS, last_change, p95, percent, spark_text
from bunsui.view.safe import safe
from bunsui.view.sessions.advice import contact_lines
from bunsui.view.sessions.wording import duration, instant, session_look, zone_name
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

_HEADER = (
    *("", "pipeline", "title", "standing", "to change", "last runs", "ok", "p95"),
    *("last session", "created", "looked at", "next start", "last change"),
)
_LAYOUT = Layout(right=frozenset({4, 6, 7}), whole=frozenset({1}), drop=(2, 9, 12, 10, 11, 7, 5, 6, 4, 8))
"""Titles go first, then when the last session was created, what changed last, how old the last look is, the next start; how
each pipeline stands always stays."""

_FAILED = frozenset({SessionStatus.FAILED, SessionStatus.TIMED_OUT})


def status_lines(status: ProjectStatus, zone: tzinfo, *, width: int | None = None) -> Iterator[Line]:
    """Return the whole status; its table takes at most `width` cells."""
    scope = status.scope
    kind = "embedded AWS" if status.is_local else f"account {scope.account}"
    commit = f", commit {status.commit}" if status.commit else ""
    place = span(f"  {kind}, {scope.region}{commit}", Role.MUTED)
    yield line(span(scope.project, Role.STRONG), " in ", span(scope.environment, Role.STRONG), place)
    if has_errors(status.diagnostics):
        errors = sum(1 for found in status.diagnostics if found.is_error)
        yield line(span(f"The files have {errors} error{'s' if errors != 1 else ''}, so nothing was compared.", Role.BAD))
        yield from _table(status, zone, width)
        yield from _details(status, zone, width)
        return
    if status.is_recoverable is False:
        yield line(span("! ", Role.WARN), "The state has no point-in-time recovery; the next apply switches it on.")
    if not status.pipelines:
        yield line("No pipelines yet.")
        return
    yield line(*_counts(status))
    yield from _table(status, zone, width)
    yield from _details(status, zone, width)
    yield from _channels(status)
    yield from _own_machine("machine of the alerts", status.alerts)
    yield from _own_machine("resident", status.resident)
    yield from _bucket(status)
    yield from _failing(status)
    yield from _switched_off(status)
    yield from _interventions(status, zone)
    yield from _retired(status, zone)
    if any(pipeline.last_session or pipeline.next_start for pipeline in status.pipelines):
        yield line(span(f"times in {zone_name(zone)}", Role.MUTED))


def _table(status: ProjectStatus, zone: tzinfo, width: int | None) -> Iterator[Line]:
    if not status.pipelines:
        return
    yield line("")
    rows = [_row(pipeline, zone, status.taken_at) for pipeline in status.pipelines]
    yield from table(_HEADER, rows, _LAYOUT, width=width)
    if status.since is not None and any(not pipeline.runs.is_whole for pipeline in status.pipelines):
        yield line(span(f"last runs: sessions that began before {instant(status.since, zone)} were not read", Role.MUTED))


def next_command(status: ProjectStatus) -> tuple[str, str]:
    """Return the next useful command, and why."""
    if has_errors(status.diagnostics):
        return command_line("validate"), "see the errors"
    if not status.pipelines:
        return command_line("init"), "start with a pipeline that runs"
    standings = {pipeline.standing for pipeline in status.pipelines} | {channel.standing for channel in status.channels}
    standings |= {one.standing for one in (status.alerts, status.resident, status.bucket) if one is not None}
    if standings & {
        PipelineStanding.REFUSED,
        PipelineStanding.DRIFTED,
        PipelineStanding.PENDING,
        PipelineStanding.NEW,
        PipelineStanding.REMOVED,
    }:
        return command_line("plan"), "see what apply would change"
    for pipeline in status.pipelines:
        if pipeline.last_session is not None and pipeline.last_session.status in _FAILED:
            return command_line("show", pipeline.name), "see why it failed"
    return command_line("run", status.pipelines[0].name), "start a session"


def _details(status: ProjectStatus, zone: tzinfo, width: int | None) -> Iterator[Line]:
    room = (width or 100) - 2
    for pipeline in status.pipelines:
        found = status.details.get(pipeline.name)
        if found is not None:
            yield line("")
            yield line(span(pipeline.name, Role.NAME), span(f"  {pipeline.about.title}" if pipeline.about.title else ""))
            for told in preview_lines(pipeline, found, zone, now=found.read_at, width=room):
                yield told.indented(2)


def _channels(status: ProjectStatus) -> Iterator[Line]:
    for channel in status.channels:
        symbol, role = STANDINGS[channel.standing]
        told = f", {channel.subscribers} subscribed" if channel.subscribers else ""
        deaf = span(", nobody is subscribed", Role.WARN) if channel.subscribers == 0 else span(told, Role.MUTED)
        name = span(channel.name, Role.NAME)
        yield line(span(f"{symbol} ", role), "channel ", name, span(f" {channel.standing.value}"), deaf)


def _own_machine(name: str, machine: OwnMachineStatus | None) -> Iterator[Line]:
    """What the environment has for itself is told where it is not as it should be."""
    if machine is not None and machine.standing is not PipelineStanding.IN_SYNC:
        symbol, role = STANDINGS[machine.standing]
        yield line(span(f"{symbol} ", role), f"{name} ", span(machine.standing.value))


def _bucket(status: ProjectStatus) -> Iterator[Line]:
    if status.bucket is not None:
        symbol, role = STANDINGS[status.bucket.standing]
        name = span(safe(status.bucket.name), Role.NAME)
        yield line(span(f"{symbol} ", role), "bucket ", name, span(f" {status.bucket.standing.value}"))


def _failing(status: ProjectStatus) -> Iterator[Line]:
    """Whom to ask about each pipeline whose last session failed, and where it says what to do; details tell it themselves."""
    for pipeline in status.pipelines:
        if (
            pipeline.name not in status.details
            and pipeline.last_session is not None
            and pipeline.last_session.status in _FAILED
        ):
            for told in contact_lines(pipeline.about):
                yield line(span(pipeline.name, Role.NAME), "  ", *told.parts)


def _switched_off(status: ProjectStatus) -> Iterator[Line]:
    for pipeline in status.pipelines:
        if not pipeline.enabled:
            yield line(span(pipeline.name, Role.NAME), span(" is switched off: its file says enabled: false", Role.MUTED))


def _interventions(status: ProjectStatus, zone: tzinfo) -> Iterator[Line]:
    """What operators decided by hand; details tell it themselves."""
    for pipeline in status.pipelines:
        if pipeline.name not in status.details:
            for told in intervention_lines(pipeline, zone):
                yield line(span(pipeline.name, Role.NAME), " is ", *told.parts)


def _retired(status: ProjectStatus, zone: tzinfo) -> Iterator[Line]:
    """Until when retired pipelines stay, and which sessions hold them."""
    for pipeline in status.pipelines:
        found = pipeline.retirement
        if pipeline.standing is not PipelineStanding.RETIRED or found is None or found.until is None:
            continue
        held = f", held by {', '.join((*found.running, *found.redrivable))}" if found.running or found.redrivable else ""
        unknown = f", {found.unknown}" if found.unknown else ""
        said = span(f" is kept until {instant(found.until, zone)}{held}{unknown}", Role.MUTED)
        yield line(span(pipeline.name, Role.NAME), said)


def _counts(status: ProjectStatus) -> Iterator[Span]:
    for standing, (_, role) in STANDINGS.items():
        count = sum(1 for pipeline in status.pipelines if pipeline.standing is standing)
        if count:
            yield span(f"{count} {standing.value}  ", role)
    failing = sum(1 for item in status.pipelines if item.last_session is not None and item.last_session.status in _FAILED)
    if failing:
        yield span(f"{failing} failing", Role.BAD)


def _look_age(pipeline: PipelineStatus, now: datetime | None) -> str:
    """Return how long ago executions were looked at, which is how old the last session may be; empty without a machine."""
    if pipeline.standing in (PipelineStanding.NEW, PipelineStanding.REFUSED, PipelineStanding.INVALID):
        return ""
    if pipeline.looked_at is None:
        return "never"
    return f"{duration((now - pipeline.looked_at).total_seconds())} ago" if now is not None else ""


def _row(pipeline: PipelineStatus, zone: tzinfo, now: datetime | None) -> tuple[Span, ...]:
    symbol, role = STANDINGS[pipeline.standing]
    changes = str(pipeline.changes) if pipeline.changes else ""
    session = pipeline.last_session
    if session is None:
        last, at = span(""), span("")
    else:
        mark, word, colour = session_look(session)
        last, at = span(f"{mark} {word}", colour), span(instant(session.created_at, zone), Role.MUTED)
    name, standing = span(pipeline.name, Role.NAME), span(standing_text(pipeline), role)
    return (
        span(symbol, role),
        name,
        span(pipeline.about.title, Role.MUTED),
        standing,
        span(changes),
        span(spark_text(pipeline.runs.runs)),
        percent(pipeline.runs) if pipeline.runs.runs else span(""),
        p95(pipeline.runs) if pipeline.runs.runs else span(""),
        last,
        at,
        span(_look_age(pipeline, now), Role.MUTED),
        span(f"{'about ' if pipeline.is_next_start_about else ''}{instant(pipeline.next_start, zone)}"),
        last_change(pipeline, zone, now=now),
    )
