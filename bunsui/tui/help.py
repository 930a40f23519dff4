"""The keys of the screen from which it was opened, read from its bindings, so that it cannot say anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.binding import Binding, BindingType

from bunsui.tui.widgets.key_footer import KEY_NAMES
from bunsui.view.spans import Line, Role, line, span


def help_lines(title: str, groups: Sequence[tuple[str, Iterable[BindingType]]]) -> tuple[Line, ...]:
    """Return one line for each thing that a key does; what several keys do stands once."""
    lines: list[Line] = [line(span(title, Role.STRONG))]
    said: set[tuple[str, str]] = set()
    listed = [(name, _rows(bindings, said)) for name, bindings in groups]
    width = max((len(keys) for _, rows in listed for keys, _ in rows), default=0) + 2
    for name, rows in listed:
        if rows:
            lines += [line(), line(span(name, Role.MUTED))]
            lines += [line(span(f"{keys:<{width}}", Role.HINT), span(description), indent=2) for keys, description in rows]
    return tuple(lines)


def _rows(bindings: Iterable[BindingType], said: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what is not `said` yet, and note it there: keys, and what they do."""
    rows: list[tuple[str, str]] = []
    for binding in Binding.make_bindings(bindings):
        if (binding.key, binding.description) in said:
            continue
        said.add((binding.key, binding.description))
        name = binding.key_display or KEY_NAMES.get(binding.key, binding.key)
        if rows and rows[-1][1] == binding.description:
            rows[-1] = (f"{rows[-1][0]} {name}", binding.description)
        else:
            rows.append((name, binding.description))
    return [(keys, description) for keys, description in rows if description]
