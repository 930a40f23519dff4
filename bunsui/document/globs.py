"""Which files a pattern finds: of `pipelines:` and of code folders (`*`, `?`, `**`), and what none ever reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DRAFTS_FOLDER = ".bunsui-drafts"
"""Where drafts of the files beside it are kept."""
LEFT_OUT_FOLDERS = frozenset({"__pycache__", ".bunsui", DRAFTS_FOLDER, ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
OWN_OF_TOOLS = frozenset({".bunsui", DRAFTS_FOLDER, ".git"})
"""What is no part of a project, whoever names it. On some file systems `.GIT` is the same folder."""
LEFT_OUT_FILES = frozenset({".DS_Store"})


def is_left_out(name: str) -> bool:
    """Tell whether a file or folder of that name never belongs to a code folder."""
    return name in LEFT_OUT_FOLDERS or name in LEFT_OUT_FILES or name.endswith(".pyc")


def fixed_part(pattern: str) -> str:
    """Return the folder below which everything lies that the glob can match; empty for the root."""
    parts = pattern.split("/")[:-1]
    fixed: list[str] = []
    for part in parts:
        if any(character in part for character in "*?[") or part in ("..", ""):
            break
        fixed.append(part)
    return "/".join(fixed)


@dataclass(frozen=True, slots=True)
class Glob:
    """One pattern. Who may write it into a pull request must not be able to make it slow, hence no regular expression: a
    path takes steps as many as it has folders, for each part of the pattern."""

    parts: tuple[str, ...]

    def fullmatch(self, path: str) -> bool:
        """Tell whether the pattern is about this whole path, with `/`, from the root."""
        reached = self._after_folders({0})
        for segment in path.split("/"):
            reached = self._after_folders({after for place in reached for after in self._after(place, segment)})
        return len(self.parts) in reached

    def _after(self, place: int, segment: str) -> Iterator[int]:
        if place == len(self.parts):
            return
        if self.parts[place] == "**":
            yield place
            if place == len(self.parts) - 1:
                yield place + 1
        elif _matches(self.parts[place], segment):
            yield place + 1

    def _after_folders(self, places: set[int]) -> set[int]:
        """Add the places behind `**` that stand for no folder at all; the last part stands for something."""
        found = set(places)
        for place in sorted(places):
            while place < len(self.parts) - 1 and self.parts[place] == "**":
                place += 1
                found.add(place)
        return found


def glob_pattern(pattern: str) -> Glob:
    """Return the glob, to be asked about whole paths; `**` stands for any number of folders."""
    return Glob(tuple(part for part in pattern.split("/") if part not in ("", ".")))


def _matches(part: str, name: str) -> bool:
    """Tell whether `*` and `?` in a part fit a name: on a mismatch only the last star takes one character more."""
    at, place, star, behind = 0, 0, -1, 0
    while place < len(name):
        if at < len(part) and part[at] == "*":
            star, behind = at, place
            at += 1
        elif at < len(part) and part[at] in ("?", name[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            behind += 1
            at, place = star + 1, behind
        else:
            return False
    return all(character == "*" for character in part[at:])
