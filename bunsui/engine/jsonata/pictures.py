"""`$formatNumber`: a number written by a decimal picture such as `#,##0.00`.

Source: XPath and XQuery Functions and Operators 3.1, section 4.7 "Formatting numbers", with the names of its decimal format as
options and the codes of jsonata 2.0.6.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from bunsui.engine.jsonata.jsonata_python import error

_DEFAULTS: dict[str, str] = {
    "decimal-separator": ".", "grouping-separator": ",", "exponent-separator": "e", "minus-sign": "-", "infinity": "Infinity",
    "NaN": "NaN", "percent": "%", "per-mille": "\u2030", "zero-digit": "0", "digit": "#", "pattern-separator": ";",
}  # fmt: skip
_EXACT = Context(prec=700)
"""Digits enough for any floating-point number, scaled."""


def number_text(value: Any = None, picture: str = "", options: Mapping[str, Any] | None = None) -> str | None:
    """Return the number by the picture. Raises JException for a picture that is none."""
    if value is None:
        return None
    signs = _Signs(_DEFAULTS | {name: str(told) for name, told in (options or {}).items()})
    parts = picture.split(signs["pattern-separator"])
    if len(parts) > 2:
        raise error("D3080")
    pictures = [_picture(part, signs) for part in parts]
    chosen = pictures[-1] if value < 0 else pictures[0]
    minus = signs["minus-sign"] if value < 0 and len(pictures) == 1 else ""
    if not math.isfinite(value):
        return f"{minus}{chosen.prefix}{signs['NaN' if math.isnan(value) else 'infinity']}{chosen.suffix}"
    return f"{minus}{chosen.prefix}{chosen.write_digits(abs(Decimal(repr(value))))}{chosen.suffix}"


class _Signs(dict[str, str]):
    """The signs of pictures by their names."""

    @property
    def family(self) -> str:
        """The ten digits."""
        return "".join(chr(ord(self["zero-digit"]) + number) for number in range(10))

    @property
    def digits(self) -> str:
        """What stands for a digit, needed or not."""
        return self.family + self["digit"]

    def count(self, text: str, among: str) -> int:
        """Return how many of the signs are in the text."""
        return sum(sign in among for sign in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """What one half of a picture says."""

    signs: _Signs
    prefix: str
    suffix: str
    scale: int
    """How many hundreds: 1, 100 or 1000."""
    integer: str
    fraction: str
    exponent: str | None
    has_separator: bool

    def write_digits(self, value: Decimal) -> str:
        """Return what stands between prefix and suffix."""
        signs = self.signs
        least_whole, least_fraction, most_fraction = self._sizes()
        value, power = self._scale(value * self.scale)
        rounded = value.quantize(Decimal(1).scaleb(-most_fraction), rounding=ROUND_HALF_EVEN, context=_EXACT)
        whole, _, rest = f"{rounded:f}".partition(".")
        whole = whole.lstrip("0").rjust(least_whole, "0")
        rest = rest.rstrip("0").ljust(least_fraction, "0")
        text = self._group_whole(whole)
        if rest and self.has_separator:
            text += signs["decimal-separator"] + self._group_fraction(rest)
        if self.exponent is not None:
            digits = str(abs(power)).rjust(signs.count(self.exponent, signs.family), "0")
            text += signs["exponent-separator"] + (signs["minus-sign"] if power < 0 else "") + digits
        return text.translate({ord(str(number)): sign for number, sign in enumerate(signs.family)})

    def _sizes(self) -> tuple[int, int, int]:
        signs = self.signs
        whole = signs.count(self.integer, signs.family)
        least, most = signs.count(self.fraction, signs.family), signs.count(self.fraction, signs.digits)
        if whole == 0 and most == 0:
            whole, least, most = (0, 1, 1) if self.exponent is not None else (1, 0, 0)
        if self.exponent is not None and whole == 0 and signs["digit"] in self.integer:
            whole = 1
        return (whole, 1, max(most, 1)) if whole == 0 and least == 0 else (whole, least, most)

    def _scale(self, value: Decimal) -> tuple[Decimal, int]:
        """Return the mantissa and the power of ten."""
        if self.exponent is None or not value:
            return value, 0
        most = Decimal(1).scaleb(self.signs.count(self.integer, self.signs.family))
        power = 0
        while value < most.scaleb(-1):
            value, power = value.scaleb(1), power - 1
        while value > most:
            value, power = value.scaleb(-1), power + 1
        return value, power

    def _group_whole(self, whole: str) -> str:
        places = self._places(self.integer[::-1])
        step = math.gcd(*places) if places else 0
        if step and places == list(range(step, step * len(places) + 1, step)):
            places = list(range(step, len(whole), step))
        return self._cut(whole[::-1], places)[::-1]

    def _group_fraction(self, rest: str) -> str:
        return self._cut(rest, self._places(self.fraction))

    def _cut(self, digits: str, places: list[int]) -> str:
        ends = [place for place in places if place < len(digits)]
        pieces = [digits[start:end] for start, end in zip([0, *ends], [*ends, len(digits)], strict=True)]
        return self.signs["grouping-separator"].join(pieces)

    def _places(self, text: str) -> list[int]:
        """Return after how many digits separators stand, from the beginning of the text."""
        separator = self.signs["grouping-separator"]
        return [at - text.count(separator, 0, at) for at, sign in enumerate(text) if sign == separator]


def _picture(text: str, signs: _Signs) -> _Picture:
    """Take a half apart. Raises JException where it breaks a rule."""
    _check_signs(text, signs)
    active = signs.digits + signs["decimal-separator"] + signs["grouping-separator"]
    places = [at for at, sign in enumerate(text) if sign in active]
    if not places:
        raise error("D3085")
    start, end = places[0], places[-1] + 1
    while start and text[start - 1] == signs["exponent-separator"]:
        start -= 1
    inner = text[start:end]
    mantissa, separator, exponent = inner.partition(signs["exponent-separator"])
    whole, point, fraction = mantissa.partition(signs["decimal-separator"])
    _check_parts(text, inner, (mantissa, whole, fraction, exponent if separator else None), signs)
    return _Picture(
        signs=signs,
        prefix=text[:start],
        suffix=text[end:],
        scale=100 if signs["percent"] in text else 1000 if signs["per-mille"] in text else 1,
        integer=whole,
        fraction=fraction,
        exponent=exponent if separator else None,
        has_separator=bool(point),
    )


def _check_signs(text: str, signs: _Signs) -> None:
    for name, code in (("decimal-separator", "D3081"), ("percent", "D3082"), ("per-mille", "D3083")):
        if text.count(signs[name]) > 1:
            raise error(code)
    if signs["percent"] in text and signs["per-mille"] in text:
        raise error("D3084")


def _check_parts(text: str, inner: str, parts: tuple[str, str, str, str | None], signs: _Signs) -> None:
    mantissa, whole, fraction, exponent = parts
    has_percent = signs["percent"] in text or signs["per-mille"] in text
    digit, grouping, point = signs["digit"], signs["grouping-separator"], signs["decimal-separator"]
    family = f"[{re.escape(signs.family)}]"
    rules = (
        (not signs.count(mantissa, signs.digits), "D3085"),
        (any(sign not in signs.digits + grouping + point + signs["exponent-separator"] for sign in inner), "D3086"),
        (f"{grouping}{point}" in mantissa or f"{point}{grouping}" in mantissa, "D3087"),
        (point not in mantissa and mantissa.endswith(grouping), "D3088"),
        (grouping * 2 in mantissa, "D3089"),
        (re.search(family + ".*" + re.escape(digit), whole), "D3090"),
        (re.search(re.escape(digit) + ".*" + family, fraction), "D3091"),
        (exponent is not None and has_percent, "D3092"),
        (exponent is not None and (not exponent or any(sign not in signs.family for sign in exponent)), "D3093"),
    )
    for broken, code in rules:
        if broken:
            raise error(code)
