"""An `aws` operation is held against the published models: service, call, arguments, and what is read of the answer."""

from __future__ import annotations

import pytest

from bunsui.diagnostics import Severity
from tests.checked_text import findings_of_text

_PIPELINE = """\
version: 1
name: calls
parameters: {n: {type: integer, default: 1}, s: {type: string, default: x}}
jobs:
  a:
    type: aws
    resources: ["*"]
    action: ACTION
    arguments: {ARGUMENTS}
    outputs: {seen: "OUTPUT"}
"""


def told(action: str, arguments: str = "", output: str = "{% 1 %}") -> list[tuple[str, str, str, str]]:
    """Return place, code, words and hint of each finding but for hints to people."""
    text = _PIPELINE.replace("ACTION", action).replace("ARGUMENTS", arguments).replace("OUTPUT", output)
    lines = text.splitlines()
    found = []
    for finding in findings_of_text(text):
        if finding.severity is not Severity.INFO:
            assert finding.position is not None
            rest = lines[finding.position.line - 1][finding.position.column - 1 :]
            found.append((rest.split(":")[0].split(",")[0].rstrip("}\"'"), finding.code, finding.summary, finding.hint))
    return found


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("glue:startJobRun", 'JobName: x, Arguments: {"--day": "{% $params.s %}"}, Timeout: "{% $params.n %}"'),
        ("dynamodb:putItem", 'TableName: table, Item: {id: {S: x}, n: {N: "5"}, none: {"NULL": true}, l: {L: [{S: a}]}}'),
        ("events:putEvents", "Entries: [{Source: x, DetailType: d, Detail: {a: 1}}]"),
        ("bedrock:invokeModel", 'ModelId: m, Input: {S3Uri: "s3://b/k"}'),
        ("acmpca:listCertificateAuthorities", ""),
        ("sqs:sendMessage", 'QueueUrl: q, MessageBody: {any: "{% $params.n %}"}'),
        ("ec2:describeInstances", "Filters: [{Name: x, Values: [y]}]"),
    ],
)
def test_what_step_functions_takes_is_valid(action: str, arguments: str) -> None:
    assert told(action, arguments) == []


def test_what_iam_does_not_know_is_told_with_what_was_meant() -> None:
    ((place, code, _, hint),) = told("s3:getObject\n    allow: [s3:PutObject, s3:GetObjct]", "Bucket: b, Key: k")
    assert (place, code, hint) == ("s3", "BS281", "Did you mean s3:GetObject?")
    ((place, code, words, _),) = told("eventbridgev2:deleteSubscriber", "Identifier: x")[:1]
    assert (place, code) == ("eventbridgev2", "BS281")
    assert "which IAM action" in words


def test_what_has_no_call_behind_it_is_an_optimised_integration_all_the_same() -> None:
    assert told("elasticmapreduce:addStep", "ClusterId: j, Step: {Name: x}") == []
    ((_, code, words, hint),) = told("elasticmapreduce:addSteps", "ClusterId: j")
    assert (code, hint) == ("BS350", "Did you mean elasticmapreduce:addStep?")
    assert "no optimised integration addSteps" in words


@pytest.mark.parametrize(
    ("action", "words", "hint"),
    [
        ("gleu:startJobRun", "no service gleu", "Did you mean glue:startJobRun?"),
        ("s3:putObjects", "s3 has no call putObjects", "Did you mean s3:putObject?"),
        ("logs:createLogGroup", "no service logs", "Did you mean cloudwatchlogs:createLogGroup?"),
        ("events:putRule", "no service events", "Did you mean eventbridge:putRule?"),
        ("zzzzzz:doThat", "no service zzzzzz", "botocore"),
        ("kinesis:subscribeToShard", "does not offer kinesis:subscribeToShard: it is a stream", "lambda"),
        ("rdsdata:executeSql", "does not offer rdsdata:executeSql", "lambda"),
    ],
)
def test_a_call_that_there_is_not_is_told_at_its_place(action: str, words: str, hint: str) -> None:
    ((place, code, summary, remedy),) = told(action)
    assert (place, code) == (action.split(":")[0], "BS350")
    assert words in summary
    assert hint in remedy


@pytest.mark.parametrize(
    ("action", "arguments", "place", "words", "hint"),
    [
        ("s3:getObject", "Bucket: bucket, Kye: x", "Kye", "no argument Kye", "Did you mean Key?"),
        ("s3:getObject", "Bucket: bucket", "{Bucket", "needs Key", "Add Key"),
        ("glue:startJobRun", "jobName: x", "jobName", "called JobName", "Write JobName."),
        ("sqs:listQueues", "zzz: 1", "zzz", "no argument zzz", "It has MaxResults, NextToken, QueueNamePrefix."),
        (
            "textract:startDocumentAnalysis",
            "DocumentLocation: {}, FeatureTypes: [], NotificationChannel: {RoleArn: '{% 1 %}', SNSTopicArn: '{% 1 %}'}",
            "SNSTopicArn",
            "called SnsTopicArn",
            "Write SnsTopicArn.",
        ),
    ],
)
def test_an_argument_that_there_is_not_is_told_at_its_key(
    action: str, arguments: str, place: str, words: str, hint: str
) -> None:
    ((where, code, summary, remedy),) = told(action, arguments)
    assert (where, code) == (place, "BS351")
    assert words in summary
    assert hint in remedy


