"""The lifecycle of a pipeline laid on each of its resources: `lifecycle:` and `protect:`.

`lifecycle.ignore` names places: `ATTRIBUTE` or `ATTRIBUTE.KEY` of the machine, `states.STATE` or `states.STATE.FIELD` of its
definition, `KIND.ATTRIBUTE` or `KIND.ATTRIBUTE.KEY` of every other resource of that kind; `tags` and `tags.KEY` are those of
everything. Names of states may have dots: the longest one that fits is meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.asl.validation.fields import FIELDS
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.canonical.definition import placed_states
from bunsui.kinds.kind import Comparison, Kind
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.registry import kinds
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.lifecycle import IgnoredPlace, IgnoreRule, Lifecycle
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Value

_STATES = "states"
_FREE_KEYS = frozenset({"tags", "environment"})
"""Attributes whose keys anybody may choose; a key may have dots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """Which place in which kinds an entry means."""

    kinds: tuple[str, ...]
    place: IgnoredPlace


class _UnknownPlaceError(Exception):
    """An entry names no place; the second argument is what was probably meant."""


def with_lifecycle(
    pipeline: Pipeline, resources: Sequence[DesiredResource]
) -> tuple[tuple[DesiredResource, ...], tuple[Diagnostic, ...]]:
    """Return the resources with what the pipeline says about their end and about outside changes, and what is wrong with it."""
    said = pipeline.lifecycle
    findings: list[Diagnostic] = []
    meant: list[_Meant] = []
    for rule in said.ignore:
        try:
            meant.append(_meant_place(rule.text, _definition(resources)))
        except _UnknownPlaceError as error:
            findings.append(_finding(rule, *error.args))
    places = {kind: tuple(one.place for one in meant if kind in one.kinds) for kind in kinds()}
    laid = tuple(
        replace(
            resource,
            lifecycle=Lifecycle(
                prevent_destroy=said.prevent_destroy,
                protect=said.protect,
                ignore=places[resource.address.kind],
                keep_versions=said.keep_versions,
                exclusive=said.exclusive,
                observed=said.observed,
            ),
        )
        for resource in resources
    )
    return laid, tuple(findings)


def _definition(resources: Iterable[DesiredResource]) -> Value:
    return next((item.attributes.get("definition") for item in resources if item.address.kind == MACHINE), None)


def _meant_place(text: str, definition: Value) -> _Meant:
    first, _, rest = text.partition(".")
    if first == _STATES:
        return _Meant(kinds=(MACHINE,), place=_state_place(rest, definition))
    if first == "tags":
        tagged = tuple(name for name, kind in kinds().items() if _has(kind, "tags"))
        return _Meant(kinds=tagged, place=IgnoredPlace(attribute="tags", path=(rest,) if rest else ()))
    words = {kind.word: name for name, kind in kinds().items()}
    if first in words:
        kind = words[first]
        attribute, _, rest = rest.partition(".")
        choices = [f"{first}.{name}" for name in _ignorable(kind_named(kind))]
        return _Meant(kinds=(kind,), place=_attribute_place(kind, attribute, rest, text, choices))
    choices = [*_ignorable(kind_named(MACHINE)), _STATES]
    choices += [f"{word}.{name}" for word, kind in words.items() for name in _ignorable(kind_named(kind)) if kind != MACHINE]
    return _Meant(kinds=(MACHINE,), place=_attribute_place(MACHINE, first, rest, text, choices))


def _attribute_place(kind: str, name: str, rest: str, text: str, choices: Sequence[str]) -> IgnoredPlace:
    model = kind_named(kind)
    if name not in _ignorable(model):
        if _has(model, name):
            raise _UnknownPlaceError(f"{text} cannot be left to others: what they make of it cannot be written back", "")
        raise _UnknownPlaceError(f"{text} names nothing that a {model.title} has", _near(text, choices))
    attribute = model.attribute(name)
    if not rest:
        return IgnoredPlace(attribute=name)
    if name in _FREE_KEYS:
        return IgnoredPlace(attribute=name, path=(rest,))
    if attribute.comparison is not Comparison.JSON:
        more = "; its states are named by states.STATE" if attribute.comparison is Comparison.DEFINITION else ""
        raise _UnknownPlaceError(f"{name} is one value: nothing below it can be left to others{more}", "")
    keys = attribute.default if isinstance(attribute.default, Mapping) else {}
    if keys and rest not in keys:
        raise _UnknownPlaceError(f"{name} has no {rest}", _near(rest, list(keys)))
    return IgnoredPlace(attribute=name, path=tuple(rest.split(".")))


def _state_place(rest: str, definition: Value) -> IgnoredPlace:
    states = {state.name: state.fields for state in placed_states(definition)} if isinstance(definition, Mapping) else {}
    fitting = [name for name in states if rest == name or rest.startswith(f"{name}.")]
    if not fitting:
        wanted = rest or "nothing"
        raise _UnknownPlaceError(f"the definition has no state {wanted}", _near(rest, [f"{_STATES}.{name}" for name in states]))
    name = max(fitting, key=len)
    path = tuple(rest[len(name) + 1 :].split(".")) if len(rest) > len(name) else ()
    known = {*states[name], *FIELDS.get(str(states[name].get("Type")), ())}
    if path and path[0] not in known:
        raise _UnknownPlaceError(f"the state {name} has no field {path[0]}", _near(path[0], sorted(known)))
    return IgnoredPlace(attribute="definition", path=(name, *path))


def _ignorable(kind: Kind) -> list[str]:
    return [attribute.name for attribute in kind.attributes if attribute.held]


def _has(kind: Kind, name: str) -> bool:
    return any(attribute.name == name for attribute in kind.attributes)


def _near(text: str, choices: Sequence[str]) -> str:
    close = _closest(text, choices)
    return f"Did you mean {close}?" if close else f"There are {', '.join(choices[:12])}."


def _closest(text: str, choices: Sequence[str]) -> str:
    same = [choice for choice in choices if choice.rpartition(".")[2] == text]
    return next(iter(same or difflib.get_close_matches(text, choices, cutoff=0.5)), "")


def _finding(rule: IgnoreRule, summary: str, hint: str) -> Diagnostic:
    return Diagnostic(code="BS440", severity=Severity.ERROR, summary=summary, position=rule.position, hint=hint)
