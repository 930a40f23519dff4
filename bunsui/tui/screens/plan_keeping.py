"""What a screen does that keeps a change made outside: show what the files would say, ask, write, plan again."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from bunsui.plan.model import ResourceChange
from bunsui.tui.messages import FilesWritten, KeepForeseen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.plan_applying import ApplyingScreen
from bunsui.view.plan.review.keeping import keeping_lines, kept_words
from bunsui.view.plan.wording import kind_words
from bunsui.view.spans import Line, Role, line, span


class KeepingScreen(ApplyingScreen):
    """A screen that writes outside changes into the files. Subclasses say which change, and plan again."""

    writes: ClassVar[frozenset[str]] = frozenset({"apply", "keep"})

    BINDINGS: ClassVar[list[BindingType]] = [Binding("K", "keep", "keep outside…", id="plan.keep")]

    @property
    def outside_change(self) -> ResourceChange | None:
        """The change under the cursor, where somebody changed the resource outside."""
        return None

    def action_plan(self) -> None:
        """Plan again."""

    def show_reasons(self, lines: tuple[Line, ...]) -> None:
        """Show why nothing can be kept."""

    @property
    def can_keep(self) -> bool:
        """True where there is an outside change under the cursor, and a key of a file that may say it."""
        may = not self.bridge.read_only and self.bridge.file is None and self.progress is None
        change = self.outside_change if may else None
        if change is None:
            return False
        from bunsui.services.drafting.outside import may_be_kept  # deferred: brings YAML, which the plan has read by now

        return may_be_kept(change)

    def action_keep(self) -> None:
        """Find out what keeping the outside change writes."""
        change = self.outside_change
        if change is not None and self.can_keep:
            self.bridge.keep(self, change)

    def on_keep_foreseen(self, message: KeepForeseen) -> None:
        """Show what would be written, and ask."""
        kept = message.kept
        named = f"{kind_words(message.change.address.kind)} {message.change.address.name}".rstrip()
        heading = line(span(f"{named} of {message.change.address.pipeline}", Role.NAME))
        if not kept.drafts:
            self.show_reasons((line(span("Nothing can be kept", Role.STRONG)), heading, line(), *keeping_lines(kept)))
            return
        says = line(span(f"the files then say what AWS has: {kept_words(kept)}", Role.MUTED))
        told = [heading, says, line(), *keeping_lines(kept)]
        self.app.push_screen(
            ConfirmScreen(
                "Write the outside change into the files?", told, yes="write", on_yes=lambda: self.bridge.write(self, kept)
            )
        )

    def on_files_written(self, message: FilesWritten) -> None:
        """Say what was written, and plan again: what was kept is undone no more."""
        self.action_plan()
        self.answer(line(span("✓ wrote ", Role.GOOD), span(", ".join(message.files), Role.NAME), span("; planning again")))
