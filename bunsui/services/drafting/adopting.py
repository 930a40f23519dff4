"""Adopts drift: writes into the files what somebody changed outside, one resource after the other.

What a file says nothing of (an alias's weights, a pinned version) has no place in it, and is left. The edits are those of the
terminal UI (`bunsui.services.drafting.outside`): spliced at positions, so that only the meant lines change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bunsui.errors import NotFound
from bunsui.plan.model import ResourceChange
from bunsui.project.repository import Repository
from bunsui.services.drafting.outside import KeptOutside, LeftOutside, keep_outside
from bunsui.services.drafting.writing import write_draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptable:
    """What adopting the drift of one resource would write."""

    change: ResourceChange
    kept: KeptOutside


def adoptable(repository: Repository, root: Path, drifted: Iterable[ResourceChange]) -> Iterator[Adoptable]:
    """Return what adopting each would write, made when it is asked for, so that it follows on what was written before."""
    for change in drifted:
        try:
            kept = keep_outside(repository, root, change)
        except NotFound as error:
            left = LeftOutside(attribute="", reason=error.summary)
            kept = KeptOutside(drafts=(), kept=(), left=(left,))
        yield Adoptable(change=change, kept=kept)


def write_adopted(root: Path, one: Adoptable) -> tuple[str, ...]:
    """Write the drafts that were shown, and return the files.

    Raises:
        Refused: a file changed since.
        InvalidInput: a file cannot be written.

    """
    return tuple(write_draft(root, draft, digest=draft.diff().digest).file for draft in one.kept.drafts)
