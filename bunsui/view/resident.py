"""How a resident does, in lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from bunsui.model.environment.resident import SWEEP
from bunsui.services.resident.standing import Report, ResidentStanding, ResidentState
from bunsui.view.plan.assumed import age
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, Span, line, span

_WORDS = {
    ResidentState.NONE: "no resident: nobody looks at sessions here unless a command does",
    ResidentState.PENDING: "the resident has not looked yet",
    ResidentState.AWAKE: "the resident is awake",
    ResidentState.SILENT: "the resident is there, and its log tells of no sweep when one was due",
    ResidentState.LEFT_OVER: "a resident is there that the files do not want any more",
}
_ROLES = {ResidentState.AWAKE: Role.GOOD, ResidentState.SILENT: Role.BAD}


def standing_lines(standing: ResidentStanding, now: datetime) -> Iterator[Line]:
    """Yield the standing, what it is made of, its last looks, what failed."""
    yield line(span(_WORDS[standing.state], _ROLES.get(standing.state, Role.PLAIN)))
    if standing.version:
        same = (
            "" if standing.is_same_code else f", and this is {standing.version_here} with other files: the next apply renews it"
        )
        yield line(span(f"made of bunsui {safe(standing.version)}{same}", Role.MUTED))
    sweep, newest = standing.last(SWEEP), standing.last()
    if sweep is not None:
        yield line(span("last sweep  ", Role.MUTED), *_report_words(sweep, now))
    if newest is not None and newest is not sweep:
        yield line(span("last look   ", Role.MUTED), *_report_words(newest, now))
    if standing.reports:
        news = sum(one.news for one in standing.reports)
        yield line(span(f"{len(standing.reports)} looks in the last hour, {news} news", Role.MUTED))
        yield from _alert_words(standing)
    for failure in standing.failures[-3:]:
        yield line(span(f"failed {age(now - failure.at)} ago: ", Role.BAD), span(safe(failure.message.strip().splitlines()[0])))


def _alert_words(standing: ResidentStanding) -> Iterator[Line]:
    sent, waiting = sum(one.told for one in standing.reports), standing.reports[-1].waiting
    if sent or waiting:
        words = f"{sent} alert{'s' * (sent != 1)} sent in the last hour, {waiting} waiting: bunsui alerts list"
        yield line(span(words, Role.WARN if waiting else Role.MUTED))


def _report_words(report: Report, now: datetime) -> Iterator[Span]:
    yield span(f"{age(now - report.at)} ago, {report.visited} of {report.machines} machines, {report.news} news")
    yield span(f", {report.seconds:.1f} s", Role.MUTED)
    if report.problems:
        yield span(f"; {safe(report.problems[0])}", Role.BAD)


def log_lines(standing: ResidentStanding, zone: tzinfo) -> Iterator[Line]:
    """Yield a line for each look and each failure of the last hour, oldest first."""
    looks = [(one.at, safe(_look(one)), Role.PLAIN) for one in standing.reports]
    failures = [(one.at, safe(one.message.strip()), Role.BAD) for one in standing.failures]
    for at, text, role in sorted(looks + failures, key=lambda found: found[0]):
        yield line(span(f"{at.astimezone(zone):%H:%M:%S}  ", Role.MUTED), span(text, role))


def _look(report: Report) -> str:
    said = f"{report.cause}: {report.visited} of {report.machines} machines, {report.news} news, {report.seconds:.1f} s"
    return "; ".join([said, *report.problems])
