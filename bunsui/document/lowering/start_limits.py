"""How many sessions run at a time, out of the pipeline's file."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.document.lowering.values import Lowering
from bunsui.model.admission.concurrency import CONCURRENCY_POLICIES, QUEUE, Concurrency
from bunsui.model.values import Value

_PLACE = ("concurrency",)


def lower_concurrency(lowering: Lowering, pipeline: Mapping[str, Value]) -> Concurrency | None:
    """Return the limit; None where there is none, and for one of another shape, which the schema tells."""
    entry = pipeline.get("concurrency")
    if not isinstance(entry, Mapping):
        return None
    _tell_what_passes_it(lowering, pipeline)
    limit, policy = entry.get("limit"), entry.get("policy", QUEUE)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1 or policy not in CONCURRENCY_POLICIES:
        return None
    return Concurrency(limit=limit, policy=str(policy))


def _tell_what_passes_it(lowering: Lowering, pipeline: Mapping[str, Value]) -> None:
    """Say where sessions would start that nobody counts."""
    if "definition" in pipeline:
        lowering.report(
            "BS580",
            "a raw pipeline takes no concurrency: the limit is kept in the machine that bunsui compiles",
            _PLACE,
            hint="Remove it.",
        )
    schedules = pipeline.get("schedules")
    if isinstance(schedules, (list, tuple)) and schedules:
        lowering.report(
            "BS581",
            "the schedules of this pipeline start it past its limit: EventBridge asks nobody whether there is room",
            ("schedules",),
            hint="Remove concurrency:, or the schedules, and let what has them call `bunsui run PIPELINE`.",
        )
