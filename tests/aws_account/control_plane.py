"""Questions about what is made, changed and removed: orders, delays, sentences of refusals."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.aws_account.bench import PASS, Bench, code_of, patient, told, zipped
from tests.aws_account.questions import Answer, Question

_LOG_RIGHTS = {
    "Effect": "Allow",
    "Action": [
        *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
        *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
    ],
    "Resource": "*",
}


def _level_off(bench: Bench) -> Answer:
    group = f"/aws/vendedlogs/states/{bench.name}"
    bench.account.client("logs").create_log_group(logGroupName=group)
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": bench.arn("logs", f"log-group:{group}:*")}}
    given: dict[str, Any] = {}
    for name, level, statements in (
        ("off-without-rights", "OFF", ()),
        ("error-without-rights", "ERROR", ()),
        ("error-with-rights", "ERROR", (_LOG_RIGHTS,)),
    ):
        role = bench.role(name, "states", *statements)
        bench.machine(f"{name}-first", PASS, role)  # so that the role is known, and only the rights are asked about
        logging = {"level": level, "includeExecutionData": False, "destinations": [destination]}
        try:
            bench.machine(name, PASS, role, loggingConfiguration=logging)
            given[name] = "made"
        except ClientError as refused:
            given[name] = told(refused)
    return given


def _tags_after_create(bench: Bench) -> Answer:
    role = bench.role("role", "states")
    bench.machine("first", PASS, role)
    empty = 0
    for number in range(20 if bench.account.is_aws else 3):
        arn = bench.machine(f"tagged-{number}", PASS, role, tags=[{"key": "k", "value": "v"}])
        empty += not bench.states.list_tags_for_resource(resourceArn=arn)["tags"]
    return {"empty": empty}


def _schedule_after_group(bench: Bench) -> Answer:
    machine, role = bench.plain(), bench.role("scheduler", "scheduler")
    schedules = bench.account.client("scheduler")
    refused: Counter[str] = Counter()
    for number in range(10 if bench.account.is_aws else 2):
        group = f"{bench.name}-{number}"[:64]
        schedules.create_schedule_group(Name=group)

        def once(group: str = group) -> None:
            try:
                schedules.create_schedule(
                    Name="never",
                    GroupName=group,
                    State="DISABLED",
                    ScheduleExpression="rate(1 day)",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    Target={"Arn": machine, "RoleArn": role},
                )
            except ClientError as problem:
                refused[f"{code_of(problem)}: {told(problem)['message'][:60]}"] += 1
                raise

        patient(once, "ResourceNotFoundException", "ValidationException", "ConflictException")
    return {"refused": dict(refused)}


def _name_after_delete(bench: Bench) -> Answer:
    role = bench.role("role", "states")
    arn = bench.machine("again", PASS, role)
    bench.states.delete_state_machine(stateMachineArn=arn)
    codes: Counter[str] = Counter()
    begun = time.monotonic()

    def made() -> None:
        try:
            bench.states.create_state_machine(name=arn.rpartition(":")[2], definition=json.dumps(PASS), roleArn=role)
        except ClientError as refused:
            codes[code_of(refused)] += 1
            raise

    patient(made, "StateMachineDeleting", "ConflictException", seconds=600.0)
    return {"codes": dict(codes), "seconds": round(time.monotonic() - begun)}


def _describe_by_alias(bench: Bench) -> Answer:
    machine = bench.plain()
    first = bench.states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    changed = json.dumps({**PASS, "Comment": "second"})
    bench.states.update_state_machine(stateMachineArn=machine, definition=changed)
    second = patient(
        lambda: bench.states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"],
        "ConflictException",
    )
    one = [{"stateMachineVersionArn": first, "weight": 100}]
    two = [{"stateMachineVersionArn": first, "weight": 50}, {"stateMachineVersionArn": second, "weight": 50}]
    alias = bench.states.create_state_machine_alias(name="live", routingConfiguration=one)["stateMachineAliasArn"]
    given: dict[str, Any] = {}
    for name, routing in (("one", one), ("two", two)):
        bench.states.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=routing)
        try:
            found = bench.states.describe_state_machine(stateMachineArn=alias)
            given[name] = sorted(found.keys() - {"ResponseMetadata"})
        except ClientError as refused:
            given[name] = told(refused)
    return given


def _function_of_a_new_role(bench: Bench) -> Answer:
    """Create functions with environment variables right after their roles: which refusals, and for how long."""
    functions, refused, slowest = bench.account.client("lambda"), Counter[str](), 0.0
    for number in range(5 if bench.account.is_aws else 1):
        begun = time.monotonic()
        role = bench.role(f"role-{number}", "lambda")

        def made(number: int = number, role: str = role) -> None:
            try:
                functions.create_function(
                    FunctionName=f"{bench.name}-{number}"[:64],
                    Runtime="python3.12",
                    Handler="app.handler",
                    Role=role,
                    Code={"ZipFile": zipped("def handler(event, context):\n    return 1\n")},
                    Environment={"Variables": {"LEVEL": "info"}},
                )
            except ClientError as problem:
                refused[f"{code_of(problem)}: {told(problem)['message'][:120]}"] += 1
                raise

        patient(made, "InvalidParameterValueException")
        slowest = max(slowest, time.monotonic() - begun)
    return {"refused": dict(refused), "slowest_seconds": round(slowest, 1)}


def _unknown_iam_prefix(bench: Bench) -> Answer:
    try:
        bench.role("role", "states", {"Effect": "Allow", "Action": "rdsdata:ExecuteStatement", "Resource": "*"})
    except ClientError as refused:
        return {"accepted": False, **told(refused)}
    return {"accepted": True}


def _absent_role(bench: Bench) -> Answer:
    """Ask for a role that is not there, with a right on a path only."""
    path = bench.arn("iam", "role/bunsui/*").replace(f":{bench.account.region}:", "::")
    narrow = bench.role(
        "narrow",
        f"arn:aws:iam::{bench.account.number}:root",
        {"Effect": "Allow", "Action": "iam:GetRole", "Resource": path},
    )
    tokens = bench.account.client("sts")
    keys = patient(lambda: tokens.assume_role(RoleArn=narrow, RoleSessionName="asks"), "AccessDenied")["Credentials"]
    time.sleep(10.0 if bench.account.is_aws else 0.0)  # until IAM knows the policy
    iam = boto3.client(
        "iam",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        region_name=bench.account.region,
        endpoint_url=None if bench.account.is_aws else bench.states.meta.endpoint_url,
    )
    try:
        iam.get_role(RoleName=f"{bench.name}-none")
    except ClientError as refused:
        return told(refused)
    return {"code": ""}


CONTROL_PLANE = (
    Question(
        name="log-level-off",
        asks="May a machine name a log destination with level OFF, and without the rights to deliver?",
        relies="With OFF it may; otherwise the role needs the rights, and the refusal passes once IAM has told them.",
        ask=_level_off,
        holds=lambda given: given["off-without-rights"] == "made" and given["error-with-rights"] == "made",
    ),
    Question(
        name="tags-after-create",
        asks="Are the tags of a machine there right after it was made?",
        relies="They may be a moment late: the answer of CreateStateMachine is what proves whose it is.",
        ask=_tags_after_create,
        holds=lambda given: given["empty"] == 0,
    ),
    Question(
        name="schedule-after-group",
        asks="Is a group known to CreateSchedule right after it was made?",
        relies="It may be a moment late; the refusal is repeated.",
        ask=_schedule_after_group,
        holds=lambda given: not given["refused"],
    ),
    Question(
        name="name-after-delete",
        asks="How long is a deleted machine's name taken, and with which refusal?",
        relies="StateMachineDeleting, for seconds to minutes; apply waits.",
        ask=_name_after_delete,
        holds=lambda given: set(given["codes"]) <= {"StateMachineDeleting"} and given["seconds"] <= 300,
    ),
    Question(
        name="describe-by-alias",
        asks="What does DescribeStateMachine of an alias tell, with one version behind it and with two?",
        relies="The definition of a version, and no routing.",
        ask=_describe_by_alias,
        holds=lambda given: "definition" in given["one"],
    ),
    Question(
        name="function-of-a-new-role",
        asks="Which refusals has CreateFunction right after its role, with environment variables?",
        relies="InvalidParameterValueException with sentences that are repeated: cannot be assumed, CreateGrant.",
        ask=_function_of_a_new_role,
        holds=lambda given: given["slowest_seconds"] < 60,
    ),
    Question(
        name="unknown-iam-prefix",
        asks="Does IAM take a policy with a service prefix that does not exist?",
        relies="It does, so that a wrong prefix fails only at run time: prefixes come from a table.",
        ask=_unknown_iam_prefix,
        holds=lambda given: given["accepted"],
    ),
    Question(
        name="absent-role",
        asks="What does GetRole answer for a role that is not there, to one who may only read a path?",
        relies="AccessDenied, so the policies that bunsui prints name roles without their path too.",
        ask=_absent_role,
        holds=lambda given: given["code"] == "AccessDenied",
    ),
)
"""In the order in which they are asked."""
