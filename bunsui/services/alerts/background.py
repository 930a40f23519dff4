"""What surrounds a failure in its message: since when it comes, which jobs would run again."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Session
from bunsui.operations.contract import OperationType
from bunsui.sessions.recovery.foresight import undeclared_operations
from bunsui.sessions.snapshot import FailureStreak

_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBackground:
    """What is known around one message."""

    streak: FailureStreak | None = None
    """None where the rows before were not asked for, or tell nothing."""
    kept: tuple[str, ...] = ()
    """Jobs whose work is kept."""
    again: tuple[str, ...] = ()
    """Jobs that it runs."""
    undeclared: tuple[str, ...] = ()
    """Operations that may have done something before, and do not say that calling them twice does no harm."""
    is_known: bool = False
    """False where nobody can tell what would run again."""


NO_BACKGROUND = AlertBackground()


def background_of(
    pipeline: Pipeline, session: Session, registry: dict[str, OperationType], streak: FailureStreak | None
) -> AlertBackground:
    """Return what surrounds a failed session, as far as its row tells."""
    note = session.failure
    names = {job.name for job in pipeline.jobs}
    if note is None or not pipeline.jobs or not names >= set(note.completed):
        return AlertBackground(streak=streak)
    kept = tuple(job.name for job in pipeline.jobs if job.name in note.completed)
    again = tuple(job.name for job in pipeline.jobs if job.name not in note.completed and job.closing is None)
    begun = {note.place.partition("/")[0]} & names or set(again)
    return AlertBackground(
        streak=streak,
        kept=kept,
        again=again,
        undeclared=undeclared_operations(pipeline.jobs, begun, registry),
        is_known=True,
    )


def advice_lines(background: AlertBackground) -> list[str]:
    """Return in a sentence or two whether it is safe to go on."""
    if not background.is_known:
        return ["Whether it is safe to resume is not known here: the command below tells what it would do."]
    kept = f"keeps {_in_words(background.kept)} and runs" if background.kept else "runs"
    lines = [f"A resume {kept} {_in_words(background.again)}."]
    if background.undeclared:
        ops = _in_words(background.undeclared)
        lines.append(f"Look before you resume: {ops} was at work and does not say that doing it twice is harmless.")
    else:
        lines.append("It is safe to resume: what was at work says that doing it twice is harmless.")
    return lines


def _in_words(names: tuple[str, ...]) -> str:
    shown = list(names[:_MOST])
    if len(names) > _MOST:
        shown.append(f"{len(names) - _MOST} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "nothing"
