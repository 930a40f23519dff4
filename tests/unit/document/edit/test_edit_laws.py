"""Random edits of all pipeline files: only the meant lines change, every comment stays, undo gives the bytes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path as File

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.edit.editing import EditedText, EditRefusal, edit_text
from bunsui.document.edit.edits import (
    DocumentEdit,
    InsertItem,
    InsertKey,
    MoveValue,
    RemoveValue,
    RenameKey,
    SetValue,
    WrittenAs,
)
from bunsui.document.edit.expected import data_after
from bunsui.document.edit.read_text import BOM, ReadText, read_text
from bunsui.document.yaml.layout import comments_of
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json
from tests.faults.amount import ALL

ROOT = File(__file__).parents[4]
FOLDERS = ("pipelines", "tests", "bunsui/services/templates")


def corpus() -> list[tuple[str, bytes]]:
    """Return the files that can be read, and some of other forms."""
    found = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.yaml*") if path.is_file())
    texts = [(path.relative_to(ROOT).as_posix(), path.read_bytes()) for path in found]
    texts += [(f"{name} with CRLF", text.replace(b"\n", b"\r\n")) for name, text in texts[::7]]
    texts += [(f"{name} cut", text.rstrip(b"\n")) for name, text in texts[::9]]
    return [(name, text) for name, text in texts if (read := read_text("f.yaml", text)).spanned and read.document]


ODD = """\
a: [1, 2,  # two
  3,
  {b: c, d: [e]},  # last
]
b: {x: 1, # one
    y: 2}
---
# above
- - one
  - two # 2
-   key: v
    other: >-   # folded
       long text

       more
-
  - deep
- |2
    led
- plain text that
  goes on
- "quoted
  too"
---
%s
--- # marker
k:   v
l:
- a
-   b:  c
    d: |+
      kept


    e: f
#	tab in a comment
"日本": 'it''s'
m: !
...
---
o:
    p:
        q: 1

        # about r
        r: 2
    # about s
    s: {}
