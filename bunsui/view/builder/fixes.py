"""The edit that a finding offers, where its hint names exactly one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.document.edit.edits import DocumentEdit, RenameKey, SetValue
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json

_MEANT = re.compile(r"Did you mean (\S+)\?")
_UNKNOWN_KEY = "unknown key "
"""How the summary of such a finding begins: its hint is about the key, every other one's about the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFix:
    """An edit with what it does."""

    summary: str
    word: str
    """What would stand there."""
    edit: DocumentEdit


def fix_of(document: Document | None, finding: Diagnostic) -> OfferedFix | None:
    """Return the edit that a finding's hint asks for; None when it names none, or the place is not in the file."""
    meant = _MEANT.search(finding.hint)
    if document is None or meant is None:
        return None
    path = path_of(document.data, finding.pointer)
    if not path:
        return None
    word = meant.group(1)
    if finding.summary.startswith(_UNKNOWN_KEY):
        return OfferedFix(summary=f"{path[-1]} → {word}", word=word, edit=RenameKey(path=path, key=word))
    here = document.node(path).value
    if not isinstance(here, str):
        return None
    return OfferedFix(summary=f"{here} → {word}", word=word, edit=SetValue(path=path, value=word))


def path_of(data: Json, pointer: str) -> Path:
    """Return the keys and indexes of a JSON pointer; empty when the data has no such place."""
    found: list[str | int] = []
    current = data
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(current, dict) and name in current:
            found.append(name)
            current = current[name]
        elif isinstance(current, list) and name.isdigit() and int(name) < len(current):
            found.append(int(name))
            current = current[int(name)]
        else:
            return ()
    return tuple(found)
