"""Documents survive being packed, cut and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.aws.dynamodb import Item
from bunsui.aws.stores.item import chunks, packed, value_in
from bunsui.errors import Unavailable
from bunsui.model.json import Json
from bunsui.stored_words import StoredForm

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def document_in(items: Sequence[Item], *, name: str, texts: dict[str, str] | None = None) -> Mapping[str, Json]:
    return value_in(items, StoredForm.RESOURCE, lambda document, _: document, name=name, texts=texts)


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_every_document_is_given_back(document: dict[str, Json]) -> None:
    assert document_in(chunks(document, StoredForm.RESOURCE), name="it") == document


def test_documents_that_are_read_together_share_their_texts() -> None:
    texts: dict[str, str] = {}
    one, other = (document_in(chunks({"first key": "a value"}, StoredForm.RESOURCE), name="it", texts=texts) for _ in range(2))
    assert one == other == {"first key": "a value"}
    assert next(iter(one)) is next(iter(other))
    assert one["first key"] is other["first key"]


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_sharing_changes_nothing(document: dict[str, Json]) -> None:
    assert document_in(chunks(document, StoredForm.RESOURCE), name="it", texts={}) == document


def test_a_long_document_is_cut_and_joined() -> None:
    document: dict[str, Json] = {"text": "abcdefghijklmnopqrstuvwxyz"}
    parts = chunks(document, StoredForm.RESOURCE, limit_bytes=10)
    assert len(parts) > 1
    assert document_in(parts, name="it") == document
    assert document_in([*parts, {"body": b"left over"}], name="it") == document
    with pytest.raises(Unavailable):
        document_in(parts[:-1], name="it")
    with pytest.raises(Unavailable):
        document_in(parts[::-1], name="it")


def test_the_same_document_gives_the_same_bytes() -> None:
    assert packed({"a": 1, "b": [2]}) == packed({"a": 1, "b": [2]})


def test_keys_keep_their_order_since_readers_know_the_states_of_a_machine_in_theirs() -> None:
    document = document_in(chunks({"b": {"z": 1, "a": 2}, "a": 3}, StoredForm.RESOURCE), name="x")

    assert json.dumps(document) == '{"b": {"z": 1, "a": 2}, "a": 3}'
