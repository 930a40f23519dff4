"""Of each published document: what is written obeys the published schema, and is read back as it was."""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bunsui.codec.reading import from_json
from bunsui.codec.shape import Shape
from bunsui.codec.writing import to_json
from bunsui.document.schema.published import published
from bunsui.view.documents.findings import FindingsDocument
from bunsui.view.documents.plan import PlanDocument
from tests.faults.amount import amount
from tests.unit.codec.shapes import EVERY, values

FILES: dict[type[Shape], str] = {FindingsDocument: "findings-v1", PlanDocument: "plan-v1"}
"""Those with a file of their own; all others are in one."""


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(published(name) or {})


@pytest.mark.parametrize("shape", EVERY, ids=lambda shape: shape.__name__)
@given(data=st.data())
@settings(max_examples=amount(12, 25, 250))
def test_a_document_obeys_its_schema_and_is_read_back(shape: type[Shape], data: st.DataObject) -> None:
    value = data.draw(values(shape))
    written = json.loads(json.dumps(to_json(value)))
    validator(FILES.get(shape, "output-v1")).validate(written)
    assert from_json(shape, written) == value
    assert from_json(shape, {**written, "unheard of": 1}) == value, "a newer bunsui may have added a member"
