"""A YAML text as it is edited: its data, the marks of its values, the place of each part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bunsui.diagnostics import Diagnostic
from bunsui.document.edit.spans import SpannedText, UnusualForm, read_spans
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document
from bunsui.model.json import Json

BOM = "\ufeff"
_EMPTY = "BS012"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadText:
    """A text that was read."""

    data: Json
    document: Document | None
    """None for an empty file, and where it cannot be read."""
    spanned: SpannedText | None
    """None where it cannot be read, or has an unusual form."""
    problems: tuple[Diagnostic, ...] = ()
    unusual: UnusualForm | None = None


@lru_cache(maxsize=4)
def read_text(file: str, content: bytes) -> ReadText:
    """Read a text; the last few are remembered, since each edit begins with what the one before ended with."""
    intake = read_document(file, content)
    if intake.document is None and [one.code for one in intake.diagnostics] != [_EMPTY]:
        return ReadText(data=None, document=None, spanned=None, problems=intake.diagnostics)
    data = intake.document.data if intake.document is not None else None
    try:
        spanned = read_spans(content.decode("utf-8").removeprefix(BOM))
    except UnusualForm as problem:
        return ReadText(data=data, document=intake.document, spanned=None, unusual=problem)
    return ReadText(data=data, document=intake.document, spanned=spanned)
