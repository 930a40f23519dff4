"""The sizes that Fargate has: how much memory goes with how many CPU units.

Source: ECS developer guide, "Amazon ECS task definition parameters for Fargate", Task size; the same in the ECS API reference,
RegisterTaskDefinition. An override of RunTask is held against it too: "No Fargate configuration exists for given values".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_GIB = 1024
SIZES: Mapping[int, Sequence[int]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
"""CPU units -> MiB of memory."""
_LARGEST = max(SIZES)


def check_fargate_size(cpu: int | None, memory: int | None) -> None:
    """Raise ValueError for a size of a task that Fargate does not have; None is what the task definition says. What has more
    processors than the table may be newer than it, and passes."""
    if cpu is not None and cpu not in SIZES:
        if cpu > _LARGEST:
            return
        raise ValueError(f"cpu: Fargate has {', '.join(map(str, SIZES))} CPU units")
    if memory is None:
        return
    if cpu is not None and memory not in SIZES[cpu]:
        raise ValueError(f"memory: with {cpu} CPU units Fargate has {_in_words(SIZES[cpu])} MiB")
    if cpu is None and memory <= SIZES[_LARGEST][-1] and not any(memory in sizes for sizes in SIZES.values()):
        near = min((size for sizes in SIZES.values() for size in sizes), key=lambda size: abs(size - memory))
        raise ValueError(f"memory: Fargate has no task of {memory} MiB; {near} is nearest")


def _in_words(sizes: Sequence[int]) -> str:
    if isinstance(sizes, range):
        return f"{sizes[0]} to {sizes[-1]} in steps of {sizes.step}"
    return ", ".join(map(str, sizes))
