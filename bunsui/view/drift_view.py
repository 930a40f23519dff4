"""Drift for reading: what was changed of each resource, then what stands beside ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from itertools import groupby

from bunsui.document.edit.draft import DraftDiff
from bunsui.model.names import person
from bunsui.plan.model import Reason, ResourceChange
from bunsui.services.drafting.adopting import Adoptable
from bunsui.services.overview.authors import DriftAuthors
from bunsui.services.overview.drift import DriftReport
from bunsui.view.plan.model import findings
from bunsui.view.plan.text import finding_lines
from bunsui.view.plan.wording import kind_words, sentences
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import instant
from bunsui.view.spans import Line, Role, line, span

_SIDES = {"+": Role.AFTER, "-": Role.BEFORE}
_EVENTS = 3
"""So many calls of each resource are told, newest first."""
_TAGS = 6
"""So many names of ignored tags are told."""


def drift_lines(report: DriftReport, authors: DriftAuthors | None = None, zone: tzinfo = UTC) -> Iterator[Line]:
    """Return the whole report, with who made each change where that was looked up."""
    scope = report.scope
    place = f"  ({scope.project} in {scope.environment}, account {scope.account}, {scope.region})"
    yield line(span(_summary(report), Role.DRIFT if report.drifted else Role.STRONG), span(place, Role.MUTED))
    for pipeline, changes in groupby(report.drifted, key=lambda change: change.address.pipeline):
        yield line("")
        yield line(span(safe(pipeline), Role.STRONG))
        for change in changes:
            yield from (item.indented(2) for item in _change_lines(change))
            if authors is not None:
                yield from _author_lines(authors, change, zone)
    if authors is not None and authors.unknown:
        yield line(span(f"who changed what is not known everywhere: {authors.unknown}", Role.WARN))
    yield from _aside("could not be read, so nobody knows:", report.unreadable)
    yield from _aside("an apply died at these, and the next one finishes them:", report.interrupted)
    if report.ignored_tags:
        yield line("")
        yield line(span(_ignored_tags(report), Role.MUTED))
    if report.beside:
        yield line("")
        yield line(span("others put beside ours, and bunsui leaves it there:", Role.MUTED))
        yield from finding_lines(findings(report.beside))


def _summary(report: DriftReport) -> str:
    count, resources = len(report.drifted), f"{report.resources} resource{'s' if report.resources != 1 else ''}"
    if not count:
        return f"No drift: {resources}, all as applied" if not report.unreadable else f"No drift seen in {resources}"
    return f"{count} of {resources} changed outside bunsui"


def _ignored_tags(report: DriftReport) -> str:
    names = [name for found in report.ignored_tags.values() for name in found]
    shown = sorted(set(names))
    more = f" and {len(shown) - _TAGS} more" if len(shown) > _TAGS else ""
    tags = "1 tag is" if len(names) == 1 else f"{len(names)} tags are"
    return f"{tags} ignored by ignore.tags: {safe(', '.join(shown[:_TAGS]))}{more}"


def _change_lines(change: ResourceChange) -> Iterator[Line]:
    own = f" {change.address.name}" if change.address.name else ""
    named = span(safe(f"{kind_words(change.address.kind)}{own}"), Role.NAME)
    physical = span(safe(f"  {change.physical_name}"), Role.MUTED)
    if change.reason in (Reason.DELETED_OUTSIDE, Reason.GONE):
        yield line(span("- ", Role.DRIFT), named, span(" was deleted", Role.DRIFT), physical)
        return
    if change.reason is Reason.NOT_OURS:
        yield line(span("! ", Role.DRIFT), named, span(" is not ours any more", Role.DRIFT), physical)
        return
    yield line(span("~ ", Role.DRIFT), named, physical)
    for _, told in sentences(change.drift):
        yield told.indented(4)


def _author_lines(authors: DriftAuthors, change: ResourceChange, zone: tzinfo) -> Iterator[Line]:
    events = authors.events.get(change.address, ())
    for event in events[:_EVENTS]:
        who = safe(person(event.who)) if event.who else "somebody"
        told = f"{event.name} by {who}, {instant(event.at, zone)}"
        yield line(span(told, Role.NAME), span(f"  event {event.id}" if event.id else "", Role.MUTED), indent=4)
    if len(events) > _EVENTS:
        yield line(span(f"and {len(events) - _EVENTS} calls before", Role.MUTED), indent=4)
    if not events and not authors.unknown:
        yield line(span("CloudTrail tells nobody: events show up minutes late, and go after 90 days", Role.MUTED), indent=4)


def _aside(heading: str, changes: Sequence[ResourceChange]) -> Iterator[Line]:
    if not changes:
        return
    yield line("")
    yield line(span(heading, Role.WARN))
    for change in changes:
        yield line(span(safe(str(change.address))), span(safe(f"  {change.note}"), Role.MUTED), indent=2)


def left_lines(one: Adoptable) -> Iterator[Line]:
    """Return what of a resource's drift is not written into a file, and why."""
    for left in one.kept.left:
        place = f" {left.attribute}" if left.attribute else ""
        yield line(span("! ", Role.WARN), span(safe(f"{one.change.address}{place}"), Role.NAME), f" is left: {left.reason}")


def diff_lines(diff: DraftDiff) -> Iterator[Line]:
    """Return what a file would gain and lose."""
    for text in diff.lines:
        role = Role.MUTED if text.startswith(("--- ", "+++ ", "@@")) else _SIDES.get(text[:1], Role.PLAIN)
        yield line(span(text, role))
