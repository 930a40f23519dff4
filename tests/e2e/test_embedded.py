"""What the embedded AWS does beyond the bare emulator: it fails, routes, times out and tags as AWS does."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.emulator.patches import PATCHES
from bunsui.emulator.stepfunctions.emulator import CAPABILITIES
from tests.embedded import EmbeddedAccount

pytestmark = pytest.mark.embedded

ROLE = "arn:aws:iam::000000000000:role/any"


def make_function(account: EmbeddedAccount, name: str, source: str, *, handler: str = "app.handler") -> str:
    """Deploy a one-file function; give its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("app.py", source)
    reply = account.client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Role=ROLE, Handler=handler, Code={"ZipFile": archive.getvalue()}
    )
    return str(reply["FunctionArn"])


def invoke(account: EmbeddedAccount, name: str) -> Any:
    """Return the function's answer or error payload."""
    return json.loads(account.client("lambda").invoke(FunctionName=name)["Payload"].read())


def make_machine(account: EmbeddedAccount, name: str, definition: Mapping[str, object], **more: object) -> dict[str, Any]:
    """Create a state machine; give the reply."""
    reply: dict[str, Any] = account.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE, **more
    )
    return reply


def finished(account: EmbeddedAccount, target_arn: str) -> dict[str, Any]:
    """Run the machine to its end; give the described execution."""
    states = account.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=target_arn, name=f"run-{time.monotonic_ns()}")["executionArn"]
    deadline = time.monotonic() + 20
    while (described := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return dict(described)


def constant(result: object) -> dict[str, object]:
    """Return a definition whose output is the result."""
    return {"StartAt": "only", "States": {"only": {"Type": "Pass", "Result": result, "End": True}}}


def test_the_account_is_that_of_the_keys_principal(embedded_account: EmbeddedAccount) -> None:
    assert embedded_account.client("sts").get_caller_identity()["Account"] == embedded_account.account


def test_every_correction_of_the_emulator_took(embedded: LocalEndpoint) -> None:
    own = ("function-roles", "presigned-urls", "uploaded-forms", "target-roles")
    assert embedded.capabilities == (*PATCHES, *own, *CAPABILITIES)


def test_a_failing_function_names_its_exception_and_its_stack(embedded_account: EmbeddedAccount) -> None:
    source = "class StaleData(Exception):\n    pass\n\ndef handler(event, context):\n    raise StaleData('too old')\n"
    make_function(embedded_account, "stale", source)

    error = invoke(embedded_account, "stale")

    assert error["errorType"] == "StaleData"
    assert error["errorMessage"] == "too old"
    assert '"/var/task/app.py", line 5, in handler' in error["stackTrace"][0]
    assert len(error["stackTrace"]) == 1


def test_a_function_with_a_missing_package_is_an_import_error(embedded_account: EmbeddedAccount) -> None:
    make_function(embedded_account, "no-package", "import no_such_package\n\ndef handler(event, context):\n    return 1\n")

    error = invoke(embedded_account, "no-package")

    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"] == "Unable to import module 'app': No module named 'no_such_package'"


def test_a_function_without_the_named_handler_says_so(embedded_account: EmbeddedAccount) -> None:
    make_function(embedded_account, "no-handler", "x = 1\n", handler="app.main")

    assert invoke(embedded_account, "no-handler")["errorType"] == "Runtime.HandlerNotFound"


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("os._exit(3)", "with error: exit status 3"),
        ("os._exit(0)", "without providing a reason"),
        ("os.kill(os.getpid(), 9)", "with error: signal: killed"),
        ("os.kill(os.getpid(), 11)", "with error: signal: segmentation fault"),
    ],
)
def test_a_function_that_ends_its_process_is_an_exit_error_that_says_how(
    embedded_account: EmbeddedAccount, end: str, told: str
) -> None:
    make_function(embedded_account, "exits", f"import os\n\ndef handler(event, context):\n    {end}\n")

    error = invoke(embedded_account, "exits")
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith(f"Error: Runtime exited {told}")


def test_catch_by_exception_name_matches(embedded_account: EmbeddedAccount) -> None:
    function = make_function(embedded_account, "broken", "def handler(event, context):\n    raise KeyError('id')\n")
    task = {
        "Type": "Task",
        "Resource": function,
        "End": True,
        "Catch": [{"ErrorEquals": ["KeyError"], "Next": "caught", "ResultPath": "$.error"}],
    }
    definition = {"StartAt": "call", "States": {"call": task, "caught": {"Type": "Pass", "End": True}}}
    machine = make_machine(embedded_account, "catching", definition)

    execution = finished(embedded_account, machine["stateMachineArn"])

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(json.loads(execution["output"])["error"]["Cause"])["errorType"] == "KeyError"


def test_a_function_sees_nothing_of_the_host_or_the_emulator(embedded_account: EmbeddedAccount) -> None:
    make_function(embedded_account, "nosy", "import os\n\ndef handler(event, context):\n    return dict(os.environ)\n")

    seen = invoke(embedded_account, "nosy")

    assert "canary" not in " ".join(seen.values())
    assert not {"BUNSUI_CANARY", "GITHUB_TOKEN", "AWS_PROFILE"} & set(seen)
    assert not {"LOG_LEVEL", "STATE_DIR", "PYTHONPATH", "DOCKER_HOST"} & set(seen)
    assert seen["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert seen["AWS_SECRET_ACCESS_KEY"] != embedded_account.keys.secret_key


def test_an_alias_runs_the_version_that_it_points_to(embedded_account: EmbeddedAccount) -> None:
    states = embedded_account.client("stepfunctions")
    first = make_machine(embedded_account, "aliased", constant("first"), publish=True)
    version = first["stateMachineVersionArn"]
    routing = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=routing)["stateMachineAliasArn"]
    states.update_state_machine(stateMachineArn=first["stateMachineArn"], definition=json.dumps(constant("second")))

    by_alias = finished(embedded_account, alias)
    by_machine = finished(embedded_account, first["stateMachineArn"])

    assert json.loads(by_alias["output"]) == "first"
    assert (by_alias["stateMachineVersionArn"], by_alias["stateMachineAliasArn"]) == (version, alias)
    assert json.loads(by_machine["output"]) == "second"
    assert "stateMachineVersionArn" not in by_machine
    ran = states.describe_state_machine_for_execution(executionArn=by_alias["executionArn"])
    assert json.loads(ran["definition"]) == constant("first")


