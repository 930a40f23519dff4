from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.engine.distributed import packed
from bunsui.engine.distributed.objects import MemoryObjects
from bunsui.engine.distributed.reading import Reader, read_items
from bunsui.engine.failures import ITEM_READER, StateFailure
from tests.item_objects import KEY, ItemObjects, objects_in, zstd_packed

CASES = objects_in("b")


def read(found: ItemObjects) -> object:
    bodies = {("b", key): body for key, body in {**found.more, KEY: found.body}.items()}
    reader = Reader(resource="arn:aws:states:::s3:getObject", parameters={"Bucket": "b", "Key": KEY}, config=found.config)
    return read_items(reader, MemoryObjects(bodies))


@pytest.mark.parametrize("name", CASES)
def test_an_object_gives_its_items_or_fails_the_reader(name: str) -> None:
    found = CASES[name]
    if found.items is None:
        with pytest.raises(StateFailure) as told:
            read(found)
        assert told.value.error == ITEM_READER
    else:
        assert read(found) == found.items


def test_listed_objects_are_unpacked_too() -> None:
    bodies = {("b", "p/1"): gzip.compress(b"a\n1\n"), ("b", "p/2"): zstd_packed(b"a\n2\n"), ("b", "q"): b"a\n3\n"}
    config = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "Transformation": "LOAD_AND_FLATTEN"}
    reader = Reader(resource="arn:aws:states:::s3:listObjectsV2", parameters={"Bucket": "b", "Prefix": "p/"}, config=config)
    assert read_items(reader, MemoryObjects(bodies)) == [{"a": "1"}, {"a": "2"}]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


@given(text=TEXTS, pack=st.sampled_from((gzip.compress, zstd_packed)))
def test_what_was_packed_is_what_is_read(text: str, pack: object) -> None:
    assert callable(pack)
    body = text.encode()
    assert packed.text_of(pack(body)) == body.decode("utf-8-sig")


@given(st.binary(max_size=200), st.sampled_from((b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd")))
def test_any_bytes_are_text_or_a_failure_of_the_reader(body: bytes, begins: bytes) -> None:
    error = ""
    try:
        packed.text_of(begins + body)
    except StateFailure as failure:
        error = failure.error
    assert error in ("", ITEM_READER)


@pytest.mark.parametrize("pack", [gzip.compress, zstd_packed])
def test_what_grows_beyond_all_bounds_is_refused_while_it_is_unpacked(pack: object) -> None:
    assert callable(pack)
    with pytest.raises(StateFailure, match="larger than 1 MiB"):
        packed.text_of(pack(b"0" * 2**24), most_bytes=2**20)


def test_zeros_after_a_gzip_are_padding() -> None:
    assert packed.text_of(gzip.compress(b"a") + b"\x00" * 100) == "a"


def test_a_gzip_whose_sum_is_wrong_is_refused() -> None:
    body = bytearray(gzip.compress(b"a,b\n1,2\n"))
    body[-8] ^= 1
    with pytest.raises(StateFailure, match="cannot be unpacked as gzip"):
        packed.text_of(bytes(body))
