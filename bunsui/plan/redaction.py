"""Redact a plan: mask secrets, values that only AWS has in attributes where people put them by hand, and show their names.

What stands in the repository is no secret; what somebody wrote into a function's environment in the console may be one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bunsui.diff.model import DiffItem
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.json import Json
from bunsui.model.values import Sensitive, Value, leaves, map_leaves


def redact_items(kind: str, items: Iterable[DiffItem], *said: Mapping[str, Value] | None) -> tuple[DiffItem, ...]:
    """Return the changed places with every value hidden that is in none of `said`: what is wanted, and what was applied."""
    hiding = _hiding(kind)
    known = [values for values in said if values is not None]
    return tuple(_item(item, known) if item.attribute in hiding else item for item in items)


def without_foreign(kind: str, attributes: Mapping[str, Json]) -> dict[str, Json]:
    """Return the attributes without those that may hold what only AWS has, for whoever stores what was read."""
    return {name: value for name, value in attributes.items() if name not in _hiding(kind)}


def _hiding(kind: str) -> frozenset[str]:
    return frozenset(attribute.name for attribute in kind_named(kind).attributes if attribute.hides_foreign)


def _item(item: DiffItem, said: list[Mapping[str, Value]]) -> DiffItem:
    known = {leaf for values in said for leaf in leaves(values.get(item.attribute)) if isinstance(leaf, str)}

    def hidden(leaf: Value) -> Value:
        return Sensitive(leaf) if isinstance(leaf, str) and leaf not in known else leaf

    return replace(item, before=map_leaves(item.before, hidden), after=map_leaves(item.after, hidden))
