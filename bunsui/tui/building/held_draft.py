"""What is needed of the desk on which the draft lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from textual.message_pump import MessagePump

from bunsui.tui.work_threads import Post, Task

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.document.edit.draft import Draft
    from bunsui.document.edit.edits import DocumentEdit
    from bunsui.document.yaml.tree import Path as Place
    from bunsui.project.repository import Repository
    from bunsui.view.builder.page import DraftPage

MakeEdit = Callable[["Draft", "Repository"], "DocumentEdit"]
"""Makes an edit of the draft as it is when its turn comes."""


class HeldDraft(Protocol):
    """The draft, the files around it, and the one queue of what is done with both."""

    when_written: Callable[[], object]

    @property
    def page(self) -> DraftPage | None:
        """The draft of now with what was found in it; None before one is open."""
        ...

    @property
    def root(self) -> Path:
        """The project's folder. Refused where there are no files to edit."""
        ...

    def files(self, *, anew: bool = False) -> Repository:
        """Return the project's files; read `anew`, also what others wrote meanwhile."""
        ...

    def draft(self) -> Draft:
        """Return the draft as it is now. Refused where none is open."""
        ...

    def do(self, asker: MessagePump, task: Task) -> None:
        """Let a task follow those that were asked for before."""
        ...

    def refuse_when_read_only(self) -> None:
        """Refuse to write where that was excluded at the start."""
        ...

    def apply_edit(self, make: MakeEdit, summary: str, then: Place | None, post: Post, asker: MessagePump) -> None:
        """Make an edit now, in the thread of a task, and show what came of it."""
        ...

    def check_again(self, asker: MessagePump) -> None:
        """Hold the draft against the files as they are now."""
        ...
