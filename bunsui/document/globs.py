"""The globs of `pipelines:` (`*`, `?`, `**`), and what no pattern and no code folder ever reaches."""

from __future__ import annotations

import re

LEFT_OUT_FOLDERS = frozenset({"__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
LEFT_OUT_FILES = frozenset({".DS_Store"})


def is_left_out(name: str) -> bool:
    """Tell whether a file or folder of that name never belongs to a code folder."""
    return name in LEFT_OUT_FOLDERS or name in LEFT_OUT_FILES or name.endswith(".pyc")


def fixed_part(pattern: str) -> str:
    """Give the folder below which everything lies that the glob can match; empty for the root."""
    parts = pattern.split("/")[:-1]
    fixed: list[str] = []
    for part in parts:
        if any(character in part for character in "*?[") or part in ("..", ""):
            break
        fixed.append(part)
    return "/".join(fixed)


def glob_pattern(pattern: str) -> re.Pattern[str]:
    """Give the glob as a pattern for whole paths; `**` stands for any number of folders."""
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    expression = ""
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        if part == "**":
            expression += ".*" if is_last else "(?:[^/]+/)*"
            continue
        piece = "".join("[^/]*" if c == "*" else "[^/]" if c == "?" else re.escape(c) for c in part)
        expression += piece if is_last else piece + "/"
    return re.compile(expression)
