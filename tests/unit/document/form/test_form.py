"""A walk over everything that the schemas publish: each key is set, found on its line, and unset again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.edit.editing import EditedText, edit_text
from bunsui.document.edit.read_text import read_text
from bunsui.document.form.field_edits import add_entry, add_item, add_job, change_type, set_field, unset_field
from bunsui.document.form.form import Form, FormField, form_of, read_form
from bunsui.document.form.outline import read_outline
from bunsui.document.form.schema_keys import keys_of, part_below
from bunsui.document.form.shapes import FieldKind, ValueShape, shaped_part
from bunsui.document.schema.check import file_schema
from bunsui.document.schema.published import PIPELINE, PROJECT, TESTS
from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json
from bunsui.operations.contract import OperationType
from bunsui.operations.registry import builtin_registry
from tests.throwaway import operation as throwaway

REGISTRY: Mapping[str, OperationType] = builtin_registry().with_types({"announce": throwaway.TYPE})
FILES = {PIPELINE: "pipelines/p.yaml", PROJECT: "bunsui.yaml", TESTS: "pipelines/p.test.yaml"}
HEAD = "# the head stays\nkept: 1  # so does this\n"


def sample(shape: ValueShape, description: str = "") -> Json:
    """Return a value that the shape takes."""
    match shape.kind:
        case FieldKind.CHOICE:
            return shape.choices[-1]
        case FieldKind.SWITCH:
            return True
        case FieldKind.INTEGER | FieldKind.NUMBER:
            return 7
        case FieldKind.LIST:
            return ["one", "two"]
        case FieldKind.MAP | FieldKind.NESTED:
            return {"inner": "text"}
        case FieldKind.DURATION:
            return "90s"
        case FieldKind.EXPRESSION:
            return "{% $session.weekday = 'Monday' %}"
        case _:
            return shape.examples[0] if shape.examples else "a text: with a colon # and more"


@dataclass(frozen=True)
class Place:
    """A mapping of the schema, with what must stand there to reach it."""

    path: Path
    data: Json
    """The whole document that leads there."""


def nested(path: Path, value: Json) -> Json:
    """Return the document in which the value stands at the path."""
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    return value


def places(schema: dict[str, Any], seen: set[str]) -> Iterator[Place]:
    """Yield each different mapping that the schema describes and that was not seen, by a way that leads there."""
    waiting: list[tuple[Path, Any, list[tuple[Path, Json]]]] = [((), schema, [])]
    while waiting:
        path, part, chosen = waiting.pop(0)
        for shape in shaped_part(schema, part).shapes:
            key = json.dumps(shape.part, sort_keys=True)
            if shape.kind in (FieldKind.MAP, FieldKind.LIST):
                step: str | int = "entry" if shape.kind is FieldKind.MAP else 0
                waiting.append(((*path, step), part_below(schema, shape, None, step), chosen))
                continue
            if shape.kind is not FieldKind.NESTED or key in seen:
                continue
            seen.add(key)
            for value in values_of(schema, shape):
                yield Place(path=path, data=whole_of([*chosen, (path, value)]))
                for name, inner in keys_of(schema, shape, value).parts.items():
                    waiting.append(((*path, name), inner, [*chosen, (path, value)]))


def values_of(schema: dict[str, Any], shape: ValueShape) -> list[Mapping[str, Json]]:
    """Return what decides which keys a mapping has: each type, for operations and jobs."""
    if shape.is_job:
        return [*({"type": name} for name in REGISTRY), {"operations": []}]
    return [{"type": name} for name in REGISTRY] if shape.is_operation else [{}]


def whole_of(chosen: list[tuple[Path, Json]]) -> Json:
    found: Json = {}
    for path, value in chosen:
        found = laid_over(found, nested(path, value))
    return found


def laid_over(under: Json, over: Json) -> Json:
    if isinstance(under, Mapping) and isinstance(over, Mapping):
        return {**under, **{key: laid_over(under[key], value) if key in under else value for key, value in over.items()}}
    if isinstance(under, list) and isinstance(over, list) and under and over:
        return [laid_over(under[0], over[0])]
    return over


def fields_everywhere(name: str, seen: set[str]) -> Iterator[tuple[bytes, Form, FormField]]:
    """Yield each field of each place that a published schema describes, with a text that leads there."""
    schema = file_schema(name, REGISTRY)
    for place in places(schema, seen):
        text = HEAD + "".join(f"{key}: {json.dumps(value)}\n" for key, value in place.data.items())  # type: ignore[union-attr]
        content = text.encode()
        form = form_of(FILES[name], read_text(FILES[name], content), place.path, schema)
        for field in form.fields:
            yield content, form, field


def test_every_published_key_is_set_found_on_its_line_and_unset() -> None:
    seen: set[str] = set()
    walked = {name: walk(name, fields_everywhere(name, seen)) for name in (PIPELINE, PROJECT, TESTS)}
    assert walked[PIPELINE] >= 900, walked
    assert (walked[PROJECT] >= 60, walked[TESTS] >= 3) == (True, True), walked


def walk(name: str, fields: Iterator[tuple[bytes, Form, FormField]]) -> int:
    """Set, find and unset each field in each of its shapes; return how many there were."""
    seen, schema = 0, file_schema(name, REGISTRY)
    for content, form, field in fields:
        if field.is_present:
            continue
        for shape in field.shapes or (ValueShape(kind=FieldKind.ANYTHING),):
            seen += 1
            value = sample(shape)
            put = edit_text(form.file, content, set_field(form, field.key, value))
            assert isinstance(put, EditedText), (form.path, field.key, put)
            now = form_of(form.file, read_text(form.file, put.content), form.path, schema).field(field.key)
            assert (now.is_present, now.value) == (True, value), (form.path, field.key)
            line = put.content.decode().splitlines()[now.line - 1]
            assert f"{field.key}:" in line or f'"{field.key}":' in line, (form.path, field.key, line)
            back = edit_text(form.file, put.content, unset_field(form, field.key))
            assert isinstance(back, EditedText), (form.path, field.key, back)
            assert back.content == content, (form.path, field.key)
    return seen


def test_a_plug_in_has_its_fields_like_any_other_type() -> None:
    content = b"version: 1\nname: p\njobs:\n  tell:\n    type: announce\n"
    form = read_form("pipelines/p.yaml", content, ("jobs", "tell"), REGISTRY)
    assert form is not None
    assert {"say", "topic", "timeout", "depends_on"} <= {field.key for field in form.fields}


TEXT = b"""\
version: 1
name: p
jobs:
  first:
    type: wait
    for: 5m  # enough
  second:
    depends_on: first
    operations:
      - {type: lambda, function: f}
      - type: nonsense
