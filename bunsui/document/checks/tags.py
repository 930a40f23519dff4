"""What AWS does not take as tags, known from the files (`bunsui.kinds.constraints.tags`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.document.yaml.tree import Document, Path
from bunsui.kinds.constraints.broken import BrokenConstraint, Constraint
from bunsui.kinds.constraints.tags import LONGEST_KEY, LONGEST_VALUE, broken_tags
from bunsui.model.json import Json

_CODES = {Constraint.FORM: "BS105", Constraint.SIZE: "BS106", Constraint.UNIQUE: "BS203"}
_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\{%[\s\S]*?%\}")


def check_tags(document: Document, tags: Json, *, scheduled: bool) -> Iterator[Diagnostic]:
    """Yield what is wrong with `tags` of a pipeline; the data may be of any shape. What is not known yet is left out, and so is
    what the schema says of lengths."""
    known = {
        key: without_placeholders(value, "x")
        for key, value in (tags.items() if isinstance(tags, Mapping) else ())
        if isinstance(value, str) and len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE
    }
    for broken in broken_tags(known, scheduled=scheduled):
        yield place_broken(document, broken, ("tags",))


def without_placeholders(text: str, unknown: str) -> str:
    """Return the text with `unknown` for each value that is filled in later."""
    return _PLACEHOLDER.sub(unknown, text)


def place_broken(document: Document, broken: BrokenConstraint, above: Path) -> Diagnostic:
    """Return the finding of a constraint that something below `above` breaks, at its place."""
    path = (*above, broken.member) if broken.member else above
    return document.finding(
        _CODES[broken.constraint], broken.summary, path, on_key=broken.on_key or not broken.member, hint=broken.hint
    )
