"""What is not of its shape is refused at its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal

import pytest

from bunsui.codec.forms import form_of
from bunsui.codec.reading import Malformed, from_json
from bunsui.codec.schema import schema_of
from bunsui.codec.shape import ABSENT, Absent, Keywords, Shape, member
from bunsui.codec.writing import to_json
from bunsui.model.address import Address
from bunsui.model.json import Json


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Dot(Shape):
    """A dot."""

    shape: Literal["dot"] = member()
    at: tuple[int, float] = member()


class Stroke(Shape):
    """A stroke."""

    shape: Literal["stroke"] = member()


class Drawing(Shape, kind="drawing", keywords={"minProperties": 3}):
    """A drawing."""

    by: str = member("Who drew it.")
    on: datetime = member()
    of: Address = member()
    colour: Colour = member()
    marks: tuple[Dot | Stroke, ...] = member()
    sizes: Mapping[str, int] = member()
    frame: Dot | None = member()
    note: Json = member()
    is_sold: bool | Absent = member(default=ABSENT)
    class_: Annotated[str, Keywords({"maxLength": 3})] | None | Absent = member("Its class.", default=ABSENT)


def a_drawing(**changed: Any) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "format_version": 1,
        "kind": "drawing",
        "by": "mika",
        "on": "2026-01-31T18:00:00+09:00",
        "of": "role.daily",
        "colour": "red",
        "marks": [{"shape": "dot", "at": [1, 2.5]}, {"shape": "stroke"}],
        "sizes": {"a": 1},
        "frame": None,
        "note": {"any": [None]},
    }
    return drawn | changed


@pytest.mark.parametrize("changed", [{}, {"is_sold": True, "class": None}, {"frame": {"shape": "dot", "at": [0, 1]}}])
def test_what_was_written_is_read(changed: dict[str, Any]) -> None:
    assert to_json(from_json(Drawing, a_drawing(**changed))) == a_drawing(**changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format_version": 2}, "format_version: should be 1"),
        ({"kind": "picture"}, "kind: should be drawing"),
        ({"by": 1}, "by: should be a text"),
        ({"on": "yesterday"}, "on: should be an instant"),
        ({"on": "2026-01-31T18:00:00"}, "on: should be an instant with its offset"),
        ({"of": "role"}, "of: should be an address"),
        ({"colour": "green"}, "colour: should be one of red, blue"),
        ({"marks": {}}, "marks: should be a list"),
        ({"marks": [{"shape": "square"}]}, "marks.0: should be an object of a known shape"),
        ({"frame": {"shape": "dot", "at": [1]}}, "frame.at: should be a list of 2"),
        ({"frame": {"shape": "dot", "at": [-1, 1]}}, "frame.at.0: should be a whole number from 0"),
        ({"frame": {"shape": "dot", "at": [True, 1]}}, "frame.at.0: should be a whole number from 0"),
        ({"frame": {"shape": "dot", "at": [1, "1"]}}, "frame.at.1: should be a number"),
        ({"frame": {"shape": "stroke", "at": [1, 1]}}, "frame.shape: should be one of dot"),
        ({"frame": []}, "frame: should be an object"),
        ({"sizes": []}, "sizes: should be an object"),
        ({"sizes": {"a": "x"}}, "sizes.a: should be a whole number from 0"),
        ({"is_sold": 1}, "is_sold: should be true or false"),
    ],
)
def test_the_place_and_what_should_stand_there_are_named(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Malformed) as caught:
        from_json(Drawing, a_drawing(**changed))
    assert str(caught.value) == said


@pytest.mark.parametrize("key", ["by", "marks", "frame", "note"])
def test_what_is_missing_is_named(key: str) -> None:
    document = a_drawing()
    del document[key]
    with pytest.raises(Malformed, match=f"^{key}: should be there$"):
        from_json(Drawing, document)


def test_what_is_no_object_is_no_document() -> None:
    with pytest.raises(Malformed, match="the document: should be an object"):
        from_json(Drawing, [])


def test_the_schema_is_closed_and_says_what_may_be_missing() -> None:
    schema: Any = schema_of(Drawing)
    assert (schema["description"], schema["additionalProperties"], schema["minProperties"]) == ("A drawing.", False, 3)
    assert set(schema["properties"]) - set(schema["required"]) == {"is_sold", "class"}
    assert schema["properties"]["by"] == {"type": "string", "description": "Who drew it."}
    assert schema["properties"]["class"] == {"type": ["string", "null"], "maxLength": 3, "description": "Its class."}
    assert schema["properties"]["colour"] == {"type": "string", "enum": ["red", "blue"]}


@pytest.mark.parametrize("hint", [bytes, set[str], Mapping[int, str], list])
def test_a_type_that_no_document_holds_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="no document holds"):
        form_of(hint)
