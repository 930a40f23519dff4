"""Compare two values of one resource: the entry point of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bunsui.diff.definition import definition_items
from bunsui.diff.generic import WhenUnknown, changes, is_later
from bunsui.diff.model import DiffItem, ResourceDiff, Section
from bunsui.diff.policy import policy_items, set_changes
from bunsui.kinds.canonical.json import form_fingerprint, plain, surely_same
from bunsui.kinds.kind import Attribute, Comparison, Kind, canonical
from bunsui.model.values import Sensitive, Value, leaves


def diff_resource(
    kind: Kind, before: Mapping[str, Value], after: Mapping[str, Value], *, when_unknown: WhenUnknown
) -> ResourceDiff:
    """Return what differs between two values of a resource of that kind, in the kind's order of attributes.

    Both are brought into canonical form first, so that a difference is always one of meaning; an attribute that is absent has
    its default. A resource that does not exist is the empty mapping. Attributes that the kind does not model are not looked
    at. With `WhenUnknown.DIFFERENT` the result is empty exactly when both canonical forms are equal.
    """
    if before is after:
        return ResourceDiff()
    items: list[DiffItem] = []
    for attribute in kind.attributes:
        absent = attribute.default
        old, new = before.get(attribute.name, absent), after.get(attribute.name, absent)
        if not surely_same(old, new):
            items += _attribute_items(attribute, old, new, when_unknown=when_unknown)
    return ResourceDiff(items=tuple(items))


def _attribute_items(attribute: Attribute, before: Value, after: Value, *, when_unknown: WhenUnknown) -> list[DiffItem]:
    old, new = canonical(attribute, before), canonical(attribute, after)
    if form_fingerprint(old) == form_fingerprint(new):
        return []
    items = _places(attribute, old, new, after, when_unknown)
    if not items and not _holds_unknown(old, new):
        # States that share a name hide each other in a broken definition; what differs must be reported all the same.
        items = _generic(attribute, old, new, when_unknown)
    return [_hide_values(item) for item in items] if attribute.sensitive else items


def _places(attribute: Attribute, old: Value, new: Value, written: Value, when_unknown: WhenUnknown) -> list[DiffItem]:
    match attribute.comparison:
        case Comparison.DEFINITION if isinstance(old, Mapping) and isinstance(new, Mapping):
            # As it was written, since its order of states is the one that people know.
            return list(definition_items(old, written, attribute=attribute.name, when_unknown=when_unknown))
        case Comparison.POLICY if isinstance(old, Mapping) and isinstance(new, Mapping):
            return list(policy_items(old, new, attribute=attribute.name, when_unknown=when_unknown))
        case Comparison.SET if isinstance(old, list) and isinstance(new, list):
            found = set_changes(old, new, (), when_unknown)
            return [change.item(Section.ATTRIBUTE, attribute.name, attribute.name) for change in found]
        case _:
            return _generic(attribute, old, new, when_unknown)


def _generic(attribute: Attribute, old: Value, new: Value, when_unknown: WhenUnknown) -> list[DiffItem]:
    section = Section.MACHINE if attribute.comparison is Comparison.DEFINITION else Section.ATTRIBUTE
    subject = "" if section is Section.MACHINE else attribute.name
    return [change.item(section, subject, attribute.name) for change in changes(old, new, when_unknown)]


def _holds_unknown(*values: Value) -> bool:
    return any(is_later(leaf) for value in values for leaf in leaves(value))


def _hide_values(item: DiffItem) -> DiffItem:
    return replace(item, before=_redact_value(item.before), after=_redact_value(item.after))


def _redact_value(value: Value) -> Value:
    return value if value is None or isinstance(value, Sensitive) else Sensitive(plain(value))
