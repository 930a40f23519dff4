"""BS528: a branch that lacks the commit that a pipeline was applied last from, so that the plan takes it back.

It needs git's history, which is asked only of pipelines that change (`bunsui.plan.build.with_looked_up`).
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Plan

CODE = "BS528"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find pipelines that are taken back; say once when it cannot be told."""
    for name, found in plan.behind.items():
        if not found.unknown:
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary=f"{name} was applied last from {found.commit}, which this branch does not contain: "
                "this plan takes it back",
                hint=f"Merge or rebase first:  git merge {found.commit}",
                subject=_subject(plan, name),
            )
    unknown = {name: found for name, found in plan.behind.items() if found.unknown}
    if unknown:
        first = next(iter(unknown.values()))
        yield Diagnostic(
            code=CODE,
            severity=Severity.WARNING,
            summary=f"cannot tell whether this branch contains {first.commit}, which {_some(list(unknown))} applied last from: "
            f"{first.unknown}",
            hint="Fetch the history:  git fetch --unshallow\nwith actions/checkout:  fetch-depth: 0"
            if "shallow" in first.unknown
            else "Fetch the branch that it was applied from, then plan again.",
        )


def _subject(plan: Plan, pipeline: str) -> str:
    mine = [str(change.address) for change in plan.pending if change.address.pipeline == pipeline]
    return next((one for one in mine if one.startswith("state_machine.")), mine[0])


def _some(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} was"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more} were"
