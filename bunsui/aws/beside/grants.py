"""What is needed to see what others put beside ours; of it plans ask a part, `drift` everything.

Sources: Service Authorization Reference of Lambda, EventBridge, SNS, CloudWatch Logs, Step Functions and S3: the list of event
source mappings and that of rules by target know no resource.
"""

from __future__ import annotations

from bunsui.aws.grants import Grant, Purpose

_KEPT = "what others put there stays where a file says `exclusive`"
_FUNCTIONS = ("lambda:function:{names}",)

BESIDE_GRANTS: tuple[Grant, ...] = (
    Grant(
        sid="BesideFunctions",
        purpose=Purpose.PLAN,
        service="lambda",
        operations=("GetPolicy",),
        on=_FUNCTIONS,
        optional="whom others let call functions is not seen",
    ),
    Grant(
        sid="BesideTriggers",
        purpose=Purpose.PLAN,
        service="lambda",
        operations=("ListEventSourceMappings",),
        optional="queues and streams that call functions are not seen",
    ),
    Grant(
        sid="DriftFunctions",
        purpose=Purpose.DRIFT,
        service="lambda",
        operations=(
            "GetFunctionConcurrency",
            "ListAliases",
            "ListFunctionEventInvokeConfigs",
            "ListFunctionUrlConfigs",
            "ListProvisionedConcurrencyConfigs",
            "ListVersionsByFunction",
        ),
        on=_FUNCTIONS,
        optional="URLs, aliases, versions and concurrencies that others gave functions are not seen",
    ),
    Grant(
        sid="DriftMachines",
        purpose=Purpose.DRIFT,
        service="stepfunctions",
        operations=("ListStateMachineAliases", "ListStateMachineVersions"),
        on=("states:stateMachine:{names}",),
        optional="second aliases of machines are not seen",
    ),
    Grant(
        sid="DriftRules",
        purpose=Purpose.DRIFT,
        service="events",
        operations=("ListRuleNamesByTarget",),
        optional="rules of others that start machines are not seen",
    ),
    Grant(
        sid="DriftTopics",
        purpose=Purpose.DRIFT,
        service="sns",
        operations=("ListSubscriptionsByTopic",),
        on=("sns:{names}",),
        optional="who gets alerts is not seen",
    ),
    Grant(
        sid="DriftLogs",
        purpose=Purpose.DRIFT,
        service="logs",
        operations=("DescribeSubscriptionFilters",),
        on=("logs:log-group:/aws/vendedlogs/states/{names}", "logs:log-group:/aws/lambda/{names}"),
        optional="to whom logs are sent on is not seen",
    ),
    Grant(
        sid="DriftBucket",
        purpose=Purpose.DRIFT,
        service="s3",
        operations=("GetBucketNotificationConfiguration",),
        actions={"GetBucketNotificationConfiguration": ("GetBucketNotification",)},
        on=("s3:{bucket}",),
        optional="who is told of objects in the bucket is not seen",
    ),
    Grant(
        sid="ExclusiveFunctions",
        purpose=Purpose.APPLY,
        service="lambda",
        operations=(
            "DeleteAlias",
            "DeleteFunctionEventInvokeConfig",
            "DeleteFunctionUrlConfig",
            "DeleteProvisionedConcurrencyConfig",
            "RemovePermission",
        ),
        on=_FUNCTIONS,
        optional=_KEPT,
    ),
    Grant(
        sid="ExclusiveTriggers",
        purpose=Purpose.APPLY,
        service="lambda",
        operations=("DeleteEventSourceMapping",),
        on=("lambda:event-source-mapping:*",),
        optional=_KEPT,
    ),
    Grant(
        sid="ExclusiveRules",
        purpose=Purpose.APPLY,
        service="events",
        operations=("DisableRule",),
        on=("events:rule/*",),
        optional=_KEPT,
    ),
    Grant(
        sid="ExclusiveTopics",
        purpose=Purpose.APPLY,
        service="sns",
        operations=("Unsubscribe",),
        on=("sns:{names}",),
        optional=_KEPT,
    ),
    Grant(
        sid="ExclusiveLogs",
        purpose=Purpose.APPLY,
        service="logs",
        operations=("DeleteSubscriptionFilter",),
        on=("logs:log-group:/aws/vendedlogs/states/{names}", "logs:log-group:/aws/lambda/{names}"),
        optional=_KEPT,
    ),
)
