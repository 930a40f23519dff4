"""Which files of a function's code changed: digests of the files, for the functions that a plan makes or changes."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import replace

from bunsui.model.resource import CodeSource, DesiredResource
from bunsui.plan.model import Plan, ResourceChange
from bunsui.ports.source import Source

MOST_FILES = 40
"""Of code with more files nothing is kept: the state would grow with every vendored library."""


def with_code_files(plan: Plan, source: Source) -> Plan:
    """Return the plan with what each changed function's code is made of; apply keeps it, and the next plan compares."""
    known: dict[tuple[str, str | None], Mapping[str, str]] = {}

    def told(change: ResourceChange) -> ResourceChange:
        desired = change.desired
        if desired is None or desired.code is None or not change.is_change:
            return change
        key = (desired.code.path, desired.code.requirements)
        if key not in known:
            known[key] = code_files(desired.code, source)
        return replace(change, desired=with_files(desired, known[key]))

    return replace(plan, changes=tuple(map(told, plan.changes)))


def with_former_code_files(plan: Plan, before: Iterable[DesiredResource], source: Source) -> Plan:
    """Return the plan with what each changed function's code was made of in another checkout, the one compared with."""
    codes = {item.address: item.code for item in before if item.code is not None}

    def told(change: ResourceChange) -> ResourceChange:
        code = codes.get(change.address)
        if code is None or change.applied is None or not change.is_change:
            return change
        return replace(change, applied=replace(change.applied, files=code_files(code, source)))

    return replace(plan, changes=tuple(map(told, plan.changes)))


def with_files(desired: DesiredResource, files: Mapping[str, str]) -> DesiredResource:
    """Return the function with what its code is made of."""
    return desired if desired.code is None else replace(desired, code=replace(desired.code, files=files))


def code_files(code: CodeSource, source: Source) -> Mapping[str, str]:
    """Return twelve hex digits for each file, by its path in the project, the lock included; nothing for too many files."""
    if code.is_own:
        return {}
    entries = source.folder(code.path, exclude=code.exclude, include=code.include)
    if len(entries) > MOST_FILES:
        return {}
    contents = {
        posixpath.normpath(f"{code.path}/{entry.path}"): (b"x" if entry.executable else b"-") + entry.content
        for entry in entries
    }
    if code.requirements is not None:
        contents[code.requirements] = source.read(code.requirements)
    return {path: hashlib.sha256(content).hexdigest()[:12] for path, content in contents.items()}
