"""The jobs of a session as a graph: how they stand, in the machine that ran."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bunsui.model.session import JobProgress, JobStatus
from bunsui.view.drawing.picture import GraphPicture, NodeStyle, picture_of
from bunsui.view.drawing.shape import GraphShape
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import JOB_SYMBOLS, between, duration, status_word
from bunsui.view.spans import Role

if TYPE_CHECKING:
    from bunsui.view.plan.graph import GraphFlow

_QUIET = (JobStatus.WAITING, JobStatus.NOT_RUN, JobStatus.SKIPPED)


def session_picture(
    flow: GraphFlow, jobs: Sequence[JobProgress], *, now: datetime, before: GraphPicture | None = None
) -> GraphPicture:
    """Return the graph of the machine that ran, in the order of the jobs, each as it stands; nodes stay where they stood in the
    picture `before`."""
    known = {job.name: job for job in jobs}
    names = tuple(dict.fromkeys((*(name for name in known if name in flow.nodes), *flow.nodes)))
    place = {name: number for number, name in enumerate(names)}
    edges = tuple(sorted(flow.edges, key=lambda edge: (place[edge[0]], place[edge[1]])))
    styles = {name: _style(known[name], now) for name in names if name in known}
    return picture_of(GraphShape(names=names, edges=edges), styles, before=before)


def _style(job: JobProgress, now: datetime) -> NodeStyle:
    symbol, role = JOB_SYMBOLS[job.status]
    took = between(job.started_at, job.stopped_at, now=now)
    seconds = duration(took.total_seconds()) if took is not None and job.status is not JobStatus.RESTORED else ""
    told = [f"{job.tries} tries" if job.tries > 1 else "", f"{job.items_done}/{job.items_total}" if job.items_total else ""]
    words = [status_word(job.status), seconds, safe(job.error)]
    return NodeStyle(
        glyph=symbol,
        role=role,
        suffix=" ".join(filter(None, told)),
        words="  ".join(filter(None, words)),
        name_role=Role.MUTED if job.status in _QUIET else Role.NAME,
    )
