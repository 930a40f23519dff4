"""How pipelines are worded: a symbol and a role for each standing, the last runs as a sparkline, what changed last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from bunsui.command_line import command_line
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Reason, ResourceChange
from bunsui.services.overview.runs import MOST_ROWS, PastRun, RecentRows, RecentRuns
from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.view.plan.assumed import age
from bunsui.view.plan.wording import kind_words, sentences
from bunsui.view.sessions.wording import SESSION_SYMBOLS, duration, instant
from bunsui.view.spans import Line, Role, Span, line, span

STANDINGS: Mapping[PipelineStanding, tuple[str, Role]] = {
    PipelineStanding.REFUSED: ("!", Role.REFUSE),
    PipelineStanding.INVALID: ("✗", Role.BAD),
    PipelineStanding.UNKNOWN: ("?", Role.WARN),
    PipelineStanding.DRIFTED: ("≠", Role.DRIFT),
    PipelineStanding.PENDING: ("~", Role.UPDATE),
    PipelineStanding.NEW: ("+", Role.CREATE),
    PipelineStanding.RETIRED: ("○", Role.MUTED),
    PipelineStanding.REMOVED: ("-", Role.DELETE),
    PipelineStanding.UNPLANNED: ("…", Role.MUTED),
    PipelineStanding.IN_SYNC: ("✓", Role.GOOD),
}
"""Gravest first."""

_BARS = "▁▂▃▄▅▆▇"
_OUTSIDE = 2
"""So many of the things that somebody changed outside are told."""


def counts(pipelines: Iterable[PipelineStatus], *, in_words: bool = True) -> Iterator[Span]:
    """Return how many stand so, for each standing that there is, gravest first; without words where the list has them."""
    found = [one.standing for one in pipelines]
    for standing, (symbol, role) in STANDINGS.items():
        if count := found.count(standing):
            yield span(f"{symbol} {count}{f' {standing.value}' if in_words else ''}  ", role)


def rows_read(rows: RecentRows, zone: tzinfo) -> tuple[Span, ...]:
    """Return how far back the sessions were read, where there are older ones: percentages and last runs are of these."""
    if rows.since is None:
        return ()
    return (span(f"newest {MOST_ROWS:,} runs, since {instant(rows.since, zone)[5:16]}", Role.WARN),)


def no_pipelines_lines(*, can_build: bool) -> tuple[Line, ...]:
    """Return what to do where there is none."""
    started = line(span(init := command_line("init"), Role.COMMAND), span("  makes one that runs", Role.MUTED))
    built = line(span("4", Role.HINT), span(f"{' ' * len(init)} builds one here", Role.MUTED))
    return (line(span("No pipelines yet", Role.STRONG)), line(), started, *((built,) if can_build else ()))


def failing(pipelines: Iterable[PipelineStatus]) -> int:
    """Return of how many the newest run failed."""
    newest = [one.runs.runs[-1].status for one in pipelines if one.runs.runs]
    return sum(status in (SessionStatus.FAILED, SessionStatus.TIMED_OUT) for status in newest)


def spark(runs: Sequence[PastRun]) -> tuple[Span, ...]:
    """Return one sign a run, the oldest first: a bar as high as it took long beside the others, another sign for what did not
    succeed."""
    longest = max((run.seconds for run in runs if _is_success(run) and run.seconds is not None), default=0.0)
    return tuple(_sign(run, longest) for run in runs)


def spark_text(runs: Sequence[PastRun]) -> str:
    """Return the same as text."""
    return "".join(one.text for one in spark(runs))


def _sign(run: PastRun, longest: float) -> Span:
    if not _is_success(run):
        symbol, role = SESSION_SYMBOLS[run.status]
        return span(symbol, role)
    share = (run.seconds or 0.0) / longest if longest else 0.0
    return span(_BARS[round(share * (len(_BARS) - 1))], Role.GOOD)


def _is_success(run: PastRun) -> bool:
    return run.status is SessionStatus.SUCCEEDED


def percent(runs: RecentRuns) -> Span:
    """Return how many succeeded; all is never said where one failed, nor none where one succeeded."""
    found = runs.ok_percent
    if found is None:
        return span("–", Role.MUTED)
    whole = min(max(round(found), 1 if found > 0 else 0), 99 if found < 100 else 100)
    return span(f"{whole}%", Role.PLAIN if whole == 100 else Role.WARN if whole >= 50 else Role.BAD)


def p95(runs: RecentRuns) -> Span:
    """Return how long 95 of 100 take at most."""
    return span(duration(runs.p95_seconds) or "–", Role.PLAIN if runs.p95_seconds is not None else Role.MUTED)


def next_start(pipeline: PipelineStatus, zone: tzinfo, *, now: datetime | None) -> str:
    """Return when it starts next, the day only where that is another one than today; empty when nothing starts it."""
    at = pipeline.next_start
    if at is None:
        return ""
    return f"{'about ' if pipeline.is_next_start_about else ''}{_short_instant(at, zone, now)}"


def next_start_cell(pipeline: PipelineStatus, zone: tzinfo, *, now: datetime) -> Span:
    """Return the same for a list, where nothing starts it a dash, and a question mark where nobody knows."""
    said = next_start(pipeline, zone, now=now)
    return span(said) if said else span("–" if pipeline.is_compared else "?", Role.MUTED)


def last_run(pipeline: PipelineStatus, zone: tzinfo, *, now: datetime) -> Span:
    """Return how the newest session stands, and when it was asked for."""
    if not pipeline.runs.runs:
        return span("–", Role.MUTED)
    newest = pipeline.runs.runs[-1]
    symbol, role = SESSION_SYMBOLS[newest.status]
    return span(f"{symbol} {_short_instant(newest.began_at, zone, now)}", role)


def _short_instant(at: datetime, zone: tzinfo, now: datetime | None) -> str:
    text = instant(at, zone)
    is_today = now is not None and at.astimezone(zone).date() == now.astimezone(zone).date()
    return text[11:16] if is_today else text[5:16]


def last_change(pipeline: PipelineStatus, zone: tzinfo, *, now: datetime | None) -> Span:
    """Return what is to be known of its last change: what somebody did outside, what the files change, the commit applied."""
    match pipeline.standing:
        case PipelineStanding.INVALID:
            at = pipeline.fault.position if pipeline.fault is not None else None
            return span(f"{at.file}:{at.line}" if at is not None else pipeline.path, Role.BAD)
        case PipelineStanding.UNKNOWN | PipelineStanding.REFUSED:
            return span(pipeline.why, Role.WARN)
        case PipelineStanding.DRIFTED:
            return span(outside_words(pipeline.outside), Role.DRIFT)
        case PipelineStanding.NEW:
            return span("never applied", Role.PLAIN)
        case PipelineStanding.PENDING | PipelineStanding.REMOVED:
            return span(f"{pipeline.changes} change{'s' * (pipeline.changes != 1)} in files", Role.PLAIN)
        case PipelineStanding.RETIRED if pipeline.retirement is not None and pipeline.retirement.until is not None:
            return span(f"kept until {instant(pipeline.retirement.until, zone)[:10]}", Role.MUTED)
        case _:
            return span(applied_words(pipeline, now=now), Role.MUTED)


def applied_words(pipeline: PipelineStatus, *, now: datetime | None) -> str:
    """Return the commit that was applied last, and how long ago; empty when nothing of it was applied."""
    if pipeline.applied_at is None:
        return ""
    ago = f"{age(now - pipeline.applied_at)} ago" if now is not None else ""
    return ", ".join(word for word in (pipeline.applied_commit[:8], ago) if word)


def outside_words(changes: Sequence[ResourceChange]) -> str:
    """Return the first things that somebody changed outside, and how many more there are."""
    said: list[str] = []
    for change in changes:
        name = change.address.name or kind_words(change.address.kind)
        if change.reason is Reason.DELETED_OUTSIDE:
            said.append(f"{name} deleted outside")
        said += [f"{told.text} outside, {name}" for _, told in sentences(change.drift)]
    more = f" and {len(said) - _OUTSIDE} more" if len(said) > _OUTSIDE else ""
    return f"{'; '.join(said[:_OUTSIDE])}{more}" if said else "changed outside"
