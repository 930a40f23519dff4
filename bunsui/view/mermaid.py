"""What every Mermaid flowchart needs."""

from __future__ import annotations

from bunsui.view.safe import safe


def label(text: str, *, limit: int = 2000) -> str:
    """Return a text as Mermaid shows it literally inside quotes: whatever is not plain becomes its character code."""
    shown = safe(text, limit=limit)
    return "".join(letter if letter.isalnum() or letter in " _-." else f"#{ord(letter)};" for letter in shown)
