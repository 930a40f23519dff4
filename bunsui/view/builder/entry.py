"""What somebody types into a field of a form, as the value that the schema has a place for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from bunsui.document.form.form import FormField
from bunsui.document.form.shapes import FieldKind, ShapedPart, ValueShape, is_placeholder
from bunsui.document.yaml.reader import read_document
from bunsui.model.json import Json

_NO_LETTER = '""'
"""How the empty text is typed: a line without anything stands for no value."""
_PLAIN = re.compile(r"(?!(?:true|false|null|yes|no|on|off)\Z)[A-Za-z/$_.][\w./$ -]*")
"""Texts that are the same in YAML without quotes."""
_STRUCTURES = (FieldKind.LIST, FieldKind.MAP, FieldKind.NESTED, FieldKind.ANYTHING)


class NotAValue(ValueError):
    """What was typed cannot be read at all; the text says why."""


def entered_text(value: Json) -> str:
    """Return a value as it is typed: a text as it is, anything else in one line of YAML; nothing for None."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def typed_value(part: ShapedPart, text: str) -> Json:
    """Return the value of what was typed, by the shapes that the schema has; what fits none stays a text. Two quotes alone are
    the empty one.

    Raises:
        NotAValue: brackets or braces that do not hold YAML.

    """
    text = text.strip()
    if text == _NO_LETTER:
        return ""
    if part.takes_placeholder and is_placeholder(text) and not text.startswith(("[", "{")):
        return text
    for shape in part.shapes:
        found = _scalar(shape, text)
        if found is not None:
            return found
    kinds = {shape.kind for shape in part.shapes}
    is_structure = text.startswith(("[", "{")) and not text.startswith("{%")
    if is_structure and kinds & {*_STRUCTURES}:
        return _structure(text)
    if kinds == {FieldKind.EXPRESSION} and text and "{%" not in text:
        return f"{{% {text} %}}"  # there is nothing else that it could be
    items = [item.strip() for item in text.split(",") if item.strip()]
    is_of_names = len(items) > 1 and all(re.fullmatch(r"[\w.-]+", item) for item in items)
    if FieldKind.LIST in kinds and items and not is_structure and (is_of_names or FieldKind.TEXT not in kinds):
        return [*items]
    if FieldKind.ANYTHING in kinds and FieldKind.TEXT not in kinds:
        return _structure(text)
    return text


def _scalar(shape: ValueShape, text: str) -> Json:
    """Return the value that the text is in this shape; None when it is none."""
    match shape.kind:
        case FieldKind.CHOICE:
            return next((choice for choice in shape.choices if entered_text(choice) == text), None)
        case FieldKind.SWITCH:
            return {"true": True, "false": False}.get(text)
        case FieldKind.INTEGER:
            return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None
        case FieldKind.NUMBER:
            return float(text) if re.fullmatch(r"[+-]?\d{1,18}(\.\d+)?", text) else None
        case FieldKind.DURATION | FieldKind.EXPRESSION:
            return text if re.search(shape.pattern, text) else None
        case _:
            return None


def _structure(text: str) -> Json:
    intake = read_document("what was typed", text.encode())
    if intake.document is None:
        raise NotAValue(intake.diagnostics[0].summary if intake.diagnostics else "nothing was typed")
    return intake.document.data


def value_words(value: Json, *, limit: int = 60) -> str:
    """Return a value in a few words for a row: one line of YAML, of what is long or deep the keys or a count."""
    if isinstance(value, str):
        first, *rest = value.split("\n")
        return f"{first} …" if any(item.strip() for item in rest) else first
    if isinstance(value, Mapping) and (any(isinstance(one, Mapping) for one in value.values()) or len(_flow(value)) > limit):
        return "{" + ", ".join(list(value)[:6]) + (", …}" if len(value) > 6 else "}")
    if isinstance(value, list) and len(_flow(value)) > limit:
        return f"{len(value)} item{'s' * (len(value) != 1)}"
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ", ".join(map(str, value))
    return _flow(value) if isinstance(value, Mapping | list) else entered_text(value)


def _flow(value: Json) -> str:
    """Return a value as a line of YAML to be read, with quotes only where a text would be something else without them."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def shape_words(field: FormField) -> str:
    """Return what a field may hold, in a few words."""
    words = list(dict.fromkeys(shape.words for shape in field.shapes))
    return " or ".join(words) if words else "any value"


def edited_text(value: Json) -> str:
    """Return a value as it stands in the line where it is edited: a list of plain texts with commas, the empty text
    as two quotes."""
    if isinstance(value, list) and is_list_of_texts(value):
        return ", ".join(map(str, value))
    return _NO_LETTER if value == "" else entered_text(value)


def is_list_of_texts(value: Json) -> bool:
    """Tell whether a value is a list that is typed with commas."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and "," not in item for item in value)
