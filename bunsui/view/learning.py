"""What was learnt of durations, in words."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.model.durations import format_duration
from bunsui.model.estimates.learnt_durations import DURATIONS_FILE
from bunsui.services.running.learning import Learning, LearntJob, LearntPipeline
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role


def learning_lines(learning: Learning) -> Iterator[Line]:
    """Return from what was learnt, what is another duration now, and whether the file was written."""
    for one in learning.measured:
        yield _measured_line(one)
    for change in learning.changes:
        yield _change_line(change)
    calls = f"{learning.calls} call{'s' * (learning.calls != 1)} of Step Functions"
    if learning.is_new:
        yield Line.of((f"wrote {DURATIONS_FILE}", Role.GOOD), (f" ({calls}); review and commit it", Role.MUTED))
    else:
        yield Line.of(f"{DURATIONS_FILE} stays as it is", (f" ({calls})", Role.MUTED))


def _measured_line(one: LearntPipeline) -> Line:
    told = f"{one.runs} run{'s' * (one.runs != 1)}" if one.runs else "no run that succeeded in one go"
    forgotten = f"; of {one.unread} more Step Functions knows no history any more" if one.unread else ""
    return Line.of((safe(one.pipeline), Role.NAME), (f"  learnt from {told}{forgotten}", Role.MUTED))


def _change_line(change: LearntJob) -> Line:
    before = format_duration(change.before) if change.before is not None else "-"
    after = format_duration(change.after) if change.after is not None else "-"
    return Line.of("  ", (f"{safe(change.pipeline)}.{safe(change.job)}", Role.NAME), f"  {before} → {after}")
