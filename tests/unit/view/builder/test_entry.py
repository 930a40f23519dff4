"""What stands in a field can be typed again as it is shown, and means the same."""

from __future__ import annotations

import pytest

from bunsui.document.form.form import Form, FormField, read_form
from bunsui.document.form.shapes import FieldKind
from bunsui.document.yaml.reader import read_document
from bunsui.model.json import Json
from bunsui.operations.registry import builtin_registry
from bunsui.view.builder.entry import NotAValue, edited_text, typed_value, value_words
from bunsui.view.builder.form_rows import form_rows, opens_form

TYPES = builtin_registry()


def form_of(job: str, name: str = "x") -> Form:
    text = f"version: 1\nname: a\njobs:\n  {name}:\n" + "".join(f"    {item}\n" for item in job.splitlines())
    form = read_form("pipelines/a.yaml", text.encode(), ("jobs", name), TYPES)
    assert form is not None
    return form


def field(job: str, key: str) -> FormField:
    return form_of(job).field(key)


@pytest.mark.parametrize("kind", TYPES)
def test_each_value_of_a_types_example_is_typed_as_it_stands_there(kind: str) -> None:
    form = form_of(TYPES[kind].example)
    present = [one for one in form.fields if one.is_present]
    assert len(present) > 1
    for one in present:
        assert typed_value(one.part, edited_text(one.value)) == one.value, one.key


def test_what_is_typed_becomes_what_the_schema_has_a_place_for() -> None:
    wait = "type: wait\nfor: 1s\n"
    assert typed_value(field(wait, "for").part, "90s") == "90s"
    assert typed_value(field(wait, "depends_on").part, "a, b") == ["a", "b"]
    assert typed_value(field(wait, "depends_on").part, "a") == "a"
    assert typed_value(field(wait, "isolate").part, "true") is True
    assert typed_value(field(wait, "retry").part, "3") == 3
    assert typed_value(field(wait, "retry").part, "{attempts: 3}") == {"attempts": 3}
    assert typed_value(field(wait, "for").part, "${var.pause}") == "${var.pause}"
    assert typed_value(field(wait, "for").part, "soon") == "soon"
    assert [typed_value(field(wait, "description").part, text) for text in ('""', '"a"')] == ["", '"a"']
    with pytest.raises(NotAValue):
        typed_value(field(wait, "retry").part, "{attempts: [")


def test_a_text_without_a_letter_stands_in_its_line_as_two_quotes() -> None:
    assert [edited_text(value) for value in ("", None, "a")] == ['""', "", "a"]


def test_a_row_has_a_value_as_a_line_of_yaml_and_of_what_is_deep_the_keys() -> None:
    shown: dict[str, Json] = {
        "{first, load}": {"first": {"type": "wait"}, "load": {"type": "wait"}},
        "{path: functions/load, handler: load.handler}": {"path": "functions/load", "handler": "load.handler"},
        '{a: true, b: "true", c: "{% 1 %}"}': {"a": True, "b": "true", "c": "{% 1 %}"},
        "a, b": ["a", "b"],
        "[]": [],
        "[{a: 1}]": [{"a": 1}],
        "first …": "first\nsecond",
        "12 items": [{"name": "a" * 9}] * 12,
    }
    assert {value_words(value): value for value in shown.values()} == shown


def test_what_is_set_stands_first_and_a_list_of_names_is_a_line_to_type() -> None:
    form = form_of("type: wait\nfor: 1s\ndepends_on: [a, b]\n")
    rows = form_rows(form)
    assert [row.key for row in rows[:3]] == ["depends_on", "type", "for"]
    assert rows[0].value.text == "a, b"
    assert [row.key for row in form_rows(form, "heartbeat")] == ["heartbeat"]
    assert not opens_form(form.field("depends_on"))
    assert opens_form(form.field("recover")) == (FieldKind.TEXT not in {s.kind for s in form.field("recover").shapes})


def test_the_example_of_every_type_can_be_read() -> None:
    assert all(read_document("x", found.example.encode()).document is not None for found in TYPES.values())