finally: {type: wait, for: 1s}
"""


def test_an_outline_names_the_jobs_of_a_file_that_is_not_whole() -> None:
    outline = read_outline("pipelines/p.yaml", TEXT)
    assert outline is not None
    jobs = [(job.name, job.line, job.types, job.is_short, job.depends_on) for job in outline.jobs]
    assert jobs == [
        ("first", 4, ("wait",), True, ()),
        ("second", 7, ("lambda", "nonsense"), False, ("first",)),
    ]
    assert (outline.closing, outline.is_raw) == (("finally",), False)


def test_another_type_takes_the_keys_away_that_it_does_not_have() -> None:
    text = read_text("pipelines/p.yaml", TEXT)
    schema = file_schema(PIPELINE, REGISTRY)
    result = edit_text("pipelines/p.yaml", TEXT, change_type(schema, text.data, ("jobs", "first"), "check"))
    assert isinstance(result, EditedText)
    assert result.content == TEXT.replace(b"    type: wait\n    for: 5m  # enough\n", b"    type: check\n")


def test_a_job_and_an_operation_are_added() -> None:
    form = read_form("pipelines/p.yaml", TEXT, ("jobs", "second", "operations"), REGISTRY)
    jobs = read_form("pipelines/p.yaml", TEXT, ("jobs",), REGISTRY)
    assert form is not None
    assert jobs is not None
    item = edit_text(form.file, TEXT, add_item(form, {"type": "wait", "for": "1s"}))
    assert isinstance(item, EditedText)
    assert b"      - type: nonsense\n      - {type: wait, for: 1s}\n" in item.content
    for edit in (add_job("third", {"type": "wait", "for": "1s"}), add_entry(jobs, "third", {"type": "wait", "for": "1s"})):
        job = edit_text(jobs.file, TEXT, edit)
        assert isinstance(job, EditedText)
        assert b"\n  third:\n    type: wait\n    for: 1s\nfinally" in job.content


def test_a_field_has_what_is_wrong_at_it() -> None:
    wrong = Diagnostic(code="BS113", severity=Severity.ERROR, summary="no duration", pointer="/jobs/first/for")
    form = read_form("pipelines/p.yaml", TEXT, ("jobs", "first"), REGISTRY, findings=[wrong])
    assert form is not None
    assert (form.field("for").findings, form.field("for").line, form.field("type").findings) == ((wrong,), 6, ())


def test_a_text_that_cannot_be_read_has_no_form() -> None:
    assert read_form("pipelines/p.yaml", b"jobs: [", (), REGISTRY) is None
    assert read_outline("pipelines/p.yaml", b"jobs: [") is None
