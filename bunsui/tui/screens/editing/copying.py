"""What may be copied of a draft: names, text, the job under the cursor, what is wrong with it, the command that checks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.tui.screens.choose import MenuChoice

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.diagnostics import Diagnostic
    from bunsui.view.builder.page import DraftPage


def draft_copies(page: DraftPage, job: str, finding: Diagnostic | None, complete: Callable[[str], str]) -> list[MenuChoice]:
    """Return the choices, what is under the cursor first; `complete` completes a command for where the user is."""
    text = page.draft.content.decode("utf-8", errors="replace")
    lines = text.splitlines()
    choices: list[MenuChoice] = []
    if finding is not None:
        choices.append(MenuChoice(label="finding", value=f"{finding.position or page.draft.file}: {finding.summary}"))
    if job:
        own = [shown for number, shown in enumerate(lines, start=1) if page.job_at(number) == job]
        choices.append(MenuChoice(label="job", value="\n".join(own)))
    return [
        *choices,
        MenuChoice(label="pipeline", value=page.pipeline),
        MenuChoice(label="file", value=page.draft.file),
        MenuChoice(label="text", value=text),
        MenuChoice(label="command", value=complete(command_line("validate", page.draft.file))),
    ]
