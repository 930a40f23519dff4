"""The generated pages are what the code says, and the words of the glossary are used."""

from __future__ import annotations

import re

import pytest

from bunsui.cli.registry import COMMANDS
from bunsui.document.schema.published import PIPELINE, PROJECT, published
from tests.write_reference_docs import FOLDER, PAGES

DOCS = FOLDER.parent
TERMS = re.findall(r"(?m)^\| \*\*(.+?)\*\* \|", (DOCS / "glossary.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "python -m tests.write_reference_docs"


@pytest.mark.parametrize(("page", "schema"), [("pipeline.md", PIPELINE), ("project.md", PROJECT)])
def test_every_key_of_a_file_has_a_row(page: str, schema: str) -> None:
    text, known = (FOLDER / page).read_text(encoding="utf-8"), published(schema)
    assert known is not None
    own = {name: one for name, one in known["$defs"].items() if name.endswith("Entry") and name != "OperationEntry"}
    keys = [*known["properties"], *(key for one in own.values() if page == "pipeline.md" for key in one.get("properties", {}))]
    shown = set(re.findall(r"(?m)^\| `([^`]+)` \|", text))
    by_type = set(known["$defs"]["DefaultsEntry"]["properties"])
    assert set(keys) - by_type - shown <= {"$schema"}


def test_every_command_has_a_section() -> None:
    text = (FOLDER / "commands.md").read_text(encoding="utf-8")
    assert [entry.name for entry in COMMANDS if f"\n## `bunsui {entry.name}`\n" not in text] == []


def test_every_reference_page_is_linked() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted(FOLDER.glob("*.md")) if f"(reference/{path.name})" not in index] == []


def test_a_term_of_the_glossary_stands_once_and_is_used() -> None:
    assert len(TERMS) > 30
    assert len(set(TERMS)) == len(TERMS)
    pages = [path for path in DOCS.rglob("*.md") if path.name != "glossary.md"]
    sources = [*pages, *(DOCS.parent / "bunsui").rglob("*.py")]
    text = " ".join(" ".join(path.read_text(encoding="utf-8").split()) for path in sources).lower()
    assert [term for term in TERMS for word in re.split(r", ", term) if word.lower() not in text] == []
