"""Drift for reading: what was changed of each resource, then what stands beside ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from bunsui.plan.model import Reason, ResourceChange
from bunsui.services.overview.drift import DriftReport
from bunsui.view.plan.model import findings
from bunsui.view.plan.text import finding_lines
from bunsui.view.plan.wording import kind_words, sentences
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span


def drift_lines(report: DriftReport) -> Iterator[Line]:
    """Return the whole report."""
    scope = report.scope
    place = f"  ({scope.project} in {scope.environment}, account {scope.account}, {scope.region})"
    yield line(span(_summary(report), Role.DRIFT if report.drifted else Role.STRONG), span(place, Role.MUTED))
    for pipeline, changes in groupby(report.drifted, key=lambda change: change.address.pipeline):
        yield line("")
        yield line(span(safe(pipeline), Role.STRONG))
        for change in changes:
            yield from (item.indented(2) for item in _change_lines(change))
    yield from _aside("could not be read, so nobody knows:", report.unreadable)
    yield from _aside("an apply died at these, and the next one finishes them:", report.interrupted)
    if report.beside:
        yield line("")
        yield line(span("others put beside ours, and bunsui leaves it there:", Role.MUTED))
        yield from finding_lines(findings(report.beside))


def _summary(report: DriftReport) -> str:
    count, resources = len(report.drifted), f"{report.resources} resource{'s' if report.resources != 1 else ''}"
    if not count:
        return f"No drift: {resources}, all as applied" if not report.unreadable else f"No drift seen in {resources}"
    return f"{count} of {resources} changed outside bunsui"


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


def _aside(heading: str, changes: Sequence[ResourceChange]) -> Iterator[Line]:
    if not changes:
        return
    yield line("")
    yield line(span(heading, Role.WARN))
    for change in changes:
        yield line(span(safe(str(change.address))), span(safe(f"  {change.note}"), Role.MUTED), indent=2)
