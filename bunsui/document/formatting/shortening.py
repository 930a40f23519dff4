"""Writes the long forms of a job as the short ones that stand for the same; `bunsui.document.short_forms` is the way back."""

from __future__ import annotations

import re
from collections.abc import Collection

from bunsui.asl.expressions import field_step
from bunsui.document.short_forms import JobForm
from bunsui.document.yaml.layout_tree import Block, FlowEntry, FlowText, Node, Part, ScalarText
from bunsui.document.yaml.scalars import plain_value
from bunsui.model.names import ID_PATTERN

_EXPRESSION = re.compile(r"\s*\{%")
_ID = re.compile(ID_PATTERN)
_WIDEST = 100
"""Characters of a list of outputs in one line."""


def shorten_jobs(root: Node, form: JobForm) -> None:
    """Shorten every job of a pipeline file, in place."""
    jobs = _value(root, "jobs")
    for job in _values(jobs):
        if isinstance(job, Block):
            _shorten_block(job, form)
        elif isinstance(job, FlowText):
            _shorten_flow(job, form)


def _shorten_block(job: Block, form: JobForm) -> None:
    if not job.is_mapping:
        return
    for part in job.parts:
        if part.note or part.value_before:
            continue
        short, note = _short_value(part.key, part.value)
        if short is not None and not (note and part.value_note):
            is_block = isinstance(part.value, Block) or part.is_below
            part.value, part.value_note, part.is_below = short, part.value_note or note, False
            part.gap = " " if is_block else part.gap
    place = next((place for place, part in enumerate(job.parts) if part.key == "operations"), None)
    if place is None or any(part.key not in form.job for part in job.parts):
        return  # what is no key of a job would be taken for one of the operation
    inlined, below = _operation_parts(job.parts[place], form)
    if not inlined:
        return
    following = job.parts[place + 1].before if place + 1 < len(job.parts) else job.after
    following[:0] = below
    job.parts[place : place + 1] = inlined


def _shorten_flow(job: FlowText, form: JobForm) -> None:
    if not job.is_mapping:
        return
    for entry in job.entries:
        short, _ = _short_value(entry.key, entry.value)
        if short is not None and not isinstance(short, Block):
            entry.value = short
    place = next((place for place, entry in enumerate(job.entries) if entry.key == "operations"), None)
    if place is None or job.has_comment or any(entry.key not in form.job for entry in job.entries):
        return
    operation = _only(job.entries[place].value)
    if not isinstance(operation, FlowText) or not _may_stand_in_job([one.key for one in operation.entries], form):
        return
    job.entries[place : place + 1] = operation.entries
    job.between[place:place] = [", "] * (len(operation.entries) - 1)


def _short_value(key: str, value: Node | None) -> tuple[Node | None, str]:
    """Return the short form of a job's value, None for none, and the comment that stood behind it inside."""
    match key:
        case "depends_on":
            return _one_name(value)
        case "outputs":
            return _names(value), ""
        case "foreach":
            return _items(value)
        case _:
            return None, ""


def _one_name(value: Node | None) -> tuple[Node | None, str]:
    node, note = _only(value), ""
    if isinstance(value, Block):
        if not _is_bare(value):
            return None, ""
        note = value.parts[0].value_note
    if not isinstance(node, ScalarText) or not node.value or "\n" in node.text or not isinstance(_meaning(node), str):
        return None, ""
    return node, note


def _names(value: Node | None) -> Node | None:
    entries: list[tuple[str, str, Node | None]]
    if isinstance(value, Block) and value.is_mapping and not value.after and all(_is_silent(part) for part in value.parts):
        entries = [(part.key, part.key_text, part.value) for part in value.parts]
    elif isinstance(value, FlowText) and value.is_mapping and not value.has_comment:
        entries = [(one.key, one.key_text, one.value) for one in value.entries]
    else:
        return None
    if not entries or not all(_ID.fullmatch(key) and _is_field(key, node) for key, _, node in entries):
        return None
    text = ", ".join(text for _, text, _ in entries)
    return ScalarText(text=f"[{text}]", style="[") if len(text) <= _WIDEST else None


