"""The user's own editor: a text goes to it, and comes back."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from textual.app import App, SuspendNotSupported

from bunsui.tui.editor import editor_command
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span


def edit_in_editor(app: App[None], content: bytes) -> bytes | Line:
    """Let the user edit a text in $VISUAL or $EDITOR, in the terminal that the screens leave meanwhile; return the text, or why
    there is none."""
    with tempfile.TemporaryDirectory(prefix="bunsui-") as folder:
        file = Path(folder) / "draft.yaml"
        file.write_bytes(content)
        problem = _run_editor(app, file)
        if problem is not None:
            return line(*problem.parts, span(": the draft is as it was", Role.MUTED))
        try:
            return file.read_bytes()
        except OSError:
            return line(span("the editor left no file: the draft is as it was", Role.WARN))


def edit_file(app: App[None], file: Path) -> Line:
    """Let the user edit a file of the project where it is; return what there is to say of it."""
    problem = _run_editor(app, file)
    return problem or line(span("back from ", Role.MUTED), span(file.name, Role.NAME))


def _run_editor(app: App[None], file: Path) -> Line | None:
    """Run the editor until it ends; return why it was none."""
    command = editor_command(os.environ, file, 1, waits=True)
    name = safe(command[0])
    try:
        with app.suspend():
            done = subprocess.run(command, check=False)
    except SuspendNotSupported:
        return line(span("this terminal cannot be left to an editor", Role.BAD))
    except OSError as problem:
        return line(span(f"{name} cannot be started: {problem.strerror}. Set EDITOR", Role.BAD))
    if done.returncode:
        return line(span(f"{name} ended with {done.returncode}", Role.WARN))
    return None
