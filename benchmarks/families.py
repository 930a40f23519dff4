"""Families of DAGs that look like real work, seeded: the same everywhere.

Each gives jobs in declared order with what they depend on. Sources of the shapes: random orders (Erdős), layered task graphs,
dbt projects (sources, staging, marts), chains with cross ports, Epigenomics and Montage (Pegasus workflows), stencils, the FFT
butterfly, and random series-parallel graphs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

Dag = dict[str, tuple[str, ...]]
Family = Callable[[int, random.Random], Dag]


def _named(needs: list[list[int]]) -> Dag:
    return {f"j{job}": tuple(f"j{other}" for other in sorted(set(found))) for job, found in enumerate(needs)}


def erdos(size: int, source: random.Random) -> Dag:
    """Each earlier job is needed with the same small probability."""
    density = source.uniform(1.0, 3.0) / size
    return _named([[other for other in range(job) if source.random() < density] for job in range(size)])


def layered(size: int, source: random.Random) -> Dag:
    """Layers of random width; each job needs one to three of the layer before."""
    needs: list[list[int]] = []
    before: list[int] = []
    while len(needs) < size:
        layer = range(len(needs), min(size, len(needs) + source.randint(2, max(3, size // 6))))
        needs += [source.sample(before, min(len(before), source.randint(1, 3))) for _ in layer]
        before = list(layer)
    return _named(needs)


def dbt(size: int, source: random.Random) -> Dag:
    """Sources, one staging job for each, then marts that need a few staging jobs or earlier marts."""
    sources = max(1, size // 5)
    needs: list[list[int]] = [[] for _ in range(sources)]
    needs += [[job] for job in range(min(sources, size - sources))]
    while len(needs) < size:
        pool = range(sources, len(needs)) if len(needs) > sources else range(len(needs))
        needs.append(source.sample(list(pool), min(len(pool), source.randint(1, 4))))
    return _named(needs[:size])


def chains(size: int, source: random.Random) -> Dag:
    """Parallel chains with a few ports across."""
    width = max(2, round(size**0.5))
    needs: list[list[int]] = []
    for job in range(size):
        found = [job - width] if job >= width else []
        if job >= width and source.random() < 0.15:
            found.append(source.randrange(job - job % width))
        needs.append(found)
    return _named(needs)


def epigenomics(size: int, source: random.Random) -> Dag:
    """One split, chains of four, one merge, and a tail."""
    width = max(1, (size - 3) // 4)
    needs: list[list[int]] = [[]]
    ends = []
    for _ in range(width):
        last = 0
        for _ in range(4):
            needs.append([last])
            last = len(needs) - 1
        ends.append(last)
    needs.append(ends)
    while len(needs) < size:
        needs.append([len(needs) - 1])
    source.random()
    return _named(needs[:size]) if size < len(needs) else _named(needs)


def series_parallel(size: int, source: random.Random) -> Dag:
    """Random nesting of sequences and parallels."""
    needs: list[list[int]] = []

    def grow(count: int, before: list[int], *, sequence: bool) -> list[int]:
        if count == 1:
            needs.append(list(before))
            return [len(needs) - 1]
        cut = sorted(source.sample(range(1, count), min(count - 1, source.randint(1, 3))))
        sizes = [b - a for a, b in zip([0, *cut], [*cut, count], strict=True)]
        if sequence:
            for part in sizes:
                before = grow(part, before, sequence=False)
            return before
        return [end for part in sizes for end in grow(part, before, sequence=True)]

    grow(size, [], sequence=True)
    return _named(needs)


def montage(size: int, source: random.Random) -> Dag:
    """Images, overlaps of neighbours, one fit, one correction for each image, and a tail."""
    images = max(2, (size - 4) // 3)
    needs: list[list[int]] = [[] for _ in range(images)]
    needs += [[image, image + 1] for image in range(images - 1)]
    needs.append(list(range(images, 2 * images - 1)))
    fit = len(needs) - 1
    needs += [[image, fit] for image in range(images)]
    needs.append(list(range(fit + 1, fit + 1 + images)))
    while len(needs) < size:
        needs.append([len(needs) - 1])
    source.random()
    return _named(needs)


def stencil(size: int, source: random.Random) -> Dag:
    """Time steps on a line: each cell needs itself and its neighbours of the step before."""
    width = max(3, round(size**0.5))
    needs = []
    for job in range(size):
        row, column = divmod(job, width)
        needs.append([(row - 1) * width + c for c in (column - 1, column, column + 1) if 0 <= c < width] if row else [])
    source.random()
    return _named(needs)


def butterfly(size: int, source: random.Random) -> Dag:
    """The butterfly of a fast Fourier transform."""
    width = 2
    while width * 2 * (width.bit_length() + 1) <= size:
        width *= 2
    needs: list[list[int]] = [[] for _ in range(width)]
    stride = 1
    while len(needs) < size:
        first = len(needs) - width
        needs += [[first + column, first + (column ^ stride)] for column in range(width)]
        stride = stride * 2 if stride * 2 < width else 1
    source.random()
    return _named(needs[:size])


FAMILIES: Mapping[str, Family] = {
    "erdos": erdos,
    "layered": layered,
    "dbt": dbt,
    "chains": chains,
    "epigenomics": epigenomics,
    "series-parallel": series_parallel,
    "montage": montage,
    "stencil": stencil,
    "fft": butterfly,
}
"""By name."""

WEIGHTS: Mapping[str, Callable[[random.Random], float]] = {
    "unit": lambda source: 1.0,
    "uniform": lambda source: source.uniform(1, 10),
    "lognormal": lambda source: source.lognormvariate(1, 1),
}
"""How long jobs take, by name; seconds."""
