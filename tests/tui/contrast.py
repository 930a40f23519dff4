"""How well a colour can be read on another, as WCAG 2.2 defines it; success criterion 1.4.3 asks for 4.5 : 1."""

from __future__ import annotations

from textual.color import Color

LEAST = 4.5


def luminance(colour: Color) -> float:
    """Return the relative luminance as WCAG 2.2 defines it."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)
