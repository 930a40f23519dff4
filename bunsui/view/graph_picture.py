"""A series-parallel tree drawn with box characters, left to right as it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from bunsui.compile.structure.tree import Leaf, Par, Seq, Tree
from bunsui.view.spans import Line, Role, line, span

Cell = tuple[str, Role]
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows of equal width; the way goes in and out on the first."""

    rows: tuple[Row, ...]
    width: int


def picture(tree: Tree, names: tuple[str, ...], *, critical: frozenset[str]) -> tuple[Line, ...]:
    """Return the lines of the picture; jobs on the critical path are strong."""
    block = _draw(tree, names, critical)
    return tuple(line(*(span(text, role) for text, role in _without_end(row))) for row in block.rows)


def _without_end(row: Row) -> Row:
    while row and not row[-1][0].strip():
        row = row[:-1]
    return (*row[:-1], (row[-1][0].rstrip(), row[-1][1])) if row else row


def _draw(tree: Tree, names: tuple[str, ...], critical: frozenset[str]) -> _Block:
    match tree:
        case Leaf(job):
            name = names[job]
            return _Block((((name, Role.STRONG if name in critical else Role.TEXT),),), len(name))
        case Seq(parts):
            blocks = [_draw(part, names, critical) for part in parts]
            whole = blocks[0]
            for block in blocks[1:]:
                whole = _beside(whole, block)
            return whole
        case Par(parts):
            return _stack_blocks([_draw(part, names, critical) for part in parts])
        case _:
            assert_never(tree)


def _muted_cell(text: str) -> Cell:
    return (text, Role.MUTED)


def _beside(left: _Block, right: _Block) -> _Block:
    rows = []
    for index in range(max(len(left.rows), len(right.rows))):
        first = left.rows[index] if index < len(left.rows) else (_muted_cell(" " * left.width),)
        second = right.rows[index] if index < len(right.rows) else (_muted_cell(" " * right.width),)
        rows.append((*first, _muted_cell(" ── " if index == 0 else "    "), *second))
    return _Block(tuple(rows), left.width + 4 + right.width)


def _stack_blocks(blocks: list[_Block]) -> _Block:
    width = max(block.width for block in blocks)
    rows: list[Row] = []
    last = len(blocks) - 1
    for number, block in enumerate(blocks):
        opening, closing = ("┬─ ", "┬") if number == 0 else ("└─ ", "┘") if number == last else ("├─ ", "┤")
        side = "│" if number < last else " "
        gap = width - block.width
        for index, row in enumerate(block.rows):
            if index == 0:
                rows.append((_muted_cell(opening), *row, _muted_cell(" " + "─" * (gap + 1) + closing)))
            else:
                rows.append((_muted_cell(side + "  "), *row, _muted_cell(" " * (gap + 2) + side)))
    return _Block(tuple(rows), width + 6)
