from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.diagnostics import Position
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document
from bunsui.model.json import Json


def document(text: str, *, file: str = "f.yaml") -> Document:
    intake = read_document(file, text.encode())
    assert intake.document is not None, intake.diagnostics
    return intake.document


def codes(content: bytes) -> list[str]:
    return [finding.code for finding in read_document("f.yaml", content).diagnostics]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None), ("~", None), ("true", True), ("False", False), ("5", 5), ("-5", -5), ("1.5", 1.5), ("1e3", 1000.0),
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("No", "No"), ("12:30", "12:30"), ("010", "010"), ("0x1F", "0x1F"),
        ("0o17", "0o17"), ("012345678901", "012345678901"), ("2026-01-31", "2026-01-31"), ("1_000", "1_000"), (".", "."),
        ('"5"', "5"), ("-", None), ("=", "="),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_json_means(text: str, value: Json) -> None:
    if text == "-":
        assert document(f"a:\n  {text}").data == {"a": [value]}
    else:
        assert document(f"a: {text}").data == {"a": value}


def test_every_value_and_key_knows_its_place() -> None:
    read = document("a: 1\nb:\n  - x\n  - {c: 日本, d: 2}\n")
    assert read.at(("a",)) == Position("f.yaml", 1, 4)
    assert read.at_key(("a",)) == Position("f.yaml", 1, 1)
    assert read.at(("b", 1, "d")) == Position("f.yaml", 4, 16)
    assert read.at_key(("b", 1, "d")) == Position("f.yaml", 4, 13)
    assert read.at(("b", 1, "missing", "deeper")) == Position("f.yaml", 4, 5)


def test_columns_count_characters_not_bytes() -> None:
    finding = read_document("f.yaml", "a: {日本語: 1, 日本語: 2}\n".encode()).diagnostics[0]
    assert finding.position == Position("f.yaml", 1, 13)


def test_a_duplicate_key_names_both_places() -> None:
    (finding,) = read_document("f.yaml", b"a: 1\nb: 2\na: 3\n").diagnostics
    assert finding.position == Position("f.yaml", 3, 1)
    assert "line 1, column 1" in finding.summary
    assert finding.excerpt == "a: 3"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x" * 1_048_577, "BS002"),
        (b"a: \xff", "BS003"),
        (b"a: \x00", "BS004"),
        (b"a: \x1b[31m", "BS004"),
        ("a: b\u2028c".encode(), "BS004"),
        (b"a: [", "BS005"),
        (b"a: &x 1", "BS007"),
        (b"a: *x", "BS007"),
        (b"a: !!python/object:os.system x", "BS008"),
        (b"a: !Ref x", "BS008"),
        (b"[" * 65, "BS009"),
        (b"a: [" + b"1," * 210_000 + b"]", "BS009"),
        (b"1: x", "BS010"),
        (b"? [a]\n: x", "BS010"),
        (b"a: 1\n---\nb: 2\n", "BS011"),
        (b"", "BS012"),
        (b"# only a comment\n", "BS012"),
        (b'a: "\\ud800"', "BS013"),
        (b"a: 1e999", "BS013"),
        (b"a: .nan", "BS013"),
        (b"a: " + b"9" * 5000, "BS013"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:20]),
)  # fmt: skip
def test_what_no_document_may_hold_is_refused(content: bytes, code: str) -> None:
    found = codes(content)
    assert code in found
    if len(content) < 100_000:  # Python alone needs seconds for more; the limits are the builder's, whoever reads
        assert read_document("f.yaml", content, pure_python=True).document is None


def test_a_byte_order_mark_is_taken_at_the_beginning_only() -> None:
    assert document("\ufeffa: 1\n").data == {"a": 1}
    assert codes("a: \ufeff1\n".encode()) == ["BS004"]


def test_a_nesting_bomb_ends_neither_the_process_nor_the_patience() -> None:
    for bomb in (b"[" * 500_000, b"{a: " * 250_000, b"- " * 500_000, b"a: [" + b"[" * 30_000):
        started = time.process_time()
        assert "BS009" in codes(bomb)
        assert time.process_time() - started < 2


def test_a_billion_laughs_are_refused_before_they_unfold() -> None:
    laughs = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    assert set(codes("\n".join(laughs).encode())) == {"BS007"}


def test_json_indented_with_tabs_is_read() -> None:
    assert document('{\n\t"a": 1,\n\t"b":\t[2]\n}', file="machine.asl.json").data == {"a": 1, "b": [2]}


def test_tabs_stand_in_quotes_and_comments_only() -> None:
    assert document('a: "x\ty" # a\tb\nb: |\n  x\ty\n').data == {"a": "x\ty", "b": "x\ty\n"}
    (finding, *_) = read_document("f.yaml", b"a:\tb\n").diagnostics
    assert finding.position == Position("f.yaml", 1, 3)


def test_all_findings_of_the_intake_come_at_once() -> None:
    assert codes(b"a: 1\na: 2\nb: !x 1\n5: x\nc: .inf\n") == ["BS006", "BS008", "BS010", "BS013"]


_LETTERS = st.text(st.characters(min_codepoint=97, max_codepoint=122))
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_LETTERS, inner, max_size=4),
    max_leaves=20,
)


@given(_JSON)
def test_json_is_read_as_the_same_data(value: Json) -> None:
    import json

    text = json.dumps({"value": value})
    assert document(text).data == {"value": value}
    assert read_document("f.yaml", text.encode(), pure_python=True) == read_document("f.yaml", text.encode())
