"""How a session's jobs look in the picture of its graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bunsui.view.drawing.picture import NodeStyle
from bunsui.view.sessions.job_rows import JobRow
from bunsui.view.spans import Role


def job_styles(rows: Iterable[JobRow]) -> Mapping[str, NodeStyle]:
    """Return the style of each job by its name: its status, how often it was tried, how many of its items are done.

    Jobs of nested pipelines are left out: the picture is that of the session's own.
    """
    return {
        row.name: NodeStyle(
            glyph=row.symbol.text,
            role=row.symbol.role,
            suffix="  ".join(text for text in (row.items, row.tries) if text),
            words=row.word.text,
            name_role=Role.NAME,
        )
        for row in rows
        if row.depth == 0
    }
