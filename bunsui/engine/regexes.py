"""Regular expressions that authors write, with a budget: one that would take for ever ends, and says so.

Python's own `re` cannot be stopped once it is at work, and keeps every other thread from running. The package `regex` can be,
and lets others run meanwhile. It takes what `re` takes and means the same by it, apart from what is made plain in `_plain`; so
`re` decides what is a regular expression at all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import local
from typing import Any

BUDGET_SECONDS = 0.1
"""CPU time that all regular expressions of one evaluation may take. How long AWS lets an expression run is not known; one that
needs so much for a text of Step Functions' size backtracks without end."""
_LEAST_SECONDS = 0.001


class RegexTimeout(Exception):
    """A regular expression used up the budget; the message names it."""


class _Budget(local):
    left: float = BUDGET_SECONDS


_BUDGET = _Budget()


@contextmanager
def budget(seconds: float = BUDGET_SECONDS) -> Iterator[None]:
    """Allow the regular expressions inside the `with` so much time, all together. Those of this thread."""
    before, _BUDGET.left = _BUDGET.left, seconds
    try:
        yield
    finally:
        _BUDGET.left = before


class Regex:
    """A compiled regular expression; its methods are those of `re.Pattern`, and raise RegexTimeout."""

    def __init__(self, pattern: str, flags: int = 0, *, written: str = "") -> None:
        """Compile it; `flags` are those of `re`, `written` is how its author wrote it where that is another language's. Raises
        `re.error`, or what else `re` raises for a bad one."""
        self.pattern = written or pattern
        self._compiled = _compile(pattern, flags)

    def search(self, text: str) -> Any:
        """Return the first match, None when there is none."""
        return self._run_timed(self._compiled.search, text)

    def fullmatch(self, text: str) -> Any:
        """Return the match of the whole text, None when there is none."""
        return self._run_timed(self._compiled.fullmatch, text)

    def finditer(self, text: str) -> Iterator[Any]:
        """Return all matches, each when it is asked for."""
        found = self._run_timed(self._compiled.finditer, text)
        while (match := self._run_timed(lambda **_: next(found, None))) is not None:
            yield match

    def sub(self, replacement: Any, text: str, count: int = 0) -> str:
        """Return the text with matches replaced, the first `count` of them when it is not 0."""
        return str(self._run_timed(self._compiled.sub, replacement, text, count=count))

    def split(self, text: str, maxsplit: int = 0) -> list[str]:
        """Return what is between the matches."""
        return list(self._run_timed(self._compiled.split, text, maxsplit=maxsplit))

    def _run_timed(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        began = time.thread_time()
        try:
            if _BUDGET.left <= 0:
                raise TimeoutError
            return work(*arguments, **named, timeout=max(_BUDGET.left, _LEAST_SECONDS), concurrent=True)
        except TimeoutError as problem:
            _BUDGET.left = 0
            shown = self.pattern if len(self.pattern) <= 80 else f"{self.pattern[:79]}…"
            raise RegexTimeout(f"the regular expression /{shown}/ takes too long on this text") from problem
        finally:
            _BUDGET.left -= time.thread_time() - began


@lru_cache(maxsize=1024)
def _compile(pattern: str, flags: int) -> Any:
    # Deferred: importing takes 25 ms, which who writes no regular expression should not pay.
    import regex

    re.compile(pattern, flags)
    known = {re.IGNORECASE: regex.IGNORECASE, re.MULTILINE: regex.MULTILINE, re.DOTALL: regex.DOTALL}
    return regex.compile(_plain(pattern), sum(new for old, new in known.items() if flags & old) | regex.VERSION0)


_QUANTIFIER = re.compile(r"\{(?:\d+(?:,\d*)?|,\d+)\}")


def _plain(pattern: str) -> str:
    """Return the pattern with those signs escaped that only `regex` gives a meaning: `{e<=1}` (it would match roughly), and `[`
    inside of a set (it would begin a class such as `[:alpha:]`)."""
    pieces: list[str] = []
    at, inside = 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            pieces.append(pattern[at : at + 2])
            at += 2
            continue
        if char == "[" and inside:
            char = "\\["
        elif char == "[":
            inside = True
            negated = pattern[at + 1 : at + 2] == "^"
            first = pattern[at + 1 + negated : at + 2 + negated]
            # The first sign of a set belongs to it, also when it is a bracket.
            char = "[" + "^" * negated + (f"\\{first}" if first in ("]", "[") else "")
            at += negated + (first in ("]", "[") and bool(first))
        elif char == "]":
            inside = False
        elif char == "{" and not inside and not _QUANTIFIER.match(pattern, at):
            char = "\\{"
        pieces.append(char)
        at += 1
    return "".join(pieces)
