"""What AWS does not take as tags, known from the files: a tag is written to services of different rules, IAM's the narrowest.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json

ALLOWED = "letters, digits, spaces and _ . : / = + - @"
_SIGNS = frozenset("_.:/=+-@")
_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\{%[\s\S]*?%\}")
_RESERVED = {"aws:": "AWS's own", "bunsui:": "bunsui's own, by which it knows what it made"}


def check_tags(document: Document, tags: Json) -> Iterator[Diagnostic]:
    """Yield what is wrong with `tags` of a pipeline; the data may be of any shape. What is not known yet is left out."""
    seen: dict[str, str] = {}
    for key, value in tags.items() if isinstance(tags, Mapping) else ():
        path: Path = ("tags", key)
        yield from _characters(document, key, path, on_key=True)
        if isinstance(value, str):
            yield from _characters(document, _PLACEHOLDER.sub("", value), path, on_key=False)
        yield from _report_reserved(document, key, path)
        if (first := seen.setdefault(key.casefold(), key)) != key:
            yield document.finding(
                "BS203",
                f"the tags {first} and {key} are one to IAM, which does not tell capital from small letters",
                path,
                on_key=True,
                hint="Keep one of them.",
            )


def _characters(document: Document, text: str, path: Path, *, on_key: bool) -> Iterator[Diagnostic]:
    bad = next((char for char in text if not _is_taken(char)), None)
    if bad is not None:
        what = "name" if on_key else "value"
        yield document.finding(
            "BS105",
            f"the character {_show_character(bad)} may not stand in the {what} of a tag",
            path,
            on_key=on_key,
            hint=f"AWS takes {ALLOWED} in tags.",
        )


def _is_taken(char: str) -> bool:
    """Tell whether IAM takes a character: a letter, a number, a separator of Unicode, or one of the signs."""
    return char in _SIGNS or unicodedata.category(char)[0] in "LZN"


def _show_character(char: str) -> str:
    return f'"{char}"' if char.isprintable() else f"U+{ord(char):04X}"


def _report_reserved(document: Document, key: str, path: Path) -> Iterator[Diagnostic]:
    for prefix, owner in _RESERVED.items():
        if key.casefold().startswith(prefix):
            yield document.finding(
                "BS105",
                f"a tag whose name begins with {prefix} is {owner}",
                path,
                on_key=True,
                hint="Give it another name.",
            )
