"""Writes the generated pages of the documentation: `python -m tests.write_operation_docs`."""

from __future__ import annotations

from pathlib import Path

from bunsui.operations.registry import builtin_registry
from bunsui.services.explain import reference_page
from bunsui.services.reference.operations import operation_pages

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "operations"
FINDINGS_PAGE = FOLDER.parent / "reference" / "findings.md"


def write() -> None:
    """Make the folder hold exactly the pages of the built-in types, and the reference page of findings what the code says."""
    FINDINGS_PAGE.write_text(reference_page(), encoding="utf-8")
    FOLDER.mkdir(parents=True, exist_ok=True)
    pages = operation_pages(builtin_registry())
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for found in FOLDER.glob("*.md"):
        if found.name not in pages:
            found.unlink()


if __name__ == "__main__":
    write()
