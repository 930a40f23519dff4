"""What an author edited, in the author's words: "job load: retry attempts 3 → 5"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from bunsui.diff.author import AuthorEdit, EditedPart, EditOperation
from bunsui.diff.model import DiffItem, Section
from bunsui.model.estimates.learnt_durations import DURATIONS_FILE, LEARNT_DURATIONS
from bunsui.model.failures import contract_of
from bunsui.model.json import Json
from bunsui.plan.model import Action, AuthorDiff, Plan, Reason, ResourceChange
from bunsui.view.plan.wording import shorten, values
from bunsui.view.spans import Line, Role, Span, line, span

ASK_FOR_STATES = "--states shows them"
"""What the command line offers where states are folded."""
_NAMED = 4
"""Jobs that inherit a default and are named; the others are counted."""
_PLAIN = re.compile(r"[^\s\[\]{},\"'][^\[\]{},\"\n]*")
"""What a text in brackets may be without quotes."""


def edit_lines(diff: AuthorDiff | None) -> tuple[Line, ...]:
    """Return what was edited as lines, in the order of the file."""
    if diff is None:
        return ()
    lines = [edit_line(edit) for edit in diff.edits]
    if any(edit.path[:1] == (LEARNT_DURATIONS,) for edit in diff.edits):
        words = f"what was learnt of durations changed ({DURATIONS_FILE}): jobs may be arranged anew, and do what they did"
        lines.append(line(span(words, Role.MUTED)))
    if lines and diff.compiled_by:
        words = f"bunsui {diff.compiled_by} made what was applied, so not every change below need follow from this"
        lines.append(line(span(words, Role.MUTED)))
    if lines and diff.since:
        words = f"edited since {diff.since[:12]}, where the branch began: the last apply kept no text"
        words += "" if diff.is_whole else ", so not every change below need follow from this"
        lines.append(line(span(words, Role.MUTED)))
    return tuple(lines)


def edit_line(edit: AuthorEdit) -> Line:
    """Return one edited place as one line."""
    if edit.edit is EditOperation.RENAMED:
        return line(span("rename", Role.UPDATE), f" {edit.part.value} ", *values(edit.before, edit.after))
    subject = f"{edit.part.value} {edit.name}".rstrip()
    if edit.path[:1] == (LEARNT_DURATIONS,):
        return line(span(f"{' of '.join((LEARNT_DURATIONS, *edit.path[1:]))}: "), *_change(edit))
    if edit.operation:
        subject += f", operation {edit.operation}"
    if not edit.path and edit.edit is EditOperation.CHANGED:
        return line(span(f"{subject}: "), *values(flow(edit.before), flow(edit.after)))
    if not edit.path:
        return line(span(subject), " ", *_whole(edit))
    return line(span(f"{subject}: {_path_words(edit.path)} "), *_change(edit), *_heirs(edit.inherited_by))


def flow(value: Json) -> str:
    """Return the value on one line, as YAML is written in brackets."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_inner(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_inner, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def is_told(change: ResourceChange, diff: AuthorDiff | None) -> bool:
    """Tell whether the changed states of a machine follow from what was edited, and from nothing else."""
    return (
        diff is not None
        and bool(diff.edits)
        and not diff.compiled_by
        and diff.is_whole
        and change.action is Action.UPDATE
        and change.reason is Reason.CONFIGURED
        and len({contract_of(side.attributes.get("definition")) for side in (change.actual, change.desired) if side}) == 1
    )


def folded(items: Iterable[DiffItem], how: str) -> tuple[list[DiffItem], tuple[Line, ...]]:
    """Return the places outside of a definition, and one line for those inside; `how` says how these are seen."""
    own: list[DiffItem] = []
    states: set[str] = set()
    is_folded = False
    for item in items:
        if item.section in (Section.STATE, Section.MACHINE):
            is_folded = True
            states |= {item.subject} if item.section is Section.STATE else set()
        else:
            own.append(item)
    if not is_folded:
        return own, ()
    count = len(states)
    what = f"{count} state{'s follow' if count != 1 else ' follows'}" if states else "the definition's own fields follow"
    asked = how if count != 1 else how.replace("them", "it")
    return own, (line(span(what), span(f", {asked}" if asked else "", Role.MUTED)),)


def unworded_line(plan: Plan) -> Line | None:
    """Return one sentence for all pipelines whose changes are not told in their authors' words; None for none."""
    names = [name for name, diff in plan.edits.items() if diff is None]
    if not names:
        return None
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    theirs = "its text was" if len(names) == 1 else "their texts were"
    return line(
        span(f"{shown}: {theirs} not kept by the last apply, so changes are told by state; the next apply keeps it", Role.MUTED)
    )


def _whole(edit: AuthorEdit) -> tuple[Span, ...]:
    added = edit.edit is EditOperation.ADDED
    word = span("added", Role.CREATE) if added else span("removed", Role.DELETE)
    content = edit.after if added else edit.before
    return word, span(_made_of(edit, content), Role.MUTED)


def _made_of(edit: AuthorEdit, content: Json) -> str:
    """Return in a few words what came or went."""
    if not isinstance(content, Mapping):
        return ""
    match edit.part:
        case EditedPart.JOB if not edit.operation:
            operations = content.get("operations")
            listed = operations if isinstance(operations, list) else ()
            kinds = [str(one.get("type")) for one in listed if isinstance(one, Mapping) and "type" in one]
            after = content.get("depends_on")
            words = [", ".join(kinds[:_NAMED]) + (" …" if len(kinds) > _NAMED else "")]
            words += [f"after {', '.join(map(str, after[:_NAMED]))}"] if isinstance(after, list) and after else []
            return f" ({' '.join(word for word in words if word)})" if any(words) else ""
        case EditedPart.JOB:
            return f" ({content['type']})" if content.get("type") not in (None, edit.operation) else ""
        case EditedPart.ALERT:
            names = content.get("notify")
            told = " → notify" if edit.edit is EditOperation.ADDED else ", notified"
            return f"{told} {', '.join(map(str, names))}" if isinstance(names, list) else ""
        case EditedPart.PARAMETER | EditedPart.SCHEDULE | EditedPart.FUNCTION | EditedPart.PIPELINE:
            return f" {shorten(flow({key: value for key, value in content.items() if key != 'id'}))}"


def _change(edit: AuthorEdit) -> tuple[Span, ...]:
    match edit.edit:
        case EditOperation.ADDED:
            return span("set to ", Role.CREATE), span(shorten(flow(edit.after)), Role.AFTER)
        case EditOperation.REMOVED:
            return span("removed", Role.DELETE), span(", was "), span(shorten(flow(edit.before)), Role.BEFORE)
        case EditOperation.CHANGED | EditOperation.RENAMED:
            return values(flow(edit.before), flow(edit.after))


def _heirs(names: Sequence[str]) -> tuple[Span, ...]:
    if not names:
        return ()
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    jobs = "job" if len(names) == 1 else "jobs"
    return (span(f" (in {jobs} {', '.join(names[:_NAMED])}{more})", Role.MUTED),)


def _path_words(path: Sequence[str]) -> str:
    """`("retry", "attempts")` reads `retry attempts`, `("permissions", "0", "actions")` reads `permissions[0] actions`."""
    words = path[0]
    for part in path[1:]:
        words += f"[{part}]" if part.isdecimal() else f" {part}"
    return words


def _inner(value: Json) -> str:
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return json.dumps(value, ensure_ascii=False)
    return flow(value)
