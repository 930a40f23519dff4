"""Names of errors by the rules of the SDKs, against the developer guide's own list of prefixes."""

from __future__ import annotations

import pytest

from bunsui.asl.sdk_names import first_java_error, java_error, java_service

# `serviceId` of the model, and the "Exception prefix" that the developer guide gave for the service.
LISTED = """\
ACM PCA|AcmPca
ApiGatewayV2|ApiGatewayV2
Appflow|Appflow
Application Discovery Service|ApplicationDiscovery
Auto Scaling|AutoScaling
Cost and Usage Report Service|CostAndUsageReport
Database Migration Service|DatabaseMigration
DocDB|DocDb
DynamoDB Streams|DynamoDbStreams
EC2 Instance Connect|Ec2InstanceConnect
ElastiCache|ElastiCache
Elastic Load Balancing v2|ElasticLoadBalancingV2
Elasticsearch Service|Elasticsearch
FSx|FSx
IoT|Iot
IoT Wireless|IotWireless
IoTSiteWise|IoTSiteWise
MemoryDB|MemoryDB
QuickSight|QuickSight
Resource Groups Tagging API|ResourceGroupsTaggingApi
SESv2|SesV2
SFN|Sfn
SageMaker A2I Runtime|SageMakerA2IRuntime
WAFV2|Wafv2
XRay|XRay
codestar notifications|CodestarNotifications"""


@pytest.mark.parametrize("row", LISTED.splitlines())
def test_prefixes_are_those_of_the_developer_guide(row: str) -> None:
    service_id, prefix = row.split("|")
    assert java_service(service_id) == prefix


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("NoSuchKey", "NoSuchKeyException", "NoSuchKeyException"),
        ("KMSThrottlingException", "KMSThrottlingException", "KmsThrottlingException"),
        ("DBInstanceNotFoundFault", "DBInstanceNotFoundException", "DbInstanceNotFoundException"),
        ("InternalServerError", "InternalServerErrorException", "InternalServerErrorException"),
    ],
)
def test_every_error_is_an_exception(name: str, first: str, second: str) -> None:
    assert (first_java_error(name), java_error(name)) == (first, second)
