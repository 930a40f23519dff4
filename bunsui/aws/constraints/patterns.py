"""The regular expressions of the models, which are Java's, as Python reads them.

Source: https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html (classes by Unicode category; a hyphen after a
class is itself; a pair of surrogates is one character).
"""

from __future__ import annotations

import re
from functools import cache

_TO_PYTHON = (
    (r"\p{ASCII}", r"[\x00-\x7f]"),
    (r"\p{Print}", r"[\x20-\x7e]"),
    (r"\p{L}", r"\w"),
    (r"\p{N}", r"\w"),
    (r"\p{M}", "\u0300-\u036f"),
    (r"\p{Z}", " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"),
    (r"\p{P}", r"!-#%-*,-/:;?@\[-\]_{}"),
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff"),
    (r"\w-", r"\w\-"),
    ("&&", r"\&&"),
)
"""In this order. Letters and numbers become the word characters, which the models' classes take together anyway."""


def matches(pattern: str, text: str) -> bool:
    """Tell whether the whole text is of the pattern; true for a pattern that Python cannot read."""
    compiled = compiled_pattern(pattern)
    return compiled is None or compiled.fullmatch(text) is not None


@cache
def compiled_pattern(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of a model; None where it is nothing that Python can read."""
    for java, python in _TO_PYTHON:
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:
        return None
