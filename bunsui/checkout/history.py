"""What git's history says of a commit, or that a clone cannot tell: what a shallow one lacks may be beyond its cut."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from bunsui.checkout.git import Checkout, checkout_or_none

_HASH = re.compile(r"[0-9a-f]{4,64}")


class Containment(Enum):
    """Whether the history of the checkout's `HEAD` contains a commit."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"


def head_contains(folder: Path, commit: str) -> Containment:
    """Read whether `HEAD` is the commit or descends from it.

    `commit` is a hash, or at least 4 digits of one; a `*` behind it, as `commit_of` writes, is not looked at. It cannot be told
    without a checkout or a commit, of digits that several commits share, and in a shallow clone that does not reach so far.
    """
    digits = commit.rstrip("*").lower()
    checkout = checkout_or_none(folder)
    if checkout is None or not _HASH.fullmatch(digits):
        return Containment.CANNOT_TELL
    found = commits_of(checkout, digits)
    if len(found) > 1:
        return Containment.CANNOT_TELL
    if found:
        asked = checkout.ask("merge-base", "--is-ancestor", found[0], "HEAD")
        if asked.ok:
            return Containment.YES
        if asked.exit_code != 1:  # as with an unborn HEAD or a damaged object
            return Containment.CANNOT_TELL
    return Containment.CANNOT_TELL if _is_cut(checkout, "HEAD") else Containment.NO


def hides_a_nearer_base(checkout: Checkout, base: str, commit: str) -> bool:
    """Read whether a merge base may lie beyond the cut of a shallow clone, nearer than the one that was found.

    It may when history is cut off at a commit that was made since `base`. Never where one of the two contains the other.
    """
    head = checkout.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}").out.strip()
    return base not in (commit, head) and _is_cut(checkout, "HEAD", commit, f"^{base}")


def _is_cut(checkout: Checkout, *revisions: str) -> bool:
    """Read whether parents are missing among these commits; true when that cannot be read either."""
    if not checkout.is_shallow:
        return False
    where = checkout.ask("rev-parse", "--git-path", "shallow").out.removesuffix("\n")
    reached = checkout.ask("rev-list", *revisions, "--")
    try:
        ends = set((checkout.top / where).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return True
    return not reached.ok or not ends.isdisjoint(reached.out.split())


def commits_of(checkout: Checkout, digits: str) -> list[str]:
    """Return the commits whose hash begins so; of other objects none."""
    objects = checkout.ask("rev-parse", f"--disambiguate={digits}").out.split()
    asked = (checkout.ask("rev-parse", "--verify", "--quiet", f"{one}^{{commit}}") for one in objects)
    return [answer.out.strip() for answer, one in zip(asked, objects, strict=True) if answer.ok and answer.out.strip() == one]
