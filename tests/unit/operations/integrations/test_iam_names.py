"""IAM's names for the calls that Step Functions offers, against the service authorization reference."""

from __future__ import annotations

import pytest

from bunsui.asl.validation.integrations import OPTIMISED
from bunsui.aws.service_models import offered_services, service_model
from bunsui.operations.integrations.iam_names import iam_actions, is_action, is_prefix, nearest_action

# What the developer guide listed as offered in 2022, as far as it is measured here: the services that data pipelines call.
_OFFERED = """
accessanalyzer acm apigateway apigatewayv2 appconfig appflow applicationautoscaling appsync athena autoscaling backup
batch bedrockruntime budgets cloudcontrol cloudformation cloudfront cloudtrail cloudwatch cloudwatchlogs codebuild
codecommit codedeploy codepipeline cognitoidentityprovider comprehend comprehendmedical config costexplorer
databasemigration databrew dataexchange datasync dynamodb dynamodbstreams ec2 ecr ecs efs eks elasticache
elasticloadbalancingv2 emr emrcontainers emrserverless eventbridge firehose forecast fsx glacier guardduty iot
iotsecuretunneling kendra kinesis kms lakeformation lambda lightsail macie2 medialive mwaa neptune opensearch
organizations personalize polly quicksight ram rds rdsdata redshift redshiftdata redshiftserverless rekognition
resourcegroupstaggingapi route53 s3 s3control sagemaker sagemakerruntime schemas secretsmanager securityhub
servicediscovery sesv2 sfn sns sqs ssm storagegateway sts textract timestreamquery timestreamwrite transcribe transfer
translate wafv2 workspaces xray
"""
OFFERED = _OFFERED.split()


def test_at_least_99_of_100_actions_are_in_the_reference() -> None:
    """Calls that are newer than the copy of the reference are among those that are missing."""
    calls = [
        f"{service}:{name[0].lower()}{name[1:]}"
        for service in OFFERED
        for name in service_model(offered_services()[service])["operations"]
    ]
    unknown = [call for call in calls if not all(map(is_action, iam_actions(call)))]
    assert len(calls) > 7000
    assert len(unknown) / len(calls) <= 0.01, unknown


@pytest.mark.parametrize("call", [f"{service}:{call}" for service, calls in OPTIMISED.items() for call in calls])
def test_every_optimised_integration_has_known_actions(call: str) -> None:
    actions = iam_actions(call)
    assert actions
    assert [action for action in actions if not is_action(action)] == []


@pytest.mark.parametrize(
    ("call", "actions"),
    [
        ("rdsdata:executeStatement", "rds-data:ExecuteStatement"),
        ("redshiftserverless:getWorkgroup", "redshift-serverless:GetWorkgroup"),
        ("timestreamwrite:writeRecords", "timestream:WriteRecords"),
        ("resourcegroupstaggingapi:getResources", "tag:GetResources"),
        ("costexplorer:getCostAndUsage", "ce:GetCostAndUsage"),
        ("mwaa:createCliToken", "airflow:CreateCliToken"),
        ("bedrockruntime:converse", "bedrock:InvokeModel"),
        ("docdb:createDBCluster", "rds:CreateDBCluster"),
        ("keyspaces:getTable", "cassandra:Select"),
        ("apigateway:createRestApi", "apigateway:POST"),
        ("s3:completeMultipartUpload", "s3:PutObject"),
        ("s3:listParts", "s3:ListMultipartUploadParts"),
        ("s3:listObjectVersions", "s3:ListBucketVersions"),
        ("s3:getBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
        ("s3:deleteBucketInventoryConfiguration", "s3:PutInventoryConfiguration"),
        ("sqs:changeMessageVisibilityBatch", "sqs:ChangeMessageVisibility"),
        ("batch:terminateJobs", "batch:TerminateJob"),
        (
            "dynamodb:executeStatement",
            "dynamodb:PartiQLSelect dynamodb:PartiQLInsert dynamodb:PartiQLUpdate dynamodb:PartiQLDelete",
        ),
        ("lambda:invoke", "lambda:InvokeFunction"),
        ("events:putEvents", "events:PutEvents"),
        ("elasticmapreduce:addStep", "elasticmapreduce:AddJobFlowSteps"),
        ("cognitoidentityprovider:signUp", ""),
        ("thingsof2030:makeThem", "thingsof2030:MakeThem"),
    ],
)
def test_calls_are_allowed_by_the_names_that_iam_has(call: str, actions: str) -> None:
    assert iam_actions(call) == tuple(actions.split())


def test_a_name_that_is_nearly_one_is_told() -> None:
    assert nearest_action("s3:GetObjct") == "s3:GetObject"
    assert nearest_action("rdsdata:ExecuteStatement") == "rds-data:ExecuteStatement"
    assert nearest_action("s3:Zzzzz") == nearest_action("nothing:Zzzzz") == ""
    assert is_action("s3:Get*")
    assert is_action("s3:getobject")
    assert not is_action("s3:Zz*")
    assert is_prefix("rds-data")
    assert not is_prefix("rdsdata")
