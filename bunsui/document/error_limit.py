"""A bound on what is said about one file: who made a thousand mistakes made one, and to look for more takes time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bunsui.diagnostics import Diagnostic
from bunsui.document.yaml.tree import Document

MOST_ERRORS = 100
"""Errors that one check tells of one file."""


def distinct(findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Return the findings without those that were there before: what a default says is found once for each operation."""
    seen: set[tuple[object, ...]] = set()
    for finding in findings:
        key = (finding.position, finding.code, finding.summary)
        if key not in seen or finding.position is None:
            seen.add(key)
            yield finding


def at_most(document: Document, findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Return the findings up to the hundredth error and, if there is another one, say so; nothing is looked for beyond it."""
    errors = 0
    for finding in distinct(findings):
        errors += finding.is_error
        if errors > MOST_ERRORS:
            yield document.finding(
                "BS014",
                f"there are more errors: these are the first {MOST_ERRORS}",
                (),
                hint="Correct these first; many of them may have one cause.",
            )
            return
        yield finding
