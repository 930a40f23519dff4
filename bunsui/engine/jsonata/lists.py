"""Two functions as jsonata 2.0.6 has them: `$sort` keeps equal members in order, `$replace` hands a function a match's groups.

The library sorts by "less or greater", never equal, and tells the whole match as the first group.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bunsui.engine.jsonata.program import LONGEST_TEXT, TOO_MUCH_MEMORY, OutOfBounds

__all__ = ["replace", "sort"]


def sort(items: Any = None, comparator: Any = None) -> Any:
    """Sort as a merge sort does: `comparator` says whether its first argument comes after its second. Raises JException."""
    from jsonata import functions, jexception

    if items is None or len(items) <= 1:
        return items
    listed = [items[at] for at in range(len(items))]
    if comparator is not None:
        return _merge_halves(listed, lambda one, other: _holds(functions.Functions.func_apply(comparator, [one, other])))
    if all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in listed):
        return sorted(listed)
    if all(isinstance(item, str) for item in listed):
        return sorted(listed, key=lambda text: text.encode("utf-16-be", "surrogatepass"))
    raise jexception.JException("D3070", -1)


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
    from jsonata import utils

    return not (value is None or value is utils.Utils.NULL_VALUE or value is False or value == 0 or value == "")


def replace(text: Any = None, pattern: Any = None, replacement: Any = None, limit: Any = None) -> Any:
    """Replace what a text or a regular expression finds, at most `limit` times. Raises JException."""
    from jsonata import functions, jexception

    if not isinstance(text, str) or isinstance(pattern, str) or (limit is not None and limit < 0):
        if isinstance(text, str) and isinstance(replacement, str) and pattern:
            _check_size(len(text) + text.count(pattern) * len(replacement))
        return functions.Functions.replace(text, pattern, replacement, limit)
    pieces: list[str] = []
    position = count = made = 0
    for found in functions.Functions.evaluate_matcher(pattern, text):
        if limit is not None and count >= limit:
            break
        if not found.match:
            raise jexception.JException("D1004", -1)
        end = found.index + len(found.match)
        groups = ["" if group is None else group for group in found.groups]
        if isinstance(replacement, str):
            new = _substitute_groups(replacement, found.match, groups)
        else:
            told = {"match": found.match, "start": found.index, "end": end, "groups": groups}
            new = functions.Functions.func_apply(replacement, [told])
            if not isinstance(new, str):
                raise jexception.JException("D3012", -1)
        pieces += [text[position : found.index], new]
        position, count, made = end, count + 1, made + len(new)
        _check_size(made)
    return "".join([*pieces, text[position:]])


def _check_size(characters: int) -> None:
    """Refuse a text before it is made: much can come out of little here."""
    if characters > LONGEST_TEXT:
        raise OutOfBounds(TOO_MUCH_MEMORY)


def _substitute_groups(replacement: str, match: str, groups: list[str]) -> str:
    """Fill in `$0` and `$1` …; `$12` is the first group and a 2 where there are fewer than twelve, `$$` is a dollar."""
    pieces = replacement.split("$")
    made, at = [pieces[0]], 1
    while at < len(pieces):
        piece = pieces[at]
        digits = piece[: len(piece) - len(piece.lstrip("0123456789"))]
        if not piece and at + 1 < len(pieces):
            at += 1
            made += ["$", pieces[at]]
        elif piece.startswith("0"):
            made += [match, piece[1:]]
        elif digits:
            width = max(1, len(str(len(groups))))
            number = digits[:width]
            if width > 1 and int(number) > len(groups):
                number = digits[: width - 1]
            made += [groups[int(number) - 1] if 0 < int(number) <= len(groups) else "", piece[len(number) :]]
        else:
            made += ["$", piece]
        at += 1
    return "".join(made)
