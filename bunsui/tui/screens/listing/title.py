"""The lines around the list of pipelines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo

from bunsui.services.overview.standing import PipelineStatus
from bunsui.tui.screens.base import ago
from bunsui.view.pipelines.wording import counts, failing
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Line, Role, Span, line, span


def title_lines(
    pipelines: Collection[PipelineStatus], *, marked: int, beside: Sequence[Span], plan_age: str, width: int
) -> tuple[Line, Line]:
    """Return how many there are and how they stand, and at the right what is marked, what stands `beside`, how old the plan is;
    without words where `width` cells are too few for all."""
    title = span(f"Pipelines  {len(pipelines)}  ", Role.STRONG)
    marks = (span(f"{marked} marked  ", Role.STRONG),) if marked else ()
    right = line(*marks, *beside, span(f"  {plan_age}" if plan_age else "", Role.MUTED))
    bad = failing(pipelines)
    told = (span(f"{bad} failing", Role.BAD),) if bad else ()
    left = line(title, *counts(pipelines), *told)
    if len(left.text) + len(right.text) + 2 > width:
        left = line(title, *counts(pipelines, in_words=False), *told)
    return left, right


def preview_frame(pipeline: PipelineStatus, zone: tzinfo, now: datetime) -> tuple[Line, Line]:
    """Return what the pipeline is called, and of when the news of its machine are."""
    title = f"  {pipeline.about.title}" if pipeline.about.title else ""
    at = pipeline.looked_at
    looked = f"its machine was {f'looked at {ago(at, now)}' if at is not None else 'not looked at yet'}"
    told = line(span(f"{looked}; times in {zone_name(zone)}", Role.MUTED))
    return line(span(pipeline.name, Role.STRONG), span(title)), told


def fits(pipeline: PipelineStatus, words: str) -> bool:
    """Tell whether each of the words stands in the pipeline's name, title or state."""
    text = f"{pipeline.name} {pipeline.about.title} {pipeline.standing.value}".casefold()
    return all(word in text for word in words.casefold().split())
