"""What a schema cannot see of rules or acceptances: that a reason is there, that a day exists."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.rules import Level, is_day
from bunsui.document.yaml.tree import Document, Path
from bunsui.finding_codes import FINDINGS
from bunsui.model.json import Json

_CODE = re.compile(r"BS[0-9]{3}")


def check_rules(document: Document, rules: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Return what is wrong with `rules` of the project file; the data may be of any shape."""
    for code, entry in rules.items():
        path: Path = ("rules", code)
        yield from _report_unknown_code(document, code, path, on_key=True)
        several = entry if isinstance(entry, list) else None
        for index, one in enumerate(several if several is not None else [entry]):
            where = (*path, index) if several is not None else path
            if one == Level.ACCEPT.value:
                yield _no_reason(document, where, f'{code}: {{level: accept, reason: "…"}}')
            elif isinstance(one, Mapping):
                if one.get("level") == Level.ACCEPT.value and not _says_something(one.get("reason")):
                    yield _no_reason(document, where, 'Add  reason: "…"  to it.')
                yield from _day(document, one, where)


def check_acceptances(document: Document, entries: Json) -> Iterator[Diagnostic]:
    """Return what is wrong with `accept` of a pipeline file; the data may be of any shape."""
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping):
            path: Path = ("accept", index)
            code = entry.get("code")
            if isinstance(code, str):
                yield from _report_unknown_code(document, code, (*path, "code"), on_key=False)
            if "reason" in entry and not _says_something(entry["reason"]):
                yield _no_reason(document, (*path, "reason"), "Say why.")
            yield from _day(document, entry, path)


def _report_unknown_code(document: Document, code: str, path: Path, *, on_key: bool) -> Iterator[Diagnostic]:
    """A code that nobody gives: it does nothing. A plugin may have codes of its own, so this is no error."""
    if code not in FINDINGS and _CODE.fullmatch(code):
        near = difflib.get_close_matches(code, FINDINGS, n=1, cutoff=0.7)
        summary = f"bunsui has no finding {code}"
        hint = f"Did you mean {near[0]}?" if near else "`bunsui explain CODE` says what a code means."
        yield document.finding("BS209", summary, path, on_key=on_key, severity=Severity.WARNING, hint=hint)


def _no_reason(document: Document, path: Path, hint: str) -> Diagnostic:
    return document.finding(
        "BS209",
        "a finding is accepted without a reason",
        path,
        detail="The reason is shown with the finding wherever a plan is read.",
        hint=hint,
    )


def _day(document: Document, entry: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    until = entry.get("until")
    if isinstance(until, str) and not is_day(until):
        yield document.finding("BS209", "until is no day of the calendar", (*path, "until"), hint="Write it as 2027-01-31.")


def _says_something(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())
