r"""Regular expressions as JSONata has them, JavaScript's, written as Python's.

In both JavaScript and Java `\d`, `\w` and `\b` know ASCII alone, `.` stops at every line end (`\r` too), and a group is named
by `(?<name>…)`. Python counts full-width digits as digits, and its `$` stands before a line end, too.
Source: ECMA-262, "RegExp (Regular Expression) Objects".
"""

from __future__ import annotations

import re
from functools import lru_cache

_LINE_ENDS = r"\n\r\u2028\u2029"
_ASCII = frozenset("dDwWbB")


@lru_cache(maxsize=1024)
def python_pattern(pattern: str, *, multiline: bool) -> str:
    """Return the pattern for Python's `re`; what JavaScript alone has is left for `re` to refuse."""
    pieces: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            pair = pattern[at : at + 2]
            named = re.match(r"\\k<(\w+)>", pattern[at:])
            pieces.append(f"(?P={named[1]})" if named else f"(?a:{pair})" if pair[1:] in _ASCII and pair[1:] else pair)
            at += len(named[0]) if named else 2
        elif begins_name := re.match(r"\(\?<(?![=!])", pattern[at:]):
            pieces.append("(?P<")
            at += len(begins_name[0])
        elif char == "[":
            end = _end_of_set(pattern, at)
            inside = pattern[at:end]
            pieces.append(f"(?a:{inside})" if re.search(r"\\[dDwW]", inside) else inside)
            at = end
        else:
            pieces.append(_sign(pattern, at, multiline=multiline))
            at += 1
    return "".join(pieces)


def _sign(pattern: str, at: int, *, multiline: bool) -> str:
    match pattern[at]:
        case ".":
            return f"[^{_LINE_ENDS}]"
        case "^" if multiline:
            return rf"(?:^|(?<=[{_LINE_ENDS}]))"
        case "$":
            return rf"(?=[{_LINE_ENDS}]|\Z)" if multiline else r"\Z"
    return pattern[at]


def _end_of_set(pattern: str, at: int) -> int:
    """Return where a set that opens at `at` is closed; a bracket right after its beginning closes it, too."""
    end = at + 1
    while end < len(pattern) and pattern[end] != "]":
        end += 2 if pattern[end] == "\\" else 1
    return min(end + 1, len(pattern))
