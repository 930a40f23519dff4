"""One pipeline on a few lines: why it stands so, its jobs, its last failure, and the facts that one looks up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from bunsui.model.durations import format_duration
from bunsui.services.overview.runs import RecentRuns
from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.view.pipelines.intervention import intervention_lines
from bunsui.view.pipelines.wording import STANDINGS, applied_words, next_start, outside_words, p95, percent, spark
from bunsui.view.safe import safe
from bunsui.view.sessions.advice import contact_lines
from bunsui.view.sessions.cost import usd_words
from bunsui.view.sessions.wording import duration, instant
from bunsui.view.spans import Line, Role, Span, line, span

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.services.graph import PipelineGraph
    from bunsui.services.overview.details import PipelineDetails

_HIGHEST = 4
"""Lines of a picture of the jobs; of a higher one the waves stand on one line."""
_OUTSIDE_SHOWN = 3
"""Resources changed outside that are told; of more, how many there are."""

_WITHOUT_RUNS = (PipelineStanding.NEW, PipelineStanding.INVALID, PipelineStanding.REFUSED)
"""There may be no machine of ours to look at."""


def preview_lines(
    status: PipelineStatus, details: PipelineDetails | None, zone: tzinfo, *, now: datetime, width: int = 100
) -> Iterator[Line]:
    """Return what is known of a pipeline, its picture within `width` cells; of what was not read yet nothing is said but that."""
    runs = details.runs if details is not None and (details.runs.runs or not status.runs.runs) else status.runs
    yield from _standing_lines(status, zone)
    if details is None:
        yield line(span("reading its jobs and its last runs …", Role.MUTED))
    else:
        yield from _job_lines(details, width)
    yield from _run_lines(runs, zone, is_looked_at=status.looked_at is not None or status.standing in _WITHOUT_RUNS)
    yield from _fact_lines(status, details, zone, now)
    yield from contact_lines(status.about)


def _standing_lines(status: PipelineStatus, zone: tzinfo) -> Iterator[Line]:
    """Why it stands so, where there is a reason to tell."""
    _, role = STANDINGS[status.standing]
    if status.fault is not None:
        at = f"{status.fault.position}  " if status.fault.position is not None else ""
        yield line(span(f"✗ {at}", Role.BAD), span(f"{status.fault.code} {status.fault.summary}"))
        if status.fault.hint:
            yield line(span(status.fault.hint, Role.HINT), indent=2)
    if status.why:
        yield line(span(status.why, role))
    for change in status.outside[:_OUTSIDE_SHOWN]:
        yield line(span(f"≠ {outside_words((change,))}", Role.DRIFT))
    if len(status.outside) > _OUTSIDE_SHOWN:
        yield line(span(f"  and {len(status.outside) - _OUTSIDE_SHOWN} more resources changed outside", Role.DRIFT))
    if status.standing is PipelineStanding.RETIRED and status.retirement is not None and status.retirement.until is not None:
        held = (*status.retirement.running, *status.retirement.redrivable)
        by = f", held by {', '.join(map(safe, held))}" if held else ""
        yield line(span(f"retired, kept until {instant(status.retirement.until, zone)}{by}", Role.MUTED))
    yield from intervention_lines(status, zone)
    if not status.enabled:
        yield line(span("switched off: its file says enabled: false", Role.WARN))


def _job_lines(details: PipelineDetails, width: int) -> Iterator[Line]:
    graph = details.graph
    if graph is None:
        if details.pipeline is not None and details.pipeline.is_raw:
            yield line(span("a definition of its own, without jobs", Role.MUTED))
        return
    from bunsui.view.graph import picture_within  # deferred: as above; who has a graph has imported it already

    yield from picture_within(graph, width=width, height=_HIGHEST) or (_wave_line(graph),)
    yield line(span(f"critical path  {critical_path_words(details)}", Role.MUTED))


def _wave_line(graph: PipelineGraph) -> Line:
    """Return the jobs wave by wave, for want of room for the picture."""
    critical = set(graph.critical_path)
    parts: list[Span] = []
    for number, wave in enumerate(graph.waves):
        parts += [span(" → ", Role.MUTED)] if number else []
        for place, name in enumerate(wave):
            parts += [span(", ", Role.MUTED)] if place else []
            parts.append(span(name, Role.STRONG if name in critical else Role.PLAIN))
    return line(*parts)


def critical_path_words(details: PipelineDetails) -> str:
    """Return how long the longest way takes and by what that is known; how many jobs it has where nothing is."""
    graph = details.graph
    if graph is None:
        return ""
    took = [one.seconds for name in graph.critical_path if (one := details.durations.get(name)) is not None]
    known = [seconds for seconds in took if seconds is not None]
    if len(known) == len(graph.critical_path):
        return f"{duration(sum(known))}, by the last successes"
    if graph.has_durations:
        by = "the last successes" if details.is_measured else "learnt durations"
        return f"about {format_duration(round(graph.critical_path_seconds))}, by {by}; some jobs are assumed"
    return f"{len(graph.critical_path)} of {len(graph.jobs)} jobs; how long they take is not known"


def _run_lines(runs: RecentRuns, zone: tzinfo, *, is_looked_at: bool) -> Iterator[Line]:
    if not runs.runs:
        told = "no runs" if runs.is_whole else "no runs among the sessions that were read"
        yield line(span(told if is_looked_at else f"{told} known: its machine was not looked at yet", Role.MUTED))
        return
    count = len(runs.runs)
    of = f"  last {count}" if runs.is_whole else f"  {count} among the sessions that were read"
    ok = (span("   ok ", Role.MUTED), percent(runs))
    yield line(span("runs  ", Role.MUTED), *spark(runs.runs), span(of, Role.MUTED), *ok, *_p95_parts(runs))
    failed = runs.last_failure
    if failed is None:
        return
    note = failed.failure
    said = f"{note.place}: {note.error}: {note.message}" if note is not None else failed.failed_job
    at = failed.latest.started_at if failed.latest is not None else failed.created_at
    yield line(
        span("✗ ", Role.BAD),
        span(f"{instant(at, zone)}  ", Role.MUTED),
        span(said or "why is not read yet", Role.BAD),
        span(f"  {failed.id}", Role.MUTED),
    )


def _p95_parts(runs: RecentRuns) -> tuple[Span, ...]:
    """Return p95; of fewer runs than it needs, that it is the longest."""
    if not runs.measured:
        return ()
    is_longest = runs.measured < 20
    told = f" of {runs.measured} success{'es' * (runs.measured != 1)}"
    return span("   longest " if is_longest else "   p95 ", Role.MUTED), p95(runs), span(told, Role.MUTED)


def _fact_lines(status: PipelineStatus, details: PipelineDetails | None, zone: tzinfo, now: datetime) -> Iterator[Line]:
    facts = [("file", status.path or "none any more"), ("schedule", _schedule_words(status, details, zone, now))]
    yield _facts(facts)
    more = [("role", status.role), ("version", status.version), ("applied", applied_words(status, now=now))]
    told = [fact for fact in more if fact[1]]
    if told:
        yield _facts(told)
    if details is None or details.pipeline is None:
        return
    yield _facts([("tests", str(details.tests or "none")), ("cost a run", cost_words(details))])


def _facts(facts: list[tuple[str, str]]) -> Line:
    parts: list[Span] = []
    for name, value in facts:
        parts += [span("   " if parts else ""), span(f"{name} ", Role.MUTED), span(value)]
    return line(*parts)


def _schedule_words(status: PipelineStatus, details: PipelineDetails | None, zone: tzinfo, now: datetime) -> str:
    if status.next_start is not None:
        return f"next {next_start(status, zone, now=now)}"
    if details is None or details.pipeline is None:
        return "none" if status.is_compared else "not known"
    if not details.pipeline.schedules:
        return "none" if status.is_compared else "none in the file"
    listed = ", ".join(one.expression for one in details.pipeline.schedules)
    return f"{listed} in the file; {'no next start is known' if status.is_compared else 'not compared with AWS'}"


def cost_words(details: PipelineDetails) -> str:
    """Return what a run costs, from what that is known, and by prices of which day; why not, where it cannot be told."""
    cost = details.cost
    if cost is None:
        return f"not known: {safe(details.why_no_cost)}" if details.why_no_cost else "not known"
    if cost.usd is None:
        return "not known: no prices of this region are known"
    by = f"by the last {f'{cost.runs} runs' if cost.runs != 1 else 'run'}" if cost.runs else "at most, by the definition"
    where = f" on AWS in {safe(cost.region)}" if cost.is_local else ""
    return f"{usd_words(cost.usd)} USD{where}, {by}; prices of {cost.priced_on}"
