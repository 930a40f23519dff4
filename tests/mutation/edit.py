"""A changed line of a source."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One changed line."""

    line: int
    operator: str
    before: str
    after: str
    span: tuple[int, int]
    """First and last line of the innermost statement (of a compound one its head): what runs when the line does."""
    at_import: bool
    """Whether it runs while the module is imported, outside every function."""


def applied(source: str, edit: Edit) -> str | None:
    """Return the source with the edit made, None when that does not parse or says the same."""
    lines = source.splitlines(keepends=True)
    assert lines[edit.line - 1].rstrip("\n") == edit.before
    lines[edit.line - 1] = edit.after + "\n"
    text = "".join(lines)
    try:
        changed = ast.dump(ast.parse(text)) != ast.dump(ast.parse(source))
    except SyntaxError:
        return None
    return text if changed else None
