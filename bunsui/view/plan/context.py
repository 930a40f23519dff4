"""The unchanged neighbours of a changed field, for `--context N`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from bunsui.diff.model import DiffItem, Section
from bunsui.model.values import Value
from bunsui.plan.definitions import every_state
from bunsui.plan.model import ResourceChange
from bunsui.view.plan.wording import attribute_words, shorten
from bunsui.view.spans import Line, Role, line, span


def neighbours(change: ResourceChange, item: DiffItem, count: int) -> list[Line]:
    """Return up to `count` fields before and after the changed one, in the order of the desired value, without those that
    changed themselves. Empty when the place was removed, or has no container to look into."""
    if change.desired is None or (not item.path and item.section is not Section.ATTRIBUTE):
        return []
    container, key = _container(change.desired.attributes, item)
    if container is None or key not in container:
        return []
    changed = {other.path[-1] if other.path else other.subject for other in change.diff.items if _same_place(other, item)}
    keys = list(container)
    at = keys.index(key)
    near = keys[max(0, at - count) : at] + keys[at + 1 : at + 1 + count]
    words = attribute_words if item.section is Section.ATTRIBUTE and not item.path else str
    return [line(span(f"{words(name)}: {shorten(container[name])}", Role.MUTED)) for name in near if name not in changed]


def _same_place(one: DiffItem, other: DiffItem) -> bool:
    return (one.section, one.subject if one.path else "", one.path[:-1]) == (
        other.section,
        other.subject if other.path else "",
        other.path[:-1],
    )


def _container(attributes: Mapping[str, Value], item: DiffItem) -> tuple[Mapping[str, Value] | None, str]:
    """The mapping that holds the changed field, and the field's key; None when the path leads through a list's end."""
    here: Value = attributes
    path = item.path
    match item.section:
        case Section.STATE:
            here = dict(every_state(attributes.get(item.attribute or "definition"))).get(item.subject)
        case Section.MACHINE:
            here = attributes.get(item.attribute or "definition")
        case Section.STATEMENT:
            here = _statement(attributes.get(item.attribute or "policy"), item.subject)
        case Section.ATTRIBUTE:
            path = (item.attribute or item.subject, *item.path)
    for part in path[:-1]:
        if isinstance(here, Mapping):
            here = here.get(part)
        elif _is_list(here) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        else:
            return None, ""
    return (here, path[-1]) if isinstance(here, Mapping) else (None, "")


def _statement(document: Value, sid: str) -> Value:
    if isinstance(document, Mapping) and _is_list(statements := document.get("Statement")):
        return next((item for item in statements if isinstance(item, Mapping) and item.get("Sid") == sid), None)
    return None


def _is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    return isinstance(value, (list, tuple))
