"""The user's editor, told to open a file at a line."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

_FALLBACK = "vi"
_GO_TO = frozenset({"code", "code-insiders", "codium", "cursor", "windsurf"})
"""Editors that take `-g FILE:LINE`."""
_WAITS = _GO_TO | {"zed", "subl"}
"""Editors that return at once unless `--wait` says otherwise."""
_COLON = frozenset({"hx", "helix", "zed", "subl"})
"""Editors that take `FILE:LINE`."""


def editor_command(environment: Mapping[str, str], path: Path, line: int, *, waits: bool = False) -> list[str]:
    """Return the command line that opens the file: of VISUAL, else EDITOR, else vi. One that `waits` ends with the editor."""
    asked = environment.get("VISUAL") or environment.get("EDITOR") or _FALLBACK
    try:
        words = shlex.split(asked) or [_FALLBACK]
    except ValueError:
        words = [_FALLBACK]
    name = Path(words[0]).name
    if waits and name in _WAITS and not {"-w", "--wait"} & set(words):
        words = [*words, "--wait"]
    if name in _GO_TO:
        return [*words, "-g", f"{path}:{line}"]
    if name in _COLON:
        return [*words, f"{path}:{line}"]
    return [*words, f"+{line}", str(path)]