@pytest.mark.parametrize(
    ("action", "arguments", "words", "hint"),
    [
        ("glue:startJobRun", "JobName: 5", "must be a text, and is 5", 'Quote it: "5".'),
        ("glue:startJobRun", 'JobName: x, Timeout: "5"', "must be a whole number", "without quotes: 5"),
        ("glue:startJobRun", "JobName: x, Timeout: 0", "Timeout is 0", "at least 1"),
        ("glue:startJobRun", "JobName: x, ExecutionClass: standard", "cannot be standard", "Did you mean STANDARD?"),
        ("glue:startJobRun", 'JobName: "{% $params.n %}"', "the expression gives a number", "$string(…)"),
        ("glue:startJobRun", 'JobName: x, Timeout: "{% $params.s %}"', "the expression gives a text", "$number(…)"),
        ("ssm:putParameter", 'Name: n, Value: v, Overwrite: "true"', "must be true or false", "without quotes: true"),
        ("ecs:describeTasks", "Tasks: t", "must be a list", 'Write ["t"].'),
        ("ecs:describeTasks", "Tasks: [1]", "must be a text, and is 1", 'Quote it: "1".'),
        ("dynamodb:getItem", "TableName: table, Key: id", "must be a mapping", "Write a mapping."),
        ("lambda:getFunction", "FunctionName: 'a b'", "must match", "API reference"),
        ("secretsmanager:describeSecret", "SecretId: ''", "SecretId has 0 characters", "at least 1 characters"),
    ],
)
def test_a_value_that_the_service_does_not_take_is_told(action: str, arguments: str, words: str, hint: str) -> None:
    ((_, code, summary, remedy),) = told(action, arguments)
    assert code == "BS352"
    assert words in summary
    assert hint in remedy


def test_where_the_task_token_goes_counts_as_given() -> None:
    text = _PIPELINE.replace("ACTION", "sqs:sendMessage\n    wait: token\n    heartbeat: 1m\n    token_at: MessageBody.token")
    findings = findings_of_text(text.replace("ARGUMENTS", "QueueUrl: q").replace("OUTPUT", "{% 1 %}"))
    assert [finding for finding in findings if finding.severity is not Severity.INFO] == []


@pytest.mark.parametrize(
    ("output", "words", "hint"),
    [
        ("{% $result.QueryExecution.Statu %}", "no field QueryExecution.Statu", "Did you mean Status?"),
        ("{% $ops.aws.QueryExecutions %}", "no field QueryExecutions", "Did you mean QueryExecution?"),
    ],
)
def test_a_member_that_the_answer_has_not_is_told(output: str, words: str, hint: str) -> None:
    ((_, code, summary, remedy),) = told("athena:getQueryExecution", "QueryExecutionId: x", output)
    assert code == "BS309"
    assert words in summary
    assert remedy == hint


def test_the_types_of_an_answer_are_known() -> None:
    listed = "athena:listQueryExecutions"
    assert told(listed, "", "{% $result.QueryExecutionIds %}") == []
    assert told("s3:listObjectsV2", "Bucket: bucket", "{% $result.Contents.Key %}")[0][1] == "BS337"
    assert told("s3:listObjectsV2", "Bucket: bucket", "{% $result.KeyCount = '5' %}")[0][1] == "BS338"


def test_the_description_of_a_finished_job_is_another_shape_and_not_guessed() -> None:
    text = _PIPELINE.replace("ACTION", "glue:startJobRun\n    wait: job").replace("ARGUMENTS", "JobName: x")
    findings = findings_of_text(text.replace("OUTPUT", "{% $result.JobRunState %}"))
    assert [finding.code for finding in findings if finding.severity is not Severity.INFO] == []


@pytest.mark.parametrize(
    ("arguments", "place", "words"),
    [
        ("enableExecuteCommand: true", "enableExecuteCommand", "called EnableExecuteCommand"),
        ("EnableExecuteComand: true", "EnableExecuteComand", "ecs:runTask has no argument EnableExecuteComand"),
        ("Overrides: {InferenceAccelerators: []}", "InferenceAccelerators", "has no argument InferenceAccelerators"),
    ],
)
def test_what_a_container_task_adds_to_its_call_is_held_against_the_model(arguments: str, place: str, words: str) -> None:
    text = _PIPELINE.replace(
        'type: aws\n    resources: ["*"]\n    action: ACTION', "type: ecs_task\n    cluster: c\n    launch: ec2"
    )
    text = text.replace("    arguments: {", "    task_definition: 't:1'\n    arguments: {").replace("OUTPUT", "{% 1 %}")
    said = text.replace("ARGUMENTS", arguments)
    (found,) = [one for one in findings_of_text(said) if one.code == "BS351"]
    assert words in found.summary
    assert found.position is not None
    assert said.splitlines()[found.position.line - 1][found.position.column - 1 :].startswith(place)
    assert not [one for one in findings_of_text(text.replace("ARGUMENTS", "EnableECSManagedTags: true")) if one.code == "BS351"]
