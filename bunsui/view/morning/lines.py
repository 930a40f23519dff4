"""The morning page as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from bunsui.command_line import command_line
from bunsui.services.morning.causes import FailedOf, note_of
from bunsui.services.morning.expected import PATIENCE, ExpectedRun, RunState
from bunsui.services.morning.page import Morning
from bunsui.view.morning.commands import cause_command, outside_command, run_command, run_of_group
from bunsui.view.morning.looks import LOOKS, day_time
from bunsui.view.safe import safe_lines
from bunsui.view.sessions.custody import custody_mark
from bunsui.view.sessions.wording import between, duration, zone_name
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, cells, cut, table

HEADINGS: Mapping[RunState, str] = {
    RunState.MISSING: "missing: due, and not started",
    RunState.LATE: "late: due, and not started yet",
    RunState.UNKNOWN: "not known",
}
_TIMES = 4
"""So many times of runs alike are told each."""
_NEXT = 5
_RAN = Layout(right=frozenset({4}), whole=frozenset({1}), drop=(5, 2))


def morning_lines(morning: Morning, zone: tzinfo, *, width: int | None = None) -> Iterator[Line]:
    """Return the whole page; its tables take at most `width` cells."""
    yield _place(morning)
    yield _counts(morning, zone)
    yield from _failed_lines(morning, zone, width)
    yield from _gate_lines(morning, zone, width)
    for state in RunState:
        if state not in (RunState.FAILED, RunState.RAN) and morning.of_state(state):
            yield from _heading(HEADINGS.get(state, state.value))
            yield from _groups(morning, state, zone)
            if state is RunState.MISSING and morning.is_local:
                yield line(span("the embedded AWS starts nothing while it does not run", Role.MUTED), indent=2)
    yield from _ran_lines(morning, zone, width)
    yield from _next_lines(morning, zone)
    yield from _out_of_sync_lines(morning, zone)


def _place(morning: Morning) -> Line:
    scope = morning.scope
    kind = "embedded AWS" if morning.is_local else f"account {scope.account}"
    commit = f", commit {morning.commit}" if morning.commit else ""
    place = span(f"  {kind}, {scope.region}{commit}", Role.MUTED)
    return line(span(scope.project, Role.STRONG), " in ", span(scope.environment, Role.STRONG), place)


def _counts(morning: Morning, zone: tzinfo) -> Line:
    since = f"since {day_time(morning.since, zone, morning.now)} ({zone_name(zone)}): "
    if not morning.schedules and not morning.runs:
        told = span("no schedule is applied, so nothing was expected")
        return line(span(since, Role.MUTED), told)
    if not morning.runs:
        return line(span(since, Role.MUTED), span("nothing was due"))
    parts = [span(since, Role.MUTED), span(f"{len(morning.runs)} expected")]
    for state, (_, role) in LOOKS.items():
        count, word = len(morning.of_state(state)), "not known" if state is RunState.UNKNOWN else state.value
        parts += [span(", ", Role.MUTED), span(f"{count} {word}", role)] if count else []
    return line(*parts)


def _heading(title: str) -> Iterator[Line]:
    yield line("")
    yield line(span(title, Role.STRONG))


def _failed_lines(morning: Morning, zone: tzinfo, width: int | None) -> Iterator[Line]:
    if not morning.causes:
        return
    yield from _heading("failed, by cause")
    symbol, role = LOOKS[RunState.FAILED]
    for cause in morning.causes:
        yield line(span(f"{symbol} ", role), *_cause_words(cause, (width or 2000) - 4), indent=2)
        yield line(span(", ".join(_where(cause.runs, zone, morning.now))), indent=6)
        held = [run.session for run in cause.runs if run.session is not None and run.session.taken is not None]
        told = Counter(custody_mark(session, morning.now) for session in held)
        for mark, count in told.items():
            yield line(
                span(mark if count == len(cause.runs) else f"{mark} ({count} of {len(cause.runs)})", Role.WARN), indent=6
            )
        yield line(span(cause_command(cause), Role.COMMAND), indent=6)


def _gate_lines(morning: Morning, zone: tzinfo, width: int | None) -> Iterator[Line]:
    if not morning.gates:
        return
    yield from _heading("waits for an approval")
    for gate in (one.gate for one in morning.gates):
        asked = f"{gate.pipeline} {gate.job} since {day_time(gate.opened_at, zone, morning.now)}: "
        message = cut(next(iter(safe_lines(gate.message)), ""), max((width or 2000) - 4 - cells(asked), 20))
        yield line(span("◌ ", Role.WARN), span(asked, Role.NAME), span(message), indent=2)
        yield line(span(command_line("approve", gate.id, "--note", "WHY"), Role.COMMAND), indent=6)


def _cause_words(cause: FailedOf, room: int) -> Iterator[Span]:
    note = cause.note
    if note is None:
        yield span("nobody looked yet why", Role.MUTED)
        return
    kind, name = span(f"  [{note.error_class}]", Role.MUTED), span(note.error or "failed", Role.BAD)
    yield name
    if note.message and note.message != note.error:
        yield span(cut(f": {span(note.message).text}", max(room - cells(name.text) - cells(kind.text), 20)))
    yield kind


def _where(runs: Sequence[ExpectedRun], zone: tzinfo, now: datetime) -> Iterator[str]:
    """Name pipelines, schedules and the time of each one's newest run, the newest first; a job where the row knows it."""
    alike: dict[tuple[str, str, str], list[ExpectedRun]] = {}
    for run in runs:
        note = note_of(run.session)
        job = note.place if note is not None else run.session.failed_job if run.session is not None else ""
        alike.setdefault((run.pipeline, run.schedule, job), []).append(run)
    for (pipeline, schedule, job), found in list(alike.items())[:_TIMES]:
        often = f" and {len(found) - 1} before" if len(found) > 1 else ""
        yield f"{pipeline} {schedule} {_time(found[0], zone, now)}{often}{f' in {job}' if job else ''}"
    if len(alike) > _TIMES:
        yield f"{len(alike) - _TIMES} more schedules"


