"""What the caller must be allowed on state machines."""

from __future__ import annotations

from bunsui.aws.grants import Grant, Purpose

MACHINE_GRANTS = (
    Grant(sid="MachinesList", purpose=Purpose.PLAN, service="stepfunctions", operations=("ListStateMachines",)),
    Grant(
        sid="MachinesRead",
        purpose=Purpose.PLAN,
        service="stepfunctions",
        operations=(
            "DescribeStateMachine",
            "DescribeStateMachineAlias",
            "ListExecutions",
            "ListStateMachineAliases",
            "ListTagsForResource",
        ),
        on=("states:stateMachine:{names}",),
    ),
    Grant(
        sid="MachinesWrite",
        purpose=Purpose.APPLY,
        service="stepfunctions",
        operations=(
            "CreateStateMachine",
            "CreateStateMachineAlias",
            "DeleteStateMachine",
            "DeleteStateMachineAlias",
            "DeleteStateMachineVersion",
            "ListStateMachineVersions",
            "PublishStateMachineVersion",
            "TagResource",
            "UntagResource",
            "UpdateStateMachine",
            "UpdateStateMachineAlias",
        ),
        actions={
            "CreateStateMachine": ("CreateStateMachine", "PublishStateMachineVersion", "TagResource"),
            "UpdateStateMachine": ("UpdateStateMachine", "PublishStateMachineVersion"),
        },
        on=("states:stateMachine:{names}",),
    ),
)
"""By purpose."""
