"""BS527: a role that somebody else makes, and that the service could not take on.

It needs to know the role, which is asked for only where something that changes names it (`bunsui.plan.build.with_looked_up`).
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.command_line import command_line
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.registry import kind as kind_named
from bunsui.plan.model import Action, Plan, ResourceChange

CODE = "BS527"

_WRITTEN = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


def given_role(change: ResourceChange) -> str | None:
    """Return the ARN of the role that somebody else made for what is to be written; None where bunsui makes it."""
    if change.action not in _WRITTEN or change.desired is None or not kind_named(change.address.kind).taken_on_by:
        return None
    arn = change.desired.attributes.get("role_arn")
    return arn if isinstance(arn, str) else None


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find roles that are not there, that do not trust the service, and of which nobody could tell."""
    for change in plan.pending:
        arn = given_role(change)
        if arn is None or arn not in plan.given_roles:
            continue
        service, trusted = kind_named(change.address.kind).taken_on_by, plan.given_roles[arn]
        if trusted is None:
            summary = f"whether {service} may take on the role {arn} is unknown"
            hint = "Give the caller iam:GetRole for it, and plan again."
            yield _finding_of(summary, hint, change, Severity.INFO)
        elif not trusted:
            summary = f"the role {arn} does not exist in this account, or trusts no service"
            yield _finding_of(summary, "Have it made first: apply would fail there.", change, Severity.WARNING)
        elif service not in trusted:
            summary = f"the role {arn} does not trust {service}"
            hint = f"What it must allow:\n  {command_line('render', change.address.pipeline, '--iam')}"
            yield _finding_of(summary, hint, change, Severity.WARNING)


def _finding_of(summary: str, hint: str, change: ResourceChange, severity: Severity) -> Diagnostic:
    return Diagnostic(code=CODE, severity=severity, summary=summary, hint=hint, subject=str(change.address))
