"""What git says about the project's folder. Nothing of the repository is run: hooks, filters and pagers stay off."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_TIMEOUT_SECONDS = 5


def commit_of(folder: Path) -> str:
    """Give the short commit of the folder's checkout, with `*` when tracked files differ; empty outside git or without git."""
    head = _git(folder, "rev-parse", "--short=12", "HEAD")
    if not head:
        return ""
    return head + ("*" if _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ".") else "")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", str(folder), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, env=environment, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        # The commit is a note for people; a machine without git can still plan and apply.
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
