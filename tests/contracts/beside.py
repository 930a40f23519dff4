"""What somebody may put beside ours, by AWS's own calls: one row for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bunsui.model.resource import AppliedResource

Clients = Callable[[str], Any]
"""Returns somebody else's client for a service."""

STRANGER = "999999999999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Something that is put beside an object of a kind."""

    kind: str
    put: Callable[[Clients, AppliedResource], None]
    what: str
    """As it is told."""
    risky: bool = False
    in_plan: bool = False
    """True when plans tell it; else `drift` alone."""
    undo: Callable[[Clients, AppliedResource], None] | None = None
    """How it is taken away where no single call removes it."""
    without: Mapping[str, str] = field(default_factory=dict)
    """Emulators that lack the call, each with how."""


def _permit(principal: str, **more: str) -> Callable[[Clients, AppliedResource], None]:
    def put(clients: Clients, function: AppliedResource) -> None:
        clients("lambda").add_permission(
            FunctionName=function.physical_name,
            StatementId="theirs",
            Action="lambda:InvokeFunction",
            Principal=principal,
            **more,
        )

    return put


def _url(auth: str) -> Callable[[Clients, AppliedResource], None]:
    return lambda clients, function: clients("lambda").create_function_url_config(
        FunctionName=function.physical_name, AuthType=auth
    )


def _reserve(amount: int) -> Callable[[Clients, AppliedResource], None]:
    return lambda clients, function: clients("lambda").put_function_concurrency(
        FunctionName=function.physical_name, ReservedConcurrentExecutions=amount
    )


def _version(clients: Clients, function: AppliedResource) -> None:
    client, name = clients("lambda"), function.physical_name
    client.update_function_configuration(FunctionName=name, MemorySize=999)
    client.publish_version(FunctionName=name, Description="by hand")


def _alias(clients: Clients, function: AppliedResource) -> None:
    clients("lambda").create_alias(
        FunctionName=function.physical_name, Name="theirs", FunctionVersion=function.outputs["version"]
    )


def _invocations(clients: Clients, function: AppliedResource) -> None:
    clients("lambda").put_function_event_invoke_config(FunctionName=function.physical_name, MaximumRetryAttempts=0)


