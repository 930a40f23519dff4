"""How much of its quotas an account uses.

Sources: IAM API reference, "GetAccountSummary"; Lambda API reference, "GetAccountSettings"; EventBridge Scheduler API
reference, "ListScheduleGroups"; Step Functions API reference, "ListStateMachines".
"""

from __future__ import annotations

from bunsui.aws.connect import Connection
from bunsui.aws.grants import Grant, Purpose
from bunsui.ports.account import FunctionUsage, QuotaUsage

GRANTS = (
    Grant(
        sid="AccountRoles",
        purpose=Purpose.PLAN,
        service="iam",
        operations=("GetAccountSummary",),
        optional="that the account has no room for a new role is known at apply only",
    ),
    Grant(
        sid="AccountFunctions",
        purpose=Purpose.PLAN,
        service="lambda",
        operations=("GetAccountSettings",),
        optional="that the account has no room for reserved concurrency, or for code, is known at apply only",
    ),
)


class AwsAccountUsage:
    """Implements `bunsui.ports.account.AccountUsage`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def roles(self) -> QuotaUsage:
        """Return how many roles there are, of everybody."""
        with self._connection.translated("iam", "GetAccountSummary"):
            found = self._connection.reader("iam").get_account_summary()["SummaryMap"]
        return QuotaUsage(used=int(found["Roles"]), most=int(found["RolesQuota"]))

    def schedule_groups(self) -> int:
        """Return how many schedule groups there are in the region."""
        return len(self._connection.pages("scheduler", "list_schedule_groups", "ScheduleGroups"))

    def state_machines(self) -> int:
        """Return how many state machines there are in the region, a thousand a call."""
        return len(self._connection.pages("stepfunctions", "list_state_machines", "stateMachines"))

    def functions(self) -> FunctionUsage:
        """Return what functions share in the region."""
        with self._connection.translated("lambda", "GetAccountSettings"):
            found = self._connection.reader("lambda").get_account_settings()
        limit, usage = found["AccountLimit"], found["AccountUsage"]
        return FunctionUsage(
            at_once=int(limit["ConcurrentExecutions"]),
            unreserved=int(limit["UnreservedConcurrentExecutions"]),
            code_bytes=QuotaUsage(used=int(usage["TotalCodeSize"]), most=int(limit["TotalCodeSize"])),
        )
