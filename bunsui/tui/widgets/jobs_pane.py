"""The jobs of a draft: the pipeline's own settings first, each job with its type and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from bunsui.diagnostics import Severity
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.spans import Role, Span, line, span
from bunsui.view.table import cells

if TYPE_CHECKING:
    from bunsui.view.builder.page import DraftPage

PIPELINE = "\x00pipeline"
"""The key of the row of the pipeline itself: no job can be called so."""

_PIPELINE_WORD = "pipeline"
_KIND = 12
"""Cells that the type of a job takes at most."""


class JobsPane(VirtualTable, inherit_bindings=False):
    """`enter` goes to the form of what the cursor is on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VirtualTable.BINDINGS[:-1],
        Binding("enter", "choose", "form", id="list.open", key_display="enter"),
    ]

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(_columns(_KIND), id="parts")
        self._page: DraftPage | None = None

    @property
    def job(self) -> str:
        """The job under the cursor; empty on the pipeline itself."""
        key = self.cursor_key
        return "" if key in (None, PIPELINE) else str(key)

    def show_page(self, page: DraftPage) -> None:
        """Show a draft's jobs."""
        from bunsui.view.builder.page import kind_words  # deferred: brings YAML

        self._page = page
        self.set_columns(_columns(max((cells(kind_words(job)) for job in page.jobs), default=0)))
        self.show((PIPELINE, *(job.name for job in page.jobs)), self._cells)

    def _cells(self, key: str) -> Cells:
        from bunsui.view.builder.page import SETTINGS, kind_words  # deferred: brings YAML

        page = self._page
        assert page is not None, "rows come with a page"
        if key == PIPELINE:
            return line(span(page.pipeline, Role.STRONG)), line(span(_PIPELINE_WORD, Role.MUTED)), line(_mark(page, SETTINGS))
        job = next(one for one in page.jobs if one.name == key)
        return line(span(f"  {key}", Role.NAME)), line(span(kind_words(job), Role.MUTED)), line(_mark(page, key))


def _columns(kind: int) -> tuple[Column, ...]:
    """Return the columns for types of so many cells: what they leave is for the names. Edits are the user's own: none is
    marked as news."""
    width = min(max(kind, len(_PIPELINE_WORD)), _KIND)
    return (
        Column(title="jobs", quiet=True),
        Column(title="", width=width, least_room=26, quiet=True),
        Column(title="", width=1, quiet=True),
    )


def _mark(page: DraftPage, job: str) -> Span:
    found = {finding.severity for finding in page.findings_of(job) if finding.accepted is None}
    if Severity.ERROR in found:
        return span("✗", Role.BAD)
    return span("!", Role.WARN) if Severity.WARNING in found else span("")
