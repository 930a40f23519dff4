"""The user's own editor: a text goes to it, and comes back."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from textual.app import App, SuspendNotSupported

from bunsui.view.spans import Line, Role, line, span


def edit_in_editor(app: App[None], content: bytes) -> bytes | Line:
    """Let the user edit a text in $VISUAL or $EDITOR, in the terminal that the screens leave meanwhile; return the text, or why
    there is none."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="bunsui-") as folder:
        file = Path(folder) / "draft.yaml"
        file.write_bytes(content)
        try:
            with app.suspend():
                done = subprocess.run([*command, str(file)], check=False)
        except (OSError, SuspendNotSupported) as problem:
            return line(span(f"{command[0]} did not start: {problem}", Role.BAD))
        if done.returncode:
            return line(span(f"{command[0]} ended with {done.returncode}: the draft is as it was", Role.WARN))
        return file.read_bytes()
