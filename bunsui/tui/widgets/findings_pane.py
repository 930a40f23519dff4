"""What is wrong with a draft, worst first; `enter` goes to the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    from bunsui.diagnostics import Diagnostic
    from bunsui.document.yaml.tree import Path
    from bunsui.view.builder.page import DraftPage


class FindingsPane(VirtualTable, inherit_bindings=False):
    """A row for each finding that nobody accepted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VirtualTable.BINDINGS[:-1],
        Binding("enter", "choose", "go there", id="list.open", key_display="enter"),
    ]

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__([Column(title="")], id="findings")
        self._findings: tuple[Diagnostic, ...] = ()
        self._page: DraftPage | None = None

    @property
    def finding(self) -> Diagnostic | None:
        """The finding under the cursor."""
        return self._findings[int(self.cursor_key)] if self.cursor_key is not None and self._findings else None

    def show_page(self, page: DraftPage) -> None:
        """Show what was found in a draft, and elsewhere because of it."""
        self._page = page
        found = [finding for finding in (*page.findings, *page.others) if finding.accepted is None]
        found.sort(key=lambda finding: (not finding.is_error, finding.severity.value != "warning"))
        self._findings = tuple(found)
        self.show([str(number) for number in range(len(found))], self._cells)
        self.styles.height = max(len(found), 1) + 1

    def place_of(self, finding: Diagnostic, page: DraftPage) -> Path:
        """Return the place in the draft that a finding is about; empty when it is about none."""
        from bunsui.document.form.fixes import path_of  # deferred: brings YAML

        return path_of(page.data, finding.pointer) or ()

    def _cells(self, key: str) -> Cells:
        finding, page = self._findings[int(key)], self._page
        role = Role.BAD if finding.is_error else Role.WARN if finding.severity.value == "warning" else Role.INFO
        is_own = page is not None and finding.position is not None and finding.position.file == page.draft.file
        at = "" if finding.position is None else f"{finding.position.line} " if is_own else f"{finding.position} "
        offer = page.offers.get(finding, "") if page is not None else ""
        fix = [span(f"  f: {offer}", Role.HINT)] if offer else []
        mark = "✗ " if finding.is_error else "! "
        return (
            line(
                span(mark, role), span(at, Role.MUTED), span(finding.summary, role), *fix, span(f"  {finding.hint}", Role.MUTED)
            ),
        )
