"""Values as YAML text in the style of what stands around them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bunsui.document.edit.edits import WrittenAs
from bunsui.document.yaml.scalars import plain_value
from bunsui.model.json import Json

_WIDEST_FLOW = 80
"""Characters of a new mapping or list in braces or brackets, where nobody chose."""
_PLAIN = re.compile(r"(?:[^\W_]|[/.$])(?:[^\x00-\x1f\x7f#,\[\]{}:]|:(?=\S))*\Z")
"""Texts that need no quotes: conservative, since a quote too many does no harm."""
_NOT_IN_FLOW = re.compile(r"[?]")
_OTHER_MEANING = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|~|\.inf|\.nan)\Z"
    r"|[-+.0-9][-+.:_0-9eExXobTZ ]*\Z|0x[0-9a-fA-F]+\Z|[-+]?[0-9]+(?::[0-9]+)+\Z"
)
"""What other readers of YAML take for no text. `12h` or `1d` are texts for all of them."""
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a value is to be written."""

    step: int = 2
    """How far a mapping in a mapping is indented."""
    list_step: int = 2
    """How far the dashes of a list are indented below their key; 0 in some files."""
    dash_step: int = 2
    """From a dash to what stands behind it."""
    quote: str = '"'
    """The quote that texts get where one is needed."""
    written: WrittenAs = WrittenAs.AUTO
    is_json: bool = False
    """True where keys stand in quotes, as JSON has them: every text does then."""


def scalar_text(value: Json, style: Style, *, indent: int | None, old: str = "") -> str:
    """Return a scalar, or an empty collection. `indent` is how far the lines of a block scalar are indented; None where there
    can be none, as in brackets. `old` is the style of what stood there: a quote, `|`, `>`, or empty."""
    if isinstance(value, str):
        return _text(value, style, indent=indent, old=old)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list):
        return "[]"
    return json.dumps(value, ensure_ascii=False)


def key_text(key: str, style: Style, *, old: str = "") -> str:
    """Return a key as it is written."""
    return _text(key, style, indent=None, old=old)


def flow_value(value: Json, style: Style) -> str:
    """Return the value on one line."""
    if isinstance(value, Mapping) and value:
        return "{" + ", ".join(f"{key_text(key, style)}: {flow_value(one, style)}" for key, one in value.items()) + "}"
    if isinstance(value, list) and value:
        return "[" + ", ".join(flow_value(one, style) for one in value) + "]"
    return scalar_text(value, style, indent=None)


def is_written_as_flow(value: Json, style: Style) -> bool:
    """Tell whether a value stands on one line: scalars, empty collections, and what is short."""
    if not isinstance(value, Mapping | list) or not value:
        return True
    if style.written is not WrittenAs.AUTO:
        return style.written is WrittenAs.FLOW
    inside = list(value.values()) if isinstance(value, Mapping) else value
    is_flat = not any(isinstance(one, Mapping | list) and one for one in inside)
    has_lines = any(isinstance(one, str) and "\n" in one for one in inside)
    return is_flat and not has_lines and len(flow_value(value, style)) <= _WIDEST_FLOW


def entry_lines(key: str, value: Json, column: int, style: Style) -> list[str]:
    """Return an entry of a block mapping, its key at the column. The first line comes without its indentation."""
    return _behind(f"{key_text(key, style)}:", value, column, style)


def item_lines(value: Json, column: int, style: Style) -> list[str]:
    """Return an item of a block list, its dash at the column. The first line comes without its indentation."""
    if is_written_as_flow(value, style):
        return _with_scalar("-", value, column, style)
    inner = column + style.dash_step
    first, *rest = _block_lines(value, inner, _inside(style))
    return ["-" + " " * (style.dash_step - 1) + first.lstrip(" "), *rest]


def value_lines(value: Json, column: int, style: Style) -> list[str]:
    """Return what stands behind a colon whose key is at the column: the first line belongs behind it, with its space."""
    return _behind("", value, column, style)


def root_lines(value: Mapping[str, Json], style: Style) -> list[str]:
    """Return a whole document."""
    return _block_lines(value, 0, style) if value else ["{}"]


def _behind(marker: str, value: Json, column: int, style: Style) -> list[str]:
    if is_written_as_flow(value, style):
        return _with_scalar(marker, value, column, style)
    inner = column + (style.step if isinstance(value, Mapping) else style.list_step)
    return [marker, *_block_lines(value, inner, _inside(style))]


def _with_scalar(marker: str, value: Json, column: int, style: Style) -> list[str]:
    if isinstance(value, Mapping | list):
        return [f"{marker} {flow_value(value, style)}"]
    text = scalar_text(value, style, indent=column + style.step)
    return f"{marker} {text}".split("\n")


def _block_lines(value: Json, column: int, style: Style) -> list[str]:
    lines: list[str] = []
    for entry in _entries(value, column, style):
        lines += [" " * column + entry[0], *entry[1:]]
    return lines


def _entries(value: Json, column: int, style: Style) -> Iterator[list[str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield entry_lines(key, one, column, style)
    elif isinstance(value, list):
        for one in value:
            yield item_lines(one, column, style)


def _inside(style: Style) -> Style:
    return replace(style, written=WrittenAs.AUTO)


def _text(value: str, style: Style, *, indent: int | None, old: str) -> str:
    may_be_block = indent is not None and _fits_block(value)
    if (may_be_block and old in ("|", ">")) or (may_be_block and "\n" in value.rstrip("\n")):
        assert indent is not None
        return _block(value, indent)
    if style.is_json or "\n" in value or _ESCAPED.search(value) or "\t" in value:
        return _double(value)
    if old not in ('"', "'") and _is_plain(value, in_flow=indent is None):
        return value
    return _in_quotes(value, old if old in ('"', "'") else style.quote)


def _in_quotes(value: str, quote: str) -> str:
    if quote == "'" or (('"' in value or "\\" in value) and "'" not in value):
        return "'" + value.replace("'", "''") + "'"
    return _double(value)


def _double(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return '"' + _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


def _is_plain(value: str, *, in_flow: bool) -> bool:
    if not _PLAIN.match(value) or _OTHER_MEANING.match(value) or value != value.strip():
        return False
    if in_flow and _NOT_IN_FLOW.search(value):
        return False
    try:
        return plain_value(value) == value
    except ValueError:
        return False


def _fits_block(value: str) -> bool:
    """Tell whether a block scalar can hold the text without an indicator of its indentation."""
    return (
        bool(value.strip(" \n")) and not _ESCAPED.search(value) and "\t" not in value and not value.lstrip("\n").startswith(" ")
    )


def _block(value: str, indent: int) -> str:
    body = value.rstrip("\n")
    endings = len(value) - len(body)
    chomping = {0: "-", 1: ""}.get(endings, "+")
    lines = [*body.split("\n"), *[""] * (endings - 1)]
    return "\n".join([f"|{chomping}", *(" " * indent + line if line else "" for line in lines)])
