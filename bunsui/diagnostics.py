"""Diagnostics: what is wrong with the user's files, where, why it matters and how to fix it.

User mistakes are values, not exceptions: functions return them, callers collect them, faces sort and show them late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a finding matters; only errors stop a plan."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file of the project."""

    file: str
    """Path relative to the project's root, with `/`."""
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1, in characters."""

    def __str__(self) -> str:
        """Return `file:line:column`, the form that editors and terminals make clickable."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Why a finding is lived with."""

    reason: str
    until: str = ""
    """The last day on which it is, as 2027-01-31; empty means that there is none."""
    in_place: bool = False
    """True when the pipeline's own file says so, false for the project file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding."""

    code: str
    """Stable, `BS` and three digits: BS0xx intake, BS1xx schema, BS2xx references and DAG, BS3xx expressions, BS4xx ASL and
    limits, BS5xx plan checks."""
    severity: Severity
    summary: str
    """One sentence without a final full stop. May quote names from the file; faces escape them."""
    position: Position | None = None
    """None only for findings about the project as a whole."""
    detail: str = ""
    """What is wrong and why it matters, when the summary cannot say it all."""
    hint: str = ""
    """How to fix it, or "did you mean"."""
    pointer: str = ""
    """JSON pointer inside the document or the state machine definition."""
    excerpt: str = ""
    """The offending line of the file, unescaped."""
    subject: str = ""
    """The address of the resource that a plan check is about; empty for findings about files."""
    accepted: Acceptance | None = None
    """None: nobody accepted it. An accepted finding is shown folded, and never an error."""

    @property
    def is_error(self) -> bool:
        """True when this finding stops a plan."""
        return self.severity is Severity.ERROR


def sorted_diagnostics(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the findings by file, line, column and code, duplicates removed; those without a place come last."""
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=lambda d: (d.position is None, d.position or Position("", 0, 0), d.code, d.summary)))


def has_errors(diagnostics: Sequence[Diagnostic]) -> bool:
    """Tell whether any finding stops a plan."""
    return any(d.is_error for d in diagnostics)
