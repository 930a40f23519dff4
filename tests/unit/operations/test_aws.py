from __future__ import annotations

from typing import Any

import pytest

from tests.unit.operations.harness import allowed, evaluated, kind_of, operation, the_task

STATES = {"context": {"Task": {"Token": "token"}}}


@pytest.mark.parametrize(
    ("action", "wait", "resource"),
    [
        ("sns:publish", "response", "sns:publish"),
        ("cloudwatch:putMetricData", "response", "aws-sdk:cloudwatch:putMetricData"),
        ("glue:startJobRun", "job", "glue:startJobRun.sync"),
        ("glue:startCrawler", "response", "aws-sdk:glue:startCrawler"),
        ("sqs:sendMessage", "token", "sqs:sendMessage.waitForTaskToken"),
        ("dynamodb:putItem", "token", "aws-sdk:dynamodb:putItem.waitForTaskToken"),
        ("elasticmapreduce:addStep", "job", "elasticmapreduce:addStep.sync"),
        ("elasticmapreduce:addStep", "response", "elasticmapreduce:addStep"),
        ("emr-serverless:startJobRun", "job", "emr-serverless:startJobRun.sync"),
        ("emrserverless:startJobRun", "job", "emr-serverless:startJobRun.sync"),
        ("emrserverless:startJobRun", "response", "aws-sdk:emrserverless:startJobRun"),
        ("emr-containers:startJobRun", "job", "emr-containers:startJobRun.sync"),
        ("sagemaker:createTrainingJob", "job", "sagemaker:createTrainingJob.sync"),
        ("mediaconvert:createJob", "job", "mediaconvert:createJob.sync"),
        ("codebuild:startBuildBatch", "job", "codebuild:startBuildBatch.sync"),
        ("apigateway:invoke", "token", "apigateway:invoke.waitForTaskToken"),
        ("events:putEvents", "token", "events:putEvents.waitForTaskToken"),
        ("emr-serverless:startJobRun", "token", "aws-sdk:emrserverless:startJobRun.waitForTaskToken"),
    ],
)
def test_a_call_goes_by_the_integration_that_can_wait_for_it(action: str, wait: str, resource: str) -> None:
    given: dict[str, Any] = {"type": "aws", "action": action, "wait": wait, "resources": ["*"]}
    if wait == "token":
        given["token_at"] = "MessageBody.token"
    state = the_task(given)
    assert state.resource == f"arn:aws:states:::{resource}"
    if wait == "token":
        assert evaluated(state.arguments, states=STATES) == {"MessageBody": {"token": "token"}}


def test_a_call_is_allowed_under_its_iam_name() -> None:
    assert allowed({"type": "aws", "action": "s3:listObjectsV2", "resources": ["arn:aws:s3:::a"]}) == {
        ("s3:ListBucket", "arn:aws:s3:::a")
    }
    assert allowed({"type": "aws", "action": "cloudwatchlogs:putLogEvents", "resources": ["x"]}) == {("logs:PutLogEvents", "x")}
    assert allowed({"type": "aws", "action": "foo:bar", "resources": ["x"], "allow": ["foo:Other"]}) == {("foo:Other", "x")}


def test_a_job_may_be_followed_and_stopped() -> None:
    found = allowed({"type": "aws", "action": "batch:submitJob", "wait": "job", "resources": ["q"]})
    jobs = "arn:aws:batch:us-east-1:111122223333:job/*"
    assert {("batch:SubmitJob", "q"), ("batch:DescribeJobs", "*"), ("batch:TerminateJob", jobs)} <= found
    assert ("events:PutRule", "arn:aws:events:us-east-1:111122223333:rule/StepFunctionsGetEventsForBatchJobsRule") in found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"action": "iam:createUser"}, "who is allowed what"),
        ({"action": "sts:assumeRole"}, "who is allowed what"),
        ({"action": "organizations:leaveOrganization"}, "who is allowed what"),
        ({"action": "kms:putKeyPolicy"}, "who is allowed what"),
        ({"action": "s3:putBucketPolicy"}, "who is allowed what"),
        ({"action": "foo:bar", "allow": ["iam:PassRole"]}, "who is allowed what"),
        ({"action": "ecs:runTask"}, "use type: ecs_task"),
        ({"action": "http:invoke"}, "use type: http"),
        ({"action": "elasticmapreduce:addStep", "wait": "token", "token_at": "Step.token"}, "cannot wait for a task token"),
        ({"action": "glue:startCrawler", "wait": "job"}, "no job that Step Functions can wait for"),
        ({"action": "sqs:sendMessage", "wait": "token"}, "token_at"),
        ({"action": "sqs:sendMessage", "token_at": "a"}, "token_at"),
        ({"action": "S3:GetObject"}, "action"),
    ],
)
def test_a_call_that_a_pipeline_must_not_make_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({"type": "aws", "resources": ["*"], **given})


def test_a_secret_in_the_history_is_a_finding() -> None:
    made = operation({"type": "aws", "action": "secretsmanager:getSecretValue", "resources": ["x"]})
    assert [found.code for found in kind_of(made).findings(made.params, made)] == ["BS273"]


def test_a_role_that_the_call_hands_over_may_be_passed() -> None:
    role = "arn:aws:iam::111122223333:role/training"
    found = allowed(
        {
            "type": "aws", "action": "sagemaker:createTrainingJob", "wait": "job", "resources": ["arn:job/x"],
            "arguments": {"RoleArn": role, "Deep": [{"Same": role}]},
        }
    )  # fmt: skip
    assert ("iam:PassRole", role) in found
    assert {("sagemaker:DescribeTrainingJob", "arn:job/x"), ("sagemaker:StopTrainingJob", "arn:job/x")} <= found
    pod = {"type": "aws", "action": "emr-containers:startJobRun", "resources": ["x"], "arguments": {"ExecutionRoleArn": role}}
    assert allowed(pod) == {("emr-containers:StartJobRun", "x")}