def _groups(morning: Morning, state: RunState, zone: tzinfo) -> Iterator[Line]:
    """Tell runs alike in one line, with the command for the newest of them."""
    groups: dict[tuple[str, str, str], list[ExpectedRun]] = {}
    for run in morning.of_state(state):
        groups.setdefault((run.pipeline, run.schedule, run.why), []).append(run)
    symbol, role = LOOKS[state]
    for (pipeline, schedule, why), runs in sorted(groups.items()):
        shown = ", ".join(_time(run, zone, morning.now) for run in runs[-_TIMES:])
        earlier = f"{len(runs) - _TIMES} earlier, " if len(runs) > _TIMES else ""
        newest = run_of_group(runs)
        said = "; ".join(text for text in (why, *_remarks(newest, morning)) if text)
        told = span(f"  {said}", Role.MUTED) if said else span("")
        yield line(span(f"{symbol} ", role), span(pipeline, Role.NAME), f" {schedule}  {earlier}{shown}", told, indent=2)
        command = run_command(newest, morning, zone)
        if command:
            yield line(span(command, Role.COMMAND), indent=6)


def _remarks(run: ExpectedRun, morning: Morning) -> Iterator[str]:
    session = run.session
    if session is None:
        yield from (f"{duration((morning.now - run.at).total_seconds())} ago",) if run.state is RunState.LATE else ()
        return
    latest = session.latest
    if run.is_by_hand:
        yield "started by hand"
    elif session.created_at - run.at > PATIENCE:
        yield f"began {duration((session.created_at - run.at).total_seconds())} late"
    if latest is not None and run.state is RunState.RUNNING:
        passed = between(latest.started_at, None, now=morning.now)
        yield f"for {duration(passed.total_seconds() if passed is not None else None)}"
    if session.duplicates:
        yield "delivered more than once: its work was done twice"
    if session.warned:
        yield f"warned: {', '.join(session.warned)}"
    if session.tolerated:
        yield f"items failed, tolerated: {', '.join(f'{job} {count}' for job, count in session.tolerated.items())}"


def _time(run: ExpectedRun, zone: tzinfo, now: datetime) -> str:
    return f"{'about ' if run.is_about else ''}{day_time(run.at, zone, now)}"


