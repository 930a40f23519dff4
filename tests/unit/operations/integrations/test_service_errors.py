"""Names of errors by what a Task calls: the service's own, all of them known, none of another one."""

from __future__ import annotations

import pytest

from bunsui.asl.validation.integrations import OPTIMISED
from bunsui.operations.integrations.service_errors import all_errors, call_of, known_prefixes, task_errors

_SDK = """
accessanalyzer acm apigateway appconfig applicationautoscaling athena autoscaling backup batch bedrockruntime cloudformation
cloudfront cloudtrail cloudwatch cloudwatchlogs codebuild codepipeline comprehend databasemigration databrew datasync
dynamodb ec2 ecr ecs efs eks elasticache emr emrcontainers emrserverless eventbridge firehose glue kinesis kms lakeformation
lambda mwaa opensearch rds rdsdata redshift redshiftdata redshiftserverless route53 s3 sagemaker secretsmanager sesv2 sfn
sns sqs ssm textract timestreamquery timestreamwrite transfer
"""
SDK = _SDK.split()
OPTIMISED_CALLS = [f"{service}:{sorted(calls)[0]}" for service, calls in OPTIMISED.items()]
CALLS = [*OPTIMISED_CALLS, *(f"aws-sdk:{service}:call" for service in SDK)]


@pytest.mark.parametrize("call", CALLS)
def test_each_class_has_names_and_only_those_of_the_service(call: str) -> None:
    found = task_errors(f"arn:aws:states:::{call}")
    for names in (found.throttling, found.infrastructure):
        assert names
        assert {name.rpartition(".")[0] for name in names} <= (found.prefixes or {"States.Http.StatusCode"})
        assert all(found.can_be(name) for name in names)
    assert {name for name in found.timeout if not name.startswith("States.")} <= found.all
    assert not set(found.infrastructure) & set(found.timeout)


def test_there_are_fifty_services_and_all_optimised_integrations() -> None:
    assert len(SDK) >= 50
    assert len(OPTIMISED_CALLS) == len(OPTIMISED) >= 20


@pytest.mark.parametrize(
    ("resource", "recorded"),
    [
        ("arn:aws:states:::aws-sdk:s3:getObject", "S3.NoSuchKeyException"),
        ("arn:aws:states:::aws-sdk:s3:getObject", "S3.NoSuchBucketException"),
        ("arn:aws:states:::aws-sdk:dynamodb:query", "DynamoDb.DynamoDbException"),
        ("arn:aws:states:::aws-sdk:dynamodb:query", "DynamoDb.ResourceNotFoundException"),
        ("arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", "Sfn.InvalidTokenException"),
        ("arn:aws:states:::aws-sdk:secretsmanager:getSecretValue", "SecretsManager.SecretsManagerException"),
        ("arn:aws:states:::aws-sdk:rds:startDBInstance", "Rds.DbInstanceNotFoundException"),
        ("arn:aws:states:::aws-sdk:lambda:invoke", "Lambda.Ec2ThrottledException"),
        ("arn:aws:states:::lambda:invoke", "Lambda.EC2ThrottledException"),
        ("arn:aws:states:::dynamodb:putItem", "DynamoDB.ConditionalCheckFailedException"),
        ("arn:aws:states:::dynamodb:putItem", "DynamoDB.AmazonDynamoDBException"),
        ("arn:aws:states:::sns:publish", "SNS.InvalidParameterException"),
        ("arn:aws:states:::sqs:sendMessage", "SQS.AmazonSQSException"),
        ("arn:aws:states:::sqs:sendMessage", "SQS.SdkClientException"),
        ("arn:aws:states:::states:startExecution", "StepFunctions.ExecutionAlreadyExistsException"),
        ("arn:aws:states:::events:putEvents", "EventBridge.FailedEntry"),
        ("arn:aws:states:::batch:submitJob.sync", "Batch.AWSBatchException"),
        ("arn:aws:states:::ecs:runTask.sync", "ECS.ServerException"),
        ("arn:aws:states:::sagemaker:createTrainingJob.sync", "SageMaker.AmazonSageMakerException"),
    ],
)
def test_names_that_aws_was_seen_to_give_are_known(resource: str, recorded: str) -> None:
    assert recorded in task_errors(resource).all


def test_a_name_of_another_service_cannot_come_and_one_of_nobodys_can() -> None:
    found = task_errors("arn:aws:states:::aws-sdk:dynamodb:query")
    assert not found.can_be("DynamoDB.ProvisionedThroughputExceededException")
    assert found.can_be("DynamoDb.Whatever")
    assert found.can_be("States.TaskFailed")
    assert found.can_be("My.Error")
    assert found.can_be("ValueError")
    assert not found.can_be("States.Http.StatusCode.429")
    assert {"S3", "DynamoDB", "DynamoDb", "Sandbox"} <= known_prefixes()


def test_what_is_newer_than_the_table_or_no_integration_has_no_names() -> None:
    for resource in ("arn:aws:states:::aws-sdk:thingsof2030:make", "arn:aws:states:eu-west-1:1:activity:a"):
        found = task_errors(resource)
        assert (found.throttling, found.infrastructure, found.is_open) == ((), (), True)
    assert call_of("arn:aws:lambda:eu-west-1:1:function:f:live") == ("lambda", "invoke")
    assert call_of("arn:aws:states:::aws-sdk:s3:getObject.waitForTaskToken") == ("aws-sdk:s3", "getObject")


def test_several_tasks_can_fail_with_what_each_can_fail_with() -> None:
    found = all_errors(["arn:aws:states:::sns:publish", "arn:aws:states:::sqs:sendMessage", "arn:aws:states:::sns:publish"])
    assert {"SNS.ThrottledException", "SQS.RequestThrottledException"} <= set(found.throttling)
    assert len(found.throttling) == len(set(found.throttling))
    assert found.can_be("SQS.X")
    assert not found.can_be("S3.X")
