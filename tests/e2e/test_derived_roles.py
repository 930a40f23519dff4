"""The roles that are derived for pipelines permit what they do, and nothing that they do not need."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.document.load import load_pipelines
from bunsui.emulator.access.permission import Ruling, verdict
from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from bunsui.emulator.launcher.judged_calls import RoleCall, read_judged
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder
from tests.e2e.test_operations_executed import CALLS, OBJECTS, PROJECT
from tests.embedded import EmbeddedAccount

pytestmark = pytest.mark.embedded

_LOG_DELIVERY = "Step Functions tells of log delivery as a whole (aws/aws-cdk issue 26432)"
UNSHOWN = {
    "logs:DeleteLogDelivery": _LOG_DELIVERY,
    "logs:DescribeLogGroups": _LOG_DELIVERY,
    "logs:DescribeResourcePolicies": _LOG_DELIVERY,
    "logs:GetLogDelivery": _LOG_DELIVERY,
    "logs:ListLogDeliveries": _LOG_DELIVERY,
    "logs:PutResourcePolicy": _LOG_DELIVERY,
    "logs:UpdateLogDelivery": _LOG_DELIVERY,
}
"""Actions whose lack nothing local can show, with the reason."""
COVERED = {"s3:ListBucket": "the sensor's `in/*` covers the prefix of the key that others name"}
"""Actions that two statements permit, so that one of them is not missed."""


class Deployed:
    """A pipeline with its derived role, in an account."""

    def __init__(self, account: EmbeddedAccount, compiled: CompiledPipeline) -> None:
        self.account = account
        self.states, self.iam = account.client("stepfunctions"), account.client("iam")
        self.role = next(one for one in compiled.resources if one.address.kind == "role")
        self.name = next(one.physical_name for one in compiled.resources if one.address.kind == "state_machine")
        self.definition = json.dumps(compiled.definition)
        self.policy: Mapping[str, Any] = self.role.attributes["policy"]  # type: ignore[assignment]  # a document
        self.arn = f"arn:aws:iam::{account.account}:role{self.role.attributes['path']}{self.role.physical_name}"
        trust = json.dumps(self.role.attributes["trust"])
        path = str(self.role.attributes["path"])
        self.iam.create_role(RoleName=self.role.physical_name, Path=path, AssumeRolePolicyDocument=trust)
        self.permit(self.policy["Statement"])
        group = f"arn:aws:logs:us-east-1:{account.account}:log-group:/g:*"
        self.machine = self.states.create_state_machine(
            name=self.name,
            definition=self.definition,
            roleArn=self.arn,
            loggingConfiguration={"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]},
        )["stateMachineArn"]

    def permit(self, statements: Sequence[Mapping[str, Any]]) -> None:
        """Let the role have these statements alone."""
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self.iam.put_role_policy(RoleName=self.role.physical_name, PolicyName="p", PolicyDocument=policy)

    def run(self) -> str:
        """Change the machine to what it is, run it; return its status, or that it was refused."""
        try:
            self.states.update_state_machine(stateMachineArn=self.machine, roleArn=self.arn)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        started = self.states.start_execution(stateMachineArn=self.machine, input="{}")["executionArn"]
        deadline = time.monotonic() + 90
        while (found := self.states.describe_execution(executionArn=started))["status"] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return str(found["status"])


@pytest.fixture(params=[CALLS, OBJECTS], ids=["calls", "objects"])
def deployed(request: pytest.FixtureRequest, embedded_account: EmbeddedAccount, tmp_path: Path) -> Deployed:
    account = embedded_account
    account.client("logs").create_log_group(logGroupName="/g")
    account.client("s3").create_bucket(Bucket=f"lake-{account.account}")
    account.client("dynamodb").create_table(
        TableName="loads",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    account.client("sns").create_topic(Name="alerts")
    account.client("sqs").create_queue(QueueName="orders")
    (tmp_path / "pipelines").mkdir()
    text = request.param.replace("ACCOUNT", account.account).replace("bucket: lake", f"bucket: lake-{account.account}")
    (tmp_path / "pipelines" / "one.yaml").write_text(text)
    scope = Scope(project="tests", environment="local", account=account.account, region="us-east-1")
    loaded = load_pipelines(RootFolder(tmp_path), PROJECT, registry=builtin_registry(), scope=scope)
    return Deployed(account, compile_pipeline(loaded.pipelines[0], scope=scope, registry=builtin_registry()))


def calls_of(folder: Path, role: str) -> list[RoleCall]:
    running = read_announcement(DataFolder(folder.resolve()))
    judged = read_judged(running) if running is not None else None
    assert judged is not None
    return [one for one in judged.calls if one.role == role]


def parts_of(statements: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each action of each statement, with the statement of it alone."""
    for statement in statements:
        for action in statement["Action"]:
            yield action, {**statement, "Action": [action]}


def test_a_derived_role_permits_all_that_is_called_and_each_of_its_actions_is(
    deployed: Deployed, embedded_folder: Path
) -> None:
    assert deployed.run() == "SUCCEEDED"

    calls = calls_of(embedded_folder, deployed.arn)
    assert [(one.action, one.resource, one.reason) for one in calls if one.outcome != "allowed"] == []
    idle = [
        action
        for action, alone in parts_of(deployed.policy["Statement"])
        if action not in UNSHOWN
        # What its condition asks is not kept of a call: undecided means that it may be this one.
        and not any(
            verdict([{"Statement": [alone]}], one.action, one.resource) in (Ruling.ALLOWED, Ruling.UNDECIDED) for one in calls
        )
    ]
    assert idle == []


@pytest.mark.slow
def test_each_part_of_a_derived_role_is_missed(deployed: Deployed) -> None:
    assert deployed.run() == "SUCCEEDED"
    parts = list(parts_of(deployed.policy["Statement"]))
    not_missed = []
    for number, (action, _) in enumerate(parts):
        deployed.permit([alone for place, (_, alone) in enumerate(parts) if place != number])
        if deployed.run() == "SUCCEEDED":
            not_missed.append(action)
    assert set(not_missed) - set(COVERED) == set(UNSHOWN)
