"""Places that belong to others (`lifecycle.ignore`, `ignore.tags`): taken as in AWS, wherever values are compared or written.

So an outside change there is neither drift nor an update, and an update of something else writes back what it found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bunsui.kinds.canonical.definition import SCOPES, definition_of
from bunsui.kinds.kind import Comparison
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.registry import kinds
from bunsui.model.json import Json
from bunsui.model.lifecycle import TAGS, IgnoredPlace, Lifecycle
from bunsui.model.resource import AppliedResource, DesiredResource
from bunsui.model.values import Value
from bunsui.plan.definitions import every_state
from bunsui.plan.references import as_written

L = TypeVar("L", DesiredResource, AppliedResource)
_Found = tuple[()] | tuple[Value]
"""What stands at a place: one value, or nothing."""


def with_ignored_places(
    kind: str, ours: Mapping[str, Value], theirs: Mapping[str, Value], ignore: Iterable[IgnoredPlace]
) -> dict[str, Value]:
    """Return our attributes with every ignored place as it is in theirs; a place that they do not have is left out.

    A state that they do not have stays ours: without it, the states that lead to it would lead nowhere."""
    result = dict(ours)
    for place in ignore:
        absent = kind_named(kind).attribute(place.attribute).default
        mine, other = result.get(place.attribute, absent), theirs.get(place.attribute, absent)
        if place.is_pattern:
            result[place.attribute] = {**_unfitting(place, mine), **_fitting(place, other)}
        elif _is_in_definition(kind, place):
            name, *path = place.path
            state = _state(other, name)
            if state is not None:
                result[place.attribute] = _with_state(definition_of(mine), name, path, _find_places(state, path))
        else:
            result[place.attribute] = _put(mine, place.path, _find_places(other, place.path))
    return result


def applied_with_ignored_places(
    applied: AppliedResource, actual: Mapping[str, Json], ignore: Iterable[IgnoredPlace]
) -> AppliedResource:
    """Return what was applied with every ignored place as it is in AWS."""
    kept = with_ignored_places(applied.address.kind, applied.attributes, actual, ignore)
    return replace(applied, attributes={name: as_written(value) for name, value in kept.items()})


def without(kind: str, attributes: Mapping[str, Value], ignore: Iterable[IgnoredPlace]) -> dict[str, Value]:
    """Return the attributes without the ignored places: what is left is the same whatever others do there."""
    result = dict(attributes)
    for place in ignore:
        value = result.get(place.attribute, kind_named(kind).attribute(place.attribute).default)
        if place.is_pattern:
            result[place.attribute] = _unfitting(place, value)
        elif _is_in_definition(kind, place):
            name, *path = place.path
            result[place.attribute] = _with_state(definition_of(value), name, path, ())
        else:
            result[place.attribute] = _put(value, place.path, ())
    return result


def left_to_others(resources: Iterable[L], patterns: Sequence[str]) -> tuple[L, ...]:
    """Return the resources with the tags that the project leaves to others (`ignore.tags`) among their ignored places."""
    places = tuple(IgnoredPlace(attribute=TAGS, path=(pattern,)) for pattern in patterns)
    tagged = {name for name, kind in kinds().items() if any(attribute.name == TAGS for attribute in kind.attributes)}
    return tuple(_leaving(one, places) if places and one.address.kind in tagged else one for one in resources)


def _leaving(resource: L, places: Sequence[IgnoredPlace]) -> L:
    said: Lifecycle = resource.lifecycle
    more: tuple[IgnoredPlace, ...] = tuple(place for place in places if place not in said.ignore)
    return replace(resource, lifecycle=replace(said, ignore=(*said.ignore, *more)))


def _fitting(place: IgnoredPlace, tags: Value) -> dict[str, Value]:
    return {name: text for name, text in _members(tags).items() if place.fits_tag(name)}


def _unfitting(place: IgnoredPlace, tags: Value) -> dict[str, Value]:
    return {name: text for name, text in _members(tags).items() if not place.fits_tag(name)}


def _members(tags: Value) -> Mapping[str, Value]:
    return tags if isinstance(tags, Mapping) else {}


def _is_in_definition(kind: str, place: IgnoredPlace) -> bool:
    return bool(place.path) and kind_named(kind).attribute(place.attribute).comparison is Comparison.DEFINITION


def _state(definition: Value, name: str) -> Mapping[str, Value] | None:
    return next((state for found, state in every_state(definition_of(definition)) if found == name), None)


def _with_state(scope: Value, name: str, path: Sequence[str], found: _Found) -> Value:
    """Return a scope with one place changed in the state of that name, however deep it is nested; what is no scope as it is."""
    if not isinstance(scope, Mapping):
        return scope
    states = scope.get("States")
    if not isinstance(states, Mapping):
        return scope
    return {**scope, "States": {key: _inside(key, state, name, path, found) for key, state in states.items()}}


def _inside(key: str, state: Value, name: str, path: Sequence[str], found: _Found) -> Value:
    if not isinstance(state, Mapping):
        return state
    if key == name:
        return _put(state, path, found)
    nested: dict[str, Value] = {}
    for field in SCOPES:
        if isinstance(inner := state.get(field), (list, tuple)):
            nested[field] = [_with_state(one, name, path, found) for one in inner]
        elif inner is not None:
            nested[field] = _with_state(inner, name, path, found)
    return {**state, **nested}


def _find_places(value: Value, path: Sequence[str]) -> _Found:
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return ()
        value = value[key]
    return (value,)


def _put(value: Value, path: Sequence[str], found: _Found) -> Value:
    if not path:
        return found[0] if found else None
    key, *rest = path
    inside = dict(value) if isinstance(value, Mapping) else {}
    if rest and (key in inside or found):
        inside[key] = _put(inside.get(key, {}), rest, found)
    elif found:
        inside[key] = found[0]
    else:
        inside.pop(key, None)
    return inside