def _ran_lines(morning: Morning, zone: tzinfo, width: int | None) -> Iterator[Line]:
    """Tell each schedule's runs in one row: the last one, and how many there were."""
    groups: dict[tuple[str, str], list[ExpectedRun]] = {}
    for run in morning.of_state(RunState.RAN):
        groups.setdefault((run.pipeline, run.schedule), []).append(run)
    if not groups:
        return
    yield from _heading("ran")
    rows = [_ran_row(runs, morning, zone) for _, runs in sorted(groups.items())]
    for item in table(
        ("", "pipeline", "schedule", "last", "took", "notes"), rows, _RAN, width=None if width is None else width - 2
    ):
        yield item.indented(2)
    for _, runs in sorted(groups.items()):
        for run in runs:
            if command := run_command(run, morning, zone):
                yield line(span(command, Role.COMMAND), indent=6)


def _ran_row(runs: Sequence[ExpectedRun], morning: Morning, zone: tzinfo) -> tuple[Span, ...]:
    newest = run_of_group(runs)
    session = newest.session
    latest = session.latest if session is not None else None
    took = between(latest.started_at, latest.stopped_at, now=morning.now) if latest is not None else None
    told = (run.session for run in runs if run.session is not None)
    is_warned = any(session.warned or session.tolerated or session.duplicates for session in told)
    symbol, role = ("!", Role.WARN) if is_warned else LOOKS[RunState.RAN]
    count = f"{len(runs)} times" if len(runs) > 1 else ""
    notes = "; ".join(text for text in (count, newest.why, *_remarks(newest, morning)) if text)
    return (
        span(symbol, role),
        span(newest.pipeline, Role.NAME),
        span(newest.schedule),
        span(_time(newest, zone, morning.now)),
        span(duration(took.total_seconds()) if took is not None else ""),
        span(notes, Role.MUTED),
    )


def _next_lines(morning: Morning, zone: tzinfo) -> Iterator[Line]:
    if not morning.next_starts:
        return
    yield from _heading("next")
    for one in morning.next_starts[:_NEXT]:
        at = f"{'about ' if one.is_about else ''}{day_time(one.at, zone, morning.now)}"
        yield line(span(f"{at:<11} "), span(one.pipeline, Role.NAME), f" {one.schedule}", indent=2)
    if len(morning.next_starts) > _NEXT:
        yield line(span(f"and {len(morning.next_starts) - _NEXT} more schedules", Role.MUTED), indent=2)


def _out_of_sync_lines(morning: Morning, zone: tzinfo) -> Iterator[Line]:
    """Tell what is known to differ without a plan, and that the rest was not looked at."""
    yield from _heading("out of sync")
    for one in morning.outside:
        yield line(span("≠ ", Role.DRIFT), span(one.pipeline, Role.NAME), f" schedule {one.id}  {one.outside}", indent=2)
        yield line(span(outside_command(one), Role.COMMAND), indent=6)
    if not morning.is_checked:
        told = "what others did to schedules is not known: scheduler:ListSchedules is not allowed"
        yield line(span(f"? {told}", Role.WARN), indent=2)
        yield line(span(command_line("permissions", "run"), Role.COMMAND), indent=6)
    yield from _young_lines(morning, zone)
    if not morning.has_files:
        yield line(span("the project's files are not here to be compared with AWS", Role.MUTED), indent=2)
        return
    yield line(span("files and AWS were not compared here:", Role.MUTED), indent=2)
    yield line(span(command_line("status"), Role.COMMAND), indent=6)


def _young_lines(morning: Morning, zone: tzinfo) -> Iterator[Line]:
    """Tell which schedules are so only since a while: what was due before that is known only where it ran."""
    begun = {f"{one.pipeline} {one.id}": one.since for one in morning.schedules if one.since and one.since > morning.since}
    if not begun:
        return
    names = ", ".join(list(begun)[:_TIMES]) + (f" and {len(begun) - _TIMES} more" if len(begun) > _TIMES else "")
    at = day_time(max(begun.values()), zone, morning.now)
    told = f"written at {at} or before: {names}; of what was due earlier, only what ran is known"
    yield line(span(told, Role.MUTED), indent=2)
