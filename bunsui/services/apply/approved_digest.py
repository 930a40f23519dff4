"""A reviewed digest: the changes that a pull request's comment showed, and no others, are applied without asking."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.errors import Refused
from bunsui.plan.digest import change_digest, pipeline_digests, whole_digest
from bunsui.plan.model import OUTSIDE_CHANGES, Plan
from bunsui.plan.untouched import vouched_for
from bunsui.ports.ledger import ApplyLog, ApplyRecord
from bunsui.services.apply.request import ReviewedDigest


def not_as_reviewed(plan: Plan, digest: ReviewedDigest, log: ApplyLog) -> dict[str, Refused]:
    """Return the pipelines that do not change as was reviewed, by name, each with the error.

    A plan without a change has nothing to compare. What an apply of the same digest and commit left undone is part of what was
    reviewed: the same command finishes it.
    """
    now = pipeline_digests(plan)
    if not now or whole_digest(now.values()) == digest.whole:
        return {}
    if digest.pipelines:
        same = {name for name, value in now.items() if value in digest.pipelines}
    else:
        same = set(vouched_for(plan, digest.whole))
    differing = [name for name in now if name not in same]
    continued = _continued_pipelines(plan, digest.whole, log) if differing else frozenset()
    return {name: _not_as_reviewed(plan, digest.whole) for name in differing if name not in continued}


def _continued_pipelines(plan: Plan, digest: str, log: ApplyLog) -> frozenset[str]:
    """Return the pipelines of which this is the rest of an apply of that digest, made from the same commit, that nothing came
    after. What an apply that was killed does not leave behind by itself is not the rest of it."""
    last = next(iter(log.applies(limit=1)), None)
    if last is None or last.digest != digest or last.outcome == "complete":
        return frozenset()
    if not plan.commit or plan.commit.endswith("*") or last.commit != plan.commit:
        return frozenset()
    moved = {change.address.pipeline for change in plan.pending if change.reason in OUTSIDE_CHANGES}
    return frozenset(change.address.pipeline for change in plan.pending) - moved - _left_by(last)


def _left_by(record: ApplyRecord) -> frozenset[str]:
    left = record.facts.get("left")
    return frozenset(left) if isinstance(left, Mapping) else frozenset()


def _not_as_reviewed(plan: Plan, digest: str) -> Refused:
    return Refused(
        "not-as-reviewed",
        "the plan is not the one that was reviewed: the files or the account moved since",
        hint="Review what it is now, and apply that:\n  bunsui plan --markdown",
        reviewed=digest,
        now=change_digest(plan),
    )
