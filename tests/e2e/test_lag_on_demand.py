"""With `local: {lag: …}` the embedded AWS is as late as AWS is, and all that bunsui does there goes through all the same."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bunsui.emulator.launcher.control import set_late
from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from bunsui.emulator.launcher.launcher import ensure_running, stop
from tests.embedded import EmbeddedAccount
from tests.typed import Done, typed, without_ours

pytestmark = pytest.mark.embedded

LONG = 300.0
"""Longer than these tests take: what is late stays so until `catch_up`."""
PROJECT = """\
version: 1
project: late
id: 01KBH3X2J4ABCDEFGHJKMNPQRS
local: {lag: 2s}
"""
PIPELINE = """\
version: 1
name: nightly
schedules:
  - {id: night, cron: "0 3 * * ? *"}
jobs:
  only: {type: wait, for: 1s}
"""
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}}


class LateAccount(EmbeddedAccount):
    """An account of an embedded AWS that is late."""

    def catch_up(self, *, seconds: float = LONG) -> None:
        """Let all be known that was written so far; be late again by so many seconds."""
        running = read_announcement(DataFolder(self.endpoint.secret_file.parent))
        assert running is not None
        assert set_late(running, 0)
        assert set_late(running, seconds)


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LateAccount]:
    folder = tmp_path_factory.mktemp("late")
    endpoint = ensure_running(folder, lag=LONG)
    try:
        yield LateAccount(endpoint=endpoint, account="222222222222", region="us-east-1")
    finally:
        stop(folder)


def policy(statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.py", "def b(event, context):\n    return 1\n")
    return content.getvalue()


def definition(text: str) -> str:
    return json.dumps({"StartAt": "a", "States": {"a": {"Type": "Pass", "Result": text, "End": True}}})


def refusal(call: Callable[..., Any], **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**members)
    error = caught.value.response["Error"]
    return str(error["Code"]), str(error["Message"])


def ended(late: LateAccount, execution: str) -> Any:
    late.catch_up(seconds=0)
    states = late.client("stepfunctions")
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.1)
    late.catch_up()
    return found


def test_what_was_made_changed_and_deleted_is_seen_used_and_gone_late(late: LateAccount) -> None:
    iam, states = late.client("iam"), late.client("stepfunctions")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy(TRUST))["Role"]["Arn"]
    assert refusal(iam.get_role, RoleName="r")[0] == "NoSuchEntity"
    machine = {"name": "m", "definition": definition("one"), "roleArn": role}
    code, message = refusal(states.create_state_machine, **machine)
    assert (code, message.split(" is authorized to ")[1]) == ("AccessDeniedException", "assume the provided role.")

    late.catch_up()
    made = states.create_state_machine(**machine)["stateMachineArn"]
    assert refusal(states.describe_state_machine, stateMachineArn=made)[0] == "StateMachineDoesNotExist"
    assert states.list_state_machines()["stateMachines"] == []
    late.catch_up()
    assert [one["name"] for one in states.list_state_machines()["stateMachines"]] == ["m"]

    states.update_state_machine(stateMachineArn=made, definition=definition("two"))
    assert states.describe_state_machine(stateMachineArn=made)["definition"] == definition("one")
    begun = states.start_execution(stateMachineArn=made)["executionArn"]
    assert refusal(states.describe_execution, executionArn=begun)[0] == "ExecutionDoesNotExist"
    assert ended(late, begun)["output"] == '"one"'
    assert states.describe_state_machine(stateMachineArn=made)["definition"] == definition("two")

    states.delete_state_machine(stateMachineArn=made)
    assert [one["name"] for one in states.list_state_machines()["stateMachines"]] == ["m"]
    assert refusal(states.create_state_machine, **machine)[0] == "StateMachineDeleting"
    late.catch_up()
    assert states.list_state_machines()["stateMachines"] == []


def test_a_function_is_pending_and_a_policy_takes_effect_late(late: LateAccount) -> None:
    iam, states, functions = late.client("iam"), late.client("stepfunctions"), late.client("lambda")
    trust = {**TRUST, "Principal": {"Service": ["states.amazonaws.com", "lambda.amazonaws.com"]}}
    role = iam.create_role(RoleName="caller", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    put = {"RoleName": "caller", "PolicyName": "p", "PolicyDocument": policy(allowed)}
    assert refusal(iam.put_role_policy, **put)[0] == "NoSuchEntity"
    function = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "a.b", "Role": role, "Code": {"ZipFile": package()}}
    assert refusal(functions.create_function, **function)[1] == "The role defined for the function cannot be assumed by Lambda."
    late.catch_up()
    assert functions.create_function(**function)["State"] == "Pending"
    assert functions.get_function_configuration(FunctionName="f")["State"] == "Pending"
    assert "Pending" in refusal(functions.publish_version, FunctionName="f")[1]
    assert functions.list_functions()["Functions"] == []
    limit = time.monotonic() + 60  # a busy machine makes the function later than the lag alone
    while functions.get_function_configuration(FunctionName="f")["State"] != "Active":
        assert time.monotonic() < limit
        late.catch_up()

    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True}
    calls = json.dumps({"StartAt": "a", "States": {"a": task}})
    machine = states.create_state_machine(name="calls", definition=calls, roleArn=role)["stateMachineArn"]
    iam.put_role_policy(**put)
    begun = states.start_execution(stateMachineArn=machine)["executionArn"]
    time.sleep(1)  # the call is made while the policy is not known
    assert "no identity-based policy allows" in ended(late, begun).get("cause", "")


def test_tables_are_late_unless_asked_consistently_and_buckets_never_are(late: LateAccount) -> None:
    tables, buckets = late.client("dynamodb"), late.client("s3")
    tables.create_table(
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert refusal(tables.describe_table, TableName="things")[0] == "ResourceNotFoundException"
    item = {"TableName": "things", "Key": {"k": {"S": "a"}}}
    tables.update_item(**item, UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": {"S": "1"}})
    assert "Item" not in tables.get_item(**item)
    assert tables.get_item(**item, ConsistentRead=True)["Item"]["v"] == {"S": "1"}
    late.catch_up()
    assert tables.get_item(**item)["Item"]["v"] == {"S": "1"}
    buckets.create_bucket(Bucket="never-late")
    buckets.put_object(Bucket="never-late", Key="k", Body=b"x")
    assert buckets.get_object(Bucket="never-late", Key="k")["Body"].read() == b"x"


@pytest.mark.slow
def test_a_project_is_applied_changed_run_and_destroyed_and_says_what_it_waits_for(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "bunsui.yaml").write_text(PROJECT)

    def bunsui(*arguments: str) -> Done:
        done = typed(tmp_path, *arguments, environment=without_ours(BUNSUI_ENV="local"))
        assert done.returncode == 0, done.stderr + done.stdout
        return done

    try:
        (tmp_path / "pipelines/nightly.yaml").write_text(PIPELINE)
        assert "waits for AWS to see what was made a moment ago" in bunsui("apply", "--yes").stderr
        assert "No changes" in bunsui("plan").stdout
        (tmp_path / "pipelines/nightly.yaml").write_text(PIPELINE.replace("1s", "2s"))
        bunsui("apply", "--yes")
        bunsui("run", "nightly", "--wait")
        assert "No changes" in bunsui("plan").stdout
        bunsui("destroy", "--yes", "--confirm", "local")
        bunsui("apply", "--yes")
        bunsui("run", "nightly", "--wait")
        bunsui("destroy", "--yes", "--confirm", "local")
        assert json.loads(bunsui("state", "list", "--json").stdout)["resources"] == []
    finally:
        stop(tmp_path / ".bunsui/local")
