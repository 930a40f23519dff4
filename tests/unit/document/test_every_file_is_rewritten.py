"""`bunsui fmt` and `bunsui upgrade` over every YAML file here and in the tests: once is enough, no comment is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bunsui.document.formatting.file_format import FormatStatus, format_file, says_the_same
from bunsui.document.upgrading.file_upgrade import upgrade_file
from bunsui.document.yaml.layout import comments_of
from bunsui.document.yaml.reader import read_document
from bunsui.operations.registry import builtin_registry

ROOT = Path(__file__).parents[3]
FOLDERS = ("bunsui", "docs", "pipelines", "tests")
FILES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if path.name.endswith((".yaml", ".yml", ".yaml.template")) and not any(part.startswith(".") for part in path.parts)
)
REGISTRY = builtin_registry()


def name_of(path: Path) -> str:
    return path.name.removesuffix(".template")


def comments(content: bytes) -> Counter[str]:
    return Counter(comments_of(content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")))


def is_readable(path: Path) -> bool:
    return read_document(name_of(path), path.read_bytes()).document is not None


READABLE = [path for path in FILES if is_readable(path)]


def test_all_files_are_looked_at() -> None:
    assert len(READABLE) > 120
    assert len(FILES) - len(READABLE) < 40, "those that are mistakes of YAML"


@pytest.mark.parametrize("path", READABLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_formatted_file_says_the_same_and_stays(path: Path) -> None:
    content = path.read_bytes()
    new = format_file(name_of(path), content, REGISTRY)
    again = format_file(name_of(path), new.after, REGISTRY)
    assert again.status in (FormatStatus.UNCHANGED, FormatStatus.KEPT)
    assert again.after == new.after
    assert comments(new.after) == comments(content)
    document = read_document(name_of(path), content).document
    assert document is not None
    assert says_the_same(document, new.after, REGISTRY)


@pytest.mark.parametrize("path", READABLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_upgraded_file_keeps_its_comments_and_stays(path: Path) -> None:
    content = path.read_bytes()
    document = read_document(name_of(path), content).document
    assert document is not None
    new = upgrade_file(document, content)
    assert comments(new.after) == comments(content)
    after = read_document(name_of(path), new.after).document
    assert after is not None
    assert upgrade_file(after, new.after).steps == ()
    formatted = format_file(name_of(path), new.after, REGISTRY).after
    styled = read_document(name_of(path), formatted).document
    assert styled is not None
    assert upgrade_file(styled, formatted).steps == (), "the style undoes nothing"
