"""The parts of a YAML text as they are written: blocks, scalars, collections in brackets, and the comments of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(slots=True, kw_only=True)
class ScalarText:
    """A scalar as it is written, over one line or several."""

    text: str
    style: str = ""
    """Empty for a plain one, else the quote, `|` or `>`."""
    value: str = ""
    """The text that it stands for."""


@dataclass(slots=True, kw_only=True)
class FlowEntry:
    """One entry of a flow collection."""

    key: str = ""
    key_text: str = ""
    """The key as it is written; empty in a list."""
    colon: str = ""
    """What stands between the key and the value."""
    value: ScalarText | FlowText | None = None


@dataclass(slots=True, kw_only=True)
class FlowText:
    """A list in brackets or a mapping in braces. Its text: `begin`, the entries with `between` in between, `end`."""

    is_mapping: bool
    begin: str = ""
    entries: list[FlowEntry] = field(default_factory=list)
    between: list[str] = field(default_factory=list)
    end: str = ""
    has_comment: bool = False


@dataclass(slots=True, kw_only=True)
class Part:
    """An entry of a block mapping, or an item of a block list (whose key is empty)."""

    column: int
    key: str = ""
    key_text: str = ""
    gap: str = " "
    """What stands between the colon and a value on its line."""
    value: Node | None = None
    before: list[str] = field(default_factory=list)
    """Lines of comments, and empty ones, above it; without indentation."""
    note: str = ""
    """The comment on the line of the key or dash when the value stands below, with the spaces before it."""
    value_before: list[str] = field(default_factory=list)
    """Lines of comments between the key and a scalar that stands below it."""
    value_note: str = ""
    """The comment behind a scalar, with the spaces before it."""
    is_below: bool = False
    """True when a scalar or flow collection begins on a line of its own."""


@dataclass(slots=True, kw_only=True)
class Block:
    """A block mapping or list."""

    is_mapping: bool
    column: int
    parts: list[Part] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    """Lines of comments, and empty ones, that belong to its end."""


Node: TypeAlias = "ScalarText | FlowText | Block"


@dataclass(slots=True, kw_only=True)
class TextLayout:
    """A whole file."""

    header: list[str]
    """Lines above the first key that belong to the file."""
    root: Node


def content_indent(lines: list[str]) -> int:
    """Return how far the lines of a block scalar, its header first, are indented; 0 when all are empty."""
    return next((len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip()), 0)


def node_text(node: ScalarText | FlowText) -> str:
    """Return a scalar or flow collection as it is written."""
    return node.text if isinstance(node, ScalarText) else flow_text(node)


def flow_text(node: ScalarText | FlowText) -> str:
    """Return a node inside brackets or braces as it is written."""
    if isinstance(node, ScalarText):
        return node.text
    texts = [f"{one.key_text}{one.colon}{flow_text(one.value) if one.value is not None else ''}" for one in node.entries]
    joined = "".join(text + between for text, between in zip(texts, [*node.between, ""], strict=True)) if texts else ""
    return f"{node.begin}{joined}{node.end}"
