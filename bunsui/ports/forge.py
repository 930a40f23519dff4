"""The forge (GitHub, GitLab): the comments of a pull request, and which pull request a commit came from.

A pull request is what GitLab calls a merge request. `number` is its number within the repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeComment:
    """One comment of a pull request."""

    id: str
    body: str
    """As it was written, foreign unless `is_ours`."""
    is_ours: bool
    """True when the forge says that our own account wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRequest:
    """A pull request that was merged."""

    number: int
    head: str
    """The last commit of its branch, which is what was reviewed."""


class Forge(Protocol):
    """Reads and writes comments. Raises `ForgeDenied` where the token may not, `ForgeFailed` for everything else."""

    def comments(self, number: int) -> Sequence[ForgeComment]:
        """Return all comments of a pull request, the oldest first."""
        ...

    def create(self, number: int, body: str) -> None:
        """Write a new comment."""
        ...

    def rewrite(self, number: int, comment_id: str, body: str) -> None:
        """Replace the text of a comment in place."""
        ...

    def remove(self, number: int, comment_id: str) -> None:
        """Delete a comment; one that is gone already is no failure."""
        ...

    def head(self, number: int) -> str:
        """Return the last commit of the pull request's branch."""
        ...

    def merged_as(self, commit: str) -> Sequence[MergedRequest]:
        """Return the pull requests whose merge made this very commit."""
        ...
