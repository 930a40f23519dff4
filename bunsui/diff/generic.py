"""The difference of two JSON values, leaf by leaf, by deepdiff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.kinds.canonical.json import encoded
from bunsui.model.values import Expression, Reference, Sensitive, Unknown, Value, map_leaves


class WhenUnknown(Enum):
    """What a value that is known only after apply (`Unknown`, `Reference`) is, next to one that is known."""

    SAME = "same"
    """Perhaps the same: nothing is reported."""
    DIFFERENT = "different"
    """Taken to differ: reported with the unknown value as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One changed place inside a value."""

    path: tuple[str, ...]
    operation: ChangeOperation
    before: Value = None
    after: Value = None

    def item(self, section: Section, subject: str, attribute: str) -> DiffItem:
        """Return the place as a part of a resource."""
        return DiffItem(
            section=section,
            subject=subject,
            path=self.path,
            operation=self.operation,
            before=self.before,
            after=self.after,
            attribute=attribute,
        )


_OPERATIONS: Mapping[str, ChangeOperation] = {
    "values_changed": ChangeOperation.CHANGED,
    "type_changes": ChangeOperation.CHANGED,
    "dictionary_item_added": ChangeOperation.ADDED,
    "iterable_item_added": ChangeOperation.ADDED,
    "dictionary_item_removed": ChangeOperation.REMOVED,
    "iterable_item_removed": ChangeOperation.REMOVED,
}
"""The reports of deepdiff that JSON can cause."""


def changes(before: Value, after: Value, when_unknown: WhenUnknown) -> tuple[Change, ...]:
    """Return every place at which two canonical values differ, sorted by path; empty exactly when they are the same.

    A key that is only on one side is one place, whatever is below it; else the places are leaves.
    """
    if encoded(before) == encoded(after):
        return ()
    # Deferred: half of all plans have nothing to compare, and the import takes longer than most comparisons.
    from deepdiff import DeepDiff

    coat = _Coat()
    report = DeepDiff(
        coat.wrapped(before),
        coat.wrapped(after),
        view="tree",
        ignore_private_variables=False,  # JSON keys may begin with `__`
        threshold_to_diff_deeper=0,  # never "all of it changed" where single keys did
    )
    found = [
        Change(
            path=tuple(
                str(part) for part in level.path(output_format="list", use_t2=_OPERATIONS[name] is ChangeOperation.ADDED)
            ),
            operation=_OPERATIONS[name],
            before=None if _OPERATIONS[name] is ChangeOperation.ADDED else coat.unwrapped(level.t1),
            after=None if _OPERATIONS[name] is ChangeOperation.REMOVED else coat.unwrapped(level.t2),
        )
        for name, levels in report.items()
        for level in levels
    ]
    kept = [change for change in found if when_unknown is WhenUnknown.DIFFERENT or not _perhaps_same(change)]
    return tuple(sorted(kept, key=_by_path))


def is_later(value: Value) -> bool:
    """Tell whether the value is known only after apply."""
    return isinstance(value, (Unknown, Reference))


def _perhaps_same(change: Change) -> bool:
    return change.operation is ChangeOperation.CHANGED and (is_later(change.before) or is_later(change.after))


def _by_path(change: Change) -> tuple[tuple[tuple[bool, int, str], ...], str]:
    # Positions in lists sort as numbers.
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in change.path), change.operation.value


@dataclass(slots=True)
class _Coat:
    """Wraps leaves into texts while deepdiff looks: it takes foreign objects apart, and in lists True is 1 to it."""

    leaves: dict[str, Value] = field(default_factory=dict)

    def wrapped(self, value: Value) -> Value:
        return map_leaves(value, self._hide)

    def unwrapped(self, value: Value) -> Value:
        return map_leaves(value, lambda leaf: self.leaves.get(leaf, leaf) if isinstance(leaf, str) else leaf)

    def _hide(self, leaf: Value) -> Value:
        special = isinstance(leaf, (bool, Expression, Reference, Unknown, Sensitive))
        if not special and not (isinstance(leaf, str) and leaf.startswith("\N{NULL}")):
            return leaf
        token = "\N{NULL}" + encoded(leaf)
        self.leaves[token] = leaf
        return token
