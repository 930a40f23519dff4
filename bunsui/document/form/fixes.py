"""Edits that do what a finding says: a key or name that was meant, a unit, a value without quotes, a key that must be there.

They are read from the words of the finding, which are this product's own; whether one helps is for a check to say
(`bunsui.services.drafting.fixing`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bunsui.diagnostics import Diagnostic
from bunsui.document.edit.edits import DocumentEdit, RenameKey, SetValue
from bunsui.document.form.schema_keys import keys_of, part_at
from bunsui.document.form.shapes import shaped_part
from bunsui.document.schema.published import Schema
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.scalars import plain_value
from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json, value_at
from bunsui.model.names import ID_PATTERN

_MEANT = re.compile(r"Did you mean (\S+)\?\Z")
_CALLED = re.compile(r"Here it is called ([a-z_]+)\.\Z")
_UNQUOTED = re.compile(r"Write (?:it|the number) without quotes(?:: .+)?\.\Z")
_QUOTED = re.compile(r"Write (\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*')\.\Z")
_BRACKETS = re.compile(r"Write it in brackets: \[.*\]\.\Z")
_KEY_VALUE = re.compile(r"Write ([a-z_]+): ([^\s,;]+)\.\Z")
_UNITS = re.compile(r"([0-9]+) has no unit: write ")
_DURATION = re.compile(r"is not a duration: write (\S+)\Z")
_MISSING = re.compile(r"the key (\S+) is missing\b")
_TRUE, _FALSE = ("true", "yes", "on", "y"), ("false", "no", "off", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class EditFix:
    """An edit that may settle a finding."""

    words: str
    """What it does, such as `timeout: 90s`; foreign text, for the face to make safe."""
    edit: DocumentEdit


def fixes_for(file: str, data: Json, schema: Schema, finding: Diagnostic) -> tuple[EditFix, ...]:
    """Return the edits that the words of a finding mean, the likeliest first; none where a person must decide.

    `data` is what stands in the file, which the finding is about.
    """
    path = path_of(data, finding.pointer)
    if path is None:
        return ()
    found = dict.fromkeys(_candidates(file, data, schema, finding, path))
    return tuple(found)


def path_of(data: Json, pointer: str) -> Path | None:
    """Return the path that a JSON pointer means in the data; None where it leads nowhere. Its last key may be missing."""
    path: Path = ()
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for place, step in enumerate(steps):
        if isinstance(data, list) and step.isdigit() and int(step) < len(data):
            path, data = (*path, int(step)), data[int(step)]
        elif isinstance(data, Mapping) and step in data:
            path, data = (*path, step), data[step]
        elif isinstance(data, Mapping) and place == len(steps) - 1:
            return (*path, step)
        else:
            return None
    return path


def _candidates(file: str, data: Json, schema: Schema, finding: Diagnostic, path: Path) -> Iterator[EditFix]:
    value = value_at(data, path)
    if finding.code == "BS101" and path:
        for words in (_MEANT, _CALLED):
            if (found := words.match(finding.hint)) and isinstance(path[-1], str):
                yield EditFix(words=f"{path[-1]} → {found[1]}", edit=RenameKey(path=path, key=found[1]))
        return
    if missing := _MISSING.match(finding.summary):
        yield from _missing(file, data, schema, path, missing[1])
        return
    for new in _values(finding, path, value):
        yield EditFix(words=f"{_name(path)}: {_shown_value(new)}", edit=SetValue(path=path, value=new))


def _values(finding: Diagnostic, path: Path, value: Json) -> Iterator[Json]:
    """Yield what may stand at the place instead."""
    hint, is_text = finding.hint, isinstance(value, str)
    if units := _UNITS.search(finding.summary):
        yield from (f"{units[1]}{unit}" for unit in ("s", "m", "h"))
    if hint.startswith("Write it with a unit: ") and isinstance(value, int) and not isinstance(value, bool):
        yield from (f"{value}{unit}" for unit in ("s", "m", "h"))
    if "a whole number" in finding.summary and isinstance(value, str) and value.isdigit():
        yield _plain(value)
    if duration := _DURATION.search(finding.summary):
        yield duration[1]
    if (meant := _MEANT.match(hint)) and is_text:
        yield meant[1]
    if (pair := _KEY_VALUE.match(hint)) and path and pair[1] == path[-1]:
        yield _plain(pair[2])
    if (quoted := _QUOTED.match(hint)) and not isinstance(value, Mapping | list):
        yield _scalar(quoted[1])
    if _UNQUOTED.match(hint) and isinstance(value, str):
        yield _plain(value)
    if _BRACKETS.match(hint):
        yield [value]
    if hint.startswith("Write true or false") and isinstance(value, str) and value.lower() in (*_TRUE, *_FALSE):
        yield value.lower() in _TRUE


def _missing(file: str, data: Json, schema: Schema, path: Path, key: str) -> Iterator[EditFix]:
    """Yield the only value that a missing key can have, its default, or for a pipeline's name that of its file."""
    part, value = part_at(schema, data, path)
    shape = part.shape_of(value)
    if shape is None:
        return
    keys = keys_of(schema, shape, value)
    inner = shaped_part(schema, keys.parts.get(key, {}))
    choices = [one for shape in inner.shapes for one in shape.choices]
    new = choices[0] if len(choices) == 1 else inner.default if inner.has_default else None
    stem = PurePosixPath(file).name.split(".")[0]
    if new is None and (path, key) == ((), "name") and re.fullmatch(ID_PATTERN, stem):
        new = stem
    if new is not None:
        yield EditFix(words=f"{key}: {_shown_value(new)}", edit=SetValue(path=(*path, key), value=new, order=tuple(keys.parts)))


def _scalar(text: str) -> Json:
    """Return what a scalar in quotes means."""
    document = read_document("fix.yaml", f"value: {text}".encode()).document
    return document.data.get("value") if document is not None and isinstance(document.data, Mapping) else None


def _plain(text: str) -> Json:
    try:
        return plain_value(text)
    except ValueError:
        return text


def _name(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "value")


def _shown_value(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"[{_shown_value(value[0])}]" if isinstance(value, list) else str(value)