def _is_field(key: str, node: Node | None) -> bool:
    """Tell whether the node is the field of the result, with no comment in it, as a block scalar has them."""
    return isinstance(node, ScalarText) and node.style not in ("|", ">") and node.value == f"{{% $result.{field_step(key)} %}}"


def _items(value: Node | None) -> tuple[Node | None, str]:
    if not isinstance(value, Block | FlowText) or not value.is_mapping or (isinstance(value, FlowText) and value.has_comment):
        return None, ""
    keys = [part.key for part in value.parts] if isinstance(value, Block) else [one.key for one in value.entries]
    if keys != ["items"]:
        return None, ""
    note = ""
    if isinstance(value, Block):
        part = value.parts[0]
        if value.after or part.before or part.note or part.value_before or part.is_below:
            return None, ""
        note = part.value_note
    items = _value(value, "items")
    is_list = isinstance(items, Block | FlowText) and not items.is_mapping
    is_expression = isinstance(items, ScalarText) and isinstance(_meaning(items), str) and _EXPRESSION.match(items.value)
    if isinstance(items, ScalarText) and items.style in ("|", ">"):
        return None, ""
    return (items, note) if is_list or is_expression else (None, "")


def _operation_parts(operations: Part, form: JobForm) -> tuple[list[Part], list[str]]:
    """Return the keys of the only operation as parts of the job, and the comments at its end; no parts when it has several
    operations, or keys that a job has too."""
    value, operation = operations.value, _only(operations.value)
    if isinstance(operation, Block) and operation.is_mapping:
        parts, below = operation.parts, operation.after
    elif isinstance(operation, FlowText) and operation.is_mapping and not operation.has_comment:
        parts, below = [_part_of(entry, operations.column) for entry in operation.entries], []
    else:
        return [], []
    if not parts or not _may_stand_in_job([part.key for part in parts], form):
        return [], []
    above = [*operations.before, *_as_lines(operations.note), *operations.value_before, *_as_lines(operations.value_note)]
    if isinstance(value, Block):
        item = value.parts[0]
        above += [*_texts(item.before), *_as_lines(item.note), *_texts(item.value_before), *_as_lines(item.value_note)]
        below = [*below, *value.after]
    first = next((part for part in parts if part.key == "id"), None) or next(part for part in parts if part.key == "type")
    first.before = [*above, *(_texts(first.before) if above else first.before)]
    return parts, _texts(below)


def _texts(lines: list[str]) -> list[str]:
    return [line for line in lines if line]


def _part_of(entry: FlowEntry, column: int) -> Part:
    return Part(column=column, key=entry.key, key_text=entry.key_text, value=entry.value)


def _may_stand_in_job(keys: Collection[str], form: JobForm) -> bool:
    return "type" in keys and not set(keys) & set(form.job)


def _only(value: Node | None) -> Node | None:
    """Return the only entry of a list; None for anything else."""
    if isinstance(value, Block) and not value.is_mapping and len(value.parts) == 1:
        return value.parts[0].value
    if isinstance(value, FlowText) and not value.is_mapping and len(value.entries) == 1 and not value.has_comment:
        return value.entries[0].value
    return None


def _value(node: Node | None, key: str) -> Node | None:
    if isinstance(node, Block) and node.is_mapping:
        return next((part.value for part in node.parts if part.key == key), None)
    if isinstance(node, FlowText) and node.is_mapping:
        return next((entry.value for entry in node.entries if entry.key == key), None)
    return None


def _values(node: Node | None) -> list[Node | None]:
    if isinstance(node, Block) and node.is_mapping:
        return [part.value for part in node.parts]
    return [entry.value for entry in node.entries] if isinstance(node, FlowText) and node.is_mapping else []


def _is_bare(block: Block) -> bool:
    """Tell whether a list of one item has no comments but the one behind the item."""
    part = block.parts[0]
    return not (block.after or part.before or part.note or part.value_before)


def _is_silent(part: Part) -> bool:
    return not (part.before or part.note or part.value_before or part.value_note)


def _as_lines(note: str) -> list[str]:
    return [note.strip()] if note.strip() else []


def _meaning(leaf: ScalarText) -> object:
    try:
        return leaf.value if leaf.style else plain_value(leaf.value)
    except ValueError:
        return None
