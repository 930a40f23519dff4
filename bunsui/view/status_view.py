"""Where you are, for reading: one line a pipeline, and the next useful command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo

from bunsui.diagnostics import has_errors
from bunsui.model.session import Session, SessionStatus
from bunsui.model.values import Json
from bunsui.services.status import PipelineStatus, ProjectStatus, Standing
from bunsui.view.schema_parts import (
    FORMAT_VERSION,
    Schema,
    choice,
    closed,
    document,
    listed,
    moment,
    or_null,
    text,
    texts,
    whole,
)
from bunsui.view.session_table import table
from bunsui.view.session_words import SESSION_SYMBOLS, instant, status_word, zone_name
from bunsui.view.spans import Line, Role, Span, line, span

_STANDINGS: Mapping[Standing, tuple[str, Role]] = {
    Standing.REFUSED: ("!", Role.REFUSE),
    Standing.UNKNOWN: ("?", Role.WARN),
    Standing.DRIFTED: ("≠", Role.DRIFT),
    Standing.PENDING: ("~", Role.UPDATE),
    Standing.NEW: ("+", Role.CREATE),
    Standing.RETIRED: ("○", Role.MUTED),
    Standing.REMOVED: ("-", Role.DELETE),
    Standing.IN_SYNC: ("✓", Role.GOOD),
}

_FAILED = frozenset({SessionStatus.FAILED, SessionStatus.TIMED_OUT})


def status_lines(status: ProjectStatus, zone: tzinfo) -> Iterator[Line]:
    """Give the whole status."""
    scope = status.scope
    kind = "embedded AWS" if status.is_local else f"account {scope.account}"
    commit = f", commit {status.commit}" if status.commit else ""
    place = span(f"  {kind}, {scope.region}{commit}", Role.MUTED)
    yield line(span(scope.project, Role.STRONG), " in ", span(scope.environment, Role.STRONG), place)
    if has_errors(status.diagnostics):
        errors = sum(1 for found in status.diagnostics if found.is_error)
        yield line(span(f"The files have {errors} error{'s' if errors != 1 else ''}, so nothing was compared.", Role.BAD))
        return
    if not status.pipelines:
        yield line("No pipelines yet.")
        return
    yield line(*_counts(status))
    yield line("")
    header = ("", "pipeline", "standing", "to change", "last session", "created", "next start")
    yield from table(header, [_row(pipeline, zone) for pipeline in status.pipelines], right=frozenset({3}))
    yield from _retired(status, zone)
    if any(pipeline.last_session or pipeline.next_start for pipeline in status.pipelines):
        yield line(span(f"Times are of {zone_name(zone)}.", Role.MUTED))


def next_command(status: ProjectStatus) -> tuple[str, str]:
    """Give the next useful command, and why."""
    if has_errors(status.diagnostics):
        return "bunsui validate", "see the errors"
    if not status.pipelines:
        return "bunsui init", "start with a pipeline that runs"
    standings = {pipeline.standing for pipeline in status.pipelines}
    if standings & {Standing.REFUSED, Standing.DRIFTED, Standing.PENDING, Standing.NEW, Standing.REMOVED}:
        return "bunsui plan", "see what apply would change"
    for pipeline in status.pipelines:
        if pipeline.last_session is not None and pipeline.last_session.status in _FAILED:
            return f"bunsui show {pipeline.name}", "see why it failed"
    return f"bunsui run {status.pipelines[0].name} --wait", "start a session"


def status_json(status: ProjectStatus) -> dict[str, Json]:
    """Give the status as one JSON document."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "status",
        "project": status.scope.project,
        "environment": status.scope.environment,
        "account": status.scope.account,
        "region": status.scope.region,
        "commit": status.commit,
        "errors": sum(1 for found in status.diagnostics if found.is_error),
        "pipelines": [
            {
                "name": pipeline.name,
                "path": pipeline.path,
                "standing": pipeline.standing.value,
                "changes": pipeline.changes,
                "retired_until": _instant(pipeline.retirement.until if pipeline.retirement else None),
                "held_by": [*pipeline.retirement.running, *pipeline.retirement.redrivable] if pipeline.retirement else [],
                "next_start": pipeline.next_start.isoformat() if pipeline.next_start else None,
                "last_session": _session_json(pipeline.last_session),
            }
            for pipeline in status.pipelines
        ],
    }


