"""What `--json` prints is a contract: a document of every kind is kept, and obeys the schema of every later bunsui.

`tests/cases/output/vN/*.json` is never renewed, and later versions go on writing what stands there. Members may be added to a
document of the same version; a change that makes a test of kept documents fail needs a new format version, and new files. The
kept schema beside them is renewed by `--update-cases` when it grew, and only then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bunsui.cli.output_schema import documents, output_schema
from bunsui.codec.shape import FORMAT_VERSION
from bunsui.codec.writing import to_json
from bunsui.document.schema.published import published
from bunsui.testing.expectations import alike
from tests.unit.view.printed import EXAMPLES

FOLDER = Path(__file__).parents[2] / "cases" / "output" / f"v{FORMAT_VERSION}"
KEPT = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
WHOLE = Draft202012Validator(output_schema())


def written(name: str) -> Any:
    return json.loads(json.dumps(to_json(EXAMPLES[name]())))


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object with members, at any depth."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_the_published_file_is_this_schema_and_a_schema() -> None:
    assert published("output-v1") == json.loads(json.dumps(output_schema()))
    Draft202012Validator.check_schema(output_schema())


def broken(kept: Any, now: Any, place: str = "") -> Iterator[str]:
    """Where a schema takes back what an earlier one of the same version said; members and values may be added."""
    if isinstance(kept, dict) and isinstance(now, dict):
        for key, value in kept.items():
            if key == "description":
                continue
            if key not in now:
                yield f"{place}/{key}"
            elif key in ("enum", "required"):
                yield from (f"{place}/{key}/{item}" for item in value if item not in now[key])
            else:
                yield from broken(value, now[key], f"{place}/{key}")
    elif isinstance(kept, list) and isinstance(now, list) and all(isinstance(item, dict) for item in kept):
        if len(now) < len(kept):
            yield place
        for index, (item, there) in enumerate(zip(kept, now, strict=False)):
            yield from broken(item, there, f"{place}/{index}")
    elif kept != now:
        yield place


def test_the_schema_takes_nothing_back(update_cases: bool) -> None:
    path = FOLDER / "schema" / "kept.json"
    now = json.loads(json.dumps(output_schema()))
    now["oneOf"] = {branch["$ref"]: True for branch in now["oneOf"]}  # their order says nothing
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    assert list(broken(kept, now)) == []
    if update_cases:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        assert kept, "there is none; --update-cases writes it"


@pytest.mark.parametrize(
    ("kept", "now", "places"),
    [
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, ["/enum/a"]),
        ({"properties": {"a": {}}}, {"properties": {"b": {}}}, ["/properties/a"]),
        ({"type": "string"}, {"type": "integer"}, ["/type"]),
        ({"type": ["string", "null"]}, {"type": ["string"]}, ["/type"]),
        ({"required": ["a"]}, {"required": []}, ["/required/a"]),
        ({"anyOf": [{}, {"type": "null"}]}, {"anyOf": [{}]}, ["/anyOf"]),
        ({"properties": {"a": {}}, "required": ["a"]}, {"properties": {"a": {}, "b": {}}, "required": ["a"]}, []),
        ({"enum": ["a"], "description": "old"}, {"enum": ["a", "b"], "description": "new"}, []),
    ],
)
def test_what_is_taken_back_is_found(kept: Any, now: Any, places: list[str]) -> None:
    assert list(broken(kept, now)) == places


def test_a_document_of_every_kind_is_kept() -> None:
    assert {document["kind"] for document in KEPT.values()} == set(documents())
    assert set(KEPT) == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_written_and_what_was_obeys_the_schema(name: str) -> None:
    WHOLE.validate(written(name))
    WHOLE.validate(KEPT[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_everything_that_was_written_still_is(name: str) -> None:
    assert alike(KEPT[name], written(name)) == KEPT[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_member_too_much_or_too_few_is_refused(name: str) -> None:
    document = KEPT[name]
    assert not WHOLE.is_valid({**document, "unheard": 1})
    for missing in document:
        assert not WHOLE.is_valid({key: value for key, value in document.items() if key != missing}), missing


def test_every_object_is_closed_and_each_of_its_members_described() -> None:
    open_ones = [found["description"] for found in objects(output_schema()) if found.get("additionalProperties") is not False]
    assert open_ones == []
    silent = [
        name
        for found in objects(output_schema())
        for name, member in found["properties"].items()
        if "$ref" not in member and not member.get("description") and "anyOf" not in member
    ]
    assert silent == []


@pytest.mark.parametrize("text", ["2026-01-31T18:00:00", "2026-01-31 18:00:00+00:00", "31 January", "2026-01-31"])
def test_an_instant_without_its_offset_is_refused(text: str) -> None:
    assert not WHOLE.is_valid({**KEPT["session"], "taken_at": text})
