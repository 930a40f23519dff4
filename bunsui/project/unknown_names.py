"""Names that lead nowhere: what was probably meant, and what there is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from bunsui.command_line import command_line
from bunsui.errors import InvalidInput, NotFound

_LISTED = 12
"""Names that are listed; the others are counted."""


def unknown_name(code: str, summary: str, *, what: str, name: str, known: Iterable[str], see: str) -> NotFound:
    """Return the error for a name that is not among the known ones; `what` is the noun, `see` the command that lists all."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"Did you mean `{near[0]}`?" if near else f"See all of them:\n  {see}"
    return NotFound(code, summary, hint=hint, **{what: name, f"{what}{'es' if what.endswith('s') else 's'}": list_names(names)})


def invalid_file(name: str, file: str) -> InvalidInput:
    """Return the error for a pipeline that is there, but whose file has errors."""
    return InvalidInput(
        "pipeline-invalid",
        "the file of this pipeline has errors",
        hint=f"See them:\n  {command_line('validate', file)}",
        pipeline=name,
        file=file,
    )


def list_names(names: Iterable[str]) -> str:
    """Return the names on one line: the first dozen, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - _LISTED} more" if len(every) > _LISTED else ""
    return ", ".join(every[:_LISTED]) + more if every else "none"
