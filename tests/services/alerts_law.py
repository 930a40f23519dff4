"""What must hold after any night, whatever became of events, looks and the resident itself."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from tests.fakes.watched_night import WatchedNight

_WAS = {"failed": "It had failed ", "did_not_run": "It had not run "}
_ENDS = ("A session has succeeded since", "It succeeded at")
_SKEW = timedelta(minutes=2, seconds=5)


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_night(night: WatchedNight) -> int:
    """Hold a night that was played against what was drawn; return how many messages were sent twice."""
    book = night.store.books()["daily"]
    wanted = {f"failed/{name}/0" for name in night.truth.failed}
    wanted |= {f"did_not_run/nightly//{stamp(due)}" for due in night.truth.absent}
    late = (*night.truth.absent, *night.truth.slow, *night.truth.failed_due)
    assert set(book.seen) == wanted | {f"late/nightly/20m/{stamp(due)}" for due in late}
    assert [matter for matter in book.matters if matter.untold] == []
    assert list(night.store.open_deliveries()) == []
    settled = night.store.settled_deliveries(limit=10_000)
    assert {one.state for one in settled} <= {"told"}
    twice = 0
    for name, channel in night.channels.items():
        made = {one.notification.key for one in settled if one.channel == name}
        assert set(channel.keys) == made
        twice += sum(count - 1 for count in channel.keys.values())
    assert twice <= night.death.unconfirmed
    kinds = {one.kind for one in settled}
    said = [line for one in settled if one.kind == "recovered" for line in one.notification.lines]
    ended = {kind for kind, was in _WAS.items() if any(line.startswith(was) for line in said)}
    assert (("failed" in kinds) or ("failed" in ended)) == bool(night.truth.failed)
    assert (("did_not_run" in kinds) or ("did_not_run" in ended)) == bool(night.truth.absent)
    if not night.quiet:
        assert ended <= kinds
        assert sum(one.repeats for one in settled if one.channel == "oncall") == len(book.seen)
    _check_hourly(night)
    _check_ended(night)
    assert sorted(night.bad_rows()) == sorted(night.truth.failed)
    return twice


def _check_ended(night: WatchedNight) -> None:
    """Where nothing is wrong any more, the last that each channel was told says so."""
    if any(matter.is_open for matter in night.store.books()["daily"].matters):
        return
    for name in night.channels:
        settled = [one for one in night.store.settled_deliveries(limit=10_000) if one.channel == name]
        last = max((one.made_at for one in settled), default=None)
        told = [one for one in settled if one.made_at == last]
        lines = [line for one in told for line in one.notification.lines]
        assert not told or any(one.kind == "recovered" for one in told) or any(line.startswith(_ENDS) for line in lines), lines


def _check_hourly(night: WatchedNight) -> None:
    made: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for one in night.store.settled_deliveries(limit=10_000):
        if one.kind != "recovered":
            made[one.channel, one.notification.key.rpartition("-")[0]].append(one.made_at)
    for times in made.values():
        ordered = sorted(times)
        assert all(later - earlier >= timedelta(hours=1) - _SKEW for earlier, later in itertools.pairwise(ordered))
