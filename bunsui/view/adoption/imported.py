"""An import as lines: before the question, after its end."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from bunsui.services.adoption.candidates import FileEdit
from bunsui.services.adoption.importing import ImportedMachine, ImportOutcome, ImportPlan, ImportStatus
from bunsui.view.safe import safe_lines
from bunsui.view.spans import Line, Role, line, span

_CALLS = {
    "TagResource": "our tags",
    "PublishStateMachineVersion": "a version of what is there",
    "CreateStateMachineAlias": "the alias live, which leads to it",
}
_STATUS = {
    ImportStatus.NEW: ("←", Role.ADOPT, "would be imported"),
    ImportStatus.BLOCKED: ("✗", Role.REFUSE, "cannot be imported"),
    ImportStatus.KNOWN: ("=", Role.MUTED, "is the project's already"),
    ImportStatus.IMPORTED: ("✓", Role.GOOD, "imported, and its plan is empty"),
    ImportStatus.WATCH: ("◦", Role.ADOPT, "would be watched"),
    ImportStatus.OBSERVED: ("✓", Role.GOOD, "is watched, and its plan is empty; nothing writes it"),
    ImportStatus.WAITING: ("…", Role.WARN, "is not bunsui's yet"),
    ImportStatus.UNDONE: ("✗", Role.BAD, "given back: files and tags are as before"),
    ImportStatus.LEFT: ("!", Role.BAD, "not given back: its files stay, and the same command goes on"),
}


def import_lines(imported: ImportPlan, *, where: str) -> Iterator[Line]:
    """Return what would be written, here and in AWS, machine by machine."""
    if imported.filed:
        yield line(span(f"import {_count(len(imported.filed), 'machine')} into {where}", Role.STRONG))
        yield line()
    for one in imported.machines:
        yield _heading(one)
        yield from (line(span(text, Role.HINT), indent=2) for text in one.candidate.steps)
        if one.status in (ImportStatus.NEW, ImportStatus.WATCH):
            yield from _files(one)
            yield from _ownership(one)
    if imported.filed:
        files = _count(len(imported.files), "new file")
        files += f", {_count(len(imported.edits), 'changed file')}" if imported.edits else ""
        calls = sum(len(one.writes) for one in imported.new)
        words = f"{_count(calls, 'call')} in AWS that change no execution, and the state" if calls else "nothing in AWS"
        yield line()
        yield line(span(f"{files}, {words}", Role.STRONG))


def outcome_lines(outcome: ImportOutcome) -> Iterator[Line]:
    """Return what became of each machine."""
    for one in outcome.machines:
        yield _heading(one)
    done = sum(one.status in (ImportStatus.IMPORTED, ImportStatus.OBSERVED) for one in outcome.machines)
    failed = sum(one.status in (ImportStatus.UNDONE, ImportStatus.LEFT) for one in outcome.machines)
    rest = f", {failed} not" if failed else ""
    yield line(span(f"{_count(done, 'machine')} imported{rest}", Role.STRONG))


def _heading(one: ImportedMachine) -> Line:
    symbol, role, words = _STATUS[one.status]
    about = span(f"  pipeline {one.candidate.pipeline}", Role.MUTED) if one.status is not ImportStatus.BLOCKED else span("")
    owned = one.status in (ImportStatus.WATCH, ImportStatus.OBSERVED, ImportStatus.WAITING)
    reason = one.reason or (f"{one.candidate.owner.words} owns it" if owned else "")
    why = f": {reason}" if reason else ""
    told = span(f"  {words}{why}" if one.status is not ImportStatus.NEW else "", role)
    return line(span(f"{symbol} ", role), span(one.candidate.machine.name, Role.NAME), about, told)


def _files(one: ImportedMachine) -> Iterator[Line]:
    for path, content in one.candidate.files.items():
        is_definition = path.endswith(".asl.json")
        size = f"  {len(content):,} bytes, as AWS has them" if is_definition else ""
        yield line(span(f"+ {path}", Role.CREATE), span(size, Role.MUTED), indent=2)
        if not is_definition:
            yield from (line(span(f"+ {text}", Role.CREATE), indent=6) for text in safe_lines(content.decode().rstrip()))


def _edit(edit: FileEdit, *, told: str) -> Iterator[Line]:
    """Return the lines of a file that change."""
    yield line(span(f"~ {edit.path}", Role.UPDATE), span(f"  {told}", Role.MUTED), indent=2)
    before, after = edit.before.decode().splitlines(), edit.after.decode().splitlines()
    for text in difflib.unified_diff(before, after, lineterm="", n=0):
        if text[:3] not in ("---", "+++") and text[:1] in "+-":
            role = Role.CREATE if text.startswith("+") else Role.DELETE
            yield from (line(span(shown, role), indent=6) for shown in safe_lines(f"{text[:1]} {text[1:]}"))


def _ownership(one: ImportedMachine) -> Iterator[Line]:
    for edit in one.candidate.edits:
        yield from _edit(edit, told="differs between environments" if one.candidate.variables else "without `observed`")
    if one.status is ImportStatus.WATCH:
        yield line(span("in AWS   ", Role.MUTED), span("nothing"), indent=2)
        return
    machine = one.candidate.machine
    calls = "; ".join(f"{call}: {_CALLS[call]}" for call in one.writes)
    yield line(span("in AWS   ", Role.MUTED), span(calls or "nothing: it carries our tags", Role.UPDATE), indent=2)
    others = [f"role {machine.role_arn}"]
    others += [f"log group {machine.log_group_arn}"] if machine.log_group_arn else []
    others += [f"aliases {', '.join(machine.aliases)}"] if machine.aliases else []
    others += [f"key {machine.key_arn}"] if machine.key_arn else []
    yield line(span("stays with others   ", Role.MUTED), span("; ".join(others)), indent=2)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
