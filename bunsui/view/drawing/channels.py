"""Between two layers: in which column each group of lines goes up or down, so that no two lie upon each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bunsui.view.drawing.layers import LineGroup, Slot


def tracks_of(
    groups: Sequence[LineGroup], source_rows: Mapping[Slot, int], target_rows: Mapping[Slot, int]
) -> tuple[int | None, ...] | None:
    """Return the track of each group, numbered from the left; None for one that goes straight on.

    Returns None when there are no such tracks: where two groups would each have to turn before the other.
    """
    rows = [({source_rows[slot] for slot in group.sources}, {target_rows[slot] for slot in group.targets}) for group in groups]
    turning = [index for index, (sources, targets) in enumerate(rows) if len(sources | targets) > 1]
    order = _turning_order(turning, rows)
    if order is None:
        return None
    tracks: dict[int, int] = {}
    taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, earlier in order:
        span = min(rows[index][0] | rows[index][1]), max(rows[index][0] | rows[index][1])
        track = max((tracks[other] + 1 for other in earlier), default=0)
        while any(top <= span[1] and span[0] <= bottom for top, bottom in taken[track]):
            track += 1
        tracks[index] = track
        taken[track].append(span)
    return tuple(tracks.get(index) for index in range(len(groups)))


def _turning_order(turning: Sequence[int], rows: Sequence[tuple[set[int], set[int]]]) -> list[tuple[int, list[int]]] | None:
    """Return the groups with those that must turn before: which leave on a row what another one enters on it.

    The line into a group's track and that out of another's are on one row, so that the first must end before the second begins.
    """
    leaving = {row: index for index in turning for row in rows[index][0]}
    before = {index: {leaving[row] for row in rows[index][1] if leaving.get(row, index) != index} for index in turning}
    order: list[tuple[int, list[int]]] = []
    done: set[int] = set()
    left = sorted(turning, key=lambda index: min(rows[index][0]))
    while left:
        ready = [index for index in left if before[index] <= done]
        if not ready:
            return None
        order += [(index, sorted(before[index])) for index in ready]
        done.update(ready)
        left = [index for index in left if index not in done]
    return order
