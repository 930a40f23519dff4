"""JSONata's functions of lists as jsonata 2.0.6 has them: `$sort` keeps equal members in order, `$distinct` tells true from 1.

The library sorts by "less or greater", never equal, and asks Python whether two members are equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bunsui.engine.jsonata.jsonata_python import NULL, JList, call, create_sequence, error, is_same

__all__ = ["distinct", "sort"]


def sort(items: Any = None, comparator: Any = None) -> Any:
    """Sort as a merge sort does: `comparator` says whether its first argument comes after its second. Raises JException."""
    if items is None or len(items) <= 1:
        return items
    listed = [items[at] for at in range(len(items))]
    if comparator is not None:
        return _merge_halves(listed, lambda one, other: _holds(call(comparator, [one, other])))
    if all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in listed):
        return sorted(listed)
    if all(isinstance(item, str) for item in listed):
        return sorted(listed, key=lambda text: text.encode("utf-16-be", "surrogatepass"))
    raise error("D3070")


def _merge_halves(items: list[Any], after: Callable[[Any, Any], bool]) -> list[Any]:
    if len(items) <= 1:
        return items
    middle = len(items) // 2
    left, right = _merge_halves(items[:middle], after), _merge_halves(items[middle:], after)
    merged: list[Any] = []
    one = other = 0
    while one < len(left) and other < len(right):
        if after(left[one], right[other]):
            merged.append(right[other])
            other += 1
        else:
            merged.append(left[one])
            one += 1
    return [*merged, *left[one:], *right[other:]]


def _holds(value: Any) -> bool:
    """What counts as true in JavaScript: a number but zero, too."""
    return not (value is None or value is NULL or value is False or value == 0 or value == "")


def distinct(items: Any = None) -> Any:
    """Return each item once; Python by itself takes true for 1."""
    if not isinstance(items, list) or len(items) <= 1:
        return items
    kept: list[Any] = create_sequence() if isinstance(items, JList) else []
    seen: set[tuple[bool, Any]] = set()
    for item in items:
        if isinstance(item, (str, int, float)):
            # Texts and numbers are most of what is compared, and need not be compared one by one.
            key = (isinstance(item, bool), item)
            if key not in seen:
                seen.add(key)
                kept.append(item)
        elif not any(is_same(item, one) for one in kept):
            kept.append(item)
    return kept
