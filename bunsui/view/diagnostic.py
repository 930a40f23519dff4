"""Findings for whoever reads them: terminals, programs, GitHub's annotations and code scanning (SARIF)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.view.commands import labelled_hint
from bunsui.view.plan.accepted import acceptance_words, accepted_lines
from bunsui.view.safe import safe, safe_lines
from bunsui.view.spans import Line, Role

_ROLES = {Severity.ERROR: Role.BAD, Severity.WARNING: Role.WARN, Severity.INFO: Role.INFO}
_WIDEST_EXCERPT = 68
_BEFORE_CARET = 48


def diagnostic_lines(diagnostics: Sequence[Diagnostic], *, prefix: str = "") -> tuple[Line, ...]:
    """Return each finding with its line, a caret under the place, and its remedy; an empty line between two. Accepted ones are
    folded at the end.

    `prefix` stands before file names, so that they can be opened from where the reader is.
    """
    lines: list[Line] = []
    for finding in (found for found in diagnostics if found.accepted is None):
        if lines:
            lines.append(Line())
        lines += _one(finding, prefix)
    folded = accepted_lines((found.code, found.accepted) for found in diagnostics if found.accepted is not None)
    return (*lines, *((Line(),) if lines and folded else ()), *folded)


def summary_line(diagnostics: Sequence[Diagnostic], *, files: int, pipelines: int) -> Line:
    """Return one sentence about all findings."""
    open_ones = [finding for finding in diagnostics if finding.accepted is None]
    counts = [(severity, sum(finding.severity is severity for finding in open_ones)) for severity in Severity]
    said = ", ".join(
        _count_words(count, severity.value) for severity, count in counts if count and severity is not Severity.INFO
    )
    if count := len(diagnostics) - len(open_ones):
        said += f"{', ' if said else ''}{count} accepted"
    what = (
        f"{_count_words(pipelines, 'pipeline')} in {_count_words(files, 'file')}" if pipelines else _count_words(files, "file")
    )
    broken = {finding.position.file for finding in diagnostics if finding.is_error and finding.position is not None}
    if any(finding.is_error for finding in diagnostics):
        where = f" in {_count_words(len(broken), 'file')}" if broken else ""
        return Line.of((said, Role.BAD), (where, Role.PLAIN))
    if said:
        return Line.of((what, Role.PLAIN), (": valid, with ", Role.PLAIN), (said, Role.WARN))
    return Line.of((what, Role.PLAIN), (": valid", Role.GOOD))


def github_lines(diagnostics: Sequence[Diagnostic], *, prefix: str = "") -> tuple[str, ...]:
    """Return workflow commands that GitHub shows beside the changed lines."""
    kinds = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
    return tuple(
        f"::{kinds[finding.severity]} {_properties(finding, prefix)}::{_message(finding)}"
        for finding in diagnostics
        if finding.accepted is None
    )


def sarif(diagnostics: Sequence[Diagnostic], *, version: str, prefix: str = "") -> dict[str, Json]:
    """Return a SARIF 2.1.0 log with one run."""
    levels = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    codes = sorted({finding.code for finding in diagnostics})
    results: list[Json] = []
    for finding in diagnostics:
        result: dict[str, Json] = {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": levels[finding.severity],
            "message": {"text": safe(_sentences(finding))},
        }
        if finding.accepted is not None:
            kind = "inSource" if finding.accepted.in_place else "external"
            result["suppressions"] = [{"kind": kind, "justification": safe(acceptance_words(finding.accepted))}]
        if finding.position is not None:
            region = {"startLine": finding.position.line, "startColumn": finding.position.column}
            artifact = {"uri": quote(prefix + finding.position.file)}
            result["locations"] = [{"physicalLocation": {"artifactLocation": artifact, "region": region}}]
        results.append(result)
    driver: dict[str, Json] = {"name": "bunsui", "version": version, "rules": [{"id": code} for code in codes]}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _one(finding: Diagnostic, prefix: str) -> Iterator[Line]:
    place = f"{prefix}{finding.position}: " if finding.position is not None else ""
    severity = finding.severity.value
    yield Line.of(
        (place, Role.STRONG),
        (severity, _ROLES[finding.severity]),
        (f" {finding.code} ", Role.MUTED),
        (finding.summary, Role.PLAIN),
    )
    if finding.position is not None and finding.excerpt:
        yield from _excerpt(finding.excerpt, finding.position.line, finding.position.column, _ROLES[finding.severity])
    for text in safe_lines(finding.detail) if finding.detail else ():
        yield Line.of(("  ", Role.PLAIN), (text, Role.MUTED))
    yield from (item.indented(2) for item in labelled_hint(finding.hint))


def _excerpt(text: str, number: int, column: int, role: Role) -> Iterator[Line]:
    start = max(0, column - 1 - _BEFORE_CARET)
    while start < column - 1 and _columns(text[start : column - 1]) > _BEFORE_CARET:
        start += 1
    cut = text[start : start + _WIDEST_EXCERPT]
    while _columns(cut) > _WIDEST_EXCERPT:
        cut = cut[: -max(1, (_columns(cut) - _WIDEST_EXCERPT) // 2)]
    before = safe(cut[: column - 1 - start])
    left = "…" if start else ""
    right = "…" if start + len(cut) < len(text) else ""
    gutter = f"{number:>6} | "
    yield Line.of((gutter, Role.MUTED), (left + safe(cut) + right, Role.PLAIN))
    yield Line.of((" " * (len(gutter) - 2) + "| " + " " * (len(left) + _columns(before)), Role.MUTED), ("^", role))


def _columns(text: str) -> int:
    """Return how many terminal columns the text takes: full-width characters two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) != 0 for character in text)


def _sentences(finding: Diagnostic) -> str:
    said = [finding.summary, finding.detail, finding.hint]
    return ". ".join(" ".join(part.split()).rstrip(".") for part in said if part) + "."


def _message(finding: Diagnostic) -> str:
    return _escape_text(_sentences(finding))


def _properties(finding: Diagnostic, prefix: str) -> str:
    said: dict[str, object] = {"title": f"bunsui {finding.code}"}
    if finding.position is not None:
        position = finding.position
        said = {"file": prefix + position.file, "line": position.line, "col": position.column, **said}
    return ",".join(
        f"{name}={_escape_text(str(value)).replace(':', '%3A').replace(',', '%2C')}" for name, value in said.items()
    )


def _escape_text(text: str) -> str:
    """Escape as the Actions runner wants it; then what does not print, so that a file cannot hide anything in a log."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return safe(escaped)


def _count_words(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
