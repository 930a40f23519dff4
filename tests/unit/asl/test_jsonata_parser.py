"""A parser that is used again reads as a new one does."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonata import jexception, tokenizer
from jsonata.parser import Parser

from bunsui.asl.jsonata_parser import check_folding, parser_before, raw_tree

FOREIGN = (jexception.JException, LookupError, AttributeError, TypeError, ValueError, NotImplementedError, re.error)
PIECES = (
    *("$a", "$b.c", "(", ")", "[", "]", "{", "}", "'x'", "1", ":=", "~>", "|", "%", ".%", ".b.%.c", "??", "?:", "?", ":", ";"),
    *(",", "and", "or", "in", "function($x){$x}", "**", "*", "@$v", "#$i", "^(", "<", ".", "-", "&", "/r/"),
    *("$", "null", "(end)", ""),
)
EXPRESSIONS = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)


def a_new_one(text: str) -> Any:
    made = Parser()
    made.source, made.lexer = text, tokenizer.Tokenizer(text)
    return made


def read(parser: Any) -> Any:
    """What reading gives: the folded tree in plain values, or what went wrong."""
    try:
        tree = raw_tree(parser)
        check_folding(parser, tree)
    except FOREIGN as error:
        return type(error).__name__, getattr(error, "error", None), getattr(error, "location", None)
    return plain(tree, {})


def plain(value: Any, seen: dict[int, int]) -> Any:
    if isinstance(value, list):
        return [plain(item, seen) for item in value]
    if not isinstance(value, Parser.Symbol):
        return str(value)
    if id(value) in seen:
        return seen[id(value)]
    seen[id(value)] = len(seen)
    parts = {name: part for name, part in vars(value).items() if name != "_outer_instance"}
    return type(value).__name__, {name: plain(part, seen) for name, part in parts.items()}


@given(st.lists(EXPRESSIONS, max_size=3), EXPRESSIONS)
def test_what_was_read_before_leaves_no_trace(before: list[str], text: str) -> None:
    for earlier in before:
        read(parser_before(earlier))
    assert read(parser_before(text)) == read(a_new_one(text))


@pytest.mark.parametrize("before", ["$a.b.%.c", "$a.b.c.{'x': %.%.d}", "$a.%.%", "$a.b.%.(", "", "("])
@pytest.mark.parametrize("text", ["$a.b.%.c", "$a.b.c.{'x': %.%.d, 'y': %}", "$a.b[%.c = 1].(d.%.e)", "", "("])
def test_parents_are_counted_anew(before: str, text: str) -> None:
    read(parser_before(before))
    assert read(parser_before(text)) == read(a_new_one(text))


def test_each_thread_has_its_own() -> None:
    with ThreadPoolExecutor(1) as other:
        assert other.submit(parser_before, "$a").result() is not parser_before("$a")
