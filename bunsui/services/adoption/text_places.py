"""Where the scalars of a JSON text stand, so that one is replaced with every other byte kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json

_SPACE = re.compile(r"[ \t\r\n]*")
_OTHER = re.compile(r"[^\s,\]}]+")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)


def scalar_places(text: str) -> dict[Path, tuple[int, int]]:
    """Return begin and end of every scalar by its path; ValueError when the text is no JSON."""
    json.loads(text)
    found: dict[Path, tuple[int, int]] = {}
    _read_value(text, _skip(text, 0), (), found)
    return found


def with_scalars(text: str, values: Mapping[Path, Json]) -> str:
    """Return the text with other scalars at these paths."""
    places = scalar_places(text)
    for path in sorted(values, key=lambda one: places[one], reverse=True):
        begin, end = places[path]
        text = f"{text[:begin]}{json.dumps(values[path], ensure_ascii=False)}{text[end:]}"
    return text


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None, "it matches nothing, too"
    return match.end()


def _read_value(text: str, at: int, path: Path, found: dict[Path, tuple[int, int]]) -> int:
    """Note the scalars of the value that begins here, and return where it ends."""
    if text[at] in "{[":
        return _read_items(text, at, path, found)
    match = (_TEXT if text[at] == '"' else _OTHER).match(text, at)
    assert match is not None, "it was read as JSON"
    found[path] = match.span()
    return match.end()


def _read_items(text: str, at: int, path: Path, found: dict[Path, tuple[int, int]]) -> int:
    is_mapping, index, at = text[at] == "{", 0, _skip(text, at + 1)
    while text[at] not in "}]":
        step: str | int = index
        if is_mapping:
            key = _TEXT.match(text, at)
            assert key is not None, "it was read as JSON"
            step = json.loads(key.group())
            at = _skip(text, _skip(text, key.end()) + 1)
        at = _skip(text, _read_value(text, at, (*path, step), found))
        index += 1
        at = _skip(text, at + 1) if text[at] == "," else at
    return at + 1
