"""Texts with stars, each of which stands for any characters, matched part by part: no text can make it slow.

As a regular expression, `*a*a*a*a*b` takes time that grows with a power of the text's length.
"""

from __future__ import annotations

from collections.abc import Sequence


def fits(parts: Sequence[str], text: str, *, single: str = "") -> bool:
    """Tell whether the text is the parts in their order, with anything between them; one part alone is the whole text.

    `single`, where it is given, is a sign that stands for one character in a part, which is no star in the text.
    """
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return len(first) == len(text) and _is_at(first, text, 0, single)
    end = len(text) - len(last)
    if end < len(first) or not _is_at(first, text, 0, single) or not _is_at(last, text, end, single):
        return False
    at = len(first)
    for part in parts[1:-1]:
        # The leftmost place leaves the most for the parts that follow.
        at = _find_part(part, text, at, end, single)
        if at < 0:
            return False
        at += len(part)
    return True


def _is_at(part: str, text: str, at: int, single: str) -> bool:
    if not single or single not in part:
        return text.startswith(part, at)
    piece = text[at : at + len(part)]
    return len(piece) == len(part) and all(
        other != "*" if sign == single else sign == other for sign, other in zip(part, piece, strict=True)
    )


def _find_part(part: str, text: str, begin: int, end: int, single: str) -> int:
    if not single or single not in part:
        return text.find(part, begin, end)
    return next((at for at in range(begin, end - len(part) + 1) if _is_at(part, text, at, single)), -1)
