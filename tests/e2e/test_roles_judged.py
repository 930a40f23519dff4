"""What Step Functions and what runs in it calls is judged by the role, refused in AWS's words, and counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from tests.embedded import EmbeddedAccount

pytestmark = pytest.mark.embedded

TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}


def role_of(account: EmbeddedAccount, *statements: Mapping[str, Any], trust: Mapping[str, Any] = TRUST) -> str:
    """Make the role `machine` with those statements, or change it; give its ARN."""
    iam = account.client("iam")
    document = {"Version": "2012-10-17", "Statement": [trust]}
    try:
        iam.create_role(RoleName="machine", AssumeRolePolicyDocument=json.dumps(document))
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName="machine", PolicyDocument=json.dumps(document))
    policy = {"Version": "2012-10-17", "Statement": list(statements) or [allow("s3:ListAllMyBuckets")]}
    iam.put_role_policy(RoleName="machine", PolicyName="p", PolicyDocument=json.dumps(policy))
    return f"arn:aws:iam::{account.account}:role/machine"


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def run(account: EmbeddedAccount, role: str, **state: Any) -> Mapping[str, Any]:
    """Run a machine of one Task state to its end."""
    states = account.client("stepfunctions")
    definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "End": True, **state}}}
    arn = f"arn:aws:states:{account.region}:{account.account}:stateMachine:m"
    try:
        states.create_state_machine(name="m", definition=json.dumps(definition), roleArn=role)
    except states.exceptions.StateMachineAlreadyExists:
        states.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition), roleArn=role)
    started = states.start_execution(stateMachineArn=arn)["executionArn"]
    deadline = time.monotonic() + 60
    while (found := states.describe_execution(executionArn=started))["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return dict(found)


@pytest.fixture
def judged(embedded_folder: Path, embedded_account: EmbeddedAccount) -> Callable[[], dict[tuple[str, str], str]]:
    """Returns what became of the calls of roles of this account, by action and resource."""

    def ask() -> dict[tuple[str, str], str]:
        running = read_announcement(DataFolder(embedded_folder.resolve()))
        assert running is not None
        calls: Any = control.ask_judged(running)["calls"]
        ours = [call for call in calls if f"::{embedded_account.account}:" in call["role"]]
        return {(call["action"], call["resource"]): call["outcome"] for call in ours}

    return ask


def test_a_task_does_what_its_machines_role_permits(
    embedded_account: EmbeddedAccount, judged: Callable[[], dict[tuple[str, str], str]]
) -> None:
    account = embedded_account
    queue = account.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{account.account}:q"
    task = {"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": queue, "MessageBody": "x"}}

    refused = run(account, role_of(account, allow("sqs:SendMessage", resource=f"{arn}-other")), **task)
    assert (refused["status"], refused["error"]) == ("FAILED", "SQS.AmazonSQSException")
    who = (
        f"User: arn:aws:sts::{account.account}:assumed-role/machine/StepFunctions is not authorized to perform: sqs:SendMessage"
    )
    assert f"{who} on resource: {arn} because no identity-based policy allows the sqs:SendMessage action" in refused["cause"]
    assert judged() == {("sqs:SendMessage", arn): "refused"}

    assert run(account, role_of(account, allow("sqs:SendMessage", resource=arn)), **task)["status"] == "SUCCEEDED"
    assert judged() == {("sqs:SendMessage", arn): "allowed"}

    region = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    assert run(account, role_of(account, allow("sqs:*", Condition=region)), **task)["status"] == "FAILED"

    unknown = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert run(account, role_of(account, allow("sqs:*", Condition=unknown)), **task)["status"] == "SUCCEEDED"
    assert judged()[("sqs:SendMessage", arn)] == "not judged"


def test_transactions_need_what_their_parts_need(embedded_account: EmbeddedAccount) -> None:
    account = embedded_account
    for table in ("one", "two"):
        account.client("dynamodb").create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    key = {"id": {"S": "1"}}
    items = [{"Put": {"TableName": "one", "Item": key}}, {"Delete": {"TableName": "two", "Key": key}}]
    task = {"Resource": "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems", "Parameters": {"TransactItems": items}}
    table = f"arn:aws:dynamodb:us-east-1:{account.account}:table"
    put, delete = allow("dynamodb:PutItem", resource=f"{table}/one"), allow("dynamodb:DeleteItem", resource=f"{table}/two")
    assert "dynamodb:DeleteItem on resource" in run(account, role_of(account, put), **task)["cause"]
    assert run(account, role_of(account, put, delete), **task)["status"] == "SUCCEEDED"
    update = {"Statement": "UPDATE \"one\" SET x = 1 WHERE id = '1'"}
    task = {"Resource": "arn:aws:states:::aws-sdk:dynamodb:executeStatement", "Parameters": update}
    assert "dynamodb:PartiQLUpdate on resource" in run(account, role_of(account, put), **task)["cause"]


def test_a_nested_execution_needs_its_rule_and_its_start(embedded_account: EmbeddedAccount) -> None:
    account = embedded_account
    states = account.client("stepfunctions")
    child = states.create_state_machine(
        name="child",
        roleArn=f"arn:aws:iam::{account.account}:role/none",
        definition=json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}),
        publish=True,
    )
    routing = [{"stateMachineVersionArn": child["stateMachineVersionArn"], "weight": 100}]
    live = states.create_state_machine_alias(name="live", routingConfiguration=routing)["stateMachineAliasArn"]
    task = {"Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": live}}
    start = allow("states:StartExecution", resource=child["stateMachineArn"])
    rule = f"arn:aws:events:us-east-1:{account.account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    events = allow("events:PutTargets", "events:PutRule", "events:DescribeRule", resource=rule)

    with pytest.raises(ClientError) as refused:
        run(account, role_of(account, start), **task)
    role = f"arn:aws:iam::{account.account}:role/machine"
    assert refused.value.response["Error"]["Message"] == f"'{role}' is not authorized to create managed-rule."
    assert "states:StartExecution on resource" in run(account, role_of(account, events), **task)["cause"]
    only_live = {**start, "Condition": {"StringEquals": {"states:StateMachineQualifier": "live"}}}
    assert run(account, role_of(account, events, only_live), **task)["status"] == "SUCCEEDED"


def test_a_machine_needs_a_role_that_trusts_step_functions_and_may_log(embedded_account: EmbeddedAccount) -> None:
    account = embedded_account
    states = account.client("stepfunctions")
    account.client("logs").create_log_group(logGroupName="/g")
    group = f"arn:aws:logs:us-east-1:{account.account}:log-group:/g:*"
    logging = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]}
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})

    def refusal(role: str) -> str:
        with pytest.raises(ClientError) as refused:
            states.create_state_machine(name="logs", definition=definition, roleArn=role, loggingConfiguration=logging)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
        return str(refused.value.response["Error"]["Message"])

    others = {**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}
    assert refusal(role_of(account, trust=others)).startswith("Neither the global service principal states.amazonaws.com")
    other = {**TRUST, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:stateMachine:other"}}}
    assert refusal(role_of(account, trust=other)).startswith("Neither the global service principal states.amazonaws.com")
    assert refusal(role_of(account)) == "The state machine IAM Role is not authorized to access the Log Destination"
    role = role_of(account, allow("logs:CreateLogDelivery"))
    states.create_state_machine(name="logs", definition=definition, roleArn=role, loggingConfiguration=logging)
