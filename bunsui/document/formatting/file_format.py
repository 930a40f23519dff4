"""One file in the language's style: read, shortened, ordered, printed, and read again to see that it says the same."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bunsui.diagnostics import Diagnostic
from bunsui.document.formatting.key_order import place_of
from bunsui.document.formatting.printing import print_layout
from bunsui.document.formatting.shortening import shorten_jobs
from bunsui.document.schema.check import file_schema, job_form
from bunsui.document.schema.published import PIPELINE, PROJECT, TESTS
from bunsui.document.short_forms import long_form
from bunsui.document.suite_files import is_suite
from bunsui.document.yaml.layout import Unusual, comments_of, read_layout
from bunsui.document.yaml.layout_tree import TextLayout
from bunsui.document.yaml.reader import parsed_events, read_document
from bunsui.document.yaml.tree import Document
from bunsui.operations.contract import OperationType

_BREAK = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"[|>][-+0-9]*")


class FormatStatus(StrEnum):
    """What became of a file."""

    FORMATTED = "formatted"
    """It is to be written anew."""
    UNCHANGED = "unchanged"
    KEPT = "kept"
    """It has a form that is not taken apart, and stays as it is."""
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormattedFile:
    """A file, and its text in the language's style."""

    file: str
    status: FormatStatus
    before: bytes
    after: bytes
    """The same bytes unless it is to be written."""
    reason: str = ""
    """Why it is kept."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Why it is invalid."""


def format_file(file: str, content: bytes, registry: Mapping[str, OperationType]) -> FormattedFile:
    """Return the file in the language's style. Its name says what it is: the project's, tests, or a pipeline.

    Line breaks and a byte order mark stay as they are; the file ends with a line break.
    """
    intake = read_document(file, content)
    if intake.document is None:
        return FormattedFile(
            file=file, status=FormatStatus.INVALID, before=content, after=content, diagnostics=intake.diagnostics
        )
    if not _is_ours(file, intake.document):
        return _keep_file(file, content, "it is no pipeline: it has no `version`")
    mark, text, line_break = _taken_apart(content)
    try:
        new = _format_text(file, text, registry)
    except Unusual as reason:
        return _keep_file(file, content, str(reason))
    after = (mark + new.replace("\n", line_break)).encode()
    if after == content:
        return FormattedFile(file=file, status=FormatStatus.UNCHANGED, before=content, after=content)
    if not says_the_same(intake.document, after, registry):
        return _keep_file(file, content, "written otherwise, it would not say the same")
    return FormattedFile(file=file, status=FormatStatus.FORMATTED, before=content, after=after)


def _keep_file(file: str, content: bytes, reason: str) -> FormattedFile:
    return FormattedFile(file=file, status=FormatStatus.KEPT, before=content, after=content, reason=reason)


def says_the_same(document: Document, content: bytes, registry: Mapping[str, OperationType]) -> bool:
    """Tell whether a text has the values and the comments of the document, be it in other order and in other forms."""
    new = read_document(document.file, content).document
    if new is None:
        return False
    form = job_form(registry)
    old_values, new_values = (json.dumps(long_form(one, form).data, sort_keys=True) for one in (document, new))
    old_comments, new_comments = (Counter(comments_of("\n".join(one.lines))) for one in (document, new))
    return old_values == new_values and old_comments == new_comments


def kind_of(file: str) -> str:
    """Return the name of the schema that a file is to obey."""
    if file.rpartition("/")[2] == "bunsui.yaml":
        return PROJECT
    return TESTS if is_suite(file) else PIPELINE


def _is_ours(file: str, document: Document) -> bool:
    return kind_of(file) != PIPELINE or (isinstance(document.data, Mapping) and "version" in document.data)


def _format_text(file: str, text: str, registry: Mapping[str, OperationType]) -> str:
    kind = kind_of(file)
    layout: TextLayout = read_layout(text)
    if kind == PIPELINE:
        shorten_jobs(layout.root, job_form(registry))
    return print_layout(layout, place_of(file_schema(kind, registry)))


def _taken_apart(content: bytes) -> tuple[str, str, str]:
    """Return the byte order mark, the text with line feeds only, and the file's line break."""
    text = content.decode("utf-8")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    breaks = Counter(_BREAK.findall(text))
    usual = breaks.most_common(1)[0][0] if breaks else "\n"
    return mark, _close_last_line(_BREAK.sub("\n", text.removeprefix("\ufeff"))), usual


def _close_last_line(text: str) -> str:
    """Return the text with a line break at its end. A block scalar that ended without one would gain it: its header says so."""
    if text.endswith("\n"):
        return text
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    scalars = [event for event in parsed_events(text) if type(event).__name__ == "ScalarEvent"]
    last = scalars[-1] if scalars else None
    if last is not None and last.style in ("|", ">") and last.value and not last.value.endswith("\n"):
        start = starts[last.start_mark.line] + last.start_mark.column
        header = _HEADER.match(text, start)
        assert header is not None
        digits = "".join(character for character in header[0] if character.isdigit())
        text = f"{text[:start]}{last.style}{digits}-{text[header.end() :]}"
    return f"{text}\n"
