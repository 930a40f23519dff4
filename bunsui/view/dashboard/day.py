"""The last day: how many stand how, when they started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from bunsui.model.session import Session, SessionStatus
from bunsui.services.morning.expected import ExpectedRun, RunState
from bunsui.view.morning.looks import LOOKS
from bunsui.view.spans import Line, Role, Span, line, span

DAY = timedelta(hours=24)
SLOT = timedelta(minutes=30)
SLOTS = DAY // SLOT
_BARS = "▁▂▃▄▅▆▇█"

RUNNING, WAITING, FAILED, SUCCEEDED, STOPPED, WARNED, SKIPPED = (
    *("running", "waiting", "failed", "ok", "stopped"),
    *("warned", "skipped"),
)
_GROUPS = {
    SessionStatus.PENDING: RUNNING,
    SessionStatus.QUEUED: RUNNING,
    SessionStatus.RUNNING: RUNNING,
    SessionStatus.RECOVERING: RUNNING,
    SessionStatus.WAITING: WAITING,
    SessionStatus.FAILED: FAILED,
    SessionStatus.TIMED_OUT: FAILED,
    SessionStatus.SUCCEEDED: SUCCEEDED,
    SessionStatus.CANCELLED: STOPPED,
}
_LOOKS = (
    (FAILED, "✗", Role.BAD),
    (RunState.MISSING.value, *LOOKS[RunState.MISSING]),
    (RunState.LATE.value, *LOOKS[RunState.LATE]),
    (WAITING, "◌", Role.WARN),
    (RUNNING, "●", Role.RUNNING),
    (STOPPED, "■", Role.WARN),
    (WARNED, "!", Role.WARN),
    (SKIPPED, "-", Role.WARN),
    (SUCCEEDED, "✓", Role.GOOD),
)
"""Each with symbol and role: what hurts, what goes on, what went well."""
_ALIKE = (RunState.MISSING.value, RunState.LATE.value, WARNED)
"""Those that only their words tell apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """How many sessions stand how: those that began in the last day, and all that go on."""

    by_group: Counter[str] = field(default_factory=Counter)
    """Runs that are late or missing are two groups more."""
    is_whole: bool = True
    """False when more sessions began in the day than are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How many sessions began in each half hour of the last day, the oldest first."""

    starts: tuple[int, ...]
    failed: tuple[int, ...]
    """How many of these failed, and did not succeed in a later attempt."""
    begins_at: datetime
    unseen: int = 0
    """So many of the first half hours are not known whole."""


def counts_of(sessions: Iterable[Session], due: Iterable[ExpectedRun], *, now: datetime, is_whole: bool) -> DayCounts:
    """Return the counts; `is_whole` says that no session of the day is missing."""
    counted = (one for one in sessions if now - one.created_at <= DAY or not one.standing.is_final)
    groups = Counter(map(_group, counted))
    return DayCounts(by_group=groups + Counter(run.state.value for run in due), is_whole=is_whole)


def _group(session: Session) -> str:
    """Return how a session is counted: one that succeeded with a remark is no success like any other."""
    group = _GROUPS[session.standing]
    if group != SUCCEEDED:
        return group
    return SKIPPED if session.skipped else WARNED if session.warned or session.tolerated else group


def rhythm_of(sessions: Iterable[Session], *, now: datetime, complete_since: datetime | None) -> Rhythm:
    """Return the rhythm until now. Sessions that began before `complete_since` are not all there; None when all are."""
    last = now.replace(minute=now.minute - now.minute % 30, second=0, microsecond=0)
    begins = last - SLOT * (SLOTS - 1)
    starts, failed = [0] * SLOTS, [0] * SLOTS
    for one in sessions:
        slot = (one.created_at - begins) // SLOT
        if 0 <= slot < SLOTS:
            starts[slot] += 1
            failed[slot] += _group(one) == FAILED
    unseen = 0 if complete_since is None else min(max(-((begins - complete_since) // SLOT), 0), SLOTS)
    return Rhythm(starts=tuple(starts), failed=tuple(failed), begins_at=begins, unseen=unseen)


def counts_line(counts: DayCounts, *, is_narrow: bool) -> tuple[Span, ...]:
    """Return what there is of each, nothing for none; with little room the symbols alone where they differ."""
    parts: list[Span] = []
    for group, symbol, role in _LOOKS:
        if count := counts.by_group[group]:
            word = "" if is_narrow and group not in _ALIKE else f" {group}"
            parts.append(span(f"{symbol} {count}{word}  ", role))
    if parts:
        parts.append(span("in 24 h" if counts.is_whole else "in 24 h, of the newest", Role.MUTED))
    return tuple(parts)


def rhythm_line(rhythm: Rhythm, zone: tzinfo, *, width: int) -> Line:
    """Return the rhythm in at most so many cells: a bar for each half hour, higher for more, `✗` where some failed."""
    room = width - len("00h  now")
    if room < SLOTS // 4 or not any(rhythm.starts):
        return line()
    shown = min(SLOTS, room)
    first = SLOTS - shown
    begins = (rhythm.begins_at + SLOT * first).astimezone(zone)
    most = max(rhythm.starts)
    bars = [_bar(rhythm, slot, most) for slot in range(first, SLOTS)]
    return line(span(f"{begins:%H}h ", Role.MUTED), *_by_role(bars), span(" now", Role.MUTED))


def _bar(rhythm: Rhythm, slot: int, most: int) -> tuple[str, Role]:
    starts, failed = rhythm.starts[slot], rhythm.failed[slot]
    if failed:
        return "✗", Role.BAD
    if not starts:
        return (" ", Role.MUTED) if slot < rhythm.unseen else ("▁", Role.MUTED)
    return _BARS[max(1, round(starts / most * (len(_BARS) - 1)))], Role.RUNNING


def _by_role(bars: Sequence[tuple[str, Role]]) -> list[Span]:
    """Return the bars with those of one role in one span."""
    parts: list[tuple[str, Role]] = []
    for text, role in bars:
        if parts and parts[-1][1] is role:
            parts[-1] = (parts[-1][0] + text, role)
        else:
            parts.append((text, role))
    return [span(text, role) for text, role in parts]