def _trigger(clients: Clients, function: AppliedResource) -> None:
    queue = clients("sqs").create_queue(QueueName=f"q-{function.physical_name}"[:80])["QueueUrl"]
    arn = clients("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    clients("lambda").create_event_source_mapping(FunctionName=function.physical_name, EventSourceArn=arn)


def _warm(clients: Clients, function: AppliedResource) -> None:
    clients("lambda").put_provisioned_concurrency_config(
        FunctionName=function.physical_name, Qualifier=function.outputs["version"], ProvisionedConcurrentExecutions=1
    )


def _schedule(target: str, state: str = "ENABLED") -> Callable[[Clients, AppliedResource], None]:
    def put(clients: Clients, group: AppliedResource) -> None:
        account = group.outputs["arn"].split(":")[4]
        role = f"arn:aws:iam::{account}:role/any"
        clients("scheduler").create_schedule(
            Name="theirs",
            GroupName=group.physical_name,
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            State=state,
            Target={"Arn": target, "RoleArn": role},
        )

    return put


def _machine_alias(clients: Clients, machine: AppliedResource) -> None:
    routing = [{"stateMachineVersionArn": machine.outputs["version_arn"], "weight": 100}]
    clients("stepfunctions").create_state_machine_alias(name="theirs", routingConfiguration=routing)


def _machine_version(clients: Clients, machine: AppliedResource) -> None:
    edited = {"StartAt": "theirs", "States": {"theirs": {"Type": "Succeed"}}}
    clients("stepfunctions").update_state_machine(
        stateMachineArn=machine.outputs["arn"], definition=json.dumps(edited), publish=True
    )


def _rule(clients: Clients, machine: AppliedResource) -> None:
    clients("events").put_rule(Name="theirs", ScheduleExpression="rate(1 day)")
    clients("events").put_targets(
        Rule="theirs", Targets=[{"Id": "1", "Arn": machine.outputs["arn"], "RoleArn": "arn:aws:iam::1:role/r"}]
    )


def _no_rule(clients: Clients, machine: AppliedResource) -> None:
    clients("events").remove_targets(Rule="theirs", Ids=["1"])


def _subscription(clients: Clients, topic: AppliedResource) -> None:
    clients("sns").subscribe(TopicArn=topic.outputs["arn"], Protocol="email", Endpoint="somebody@example.com")


def _queue_abroad(clients: Clients, topic: AppliedResource) -> None:
    clients("sns").subscribe(TopicArn=topic.outputs["arn"], Protocol="sqs", Endpoint=f"arn:aws:sqs:eu-west-1:{STRANGER}:theirs")


def _log_filter(clients: Clients, group: AppliedResource) -> None:
    region, account = group.outputs["arn"].split(":")[3:5]
    stream = clients("kinesis").create_stream(StreamName="theirs", ShardCount=1) and "theirs"
    clients("logs").put_subscription_filter(
        logGroupName=group.physical_name,
        filterName="theirs",
        filterPattern="",
        destinationArn=f"arn:aws:kinesis:{region}:{account}:stream/{stream}",
        roleArn=f"arn:aws:iam::{account}:role/any",
    )


def _notification(clients: Clients, bucket: AppliedResource) -> None:
    topic = clients("sns").create_topic(Name="theirs")["TopicArn"]
    told = {"Id": "theirs", "TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}
    clients("s3").put_bucket_notification_configuration(
        Bucket=bucket.physical_name, NotificationConfiguration={"TopicConfigurations": [told]}
    )


_NO_URLS = {"moto": "does not list URLs"}


def _no_notification(clients: Clients, bucket: AppliedResource) -> None:
    clients("s3").put_bucket_notification_configuration(Bucket=bucket.physical_name, NotificationConfiguration={})


FUNCTION, MACHINE = "lambda_function", "state_machine"
_BY_POLICY = "statement of the function's policy"
ADDITIONS: Mapping[str, Addition] = {
    "anybody may call a function": Addition(kind=FUNCTION, put=_permit("*"), what=_BY_POLICY, risky=True, in_plan=True),
    "another account may call a function": Addition(
        kind=FUNCTION, put=_permit(STRANGER), what=_BY_POLICY, risky=True, in_plan=True
    ),
    "a service may call a function for any account": Addition(
        kind=FUNCTION, put=_permit("s3.amazonaws.com"), what=_BY_POLICY, risky=True, in_plan=True
    ),
    "a service may call a function for one bucket": Addition(
        kind=FUNCTION, put=_permit("s3.amazonaws.com", SourceArn="arn:aws:s3:::theirs"), what=_BY_POLICY, in_plan=True
    ),
    "a queue calls a function": Addition(kind=FUNCTION, put=_trigger, what="event source mapping", risky=True, in_plan=True),
    "a function has an open URL": Addition(kind=FUNCTION, put=_url("NONE"), what="function URL", risky=True, without=_NO_URLS),
    "a function has a URL by IAM": Addition(kind=FUNCTION, put=_url("AWS_IAM"), what="function URL", without=_NO_URLS),
    "a function may not run": Addition(kind=FUNCTION, put=_reserve(0), what="reserved concurrency", risky=True),
    "a function may run twice at once": Addition(kind=FUNCTION, put=_reserve(2), what="reserved concurrency"),
    "a function is kept warm": Addition(
        kind=FUNCTION, put=_warm, what="provisioned concurrency of 1", without={"moto": "has no provisioned concurrency"}
    ),
    "a function has an alias": Addition(kind=FUNCTION, put=_alias, what="alias"),
    "a version of a function was published": Addition(kind=FUNCTION, put=_version, what="version"),
    "asynchronous calls were set up": Addition(kind=FUNCTION, put=_invocations, what="configuration of asynchronous calls"),
    "a machine has a second alias": Addition(kind=MACHINE, put=_machine_alias, what="alias"),
    "a version of a machine was published": Addition(
        kind=MACHINE, put=_machine_version, what="version", without={"moto": "does not list versions"}
    ),
    "a rule starts a machine": Addition(kind=MACHINE, put=_rule, what="rule", risky=True, undo=_no_rule),
    "a schedule in our group starts something": Addition(
        kind="schedule_group", put=_schedule("arn:aws:sqs:eu-west-1:111111111111:theirs"), what="schedule", in_plan=True
    ),
    "a schedule in our group is off": Addition(
        kind="schedule_group",
        put=_schedule("arn:aws:sqs:eu-west-1:111111111111:theirs", "DISABLED"),
        what="schedule",
        in_plan=True,
    ),
    "somebody gets alerts": Addition(kind="alert_topic", put=_subscription, what="subscription by email"),
    "another account gets alerts": Addition(kind="alert_topic", put=_queue_abroad, what="subscription by sqs", risky=True),
    "logs are sent on": Addition(kind="log_group", put=_log_filter, what="subscription filter"),
    "somebody is told of objects": Addition(kind="bucket", put=_notification, what="notification", undo=_no_notification),
}
