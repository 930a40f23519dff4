"""How a text is written around a place: its indentation, its quotes, the comments that belong to an entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bunsui.document.edit.edits import WrittenAs
from bunsui.document.edit.rendering import Style
from bunsui.document.edit.spans import EntrySpan, NodeForm, NodeSpan, SpannedText

_QUOTES = ('"', "'")


def style_of(spanned: SpannedText, written: WrittenAs) -> Style:
    """Return how the text is written, by what is most common in it."""
    steps: Counter[int] = Counter()
    list_steps: Counter[int] = Counter()
    dash_steps: Counter[int] = Counter()
    quotes: Counter[str] = Counter()
    for holder, entry in _entries(spanned.root):
        value, column = entry.value, spanned.column(entry.start)
        if value.form is NodeForm.SCALAR and value.style in _QUOTES:
            quotes[value.style] += 1
        if not value.is_block:
            continue
        further = spanned.column(value.start) - column
        if holder.form is NodeForm.BLOCK_LIST:
            dash_steps[further] += 1
        elif value.form is NodeForm.BLOCK_LIST:
            list_steps[further] += 1
        else:
            steps[further] += 1
    step = _usual(steps, 2)
    return Style(
        step=step if step > 0 else 2,
        list_step=max(0, _usual(list_steps, 2)),
        dash_step=max(2, _usual(dash_steps, 2)),
        quote=quotes.most_common(1)[0][0] if quotes else '"',
        written=written,
    )


def note_behind(spanned: SpannedText, offset: int) -> str:
    """Return the comment on the rest of a line with the spaces before it; empty where there is none."""
    rest = spanned.text[offset : spanned.line_end(offset)].rstrip()
    return rest if rest.lstrip().startswith("#") else ""


def chunk_end(spanned: SpannedText, entry: EntrySpan) -> int:
    """Return where the last line ends that belongs to an entry of a block: comments below it that are indented deeper, too."""
    column = spanned.column(entry.start)
    found = spanned.line_end(entry.end)
    for number in range(spanned.line_number(found), len(spanned.starts)):
        start = spanned.starts[number]
        line = spanned.text[start : spanned.line_end(start)]
        bare = line.strip()
        if bare and not (bare.startswith("#") and len(line) - len(line.lstrip()) > column):
            break
        if bare:
            found = start + len(line)
    return found


def chunk_start(spanned: SpannedText, node: NodeSpan, place: int) -> int:
    """Return where the first line's text begins that belongs to an entry of a block: the comments directly above it, too.

    Those above the first entry of the whole file are the file's.
    """
    entry = node.entries[place]
    is_first_of_file = place == 0 and node is spanned.root
    if is_first_of_file or not is_alone(spanned, entry):
        return entry.start
    column, found = spanned.column(entry.start), entry.start
    for number in range(spanned.line_number(entry.start) - 1, 0, -1):
        start = spanned.starts[number - 1]
        line = spanned.text[start : spanned.line_end(start)]
        if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) != column:
            break
        found = start + column
    return found


def is_alone(spanned: SpannedText, entry: EntrySpan) -> bool:
    """Tell whether nothing stands before the entry on its line: false for the first key behind a dash."""
    return not spanned.text[spanned.line_start(entry.start) : entry.start].strip()


def has_blank_lines(spanned: SpannedText, node: NodeSpan) -> bool:
    """Tell whether the entries of a block are set apart by empty lines: as many of them as are not."""
    pairs = list(zip(node.entries, node.entries[1:], strict=False))
    blank = sum(_is_apart(spanned, one.end, two.start) for one, two in pairs)
    return bool(pairs) and 2 * blank >= len(pairs)


def _is_apart(spanned: SpannedText, end: int, start: int) -> bool:
    first, last = spanned.line_number(end), spanned.line_number(start) - 1
    starts = spanned.starts[first:last]
    return any(not spanned.text[begin : spanned.line_end(begin)].strip() for begin in starts)


def _entries(node: NodeSpan) -> Iterator[tuple[NodeSpan, EntrySpan]]:
    for entry in node.entries:
        yield node, entry
        yield from _entries(entry.value)


def _usual(counted: Counter[int], otherwise: int) -> int:
    return counted.most_common(1)[0][0] if counted else otherwise
