"""Functions that look for something in a text, as jsonata 2.0.6 has them: `$contains`, `$match`, `$split`, `$replace`.

What is looked for is a text, taken literally, or a matcher: a regular expression, or a function of the expression that follows
the same protocol. The library splits by Python's rules (groups come out, too), tells the whole match as the first group of a
replacement, reads `$1` in the replacement of a text, and knows no matchers of the author's.
Source: docs.jsonata.org, "String functions" and "Regular expressions" (the matcher protocol).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bunsui.engine.jsonata.bounds import LONGEST_TEXT, TOO_MUCH_MEMORY, OutOfBounds
from bunsui.engine.jsonata.jsonata_python import call, create_sequence, error
from bunsui.engine.regexes import Regex

__all__ = ["contains", "match", "replace", "split"]


@dataclass(frozen=True, slots=True)
class _Match:
    text: str
    start: int
    end: int
    groups: tuple[Any, ...]


def _matches(matcher: Any, text: str, name: str) -> Iterator[_Match]:
    """Yield what the matcher finds, one after the other, until the text ends. Raises JException where a regular expression
    matches nothing before that (D1004), which would never end."""
    found = _find_matches(matcher, text, name)
    if not isinstance(matcher, Regex):
        yield from found
        return
    one = next(found, None)
    while one is not None:
        following = None
        if one.end < len(text):
            following = next(found, None)
            if not one.text or (following is not None and not following.text):
                raise error("D1004")
        yield one
        one = following


def _find_matches(matcher: Any, text: str, name: str) -> Iterator[_Match]:
    """Yield every match. Raises JException for a function that is no matcher (T1010)."""
    if matcher is None or isinstance(matcher, (bool, int, float, str, list, dict)):
        raise error("T0410", 2, name)
    if isinstance(matcher, Regex):
        for found in matcher.finditer(text):
            yield _Match(found.group(), found.start(), found.end(), found.groups())
        return
    told = call(matcher, [text])
    while told is not None:
        yield _read_match(told, name)
        told = call(told["next"], []) if told.get("next") is not None else None


def _read_match(value: Any, name: str) -> _Match:
    """Read what a matcher of the author's told."""
    if isinstance(value, dict):
        found, start, end, groups = (value.get(field) for field in ("match", "start", "end", "groups"))
        if isinstance(found, str) and isinstance(start, (int, float)) and isinstance(end, (int, float)):
            listed = groups if isinstance(groups, list) else [] if groups is None else [groups]
            return _Match(found, int(start), int(end), tuple(listed))
    raise error("T1010", name)


def contains(text: Any = None, token: Any = None) -> Any:
    """Tell whether the text holds a text, or something that matches."""
    if text is None or token is None:
        return None
    return token in text if isinstance(token, str) else next(_find_matches(token, text, "contains"), None) is not None


def match(text: Any = None, matcher: Any = None, limit: Any = None) -> Any:
    """Return every match, at most `limit`, with its place and groups."""
    if text is None:
        return None
    found = islice(_matches(matcher, text, "match"), _most(limit, "D3040", limit, at=3, name="match"))
    return create_sequence([{"match": one.text, "index": _unit(text, one.start), "groups": list(one.groups)} for one in found])


def split(text: Any = None, separator: Any = None, limit: Any = None) -> Any:
    """Return the pieces between what separates them, the first `limit` of them."""
    if text is None:
        return None
    most = _most(limit, "D3020", at=3, name="split")
    if isinstance(separator, str):
        pieces = text.split(separator) if separator else list(text)
        return pieces if most is None else pieces[: int(limit)]
    pieces = []
    position = 0
    for found in islice(_matches(separator, text, "split"), most):
        pieces.append(text[position : found.start])
        position = found.end
    return pieces if most is not None and len(pieces) >= most else [*pieces, text[position:]]


def replace(text: Any = None, pattern: Any = None, replacement: Any = None, limit: Any = None) -> Any:
    """Replace what a text or a matcher finds, at most `limit` times. Raises JException."""
    if text is None:
        return None
    if pattern == "":
        raise error("D3010")
    most = _most(limit, "D3011", at=4, name="replace")
    if isinstance(pattern, str):
        if not isinstance(replacement, str):
            raise error("D3012")
        _check_size(len(text) + text.count(pattern) * len(replacement))
        return text.replace(pattern, replacement, -1 if most is None else most)
    pieces: list[str] = []
    position = made = 0
    for found in islice(_matches(pattern, text, "replace"), most):
        new = _replacement(replacement, found, text)
        pieces += [text[position : found.start], new]
        position, made = found.end, made + len(new)
        _check_size(made)
    return "".join([*pieces, text[position:]])


def _replacement(replacement: Any, found: _Match, text: str) -> str:
    groups = ["" if group is None else group for group in found.groups]
    if isinstance(replacement, str):
        return _substitute_groups(replacement, found.text, groups)
    start, end = _unit(text, found.start), _unit(text, found.end)
    new = call(replacement, [{"match": found.text, "start": start, "end": end, "groups": groups}])
    if not isinstance(new, str):
        raise error("D3012")
    return new


def _unit(text: str, at: int) -> int:
    """Return the place in UTF-16, by which JavaScript and Java count."""
    return at if text.isascii() else at + sum(character > "\uffff" for character in text[:at])


def _most(limit: Any, code: str, *values: Any, at: int, name: str) -> int | None:
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, (int, float)):
        raise error("T0410", at, name)
    if limit < 0:
        raise error(code, *values)
    return math.ceil(limit)


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
