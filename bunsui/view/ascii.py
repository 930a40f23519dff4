"""Signs for terminals without Unicode or for screen readers: each is one cell, as the one it stands for.

Text of others, such as Japanese, is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

_BOXES = "┌┐└┘├┤┬┴┼"
_SIGNS: Mapping[str, str] = {
    **dict.fromkeys(_BOXES, "+"),
    **dict.fromkeys("─╴╶╌–—", "-"),
    **dict.fromkeys("│‖", "|"),
    **dict.fromkeys("━", "="),
    **dict.fromkeys("┃█■▇", "#"),
    **dict.fromkeys("┊▃▒", ":"),
    **dict.fromkeys("…⋯·◌▁▂", "."),
    **dict.fromkeys("▏▎▍▌▋▊▉→▶›", ">"),
    **dict.fromkeys("●•◦", "*"),
    **dict.fromkeys("↻↺", "@"),
    **dict.fromkeys("✗×", "x"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("▾▄", "-"),
    **dict.fromkeys("▸▆", "+"),
    "▅": "=",
    "○": "o",
    "✓": "v",
    "≠": "!",
    "±": "&",
    **dict.fromkeys("←‹≤", "<"),
    **dict.fromkeys("�␡", "?"),
    "\xa0": " ",
}
_MOVES = frozenset(_BOXES + "─╴╶╌│‖━┃█■▇┊▃▒▁▂▏▎▍▋▊▉▄▆▅")
"""Lines and bars: what only an eye can use."""
_ASCII = str.maketrans(dict(_SIGNS))
_SPOKEN = str.maketrans({**_SIGNS, **dict.fromkeys(_MOVES, " ")})


def ascii_signs(text: str) -> str:
    """Return the text with ASCII in place of signs of ours."""
    return text if text.isascii() else text.translate(_ASCII)


def spoken_signs(text: str) -> str:
    """Return the text as above, with spaces in place of lines and bars."""
    return text if text.isascii() else text.translate(_SPOKEN)
