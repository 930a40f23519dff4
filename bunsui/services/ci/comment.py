"""Post a plan's comment: one for each project and environment, renewed in place, of the newest commit.

A forge has no conditional write, so two jobs may meet. Whoever writes reads again: of several comments the one of the newest
plan stays, and what was written for a commit that is no longer the newest is withdrawn. What slips through, the apply finds
(`services/ci/digest.py`): a comment that is of another commit than the one that was merged is good for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bunsui.errors import ForgeFailed, InvalidInput
from bunsui.plan.marker import PlanHead, PlanMarker, read_marker, without_marker
from bunsui.ports.forge import Forge, ForgeComment


class Posted(StrEnum):
    """What became of a comment."""

    CREATED = "created"
    UPDATED = "updated"
    SUPERSEDED = "superseded"
    """The branch has a newer commit, or a later run planned this one: its comment stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OurComment:
    """A comment of ours that shows a plan."""

    id: str
    marker: PlanMarker

    def rank(self, newest: str) -> tuple[bool, tuple[int, int], int]:
        """Return what the truest comment has most of: it is of the newest commit, of the latest run, written last."""
        head = self.marker.head
        order = head.order if head is not None else (0, 0)
        return head is not None and head.commit == newest, order, int(self.id) if self.id.isdigit() else 0


def post_comment(forge: Forge, number: int, text: str, head: PlanHead) -> Posted:
    """Make the pull request show this plan, unless it shows a newer one.

    Raises:
        InvalidInput: `no-plan-comment`, for a text that `bunsui plan --markdown` did not print.
        ForgeFailed: the forge could not be asked.

    """
    read = read_marker(text)
    if read is None:
        raise InvalidInput(
            "no-plan-comment",
            "the file holds no comment of a plan",
            hint="Write it with:\n  bunsui plan --markdown > comment.md",
        )
    marker = replace(read, head=head)
    newest = forge.head(number)
    if newest != head.commit:
        return Posted.SUPERSEDED
    known = of_plan(forge.comments(number), marker.plan)
    if any(_is_later(comment.marker, head) for comment in known):
        return Posted.SUPERSEDED
    body = marker.text + without_marker(text)
    _write(forge, number, known[0].id if known else "", body)
    _settle(forge, number, marker)
    return Posted.UPDATED if known else Posted.CREATED


def _write(forge: Forge, number: int, comment_id: str, body: str) -> None:
    """Renew the comment, or write one where there is none, or no more."""
    if comment_id:
        try:
            forge.rewrite(number, comment_id, body)
        except ForgeFailed as error:
            if error.facts.get("status") != "404":
                raise
        else:
            return
    forge.create(number, body)


def of_plan(comments: Iterable[ForgeComment], plan: tuple[str, str]) -> Sequence[OurComment]:
    """Return our comments that show the plan of that project and environment, in their order."""
    ours = [(comment.id, read_marker(comment.body)) for comment in comments if comment.is_ours]
    return [OurComment(id=key, marker=marker) for key, marker in ours if marker is not None and marker.plan == plan]


def _is_later(marker: PlanMarker, head: PlanHead) -> bool:
    return marker.head is not None and marker.head.commit == head.commit and marker.head.order > head.order


def _settle(forge: Forge, number: int, written: PlanMarker) -> None:
    """Leave one comment, the truest, and withdraw what was written for a commit that a newer one came after meanwhile."""
    newest = forge.head(number)
    found = of_plan(forge.comments(number), written.plan)
    if not found:
        return
    truest = max(found, key=lambda comment: comment.rank(newest))
    for comment in found:
        if comment.id != truest.id:
            forge.remove(number, comment.id)
    if truest.marker == written and written.head is not None and written.head.commit != newest:
        forge.rewrite(number, truest.id, _withdrawn_marker(written))


def _withdrawn_marker(marker: PlanMarker) -> str:
    said = "### A newer commit is being planned\n\nWhat stood here was of the commit before it.\n"
    return PlanMarker(project=marker.project, environment=marker.environment, head=marker.head).text + said