def status_schema() -> Schema:
    """Describe what `status_json` gives."""
    session = closed(
        "Its last session; null when none is among those looked at.",
        {
            "id": text("The session's id."),
            "status": choice("Where it stands.", (status.value for status in SessionStatus)),
            "created_at": moment("When it was asked for."),
            "slot": moment("The business time that it stands for."),
        },
    )
    pipeline = closed(
        "One pipeline.",
        {
            "name": text("Its name."),
            "path": text("Its file, from the project's folder; empty when the repository no longer has it."),
            "standing": choice("How the account stands to the repository.", (standing.value for standing in Standing)),
            "changes": whole("How many resources an apply would change."),
            "retired_until": or_null(moment("Until when it is kept; null when it is not retired.")),
            "held_by": texts("Sessions that keep a retired pipeline."),
            "next_start": or_null(moment("Null when nothing starts it, or nothing that can be foreseen.")),
            "last_session": or_null(session),
        },
    )
    return document(
        "status",
        "Of `status`, and of `bunsui` alone: how each pipeline stands.",
        {
            "project": text("The project's name."),
            "environment": text("The environment's name."),
            "account": text("The account's twelve digits."),
            "region": text("The region."),
            "commit": text("The checkout's, with `*` when the tree is dirty; empty outside git."),
            "errors": whole("Errors in the files; with any of them nothing was compared, and no pipeline is listed."),
            "pipelines": listed(pipeline, "By name."),
        },
    )


def _retired(status: ProjectStatus, zone: tzinfo) -> Iterator[Line]:
    """Until when retired pipelines stay, and which sessions hold them."""
    for pipeline in status.pipelines:
        found = pipeline.retirement
        if pipeline.standing is not Standing.RETIRED or found is None or found.until is None:
            continue
        held = f", held by {', '.join((*found.running, *found.redrivable))}" if found.running or found.redrivable else ""
        unknown = f", {found.unknown}" if found.unknown else ""
        said = span(f" is kept until {instant(found.until, zone)}{held}{unknown}", Role.MUTED)
        yield line(span(pipeline.name, Role.NAME), said)


def _counts(status: ProjectStatus) -> Iterator[Span]:
    for standing, (_, role) in _STANDINGS.items():
        count = sum(1 for pipeline in status.pipelines if pipeline.standing is standing)
        if count:
            yield span(f"{count} {standing.value}  ", role)
    failing = sum(1 for item in status.pipelines if item.last_session is not None and item.last_session.status in _FAILED)
    if failing:
        yield span(f"{failing} failing", Role.BAD)


def _row(pipeline: PipelineStatus, zone: tzinfo) -> tuple[Span, ...]:
    symbol, role = _STANDINGS[pipeline.standing]
    changes = str(pipeline.changes) if pipeline.changes else ""
    session = pipeline.last_session
    if session is None:
        last, at = span(""), span("")
    else:
        mark, colour = SESSION_SYMBOLS[session.status]
        last, at = span(f"{mark} {status_word(session.status)}", colour), span(instant(session.created_at, zone), Role.MUTED)
    name, standing = span(pipeline.name, Role.NAME), span(pipeline.standing.value, role)
    return span(symbol, role), name, standing, span(changes), last, at, span(instant(pipeline.next_start, zone))


def _instant(at: datetime | None) -> Json:
    return at.isoformat() if at is not None else None


def _session_json(session: Session | None) -> Json:
    if session is None:
        return None
    return {
        "id": session.id,
        "status": session.status.value,
        "created_at": session.created_at.isoformat(),
        "slot": session.slot.isoformat(),
    }
