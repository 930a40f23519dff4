"""What is being typed in an expression, completed by the names that it may read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.document.form.expression_names import OfferedName
from bunsui.view.spans import Line, Role, line, span

_BEGUN = re.compile(r"\$(?:[\w.]|`[^`]*`?)*\Z")
_LONGEST = 30
"""Cells of a name before what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """A line that is typed, and where the cursor is in it."""

    text: str
    cursor: int

    @property
    def begun(self) -> str:
        """The name that ends at the cursor, with its `$`; empty where none is begun, or no expression is."""
        before = self.text[: self.cursor]
        is_inside = before.rfind("{%") > before.rfind("%}")
        is_whole = "{%" not in self.text and self.text.lstrip().startswith("$")
        found = _BEGUN.search(before) if is_inside or is_whole else None
        return found[0] if found is not None else ""


def completions(names: Sequence[OfferedName], typed: TypedLine) -> tuple[OfferedName, ...]:
    """Return the names that begin as what stands before the cursor; functions once a letter of theirs is there."""
    begun = typed.begun.lower()
    if not begun:
        return ()
    fitting = (one for one in names if one.text.lower().startswith(begun) and one.text != typed.begun)
    return tuple(one for one in fitting if not one.is_function or len(begun) > 1)


def completed_line(typed: TypedLine, name: OfferedName) -> TypedLine:
    """Return the line with the name in place of what was begun; one that is nothing else becomes an expression."""
    start = typed.cursor - len(typed.begun)
    before, after = typed.text[:start], typed.text[typed.cursor :]
    if "{%" in typed.text:
        return TypedLine(text=f"{before}{name.text}{after}", cursor=start + len(name.text))
    text = f"{before.lstrip()}{name.text}{after.rstrip()}"
    return TypedLine(text=f"{{% {text} %}}", cursor=3 + len(before.lstrip()) + len(name.text))


def listed_completions(words: Sequence[OfferedName], typed: TypedLine) -> tuple[OfferedName, ...]:
    """Return the words that begin as the last one of a list with commas, and are not in it yet; all for an empty one."""
    *before, begun = (part.strip() for part in typed.text[: typed.cursor].split(","))
    return tuple(one for one in words if one.text.startswith(begun) and one.text != begun and one.text not in before)


def completed_list(typed: TypedLine, word: OfferedName) -> TypedLine:
    """Return the line with the word in place of the last one of the list."""
    before = [part.strip() for part in typed.text[: typed.cursor].split(",")[:-1]]
    text = ", ".join((*before, word.text))
    return TypedLine(text=text + typed.text[typed.cursor :], cursor=len(text))


def completion_lines(found: Sequence[OfferedName], chosen: int, *, room: int) -> tuple[Line, ...]:
    """Return as many of the names as there is room for, with the chosen one among them, and how many more there are."""
    if not found:
        return ()
    first = min(max(chosen - room + 1, 0), max(len(found) - room, 0))
    shown = found[first : first + room]
    width = min(max(len(one.text) for one in shown), _LONGEST)
    lines = [
        line(
            span("▌ " if first + place == chosen else "  ", Role.HINT),
            span(f"{one.text:<{width}}", Role.STRONG if first + place == chosen else Role.NAME),
            span(f"  {one.meaning}", Role.MUTED),
        )
        for place, one in enumerate(shown)
    ]
    if len(found) > room:
        lines.append(line(span(f"  {chosen + 1} of {len(found)}", Role.MUTED)))
    return tuple(lines)
