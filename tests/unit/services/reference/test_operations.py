from __future__ import annotations

import re

import pytest

from bunsui.operations.registry import builtin_registry
from bunsui.services.reference.operations import operation_page, operation_pages
from tests.write_operation_docs import FOLDER

PAGES = operation_pages(builtin_registry())


def test_the_pages_are_those_of_the_types() -> None:
    found = {page.name: page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")}
    assert found == PAGES, "docs/operations/ is out of date: run  python -m tests.write_operation_docs"


@pytest.mark.parametrize("name", list(builtin_registry()))
def test_a_page_shows_the_example_and_every_key(name: str) -> None:
    page = operation_page(builtin_registry()[name])
    assert builtin_registry()[name].example.rstrip() in page
    assert "## Keys" in page
    assert "## Result" in page
    # Every row of a table has as many cells as its head.
    for block in re.findall(r"(?:^\|.*\n?)+", page, re.MULTILINE):
        rows = block.strip().split("\n")
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {len(re.findall(r"\|", rows[0]))}


def test_the_index_leads_to_every_page() -> None:
    assert set(re.findall(r"\((\w+\.md)\)", PAGES["README.md"])) == set(PAGES) - {"README.md"}
