"""The style sheet: each source is parsed once for a theme, in this process, and before it is needed.

Textual parses everything anew at the first visit of a screen and at each change of the theme, which takes a tenth of a second:
its cache is emptied with the variables, and loses all once there are more than 64 sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode

_THEMES_KEPT = 8
Source = tuple[str, str, bool]
"""A text, the type that it is about, and whether it is a widget's default."""


@lru_cache(maxsize=_THEMES_KEPT)
def _parsed_with(_variables: frozenset[tuple[str, str]]) -> dict[Source, list[RuleSet]]:
    """Return what was parsed with these variables so far; nobody changes a rule."""
    return {}


class ParsedOnceStylesheet(Stylesheet):
    """Keeps what it parsed, for each set of variables."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        """Begin with these variables."""
        super().__init__(variables=variables)
        self._choose(variables)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other variables; what was parsed with them before is known again."""
        if variables != self._variables:
            super().set_variables(variables)
            self._choose(variables)
            self._require_parse = True

    def _choose(self, variables: Mapping[str, str]) -> None:
        self._parsed = _parsed_with(frozenset(variables.items()))
        self._placed: dict[tuple[str, str, bool, int], list[RuleSet]] = {}

    def reparse(self) -> None:
        """Parse what was not parsed yet; nothing where everything is known. Raises what Textual's own does, and then leaves
        the rules as they were."""
        if self._require_parse:
            self.parse()

    def _parse_rules(
        self,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,  # noqa: FBT001, FBT002 (Textual's)
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        """Return the rules of a source. Its place among the bases of a widget, another one as other widgets come, is laid over
        what was parsed: Textual counts it once for each level that a rule is nested."""
        key = (css, scope, is_default_rules, tie_breaker)
        if key not in self._placed:
            source = key[:3]
            if source not in self._parsed:
                self._parsed[source] = super()._parse_rules(css, read_from, is_default_rules, 1, scope)
            self._placed[key] = [replace(rule, tie_breaker=tie_breaker * rule.tie_breaker) for rule in self._parsed[source]]
        return self._placed[key]

    def left_to_parse(self) -> Iterator[Callable[[], object]]:
        """Yield what there is to do, a source at a time, so that no first widget of a type has to be waited for."""
        for kind in _widget_types():
            css = kind.__dict__.get("DEFAULT_CSS", "")
            scope = kind._css_type_name if kind.__dict__.get("SCOPED_CSS", True) else ""  # noqa: SLF001 (Textual's)
            if css and (css, scope, True) not in self._parsed:
                yield partial(self._parse_rules, css, ("", f"{kind.__name__}.DEFAULT_CSS"), True, 0, scope)


def left_to_parse_in(themes: Iterable[dict[str, str]]) -> Iterator[Callable[[], object]]:
    """Yield what there is to parse for the variables of each theme, in turn."""
    for variables in themes:
        yield from ParsedOnceStylesheet(variables=variables).left_to_parse()


def _widget_types() -> Iterator[type[DOMNode]]:
    """Yield every type of widget that was imported."""
    waiting: list[type[DOMNode]] = [DOMNode]
    seen: set[type[DOMNode]] = set()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += one.__subclasses__()
            yield one
