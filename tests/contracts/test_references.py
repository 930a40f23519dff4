"""What is there is told apart from what is not, by calls that read, on each emulator as on AWS."""

from __future__ import annotations

import io
import json
import zipfile

from bunsui.aws.references.reader import AwsReferenceReader
from bunsui.ports.account import Presence, ReferredObject
from tests.contracts.conftest import Cloud
from tests.contracts.test_function_limits import TRUST


def presences(cloud: Cloud, objects: list[ReferredObject]) -> dict[str, Presence]:
    found = AwsReferenceReader(cloud.connection).look(objects)
    assert set(found) == set(objects)
    return {f"{one.kind} {one.name.rpartition(':')[2].rpartition('/')[2]}": at.presence for one, at in found.items()}


def test_what_was_made_is_there_and_what_was_not_is_missing(cloud: Cloud) -> None:
    made = _made(cloud)
    missing = [ReferredObject(kind=one.kind, name=_other(one)) for one in made]
    assert {name: at for name, at in presences(cloud, made).items() if at is not Presence.THERE} == {}
    assert {name: at for name, at in presences(cloud, missing).items() if at is not Presence.MISSING} == {}


def test_a_subnet_is_public_by_the_route_table_that_counts_for_it(cloud: Cloud) -> None:
    ec2 = cloud.outsider("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    open_one, closed = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"] for number in (1, 2)
    )
    group = ec2.create_security_group(GroupName="tasks", Description="x", VpcId=vpc)["GroupId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=open_one)
    objects = [ReferredObject(kind="subnet", name=name) for name in (open_one, closed, "subnet-0123456789abcdef0")]
    objects += [ReferredObject(kind="security group", name=name) for name in (group, "sg-0123456789abcdef0")]
    found = AwsReferenceReader(cloud.connection).look(objects)
    assert [found[one].presence for one in objects] == [
        *(Presence.THERE, Presence.THERE, Presence.MISSING),
        *(Presence.THERE, Presence.MISSING),
    ]
    assert [found[one].is_public for one in objects[:2]] == [True, False]


def _made(cloud: Cloud) -> list[ReferredObject]:
    name, place = f"{cloud.scope.project}-x", f"{cloud.scope.region}:{cloud.scope.account}"
    clients = {service: cloud.outsider(service) for service in ("iam", "lambda", "sqs", "sns", "dynamodb", "s3", "ssm")}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("load.py", "def main(event, context):\n    return event\n")
    role = clients["iam"].create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    function = clients["lambda"].create_function(
        FunctionName=name, Runtime="python3.12", Role=role, Handler="load.main", Code={"ZipFile": packed.getvalue()}
    )["FunctionArn"]
    clients["sqs"].create_queue(QueueName=name)
    topic = clients["sns"].create_topic(Name=name)["TopicArn"]
    key = [{"AttributeName": "k", "KeyType": "HASH"}]
    clients["dynamodb"].create_table(
        TableName=name,
        KeySchema=key,
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    clients["s3"].create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": cloud.scope.region})
    clients["ssm"].put_parameter(Name=f"/{name}/a", Value="1", Type="String")
    secret = cloud.outsider("secretsmanager").create_secret(Name=name, SecretString="x")["ARN"]
    cluster = cloud.outsider("ecs").create_cluster(clusterName=name)["cluster"]["clusterArn"]
    task = cloud.outsider("ecs").register_task_definition(
        family=name, containerDefinitions=[{"name": "a", "image": "b", "memory": 128}]
    )
    return [
        ReferredObject(kind=kind, name=arn)
        for kind, arn in (
            ("function", function),
            ("queue", f"arn:aws:sqs:{place}:{name}"),
            ("topic", topic),
            ("table", f"arn:aws:dynamodb:{place}:table/{name}"),
            ("bucket", f"arn:aws:s3:::{name}"),
            ("parameter", f"arn:aws:ssm:{place}:parameter/{name}/a"),
            ("secret", secret),
            ("cluster", cluster),
            ("task definition", task["taskDefinition"]["taskDefinitionArn"]),
        )
    ]


def _other(one: ReferredObject) -> str:
    """Return the name of something of the same kind that nobody made."""
    return one.name.replace("-x", "-y")
