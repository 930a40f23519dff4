"""A reviewed digest: the changes that a pull request's comment showed, and no others, are applied without asking."""

from __future__ import annotations

import re
from dataclasses import replace

from bunsui.errors import InvalidInput, Refused
from bunsui.plan.digest import change_digest
from bunsui.plan.model import Plan, Reason
from bunsui.ports.ledger import ApplyLog

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NOBODYS_REVIEW = frozenset({Reason.DRIFT, Reason.CONFLICT, Reason.CONFIGURED_AND_DRIFT, Reason.REMOVED_AND_DRIFT})
"""What an apply that was killed does not leave behind by itself."""


def check_digest(digest: str) -> None:
    """Raise InvalidInput when the text is no digest of a plan; asked before anything is read."""
    if not _DIGEST.fullmatch(digest):
        raise InvalidInput(
            "not-a-digest",
            "--digest takes the 64 hex digits of the reviewed plan",
            hint="They stand at the end of  bunsui plan --markdown  and under `digest` in  bunsui --json plan",
            given=digest,
        )


def reviewed(plan: Plan, digest: str, log: ApplyLog) -> Plan:
    """Give the plan as one that was reviewed.

    A plan without a change has nothing to compare. What an apply of the same digest and commit left undone is part of what was
    reviewed: the same command finishes it.

    Raises:
        Refused: the plan changes something else than what was reviewed.

    """
    if plan.pending and change_digest(plan) != digest and not _continues(plan, digest, log):
        raise Refused(
            "not-as-reviewed",
            "the plan is not the one that was reviewed: the files or the account moved since",
            hint="Review what it is now, and apply that:\n  bunsui plan --markdown",
            reviewed=digest,
            now=change_digest(plan),
        )
    return replace(plan, saved_digest=digest)


def _continues(plan: Plan, digest: str, log: ApplyLog) -> bool:
    """True for the rest of an apply of that digest, made from the same commit, that nothing came after."""
    last = next(iter(log.applies(limit=1)), None)
    if last is None or last.digest != digest or last.outcome == "complete":
        return False
    same_files = bool(plan.commit) and not plan.commit.endswith("*") and last.commit == plan.commit
    return same_files and not any(change.reason in _NOBODYS_REVIEW for change in plan.pending)
