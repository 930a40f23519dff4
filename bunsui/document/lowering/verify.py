"""`verify`, the smoke run of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.document.lowering.values import Lowering, mapping_at
from bunsui.document.yaml.tree import Path
from bunsui.model.deployments.smoke_run import MOST_SECONDS, WITHIN_SECONDS, SmokeRun
from bunsui.model.values import Value


def lower_verify(lowering: Lowering, value: Value) -> SmokeRun | None:
    """Return the smoke run; None where the file asks for none."""
    if not isinstance(value, Mapping) or not isinstance(value.get("run"), Mapping):
        return None  # the schema tells what is wrong
    given = mapping_at(value, "run")
    params = {name: lowering.constant(("verify", "run", name), item) for name, item in given.items()}
    return SmokeRun(params=params, within_seconds=_within(lowering, ("verify", "within"), value.get("within")))


def _within(lowering: Lowering, path: Path, value: Value) -> int:
    seconds = lowering.duration(path, value)
    if seconds is None:
        return WITHIN_SECONDS
    if not 0 < seconds <= MOST_SECONDS:
        lowering.report("BS113", "an apply waits for its smoke run for 1s to 6h", path, hint="Such as 10m.")
        return WITHIN_SECONDS
    return seconds
