"""A backfill as a JSON document."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.model.session import Session, SessionStatus
from bunsui.services.running.backfill import BackfillPlan
from bunsui.view.documents.estimates import CostEstimatePart


class BackfillSessionPart(ShapeOf[Session]):
    """A session of the backfill."""

    session: str = member("The session's id.", of="id")
    slot: datetime = member("The business time that it stands for.")
    date: str = member("The slot's date, YYYY-MM-DD, in the time zone of the schedule or the pipeline.")
    status: SessionStatus = member("Where it stands.", of="standing")


class BackfillDocument(Shape, kind="backfill"):
    """Of `backfill`: the slots, and the sessions that run for them."""

    pipeline: str = member("The pipeline's name.")
    schedule: str = member("Whose slots these are; empty for days.")
    slots: tuple[datetime, ...] = member("All slots, in the order in which they start.")
    left_out: int = member("Slots that have another session already (`--only-missing`).")
    sessions: tuple[BackfillSessionPart, ...] = member("Those that were started, now or before, by their slot.")
    concurrency: int = member("How many run at a time.")
    seconds_each: float | None = member("How long a run takes, by the last successes; null when nobody knows.")
    cost_each: CostEstimatePart | None | Absent = member("What a run costs, estimated.", default=ABSENT)


def backfill_document(plan: BackfillPlan, sessions: Collection[Session]) -> BackfillDocument:
    """Return the backfill as one JSON document."""
    return BackfillDocument(
        pipeline=plan.pipeline,
        schedule=plan.schedule,
        slots=tuple(one.slot for one in plan.intents),
        left_out=plan.left_out,
        sessions=tuple(BackfillSessionPart.of(one) for one in sorted(sessions, key=lambda one: one.slot)),
        concurrency=plan.concurrency,
        seconds_each=plan.seconds_each,
        cost_each=CostEstimatePart.of(plan.cost_each) if plan.cost_each is not None else None,
    )
