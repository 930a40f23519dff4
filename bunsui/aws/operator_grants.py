"""What an operator must be allowed who rolls back or pauses: it deploys nothing.

Both write the lock, the journal and the record of applies. Source of the resources: the Service Authorization Reference; a
star behind a machine's name stands for its versions and its alias, too.
"""

from __future__ import annotations

from bunsui.aws.dynamodb import TABLE_NAME
from bunsui.aws.grants import Grant, Purpose

_TABLE = (f"dynamodb:table/{TABLE_NAME}",)


def _grants_of_both(purpose: Purpose, word: str) -> tuple[Grant, ...]:
    return (
        Grant(sid=f"WhoAmI{word}", purpose=purpose, service="sts", operations=("GetCallerIdentity",)),
        Grant(
            sid=f"State{word}",
            purpose=purpose,
            service="dynamodb",
            operations=("DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems"),
            actions={"TransactWriteItems": ("ConditionCheckItem", "DeleteItem", "PutItem")},
            on=_TABLE,
        ),
    )


OPERATOR_GRANTS: tuple[Grant, ...] = (
    *_grants_of_both(Purpose.ROLLBACK, "OfRollback"),
    Grant(
        sid="AliasesMove",
        purpose=Purpose.ROLLBACK,
        service="stepfunctions",
        operations=("DescribeStateMachine", "ListStateMachineVersions", "UpdateStateMachineAlias"),
        on=("states:stateMachine:{names}",),
    ),
    *_grants_of_both(Purpose.PAUSE, "OfPause"),
    Grant(
        sid="SchedulesSwitch",
        purpose=Purpose.PAUSE,
        service="scheduler",
        operations=("GetSchedule", "UpdateSchedule"),
        on=("scheduler:schedule/{names}",),
    ),
    Grant(
        sid="GroupsRead",
        purpose=Purpose.PAUSE,
        service="scheduler",
        operations=("ListTagsForResource",),
        on=("scheduler:schedule-group/{names}",),
        optional="a schedule whose description somebody took away is not switched",
    ),
    Grant(
        sid="SchedulersPass",
        purpose=Purpose.PAUSE,
        service="iam",
        operations=("PassRole",),
        on_given_roles=True,
        on=("iam:role/bunsui/{project}/{environment}/*",),
        condition={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
    ),
)
"""By purpose; whoever may apply may do all of it."""
