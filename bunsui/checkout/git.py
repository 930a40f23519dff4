"""Runs git where it can do nothing but answer."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a git command ended."""

    ok: bool
    out: str
    said: str
    """What it wrote to stderr, its first line."""


def command(folder: Path, *arguments: str) -> list[str]:
    """Give the command line: in the folder, with no hooks, no file system monitor, and no way to a remote."""
    off = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never")
    return ["git", *(part for setting in off for part in ("-c", setting)), "-C", str(folder), *arguments]


def environment() -> Mapping[str, str]:
    """Give the environment: no prompt, no pager, no lock, no replaced objects, and what is missing is not fetched."""
    quiet = {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }
    return {**os.environ, **quiet}


def ask(folder: Path, *arguments: str) -> Answer:
    """Ask git; an answer that is not ok where git is missing or does not answer in time."""
    try:
        done = subprocess.run(
            command(folder, *arguments),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            env=environment(),
            check=False,
            errors="surrogateescape",
        )
    except FileNotFoundError:
        return Answer(ok=False, out="", said="git is not installed")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Answer(ok=False, out="", said=f"git did not answer ({type(error).__name__})")
    return Answer(ok=done.returncode == 0, out=done.stdout, said=done.stderr.strip().partition("\n")[0])
