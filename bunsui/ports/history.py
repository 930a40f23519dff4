"""The history of the checkout: whether it contains the commit that something was applied from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What the history of the checkout lacks of another commit."""

    files: tuple[str, ...] = ()
    """Files as that commit has them, by their path from the project's root, that no commit of this history ever had so."""
    unknown: str = ""
    """Why it cannot be told, such as a shallow clone; then there are no files."""


class CommitHistory(Protocol):
    """The commits that lead to the checkout."""

    def lacking(self, commit: str) -> Lacking:
        """Read what this history lacks of a commit; nothing when it contains the commit, or what the commit brought."""
        ...
