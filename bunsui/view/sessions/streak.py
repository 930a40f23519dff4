"""Since when a pipeline fails in the same way, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo

from bunsui.model.session import Session
from bunsui.sessions.snapshot import FailureStreak
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import instant
from bunsui.view.spans import Line, Role


def streak_lines(streak: FailureStreak | None, *, zone: tzinfo = UTC) -> tuple[Line, ...]:
    """Return how often and since when it fails so, and what ran well last; what is not known is said."""
    return tuple(_lines(streak, zone)) if streak is not None else ()


def _lines(streak: FailureStreak, zone: tzinfo) -> Iterator[Line]:
    if streak.count == 1:
        told = "for the first time" if not streak.is_open else "for the first time among the latest sessions"
        yield Line.of(("fails so ", Role.MUTED), (told, Role.PLAIN))
    else:
        least = "at least " if streak.is_open and streak.different is None else ""
        yield Line.of(
            ("fails so ", Role.MUTED),
            (f"{least}{streak.count} times in a row", Role.BAD),
            (", since ", Role.MUTED),
            *_session_words(streak.first, zone),
        )
    if streak.unknown:
        noun = "session" if streak.unknown == 1 else "sessions"
        yield Line.of((f"{streak.unknown} {noun} in between did not end, were stopped, or were not looked at", Role.MUTED))
    if streak.different is not None:
        yield Line.of(("failed otherwise before  ", Role.MUTED), *_session_words(streak.different, zone))
    if streak.last_success is not None:
        yield Line.of(("last success  ", Role.MUTED), *_session_words(streak.last_success, zone))
    else:
        where = "among the latest sessions; older ones were not read" if streak.is_open else "before it"
        yield Line.of((f"no success is known {where}", Role.MUTED))


def _session_words(session: Session, zone: tzinfo) -> Iterator[tuple[str, Role]]:
    version = session.version_arn.rpartition(":")[2]
    yield instant(session.created_at, zone), Role.PLAIN
    yield f"  {safe(session.id)}", Role.NAME
    yield (f"  version {safe(version)}" if version else "  version not known"), Role.PLAIN
    yield (f"  commit {safe(session.commit)}" if session.commit else "  commit not known"), Role.PLAIN
