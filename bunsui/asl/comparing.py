"""A text that is equalled with a number: JSONata calls them different without a word, whatever they say.

So that the run tells it, a side of such a comparison is bound to a name and its type is asked before it is compared. What is
put in goes around the sides; they stay as their author wrote them, and are evaluated once, where they were.

Source: JSONata documentation, "Comparison operators": `=`, `!=` and `in` compare values of any types, the ordering operators
throw for a text beside a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from bunsui.asl.operands import Compared, Names

_CHECKED = frozenset({"errors", "session", "status"})
"""Variables whose values are texts, and a number for one that validate knows."""
_WORDS = {"string": "a text", "number": "a number"}
_OTHER = {"string": "number", "number": "string"}
_LONGEST = 60
"""Characters of a side that a message shows."""


class Edit(NamedTuple):
    """A text that takes the place of another one, or of none."""

    start: int
    end: int
    text: str


@dataclass(slots=True, kw_only=True)
class TypeTests:
    """Makes the tests of one expression."""

    error: Callable[[str], str]
    """The JSONata that throws, from what is wrong."""
    taken: Set[str]
    """Names that the expression has."""
    known: Set[Names] = frozenset()
    """Paths whose types need no test."""
    _given: set[str] = field(default_factory=set)

    def edits(self, pairs: Sequence[Compared]) -> Iterator[Edit]:
        """Return what is put in, so that a comparison throws when a text meets a number.

        A side that the same expression equals with both is taken for one that may be either.
        """
        kinds: dict[Names | str, set[str]] = {}
        equalities = [pair for pair in pairs if not pair.is_order]
        for pair in equalities:
            for at, other in ((0, pair.right), (1, pair.left)):
                if isinstance(other, str):
                    kinds.setdefault(_key(pair, at), set()).add(other)
        for pair in equalities:
            for at, other in ((0, pair.right), (1, pair.left)):
                if isinstance(other, str) and other in _OTHER and self._may_differ(pair, at):
                    if len(kinds[_key(pair, at)] & _OTHER.keys()) == 1:
                        yield from self._beside(pair, at, other)
                    break
            else:
                if all(_is_open(pair, at) for at in (0, 1)) and any(self._may_differ(pair, at) for at in (0, 1)):
                    yield from self._between(pair)

    def _name(self, wanted: str) -> str:
        """Return a name that nothing in the expression has."""
        name, number = wanted, 2
        while name in self.taken or name in self._given:
            name, number = f"{wanted}{number}", number + 1
        self._given.add(name)
        return f"${name}"

    def _may_differ(self, pair: Compared, at: int) -> bool:
        """Tell whether nobody knows the type of a side before the run: values of a session have one, and parameters, which are
        checked when a run begins."""
        side = pair.left if at == 0 else pair.right
        if pair.members[at] or not isinstance(side, tuple):
            return not side or isinstance(side, tuple)
        return not (side in self.known or side[0] in _CHECKED or (side[0] == "params" and len(side) == 2))

    def _beside(self, pair: Compared, at: int, kind: str) -> Iterator[Edit]:
        """A side beside one whose type is known."""
        span = pair.spans[at]
        if span is None:
            return
        shown, other, name = _show_side(pair, at), _OTHER[kind], self._name("compared")
        if pair.members[at]:
            wrong = f"{shown} holds {_several(other)} only, and {_WORDS[kind]} is looked for in it"
            test = f"{_holds(name, other)} and $not({_holds(name, kind)})"
        else:
            remedy = f": write $number({shown})" if kind == "number" and not shown.endswith("…") else ""
            wrong = f"{shown} is {_WORDS[other]}, and is compared with {_WORDS[kind]}{remedy}"
            test = f"$type({name}) = '{other}'"
        yield Edit(span[0], span[0], f"({name} := ")
        yield Edit(span[1], span[1], f"; {test} ? {self.error(wrong)} : {name})")

    def _between(self, pair: Compared) -> Iterator[Edit]:
        """Two sides whose types nobody knows."""
        left, right = pair.spans
        if left is None or right is None:
            return
        names = self._name("compared"), self._name("compared")
        shown = _show_side(pair, 0), _show_side(pair, 1)
        if pair.members[1]:
            types = [f"$type({names[0]}) = '{kind}' and {_holds(names[1], _OTHER[kind])} and $not({_holds(names[1], kind)})"
                     for kind in _OTHER]  # fmt: skip
            test = " or ".join(types)
            wrong = f"of {shown[0]} and what {shown[1]} holds, which are compared, one is a text and one a number"
        else:
            test = f"$type({names[0]}) & $type({names[1]}) in ['stringnumber', 'numberstring']"
            wrong = f"of {shown[0]} and {shown[1]}, which are compared, one is a text and one a number"
        yield Edit(left[0], left[0], f"({names[0]} := ")
        yield Edit(left[1], right[0], f"; {names[1]} := ")
        yield Edit(right[1], right[1], f"; {test} ? {self.error(wrong)} : {names[0]} {pair.operator} {names[1]})")


def _several(kind: str) -> str:
    return {"string": "texts", "number": "numbers"}[kind]


def _holds(name: str, kind: str) -> str:
    return f"'{kind}' in {name}.$type($)"


def _key(pair: Compared, at: int) -> Names | str:
    side = pair.left if at == 0 else pair.right
    return side if isinstance(side, tuple) else pair.written[at]


def _show_side(pair: Compared, at: int) -> str:
    written = pair.written[at]
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}…"


def _is_open(pair: Compared, at: int) -> bool:
    """Tell whether nothing written says of what type a side is."""
    side = pair.left if at == 0 else pair.right
    return isinstance(side, tuple) or not side
