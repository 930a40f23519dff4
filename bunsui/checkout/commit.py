"""The commit of the checkout, a note for people: a machine without git can still plan and apply."""

from __future__ import annotations

from pathlib import Path

from bunsui.checkout.git import ask


def commit_of(folder: Path) -> str:
    """Give the short commit of the folder's checkout, with `*` when tracked files differ; empty outside git or without git."""
    head = head_of(folder)
    if not head:
        return ""
    return head + ("*" if ask(folder, "status", "--porcelain", "--untracked-files=no", "--", ".").out.strip() else "")


def head_of(folder: Path) -> str:
    """Give the short commit alone, without a look at the files: git passes these through filters that its settings name."""
    found = ask(folder, "rev-parse", "--short=12", "HEAD")
    return found.out.strip() if found.ok else ""
