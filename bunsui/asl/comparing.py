"""A text that is equalled with a number: JSONata calls them different without a word, whatever they say.

So that the run tells it, the paths of such comparisons are read with a test of their type in front. What is put in is made of
the syntax tree; the comparison itself stays as its author wrote it.

Source: JSONata documentation, "Comparison operators": `=` and `!=` compare values of any types, the ordering operators throw
for a text beside a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bunsui.asl.item_forms import Compared, Names

_CHECKED = frozenset({"session", "status"})
"""Variables whose values are texts, and a number for one that validate knows."""
_WORDS = {"string": "a text", "number": "a number"}
_OTHER = {"string": "number", "number": "string"}


class Insertion(NamedTuple):
    """A text that is put in at an offset of an expression."""

    offset: int
    text: str


def type_tests(pairs: Sequence[Compared], written: Callable[[Names], str], error: Callable[[str], str]) -> Iterator[Insertion]:
    """Return what is put before and behind paths, so that the comparison throws when a text meets a number. `written` gives a
    path as JSONata, `error` the JSONata that throws, from what is wrong.

    A path that the same expression compares with both is taken for one that may be either.
    """
    kinds: dict[Names, set[str]] = {}
    for pair in pairs:
        for side, other in ((pair.left, pair.right), (pair.right, pair.left)):
            if isinstance(side, tuple) and isinstance(other, str):
                kinds.setdefault(side, set()).add(other)
    for pair in pairs:
        left, right = pair.left, pair.right
        place = pair.places[1] if isinstance(left, tuple) and isinstance(right, tuple) else None
        if not pair.is_equality:
            continue
        if place is not None and isinstance(left, tuple) and isinstance(right, tuple) and left and right:
            yield from _between(left, right, place, written, error)
            continue
        for path, other, at in ((left, right, pair.places[0]), (right, left, pair.places[1])):
            if isinstance(path, tuple) and at is not None and other in _OTHER and len(kinds[path] - {""}) == 1:
                yield from _beside(path, str(other), at, written, error)


def _is_known(path: Names) -> bool:
    """Tell whether a value has a type of its own already: of a session, or a parameter, which is checked when a run begins."""
    return path[0] in _CHECKED or (path[0] == "params" and len(path) == 2)


def _beside(
    path: Names, kind: str, place: tuple[int, int], written: Callable[[Names], str], error: Callable[[str], str]
) -> Iterator[Insertion]:
    """A path beside a literal."""
    if _is_known(path):
        return
    shown = f"${'.'.join(path)}"
    remedy = f": write $number({shown})" if kind == "number" else ""
    wrong = f"{shown} is {_WORDS[_OTHER[kind]]}, and is compared with {_WORDS[kind]}{remedy}"
    yield Insertion(place[0], f"($type({written(path)}) = '{_OTHER[kind]}' ? {error(wrong)} : ")
    yield Insertion(place[1], ")")


def _between(
    left: Names, right: Names, place: tuple[int, int], written: Callable[[Names], str], error: Callable[[str], str]
) -> Iterator[Insertion]:
    """Two paths: the test stands in front of the second."""
    if _is_known(left) and _is_known(right):
        return
    types = f"$type({written(left)}) & $type({written(right)})"
    wrong = error(f"of ${'.'.join(left)} and ${'.'.join(right)}, which are compared, one is a text and one a number")
    yield Insertion(place[0], f"({types} in ['stringnumber', 'numberstring'] ? {wrong} : ")
    yield Insertion(place[1], ")")
