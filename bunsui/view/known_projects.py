"""The user's list of projects, as it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.folders.known_projects import KnownProject
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

_COLUMNS = ("project", "environment", "account", "region", "credentials")


def project_lines(entries: Sequence[KnownProject], *, width: int | None = None) -> tuple[Line, ...]:
    """Return the entries as a table of at most `width` cells."""
    if not entries:
        return (Line.of(("no projects", Role.MUTED)),)
    return table(_COLUMNS, [_row(one) for one in entries], Layout(whole=frozenset({0, 1})), width=width)


def changed_lines(former: KnownProject, entry: KnownProject) -> tuple[Line, ...]:
    """Return what an entry says otherwise than the one that it would replace, a line each."""
    before, after = former.values, entry.values
    title = line(span(f"{entry.project} {entry.environment}", Role.NAME))
    keys = [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]
    return (
        title,
        *(
            line(
                span(f"{key}  ", Role.MUTED),
                span(before.get(key, "none"), Role.BEFORE),
                span(" → "),
                span(after.get(key, "none"), Role.AFTER),
                indent=2,
            )
            for key in keys
        ),
    )


def _row(entry: KnownProject) -> tuple[Span, ...]:
    credentials = entry.role_arn or (f"profile {entry.profile}" if entry.profile else "")
    where = (entry.account, entry.region) if not entry.folder else ("embedded", entry.folder)
    return (span(entry.project, Role.NAME), span(entry.environment), *map(span, where), span(credentials, Role.MUTED))
