"""Situations in which two machines are compared: what the input holds, what services answer, which call fails."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.document.lifting.paths import Read
from bunsui.document.lifting.values import Steps
from bunsui.model.json import Json

_DRAWN = 40
"""Situations with everything drawn at random, beside those that change one thing."""
_SIZES = (2, 0, 1, 3)
_ITEM = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call that fails."""

    call: str
    error: str
    """Empty: it never answers."""
    always: bool
    """False where only the first try fails."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the input, or of what a service answers, that a machine reads."""

    source: str
    """Empty for the input, `*` for an item, else what is called."""
    steps: Steps
    options: tuple[Json, ...]
    is_list: bool
    may_be_absent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What two machines find."""

    places: Sequence[Place]
    chosen: Mapping[int, int] = field(default_factory=dict)
    """By the number of a place, which of its options it holds; the first where nothing is said."""
    failure: Failure | None = None

    def value(self, source: str, number: int, otherwise: Json) -> Json:
        """Return what the source gives the `number`th time; a place that is compared changes from time to time, so that loops
        end."""
        found: Json = None
        for index, place in enumerate(self.places):
            if place.source == source:
                held = self._content_of(index, place, number)
                found = found if held is _NOTHING else _put(found, place.steps, held)
        return otherwise if found is None else found

    def _content_of(self, index: int, place: Place, number: int) -> Json:
        chosen = self.chosen.get(index, 0)
        if place.is_list:
            return [self._item(one) for one in range(_SIZES[chosen % len(_SIZES)])]
        if place.may_be_absent and chosen == len(place.options):
            return _NOTHING
        return place.options[(chosen + number) % len(place.options)]

    def _item(self, number: int) -> Json:
        return self.value(_ITEM, number, {"item": number})


_NOTHING = "\ue012"


def places_of(reads: Iterable[Read], targets: Mapping[str, str]) -> tuple[Place, ...]:
    """Return the places, each once; `targets` has what each state calls."""
    found: dict[tuple[str, Steps], list[Read]] = {}
    for one in reads:
        source = one.state if one.state in ("", _ITEM) else targets.get(one.state, "")
        if source or not one.state:
            steps = one.steps[1:] if source.endswith("\ue013") and one.steps[:1] == ("Payload",) else one.steps
            found.setdefault((source.rstrip("\ue013"), steps), []).append(one)
    places = []
    for (source, steps), all_of in sorted(found.items(), key=lambda item: (item[0][0], len(item[0][1]), str(item[0][1]))):
        is_list = any(one.is_list for one in all_of)
        if not steps and not is_list and not any(one.values for one in all_of):
            continue  # handed on as it is
        values = list({repr(value): value for one in all_of for value in one.values}.values())
        options = tuple(values) or (f"{'-'.join(map(str, steps))} of {source.rpartition(':')[2] or 'input'}",)
        places.append(Place(source, steps, options, is_list, any(one.may_be_absent for one in all_of)))
    return tuple(places)


def _put(value: Json, steps: Steps, new: Json) -> Json:
    """Return the value with `new` at the steps; what is there already stays where it is deeper."""
    if not steps:
        return new if value is None else value
    first, rest = steps[0], steps[1:]
    if isinstance(first, int):
        items = list(value) if isinstance(value, (list, tuple)) else []
        items += [None] * (first + 1 - len(items))
        items[first] = _put(items[first], rest, new)
        return items
    fields = dict(value) if isinstance(value, Mapping) else {}
    inner = fields.get(first)
    fields[first] = new if not rest else _put(inner, rest, new)
    return fields


def calm_situations(places: Sequence[Place], seed: int) -> Iterator[Situation]:
    """Yield situations in which nothing fails: the plain one, each place with each of its options, then drawn ones."""
    yield Situation(places=places)
    open_places = [(index, _count(place)) for index, place in enumerate(places) if _count(place) > 1]
    for index, count in open_places:
        for option in range(1, count):
            yield Situation(places=places, chosen={index: option})
    draw = random.Random(seed)  # noqa: S311 - the same situations each time
    if len(open_places) > 1:
        for _ in range(_DRAWN):
            yield Situation(places=places, chosen={index: draw.randrange(count) for index, count in open_places})


def _count(place: Place) -> int:
    return len(_SIZES) if place.is_list else len(place.options) + place.may_be_absent