def test_weights_of_an_alias_share_out_the_starts(embedded_account: EmbeddedAccount) -> None:
    states = embedded_account.client("stepfunctions")
    first = make_machine(embedded_account, "shared", constant("first"), publish=True)
    second = states.update_state_machine(
        stateMachineArn=first["stateMachineArn"], definition=json.dumps(constant("second")), publish=True
    )
    routing = [{"stateMachineVersionArn": made["stateMachineVersionArn"], "weight": 50} for made in (first, second)]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=routing)["stateMachineAliasArn"]

    started = [states.start_execution(stateMachineArn=alias, name=f"n{number}")["executionArn"] for number in range(40)]

    versions = {states.describe_execution(executionArn=arn)["stateMachineVersionArn"] for arn in started}
    assert len(versions) == 2


def test_tracing_is_kept_by_machine_and_version(embedded_account: EmbeddedAccount) -> None:
    states = embedded_account.client("stepfunctions")
    made = make_machine(embedded_account, "traced", constant(1), publish=True, tracingConfiguration={"enabled": True})

    for arn in (made["stateMachineArn"], made["stateMachineVersionArn"]):
        assert states.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"] == {"enabled": True}

    states.update_state_machine(stateMachineArn=made["stateMachineArn"], tracingConfiguration={"enabled": False})
    assert states.describe_state_machine(stateMachineArn=made["stateMachineArn"])["tracingConfiguration"] == {"enabled": False}


def test_an_execution_times_out_after_its_machines_limit(embedded_account: EmbeddedAccount) -> None:
    waiting = {"StartAt": "wait", "TimeoutSeconds": 1, "States": {"wait": {"Type": "Wait", "Seconds": 3, "End": True}}}
    machine = make_machine(embedded_account, "slow", waiting)

    execution = finished(embedded_account, machine["stateMachineArn"])
    time.sleep(3)
    states = embedded_account.client("stepfunctions")
    later = states.describe_execution(executionArn=execution["executionArn"])
    events = states.get_execution_history(executionArn=execution["executionArn"])["events"]

    assert execution["status"] == later["status"] == "TIMED_OUT"
    assert "ExecutionTimedOut" in [event["type"] for event in events]


def test_machines_log_groups_and_alarms_are_found_by_tag(embedded_account: EmbeddedAccount) -> None:
    machine = make_machine(embedded_account, "tagged", constant(1), tags=[{"key": "bunsui:project", "value": "p"}])
    logs, metrics = embedded_account.client("logs"), embedded_account.client("cloudwatch")
    logs.create_log_group(logGroupName="/tagged", tags={"bunsui:project": "p"})
    alarm: dict[str, Any] = {"AlarmName": "tagged", "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60}
    alarm |= {"EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"}
    metrics.put_metric_alarm(**alarm, Tags=[{"Key": "bunsui:project", "Value": "p"}])

    tagging = embedded_account.client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "bunsui:project", "Values": ["p"]}])["ResourceTagMappingList"]

    prefix = f"{embedded_account.region}:{embedded_account.account}"
    assert {resource["ResourceARN"] for resource in found} == {
        machine["stateMachineArn"],
        f"arn:aws:logs:{prefix}:log-group:/tagged",
        f"arn:aws:cloudwatch:{prefix}:alarm:tagged",
    }


@pytest.mark.slow
def test_a_schedule_fires_in_its_zone_and_tells_when_it_was_due(embedded_account: EmbeddedAccount) -> None:
    states, schedules = embedded_account.client("stepfunctions"), embedded_account.client("scheduler")
    machine = make_machine(embedded_account, "scheduled", {"StartAt": "e", "States": {"e": {"Type": "Pass", "End": True}}})
    allowed = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine["stateMachineArn"]}
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "scheduler.amazonaws.com"}}
    roles = embedded_account.client("iam")
    role = roles.create_role(RoleName="starts", AssumeRolePolicyDocument=json.dumps({"Statement": [trusted]}))["Role"]["Arn"]
    roles.put_role_policy(RoleName="starts", PolicyName="p", PolicyDocument=json.dumps({"Statement": [allowed]}))
    due = datetime.now(ZoneInfo("Asia/Tokyo")).replace(microsecond=0) + timedelta(seconds=1)
    schedules.create_schedule(
        Name="soon",
        ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone="Asia/Tokyo",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={"Arn": machine["stateMachineArn"], "RoleArn": role, "Input": '{"at": "<aws.scheduler.scheduled-time>"}'},
    )

    deadline = time.monotonic() + 25
    while not (started := states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]):
        assert time.monotonic() < deadline
        time.sleep(0.3)

    execution = states.describe_execution(executionArn=started[0]["executionArn"])
    assert json.loads(execution["input"]) == {"at": due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert schedules.list_schedules()["Schedules"] == []
