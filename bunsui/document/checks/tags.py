"""What AWS does not take as tags, known from the files (`bunsui.kinds.constraints.tags`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bunsui.diagnostics import Diagnostic
from bunsui.document.yaml.tree import Document, Path
from bunsui.kinds.constraints.broken import BrokenConstraint, Constraint
from bunsui.kinds.constraints.tags import ALLOWED, LONGEST_KEY, LONGEST_VALUE, broken_tags, foreign_sign
from bunsui.model.json import Json
from bunsui.model.lifecycle import fits_tag

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


def check_own_tags(document: Document, tags: Json, ignored: Sequence[str]) -> Iterator[Diagnostic]:
    """Yield the tags of a pipeline that the project leaves to others: what the file says of them would never be written."""
    for name in tags if isinstance(tags, Mapping) else ():
        pattern = next((pattern for pattern in ignored if fits_tag(pattern, name)), None)
        if pattern is not None:
            summary = f"the tag {name} is left to others by ignore.tags, so that its value here would never be written"
            hint = f"Remove it, or the pattern {pattern} from `ignore: {{tags: …}}` in bunsui.yaml."
            yield document.finding("BS600", summary, ("tags", name), on_key=True, hint=hint)


def check_ignored_tags(document: Document, patterns: Json) -> Iterator[Diagnostic]:
    """Yield the patterns of `ignore.tags` that fit no tag; the data may be of any shape."""
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else ()):
        if not isinstance(pattern, str):
            continue
        bad = foreign_sign(pattern.replace("*", ""))
        path: Path = ("ignore", "tags", index)
        if bad is not None:
            summary, hint = f"no tag has the character {bad} in its name", f"AWS takes {ALLOWED}; * stands for any of them."
            yield document.finding("BS600", summary, path, hint=hint)
        elif pattern.casefold().startswith("bunsui:"):
            summary = "tags whose names begin with bunsui: say whose a resource is, and are nobody else's"
            yield document.finding("BS600", summary, path, hint="Remove the pattern.")


def without_placeholders(text: str, unknown: str) -> str:
    """Return the text with `unknown` for each value that is filled in later."""
    return _PLACEHOLDER.sub(unknown, text)


def place_broken(document: Document, broken: BrokenConstraint, above: Path) -> Diagnostic:
    """Return the finding of a constraint that something below `above` breaks, at its place."""
    path = (*above, broken.member) if broken.member else above
    return document.finding(
        _CODES[broken.constraint], broken.summary, path, on_key=broken.on_key or not broken.member, hint=broken.hint
    )
