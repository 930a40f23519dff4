"""How long jobs usually take, as it was learnt from runs: steps of a scale, so that a run that took a little longer changes
nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from statistics import median_low
from typing import TypeAlias

DURATIONS_FILE = "bunsui.durations.yaml"
"""Where they stand, beside bunsui.yaml. Reviewed and committed as everything that a plan is made of."""

LEARNT_DURATIONS = "durations learnt"
"""Where the text that is kept with what was applied has them: a key that no file of a pipeline has."""

JobDurations: TypeAlias = Mapping[str, int]
"""Seconds by the job's name."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
SCALE = (
    *(1, 2, 3, 5, 7, 10, 15, 20, 30, 45),
    *(round(count * _MINUTE) for count in (1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 45)),
    *(round(count * _HOUR) for count in (1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24)),
    *(count * _DAY for count in (2, 3, 5, 7, 10, 14, 21, 30)),
)
"""Seconds. Neighbours differ by a third to two thirds, below 3s by more; the compiler asks which job is the longer one, and by
what, not for seconds."""

SPREAD = (62, 76, 86, 96, 104, 114, 124, 138)
"""In percent what a run takes of what was learnt, by eighths: about as much as a quarter more or less is usual. The compiler
looks for the order that is good for all of them, so that none hangs on a duration being right."""


def step_of(seconds: float, *, before: int | None = None) -> int:
    """Return the step of the scale that is nearest by ratio.

    A step that stands already (`before`) stays until the measured duration reaches one of its neighbours.
    """
    if before in SCALE:
        place = SCALE.index(before)
        low = SCALE[place - 1] if place else 0
        high = SCALE[place + 1] if place + 1 < len(SCALE) else math.inf
        if low < seconds < high:
            return before
    return min(SCALE, key=lambda step: (abs(math.log(max(seconds, 0.001) / step)), step))


def assumed_duration(known: JobDurations) -> int | None:
    """Return what a job counts of which nothing was learnt: the median of its pipeline's; None when nothing is known at all."""
    return median_low(known.values()) if known else None


def with_assumed(jobs: Iterable[str], known: JobDurations) -> dict[str, float]:
    """Return a duration for each of the jobs, what was learnt of others left out; none where nothing was learnt of any."""
    names = list(jobs)
    own = {name: known[name] for name in names if name in known}
    assumed = assumed_duration(own)
    return {name: float(own.get(name, assumed)) for name in names} if assumed is not None else {}
