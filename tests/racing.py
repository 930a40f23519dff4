"""Somebody who swaps a path for a link between any two steps of a program: each moment is tried once, none is left to chance.

What Python asks of the system goes through few functions. A profiler sees each call before it is made; before the call of a
given number the swap is done. Whatever is checked before and used after that moment is then another thing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType

_OF_THE_SYSTEM = frozenset(
    {
        "stat",
        "lstat",
        "open",
        "mkdir",
        "rename",
        "replace",
        "unlink",
        "remove",
        "rmdir",
        "scandir",
        "listdir",
        "readlink",
        "chmod",
    }
)
_MOST_MOMENTS = 2_000


class Moments:
    """Counts the calls of the system, and does something before one of them, and perhaps takes it back before a later one."""

    def __init__(self, number: int, swap: Callable[[], None], back: Callable[[], None] | None = None, after: int = 0) -> None:
        self._swap, self._back = swap, back
        self._number, self._later = number, number + after
        self.seen = 0

    @property
    def came(self) -> bool:
        return self.seen > self._number

    def __enter__(self) -> Moments:
        sys.setprofile(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _look(self, _: FrameType, event: str, called: object) -> None:
        if event != "c_call" or getattr(called, "__name__", "") not in _OF_THE_SYSTEM:
            return
        if getattr(called, "__module__", "") not in ("posix", "_io", "io"):
            return
        sys.setprofile(None)
        if self.seen == self._number:
            self._swap()
        elif self._back is not None and self.seen == self._later:
            self._back()
        self.seen += 1
        sys.setprofile(self._look)


def every_moment(
    ground: Callable[[Path], None],
    act: Callable[[Path], object],
    swap: Callable[[Path], None],
    base: Path,
    *,
    back: Callable[[Path], None] | None = None,
    after: int = 0,
    every: int = 1,
) -> Iterator[tuple[Path, object]]:
    """Act on fresh grounds, on each with the swap before a later call of the system, until there are no later ones.

    With `every` only each so many of them. Yields each ground with what was returned or raised there.
    """
    for number in range(0, _MOST_MOMENTS, every):
        here = base / str(number)
        here.mkdir(parents=True)
        ground(here)
        given: object
        undo = None if back is None else partial(back, here)
        with Moments(number, partial(swap, here), undo, after) as moments:
            try:
                given = act(here)
            except Exception as error:  # noqa: BLE001 - to be judged by who asked
                given = error
        yield here, given
        if not moments.came:
            assert number > 0, "nothing was asked of the system"
            return
    raise AssertionError("it asks more of the system than is tried")


def put_link(place: Path, to: str) -> None:
    """Put a link into the place of what lies there, which is kept beside it."""
    place.rename(place.with_name(f"{place.name}-was"))
    place.symlink_to(to)


def take_link(place: Path) -> None:
    """Put back what `put_link` moved."""
    place.unlink()
    place.with_name(f"{place.name}-was").rename(place)
