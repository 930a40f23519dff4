"""What somebody may change of ours, by AWS's own calls: one row for each. What is put beside ours stands in `beside`."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bunsui.model.resource import AppliedResource
from tests.contracts.beside import STRANGER, Clients

Change = Callable[[Clients, AppliedResource], object]
Row = tuple[str, str, Change]
"""(kind, what differs: an attribute, `gone` or `not ours`, how)."""

ANY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
EDITED = {"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}
GONE, NOT_OURS = "gone", "not ours"


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _iam(call: str, **arguments: Any) -> Change:
    return lambda clients, role: getattr(clients("iam"), call)(RoleName=role.physical_name, **arguments)


def _of_role(call: str, attribute: str, **arguments: Any) -> Row:
    return "role", attribute, _iam(call, **arguments)


def _function(attribute: str, **settings: Any) -> Row:
    return (
        "lambda_function",
        attribute,
        lambda clients, one: clients("lambda").update_function_configuration(FunctionName=one.physical_name, **settings),
    )


def _code(clients: Clients, function: AppliedResource) -> object:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return 'hot fix'\n")
    return clients("lambda").update_function_code(FunctionName=function.physical_name, ZipFile=buffer.getvalue())


def _tagged(service: str, call: str, **names: str) -> Change:
    """Tag by the call's own names of the resource and the tags."""

    def change(clients: Clients, one: AppliedResource) -> object:
        tags: Any = {"team": "theirs"}
        if names["form"] != "map":
            key, value = ("Key", "Value") if names["form"] == "upper" else ("key", "value")
            tags = [{key: "team", value: "theirs"}]
        return getattr(clients(service), call)(**{names["on"]: one.outputs["arn"], names["tags"]: tags})

    return change


def _machine(attribute: str, **settings: Any) -> Row:
    return (
        "state_machine",
        attribute,
        lambda clients, one: clients("stepfunctions").update_state_machine(stateMachineArn=one.outputs["arn"], **settings),
    )


def _alias(*weights: int) -> Change:
    def change(clients: Clients, one: AppliedResource) -> object:
        client, arn = clients("stepfunctions"), one.outputs["arn"]
        theirs = client.update_state_machine(stateMachineArn=arn, definition=json.dumps(EDITED), publish=True)
        versions = (one.outputs["version_arn"], theirs["stateMachineVersionArn"])
        routing = [
            {"stateMachineVersionArn": version, "weight": weight}
            for version, weight in zip(versions, weights, strict=True)
            if weight
        ]
        client.update_state_machine_alias(stateMachineAliasArn=f"{arn}:live", routingConfiguration=routing)
        return client.update_state_machine(stateMachineArn=arn, definition=json.dumps(one.attributes["definition"]))

    return change


