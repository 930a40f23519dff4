"""Walks over the terminal UI with random keys, on an AWS that is slow and throttles: what breaks, lies or stalls.

`python -m benchmarks.walks --walks 1000 --tally FILE` walks, writes what it saw to the file after each outing, and goes on from
there when it is started again. The peer of a turn is a loop of plain Python, timed beside it: a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic, thread_time
from typing import Any

from bunsui.cli.memory import prepare_memory
from bunsui.performance import collect_in_small_steps
from tests.tui.walks import Outing, Tally

OUTING = 8
"""Walks in one started program."""
QUIET_UNIT = 0.0107
"""Seconds that the loop of plain Python takes on the machine of docs/performance.md when nobody else works."""
PAINT, TURN = 0.1, 0.1
"""Seconds from a key to the screen, and between two looks at the keys, that none should pass."""
MOST_NAMED = 20
"""Kinds of keys that are told of, those that take most."""

PAINTS = ("first frame", "all drawn", "all drawn, on the clock")


@dataclass
class Sums:
    """What all outings together came to; kept in a file between two starts."""

    next_seed: int = 0
    walks: int = 0
    steps: int = 0
    read_only: int = 0
    ages: int = 0
    turns: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    slow: list[dict[str, Any]] = field(default_factory=list)
    """Turns above TURN."""
    longest: dict[str, Any] = field(default_factory=dict)
    paints: dict[str, list[int]] = field(default_factory=lambda: {kind: [0] * 1001 for kind in PAINTS})
    """How many keys took so many milliseconds of the processor to a first frame and until all was drawn, and on the clock."""
    late: list[dict[str, Any]] = field(default_factory=list)
    """Keys whose first frame took longer than PAINT, with how much slower than a quiet machine this one was."""
    units: list[float] = field(default_factory=list)

    def add(self, tally: Tally, seconds: float) -> None:
        """Add what an outing came to."""
        self.walks += tally.walks
        self.steps += tally.steps
        self.read_only += tally.read_only
        self.ages += tally.ages
        self.turns += tally.turns
        self.seconds += seconds
        self.faults += tally.faults
        self.seen = dict(Counter(self.seen) + tally.seen)
        self.slow += [asdict(turn) for turn in tally.slow if turn.cpu > TURN]
        if tally.longest is not None and tally.longest.cpu > self.longest.get("cpu", 0.0):
            self.longest = asdict(tally.longest)
        for paint in tally.paints:
            for kind, took in zip(PAINTS, (paint.first, paint.cpu, paint.wall), strict=True):
                self.paints[kind][min(int(took * 1000), 1000)] += 1
        self.units.append(unit())
        slower = max(self.units[-1] / QUIET_UNIT, 1.0)
        self.late += [{**asdict(paint), "slower": slower} for paint in tally.paints if paint.first > PAINT]


def main() -> None:
    """Walk, and print the figures."""
    asked = _asked()
    os.environ["VISUAL"] = "true"  # what `e` opens
    prepare_memory()
    collect_in_small_steps()
    sums = _kept(asked.tally) or Sums(next_seed=asked.seed)
    while sums.walks < asked.walks:
        begun, tally = monotonic(), Tally()
        with tempfile.TemporaryDirectory() as folder:
            outing = Outing(Path(folder), sums.next_seed, asked.late, walks=OUTING, steps=asked.steps, tally=tally, looks=True)
            for fault in outing.go():
                print(fault, flush=True)
        sums.add(tally, monotonic() - begun)
        sums.next_seed += 1
        if asked.tally is not None:
            asked.tally.write_text(json.dumps(asdict(sums), indent=1), encoding="utf-8")
    for told in figures(sums):
        print(told)


def figures(sums: Sums) -> Iterable[str]:
    """Return what there is to say, a line each."""
    slower = statistics.median(sums.units) / QUIET_UNIT if sums.units else 1.0
    yield f"{sums.walks} walks, {sums.steps} steps, {sums.turns} turns of the loop in {sums.seconds:.0f} s"
    yield f"{len(sums.faults)} faults: exceptions, asks without an answer, ages that are not true, changes by who is read-only"
    yield f"{sums.ages} ages held against what is known; {sums.read_only} walks were read-only"
    yield f"plain Python took {slower:.2f} times what it takes on a quiet machine"
    yield f"longest turn {_turn(sums.longest)}"
    yield f"{len(sums.slow)} turns above {TURN * 1000:.0f} ms of the processor"
    causes: defaultdict[str, list[float]] = defaultdict(list)
    for turn in sums.slow:
        causes[turn["cause"]].append(turn["cpu"])
    for cause, times in sorted(causes.items(), key=lambda one: -max(one[1])):
        yield f"  {len(times)} times, at most {max(times) * 1000:.0f} ms: {cause}"
    for kind, counts in sums.paints.items():
        yield f"from a key to the screen, {kind}: {_quantiles(counts)}"
    afters: defaultdict[str, list[float]] = defaultdict(list)
    for paint in sums.late:
        afters[paint["after"]].append(paint["first"])
    for after, times in sorted(afters.items(), key=lambda one: -sum(one[1]))[:MOST_NAMED]:
        yield f"  {len(times)} times late, at most {max(times) * 1000:.0f} ms: {after}"
    for where, steps in sorted(sums.seen.items(), key=lambda one: -one[1]):
        yield f"  {steps:6} steps on {where}"


def unit() -> float:
    """Return the seconds of the processor that a loop of plain Python takes now."""
    begun, total = thread_time(), 0
    for number in range(200_000):
        total += number * number
    return thread_time() - begun


def _turn(turn: Mapping[str, Any]) -> str:
    return f"{turn['cpu'] * 1000:.0f} ms: {turn['label']}: {turn['cause']}" if turn else "none"


def _quantiles(counts: list[int]) -> str:
    total, below, told = sum(counts), 0, []
    wanted = [0.5, 0.95, 0.99, 1.0]
    for millis, count in enumerate(counts):
        below += count
        while total and wanted and below >= wanted[0] * total:
            told.append(f"{wanted.pop(0):.0%} within {millis + 1} ms")
    late = sum(counts[int(PAINT * 1000) :])
    return f"{', '.join(told)}; {late} of {total} above {PAINT * 1000:.0f} ms"


def _kept(path: Path | None) -> Sums | None:
    return Sums(**json.loads(path.read_text(encoding="utf-8"))) if path is not None and path.exists() else None


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--walks", type=int, default=40)
    parser.add_argument("--steps", type=int, default=40, help="of each walk, after those that it begins with")
    parser.add_argument(
        "--late", type=float, default=0.4, help="seconds that AWS takes to answer; one call in five is throttled"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the first outing; the next ones follow it")
    parser.add_argument("--tally", type=Path, help="where what was seen is kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
