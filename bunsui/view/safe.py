"""Foreign text made harmless: no control byte, escape sequence, bidi override or lone surrogate reaches a face."""

from __future__ import annotations

from typing import NewType

Safe = NewType("Safe", str)
"""Text whose every character is printable, so that it shows literally."""


def safe(text: object, *, limit: int = 2000) -> Safe:
    r"""Return the text with every non-printable character as visible `\xNN`, `\uNNNN` or `\UNNNNNNNN`, cut with `…` at `limit`.

    One line comes out: newlines and tabs are non-printable too. Use `safe_lines` for text of several lines.
    """
    whole = str(text)
    shown = whole if len(whole) <= limit else whole[: limit - 1] + "…"
    if shown.isprintable():
        return Safe(shown)
    return Safe("".join(character if character.isprintable() else _visible(character) for character in shown))


def safe_lines(text: object, *, limit_lines: int = 500) -> list[Safe]:
    """Return the text line by line, each one safe; tabs become spaces, and the middle is cut beyond the limit."""
    lines = [safe(line.expandtabs(4)) for line in str(text).replace("\r\n", "\n").split("\n")]
    if len(lines) <= limit_lines:
        return lines
    half = limit_lines // 2
    return [*lines[:half], Safe(f"… {len(lines) - 2 * half} lines left out …"), *lines[-half:]]


def _visible(character: str) -> str:
    point = ord(character)
    if point <= 0xFF:
        return f"\\x{point:02x}"
    if point <= 0xFFFF:
        return f"\\u{point:04x}"
    return f"\\U{point:08x}"