def _schedule(attribute: str, target: Mapping[str, Any] | None = None, **settings: Any) -> Row:
    def change(clients: Clients, one: AppliedResource) -> object:
        client, place = clients("scheduler"), {"Name": one.physical_name, "GroupName": str(one.attributes["group"])}
        now = client.get_schedule(**place)
        kept = ("ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "State", "Description", "Target")
        whole = {**{key: now[key] for key in (*kept, "EndDate") if key in now}, **settings}
        whole["Target"] = {**whole["Target"], **(target or {})}
        if target and "RetryPolicy" in target:
            whole["Target"]["RetryPolicy"] = {**now["Target"].get("RetryPolicy", {}), **target["RetryPolicy"]}
        return client.update_schedule(**place, **whole)

    return "schedule", attribute, change


def _rule(attribute: str, **settings: Any) -> Row:
    def change(clients: Clients, one: AppliedResource) -> object:
        now = clients("events").describe_rule(Name=one.physical_name)
        kept = {key: now[key] for key in ("Name", "EventPattern", "State", "Description")}
        return clients("events").put_rule(**{**kept, **settings})

    return "alert_rule", attribute, change


def _targets(clients: Clients, one: AppliedResource, **changed: Any) -> object:
    [target] = clients("events").list_targets_by_rule(Rule=one.physical_name)["Targets"]
    return clients("events").put_targets(Rule=one.physical_name, Targets=[{**target, **changed}])


def _topic(attribute: str, name: str, value: str) -> Row:
    return (
        "alert_topic",
        attribute,
        lambda clients, one: clients("sns").set_topic_attributes(
            TopicArn=one.outputs["arn"], AttributeName=name, AttributeValue=value
        ),
    )


def _bucket(attribute: str, call: str, **arguments: Any) -> Row:
    return "bucket", attribute, lambda clients, one: getattr(clients("s3"), call)(Bucket=one.physical_name, **arguments)


def _dead_letter(clients: Clients, one: AppliedResource) -> object:
    queue = clients("sqs").create_queue(QueueName="late")["QueueUrl"]
    arn = clients("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return clients("lambda").update_function_configuration(FunctionName=one.physical_name, DeadLetterConfig={"TargetArn": arn})


_OTHER_ROLE = f"arn:aws:iam::{STRANGER}:role/theirs"
_QUEUE = f"arn:aws:sqs:eu-west-1:{STRANGER}:late"
ROWS: Mapping[str, Row] = {
    "a role trusts somebody else": _of_role("update_assume_role_policy", "trust", PolicyDocument=_trust("ec2.amazonaws.com")),
    "a role may do anything": _of_role("put_role_policy", "policy", PolicyName="bunsui", PolicyDocument=json.dumps(ANY)),
    "a role lost its policy": _of_role("delete_role_policy", "policy", PolicyName="bunsui"),
    "a role lost its boundary": _of_role("delete_role_permissions_boundary", "boundary"),
    "a role got another boundary": _of_role(
        "put_role_permissions_boundary", "boundary", PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess"
    ),
    "a role is described otherwise": _of_role("update_role", "description", Description="theirs"),
    "a role's tag was changed": _of_role("tag_role", "tags", Tags=[{"Key": "team", "Value": "theirs"}]),
    "a role got a tag": _of_role("tag_role", "tags", Tags=[{"Key": "cost", "Value": "1"}]),
    "a role lost a tag": _of_role("untag_role", "tags", TagKeys=["team"]),
    "a role is another project's": _of_role("tag_role", NOT_OURS, Tags=[{"Key": "bunsui:project", "Value": "theirs"}]),
    "logs are kept for a day": (
        "log_group",
        "retention_days",
        lambda clients, one: clients("logs").put_retention_policy(logGroupName=one.physical_name, retentionInDays=1),
    ),
    "logs are kept for ever": (
        "log_group",
        "retention_days",
        lambda clients, one: clients("logs").delete_retention_policy(logGroupName=one.physical_name),
    ),
    "logs have another tag": ("log_group", "tags", _tagged("logs", "tag_resource", on="resourceArn", tags="tags", form="map")),
    "logs are gone": (
        "log_group", GONE, lambda clients, one: clients("logs").delete_log_group(logGroupName=one.physical_name)
    ),
    "a function's code was replaced": ("lambda_function", "code_digest", _code),
    "a function has more memory": _function("memory_mb", MemorySize=1024),
    "a function has more time": _function("timeout_seconds", Timeout=900),
    "a function begins elsewhere": _function("handler", Handler="main.theirs"),
    "a function has another runtime": _function("runtime", Runtime="python3.13"),
    "a function has another variable": _function("environment", Environment={"Variables": {"MODE": "fast", "DEBUG": "1"}}),
    "a function lost its variables": _function("environment", Environment={"Variables": {}}),
    "a function has more of /tmp": _function("ephemeral_storage_mb", EphemeralStorage={"Size": 1024}),
    "a function is traced": _function("tracing", TracingConfig={"Mode": "Active"}),
    "a function gives up elsewhere": ("lambda_function", "dead_letter_arn", _dead_letter),
    "a function has another tag": (
        "lambda_function", "tags", _tagged("lambda", "tag_resource", on="Resource", tags="Tags", form="map")
    ),
    "a function is gone": (
        "lambda_function", GONE, lambda clients, one: clients("lambda").delete_function(FunctionName=one.physical_name)
    ),
    "a machine was edited": _machine("definition", definition=json.dumps(EDITED)),
    "a machine's edit was published": _machine("definition", definition=json.dumps(EDITED), publish=True),
    "a machine has another role": _machine("role_arn", roleArn=_OTHER_ROLE),
    "a machine logs nothing": _machine("logging", loggingConfiguration={"level": "OFF", "includeExecutionData": False}),
    "a machine is not traced": _machine("tracing", tracingConfiguration={"enabled": False}),
    "an alias leads elsewhere": ("state_machine", "alias", _alias(0, 100)),
    "an alias is shared": ("state_machine", "alias", _alias(90, 10)),
    "an alias is gone": (
        "state_machine",
        "alias",
        lambda clients, one: clients("stepfunctions").delete_state_machine_alias(
            stateMachineAliasArn=f"{one.outputs['arn']}:live"
        ),
    ),
    "a machine has another tag": (
        "state_machine", "tags", _tagged("stepfunctions", "tag_resource", on="resourceArn", tags="tags", form="lower")
    ),
    "a machine is gone": (
        "state_machine",
        GONE,
        lambda clients, one: clients("stepfunctions").delete_state_machine(stateMachineArn=one.outputs["arn"]),
    ),
    "a group has another tag": (
        "schedule_group", "tags", _tagged("scheduler", "tag_resource", on="ResourceArn", tags="Tags", form="upper")
    ),
    "a group is gone": (
        "schedule_group", GONE, lambda clients, one: clients("scheduler").delete_schedule_group(Name=one.physical_name)
    ),
    "a schedule starts at another time": _schedule("expression", ScheduleExpression="cron(0 4 * * ? *)"),
    "a schedule is in another zone": _schedule("timezone", ScheduleExpressionTimezone="UTC"),
    "a schedule is off": _schedule("enabled", State="DISABLED"),
    "a schedule starts within an hour": _schedule(
        "window_minutes", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}
    ),
    "a schedule ends": _schedule("ends_at", EndDate=datetime(2031, 1, 1, tzinfo=UTC)),
    "a schedule gives another input": _schedule("input", {"Input": "{}"}),
    "a schedule starts something else": _schedule("target_arn", {"Arn": _QUEUE}),
    "a schedule has another role": _schedule("role_arn", {"RoleArn": _OTHER_ROLE}),
    "a schedule tries less": _schedule("retries", {"RetryPolicy": {"MaximumRetryAttempts": 0}}),
    "a schedule gives up after an hour": _schedule(
        "max_age_seconds", {"RetryPolicy": {"MaximumEventAgeInSeconds": 3600}}
    ),
    "a schedule gives up elsewhere": _schedule("dead_letter_arn", {"DeadLetterConfig": {"Arn": _QUEUE}}),
    "a schedule is gone": (
        "schedule",
        GONE,
        lambda clients, one: clients("scheduler").delete_schedule(
            Name=one.physical_name, GroupName=str(one.attributes["group"])
        ),
    ),
    "a topic lets in anybody": _topic("policy", "Policy", json.dumps(ANY)),
    "a topic is gone": ("alert_topic", GONE, lambda clients, one: clients("sns").delete_topic(TopicArn=one.outputs["arn"])),
    "a topic has another tag": (
        "alert_topic", "tags", _tagged("sns", "tag_resource", on="ResourceArn", tags="Tags", form="upper")
    ),
    "a rule fits other events": _rule("pattern", EventPattern='{"source":["aws.s3"]}'),
    "a rule is off": _rule("enabled", State="DISABLED"),
    "a rule is described otherwise": _rule("description", Description="theirs"),
    "a rule tells somebody else": ("alert_rule", "targets", lambda clients, one: _targets(clients, one, Arn=_QUEUE)),
    "a rule tells somebody besides": (
        "alert_rule", "targets", lambda clients, one: _targets(clients, one, Id="theirs", Arn=_QUEUE)
    ),
    "a rule tells nobody": (
        "alert_rule", "targets", lambda clients, one: clients("events").remove_targets(Rule=one.physical_name, Ids=["ops"])
    ),
    "a rule has another tag": (
        "alert_rule", "tags", _tagged("events", "tag_resource", on="ResourceARN", tags="Tags", form="upper")
    ),
    "a bucket is open": _bucket(
        "public_access",
        "put_public_access_block",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": False,
        },
    ),
    "a bucket lost its policy": _bucket("policy", "delete_bucket_policy"),
    "a bucket keeps everything": _bucket("expiry_days", "delete_bucket_lifecycle"),
    "a bucket has another tag": _bucket("tags", "put_bucket_tagging", Tagging={"TagSet": [{"Key": "team", "Value": "theirs"}]}),
    "a bucket is gone": _bucket(GONE, "delete_bucket"),
}  # fmt: skip