t: []
u:
v: ""
""".replace("m: !\n", "").replace("%s\n", "root scalar\n")


def odd_texts() -> list[tuple[str, bytes]]:
    """Return texts of unusual forms."""
    parts = [part.lstrip("\n") for part in ODD.split("\n---\n")]
    return [(f"odd {number}", text.encode()) for number, part in enumerate(parts) for text in (part, part + "\n")]


FILES = corpus() + [(name, text) for name, text in odd_texts() for _ in range(8) if read_text("f.yaml", text).document]
WORDS = st.sampled_from(
    ["load", "on",
     "", "12:30", "1", "a: b", "# no comment", "売上集計", "{% $x > 0 %}", "'single'", '"double"', "-", "two\nlines\n",
     "  led", "trailing ", "a\\b", "[x", "{y", "*z", "&a", "!t", "%p", "@q", "~", "null", "tab\there", "a #b", "é", "x:", "?",
     "line\n\nthird", "\n", "- item", "${var.x}", "a, b", "0123", "1e3", "yes", "key: |", "😀", "nbsp\u00a0", "`"]
)  # fmt: skip
SCALARS: st.SearchStrategy[Json] = st.one_of(WORDS, st.integers(-5, 10**6), st.booleans(), st.none(), st.just(0.5))
KEYS = st.sampled_from(["k", "retry", "on", "a b", "日本", "x-1", "1", "true", "a:b", "with #", "q'"])
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


def ways(value: Json, path: Path = ()) -> list[Path]:
    """Return the paths of everything in the data."""
    found: list[Path] = [path]
    if isinstance(value, Mapping):
        found += [way for key, one in value.items() for way in ways(one, (*path, key))]
    elif isinstance(value, list):
        found += [way for index, one in enumerate(value) for way in ways(one, (*path, index))]
    return found


def at(data: Json, path: Path) -> Json:
    for step in path:
        data = data[step]  # type: ignore[index]
    return data


@st.composite
def edits(draw: st.DrawFn, data: Json) -> DocumentEdit:
    """Draw an edit that fits the data."""
    everything = ways(data)
    path = draw(st.sampled_from(everything))
    kind = draw(st.sampled_from(["set", "set", "add", "remove", "move", "rename"]))
    value = at(data, path)
    written = draw(st.sampled_from([WrittenAs.AUTO, WrittenAs.AUTO, WrittenAs.BLOCK, WrittenAs.FLOW]))
    if kind == "add":
        if isinstance(value, list):
            index = draw(st.integers(0, len(value)))
            return InsertItem(path=path, index=index, value=draw(VALUES), written=written)
        if isinstance(value, Mapping):
            key = draw(KEYS.filter(lambda one: one not in value))
            place = draw(st.none() | st.integers(0, len(value)))
            return InsertKey(path=path, key=key, value=draw(VALUES), index=place, written=written)
    if path and kind == "remove":
        return RemoveValue(path=path)
    if path and kind == "move":
        count = len(at(data, path[:-1]))  # type: ignore[arg-type]
        return MoveValue(path=path, index=draw(st.integers(0, count - 1)))
    if path and kind == "rename" and isinstance(path[-1], str):
        around = at(data, path[:-1])
        taken = set(around) if isinstance(around, Mapping) else set()
        return RenameKey(path=path, key=draw(KEYS.filter(lambda one: one not in taken)))
    return SetValue(path=path, value=draw(VALUES), written=written)


def meant_lines(text: ReadText, edit: DocumentEdit) -> range:
    """Return the lines, from 1, that the edit is about: of the place, or of the collection around it."""
    spanned = text.spanned
    assert spanned is not None
    path: Path = edit.path  # type: ignore[union-attr]
    around = path[:-1] if isinstance(edit, MoveValue | RemoveValue) else path
    entry = spanned.entry(around)
    start, end = (entry.start, entry.end) if entry is not None else (0, len(spanned.text))
    first = spanned.line_number(start)
    # The comments directly above an entry move with it, those that are indented deeper below it as well.
    return range(first, len(spanned.starts) + 1 if isinstance(edit, MoveValue) else spanned.line_number(end) + 1)


def changed_lines(before: str, after: str) -> range:
    """Return the lines of before, from 1, between those that are the same at the beginning and at the end."""
    old, new = before.splitlines(), after.splitlines()
    first = next((place for place, (one, two) in enumerate(zip(old, new, strict=False)) if one != two), min(len(old), len(new)))
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return range(first + 1, len(old) - last + 1)


@settings(max_examples=1000 if ALL else 25, suppress_health_check=list(HealthCheck))
@given(drawn=st.data())
def test_an_edit_changes_only_what_it_means(drawn: st.DataObject) -> None:
    name, content = drawn.draw(st.sampled_from(FILES), label="file")
    before = read_text("f.yaml", content)
    edit = drawn.draw(edits(before.data), label="edit")
    draft = draft_of("f.yaml", content)
    result = edit_text("f.yaml", content, edit)
    if isinstance(result, EditRefusal):
        assert name.startswith("odd"), f"{name}: {result}"
        return
    assert isinstance(result, EditedText)
    assert before.spanned is not None
    after = read_document("f.yaml", result.content)
    assert after.document is not None, (name, after.diagnostics)
    assert after.document.data == data_after(before.data, edit)
    old, new = (text.decode().removeprefix(BOM) for text in (content, result.content))
    assert Counter(comments_of(new)) + Counter(result.removed_comments) == Counter(comments_of(old))
    meant, changed = meant_lines(before, edit), changed_lines(old, new)
    assert not changed or (meant.start - 1 <= changed.start and changed.stop <= meant.stop + 1), (meant, changed, new)
    step = draft.edit(edit, "random")
    assert isinstance(step, Draft)
    assert step.content == result.content
    assert step.undo().content == content
