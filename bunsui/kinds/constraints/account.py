"""What an account takes of everything together, unless AWS granted it more.

Sources: "Lambda quotas"; Lambda developer guide, "Configuring reserved concurrency" (100 stay for functions without a
reservation; AWS's sentence as quoted in aws-samples/s3-to-lambda-patterns 36). What Step Functions takes stands in
`bunsui.asl.quotas`, for the engine knows no kinds; how many roles, schedule groups and machines there may be, in `Kind.quota`.
"""

from __future__ import annotations

from bunsui.kinds.constraints.broken import BrokenConstraint, Constraint

AT_ONCE = 1_000
"""Calls of functions at once, in a region."""
KEPT_UNRESERVED = 100
"""As many calls at once Lambda keeps for functions without a reservation; all where the account may have no more."""


def broken_reservation(wanted: int, *, others: int, at_once: int = AT_ONCE) -> BrokenConstraint | None:
    """Return why Lambda does not reserve so many calls at once for a function, beside what `others` have reserved; None when it
    does."""
    kept = min(KEPT_UNRESERVED, at_once)
    if wanted <= 0 or at_once - others - wanted >= kept:
        return None
    return BrokenConstraint(
        member="",
        constraint=Constraint.SIZE,
        summary=f"of {at_once:,} calls at once {others:,} are reserved, and Lambda keeps {kept:,} for other functions",
        hint="Lower reserved_concurrency, or have the quota Concurrent executions raised.",
        aws_code="InvalidParameterValueException",
        aws_message=(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its"
            f" minimum value of [{kept}]."
        ),
    )
