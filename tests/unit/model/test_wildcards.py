"""Texts with stars: they match what the regular expression of them matches, and in no time."""

from __future__ import annotations

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.wildcards import fits


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab*", max_size=12))
def test_stars_match_what_a_regular_expression_matches(pattern: str, text: str) -> None:
    plain = "".join(".*" if sign == "*" else re.escape(sign) for sign in pattern)
    single = "".join(".*" if sign == "*" else "[^*]" if sign == "?" else re.escape(sign) for sign in pattern)

    assert fits(pattern.split("*"), text) == (re.fullmatch(plain, text, re.DOTALL) is not None)
    assert fits(pattern.split("*"), text, single="?") == (re.fullmatch(single, text, re.DOTALL) is not None)


def test_many_stars_take_no_time() -> None:
    began = time.thread_time()

    assert not fits(("*a" * 40 + "*b").split("*"), "a" * 50_000)
    assert time.thread_time() - began < 0.2
