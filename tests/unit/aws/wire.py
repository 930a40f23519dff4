"""What bunsui does with AWS, each on recorded answers that a test may damage.

The answers are those of the embedded AWS; `pytest --update-cases` records them anew. Where it lacks a call, or answers less
than AWS, the answer is written by hand after the API reference (`WRITTEN`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from botocore.awsrequest import AWSResponse

from bunsui.aws.account.function_limits import AwsFunctionLimits
from bunsui.aws.account.task_definitions import EcsTaskDefinitions
from bunsui.aws.account.usage import AwsAccountUsage
from bunsui.aws.approvals.table import AwsApprovalsTable
from bunsui.aws.approvals.task_tokens import AwsGateAnswers
from bunsui.aws.beside.reader import AwsBesideReader
from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import Connection, connect
from bunsui.aws.container_logs import EcsContainerLogs
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.identity import StsIdentity
from bunsui.aws.logs import CloudWatchLogReader
from bunsui.aws.map_runs import StepFunctionsMapRuns
from bunsui.aws.objects.bulk_roles import details_of
from bunsui.aws.objects.lookups import AwsLookUps
from bunsui.aws.parameters import SsmParameterStore
from bunsui.aws.providers.registry import providers
from bunsui.aws.references.reader import LOOKS_TOGETHER, SINGLE_LOOKS
from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.aws.stores.objects import S3ObjectLists, S3ObjectStore
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.aws.stores.verification import DynamoDBVerificationStore
from bunsui.aws.trail import CloudTrail
from bunsui.aws.versions import AwsVersionStore
from bunsui.errors import BunsuiError
from bunsui.model.bucket import MANAGED, bucket_in
from bunsui.model.resource import AppliedResource, Scope
from bunsui.ports.beside import Depth
from bunsui.ports.cloud import LookUp, Provider
from bunsui.ports.session_rows import SessionQuery
from tests.contracts.specimens import KINDS, ZipPackager, specimen
from tests.contracts.test_ledger import ENTRY, FENCE, FREE, RECORD
from tests.contracts.test_session_repository import session
from tests.contracts.test_state_store import ROLE
from tests.contracts.test_verification_store import ONE

RECORDED = Path(__file__).parents[2] / "cases" / "answers.json"
ACCOUNT = "210987654321"
REGION = "eu-west-1"
SCOPE = Scope(project="wire", environment="prod", account=ACCOUNT, region=REGION, project_id="id-wire")
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:wire--prod--orders"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:wire--prod--orders:run"
MAP_RUN = f"arn:aws:states:{REGION}:{ACCOUNT}:mapRun:wire--prod--orders/part:1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:wire--prod--orders--fetch"
SERVICES = (
    "cloudformation",
    "cloudtrail",
    "dynamodb",
    "ec2",
    "ecs",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "resourcegroupstaggingapi",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
)
ARNS = {
    "state_machine": MACHINE,
    "lambda_function": FUNCTION,
    "alert_topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:wire--prod--ops",
}
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came over the wire."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


_NAMES = {
    "cloudwatch-logs": "logs",
    "eventbridge": "events",
    "resource-groups-tagging-api": "resourcegroupstaggingapi",
    "secrets-manager": "secretsmanager",
    "sfn": "stepfunctions",
}
"""What botocore's events name otherwise than its clients."""


def named(event_name: str) -> str:
    """Return the operation of an event, such as `iam.GetRole`."""
    _, service, operation = event_name.split(".")
    return f"{_NAMES.get(service, service)}.{operation}"


_BY_KEY = frozenset({"dynamodb.GetItem", "dynamodb.Query"})
"""Calls whose answers are told apart by what was asked for."""


def _keyed(operation: str, body: Any) -> str:
    return f"{operation}#{hashlib.sha256(body).hexdigest()[:8]}" if operation in _BY_KEY else operation


class _Raw(BytesIO):
    def stream(self, **_: object) -> Any:
        """Return the body, as urllib3 does."""
        while chunk := self.read():
            yield chunk


@dataclass(slots=True)
class Wire:
    """Answers calls from `answers`, by operation such as `iam.GetRole`, after `damage` of the one named `damaged`."""

    answers: Mapping[str, Answer]
    damaged: str = ""
    damage: Callable[[Answer], Answer] = lambda answer: answer
    calls: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: Any, event_name: str, **_: object) -> AWSResponse:
        """Answer one call."""
        operation = named(event_name)
        self.calls[operation] += 1
        answer = self.answers[_keyed(operation, request.body)]
        if operation == self.damaged:
            answer = self.damage(answer)
        return AWSResponse(request.url, answer.status, dict(answer.headers), _Raw(answer.body))


def wired(wire: Wire, *, is_local: bool = True) -> Connection:
    """Return a connection whose calls the wire answers. A local one repeats nothing."""
    connection = connect(
        region=REGION,
        credentials=Credentials(access_key=ACCOUNT, secret_key="x"),
        endpoint_url="http://127.0.0.1:1" if is_local else None,
        threads=1,
    )
    for service in SERVICES:
        for client in (connection.reader(service), connection.writer(service)):
            client.meta.events.register_last("before-send.*", wire)
    return connection


def recorded() -> dict[str, Answer]:
    """Return the answers by operation."""
    document = json.loads(RECORDED.read_text())
    return {
        name: Answer(status=one["status"], headers=one["headers"], body=one["body"].encode()) for name, one in document.items()
    }


def _provider(connection: Connection, kind: str) -> Provider:
    return providers(connection, identity=StsIdentity(connection), packager=ZipPackager())[kind]


def _create(kind: str) -> Callable[[Connection], object]:
    return lambda connection: _provider(connection, kind).create(specimen(kind, SCOPE).resource)


def _read(kind: str) -> Callable[[Connection], object]:
    what = specimen(kind, SCOPE)
    return lambda connection: _provider(connection, kind).read(what.resource.address, what.resource.physical_name)


def _read_owned(kind: str) -> Callable[[Connection], object]:
    return lambda connection: _provider(connection, kind).read_owned(SCOPE, [specimen(kind, SCOPE).desired])


def _update(kind: str) -> Callable[[Connection], object]:
    def update(connection: Connection) -> object:
        what = specimen(kind, SCOPE)
        provider = _provider(connection, kind)
        actual = provider.read(what.resource.address, what.resource.physical_name)
        return provider.update(what.updated, actual) if actual is not None else None

    return update


def _delete(kind: str) -> Callable[[Connection], object]:
    def delete(connection: Connection) -> object:
        what = specimen(kind, SCOPE)
        provider = _provider(connection, kind)
        actual = provider.read(what.resource.address, what.resource.physical_name)
        if actual is not None:
            provider.delete(actual)
        return actual

    return delete


def _state(connection: Connection) -> object:
    client = DynamoDBClient(connection)
    store = DynamoDBStateStore(client, SCOPE)
    store.ensure()
    store.put(ROLE)
    DynamoDBLockStore(client, SCOPE).swap(FREE, over=None)
    DynamoDBJournal(client, SCOPE).begin(ENTRY, FENCE)
    DynamoDBApplyLog(client, SCOPE).open(RECORD, FENCE)
    DynamoDBVerificationStore(client, SCOPE).store(ONE)
    DynamoDBSessionRepository(client, SCOPE).add(session(1))
    return [
        store.applied(),
        DynamoDBLockStore(client, SCOPE).read(),
        DynamoDBJournal(client, SCOPE).pending(),
        DynamoDBApplyLog(client, SCOPE).applies(limit=3),
        DynamoDBApplyLog(client, SCOPE).mark(),
        DynamoDBVerificationStore(client, SCOPE).load(),
        DynamoDBSessionRepository(client, SCOPE).find(SessionQuery()),
        DynamoDBSessionRepository(client, SCOPE).known([EXECUTION]),
        DynamoDBSessionRepository(client, SCOPE).watermarks(),
        DynamoDBSessionRepository(client, SCOPE).get(session(1).id),
    ]


def _rows(connection: Connection) -> object:
    client = DynamoDBClient(connection)
    client.put({"pk": "wire", "sk": "one", "number": 7})
    client.put_all([{"pk": "wire", "sk": name} for name in ("two", "three")])
    found = [client.get("wire", "one"), list(client.query("wire")), list(client.get_all([("wire", "one"), ("wire", "two")]))]
    client.write([({"pk": "wire", "sk": "four"}, None)], deletes=[("wire", "two", None)])
    client.delete("wire", "three")
    return found


def _sessions(connection: Connection) -> object:
    client = StepFunctionsClient(connection)
    client.start(MACHINE, name="run", payload={"n": 1})
    client.stop(EXECUTION, reason="enough")
    client.redrive(EXECUTION, token="once")
    return [
        client.describe(EXECUTION),
        client.history(EXECUTION),
        client.executions(MACHINE, limit=3),
        list(client.pages(MACHINE)),
        client.definition(MACHINE),
        client.definition(f"{MACHINE}:live"),
        client.definition(EXECUTION),
    ]


def _objects(connection: Connection) -> object:
    bucket = bucket_in(replace(SCOPE, bucket=MANAGED))
    assert bucket is not None
    store = S3ObjectStore(connection)
    store.put(bucket, "resume/orders/1.json", b"{}")
    listed = S3ObjectLists(connection).list_objects(bucket.name, "resume/orders/1.json", limit=1)
    return [store.get(bucket, "resume/orders/1.json"), listed, _provider(connection, "bucket").read_owned(SCOPE, [])]


def _usage(connection: Connection) -> object:
    usage = AwsAccountUsage(connection)
    return [usage.roles(), usage.schedule_groups(), usage.functions()]


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


_LOOKED_UP = ((LookUp.SECRET, "password"), (LookUp.STACK, "network.Subnet"), (LookUp.TERRAFORM, "s3://states/network#subnet"))


def _look_up(connection: Connection, kind: LookUp, name: str) -> object:
    return AwsLookUps(connection=connection, read_file=str.encode).look_up(kind, name)


_REFERRED = {
    "function": _arn("lambda", "function:load"),
    "cluster": _arn("ecs", "cluster/main"),
    "task definition": _arn("ecs", "task-definition/load:7"),
    "table": _arn("dynamodb", "table/stock"),
    "queue": _arn("sqs", "work"),
    "topic": _arn("sns", "told"),
    "secret": _arn("secretsmanager", "secret:password-AbCdEf"),
    "state machine": MACHINE,
    "parameter": _arn("ssm", "parameter/wire/bucket"),
    "subnet": "subnet-1",
    "security group": "sg-1",
}


def _refer(kind: str) -> Callable[[Connection], object]:
    def look(connection: Connection) -> object:
        name = _REFERRED[kind]
        return SINGLE_LOOKS[kind][0](connection, name) if kind in SINGLE_LOOKS else LOOKS_TOGETHER[kind][0](connection, [name])

    return look


def _versions(connection: Connection) -> object:
    store = AwsVersionStore(connection)
    found = [
        store.machine_versions(MACHINE),
        store.routed(MACHINE),
        store.machine_version(f"{MACHINE}:1"),
        store.function_versions(FUNCTION),
    ]
    store.remove_machine_version(f"{MACHINE}:1")
    store.remove_function_version(f"{FUNCTION}:1")
    return found


def _beside(connection: Connection) -> object:
    """Each question by itself, so that one that fails keeps no other from being asked."""
    applied = {
        specimen(kind, SCOPE).resource.address: AppliedResource(
            address=specimen(kind, SCOPE).resource.address,
            physical_name=specimen(kind, SCOPE).resource.physical_name,
            attributes=specimen(kind, SCOPE).resource.attributes,
            outputs={"arn": ARNS.get(kind, ""), "version": "1", "version_arn": f"{MACHINE}:1"},
        )
        for kind in KINDS
    }
    return AwsBesideReader(connection).find(applied, Depth.DRIFT)


def _key(connection: Connection) -> object:
    table = AwsApprovalsTable(connection)
    return [table.key_arn(), table.create_key()]


def _gates(connection: Connection) -> object:
    answers = AwsGateAnswers(connection)
    answers.approve("token", by="ann", note="", at=NOON)
    answers.reject("token", by="ann", note="no", at=NOON, carries_on=False)
    return answers


def _map_runs(connection: Connection) -> object:
    runs = StepFunctionsMapRuns(connection)
    return [runs.counts(MAP_RUN), runs.holder(MAP_RUN), runs.failed_children(MAP_RUN, limit=2)]


_PLAIN: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("dynamodb", "create_table"): {
        "TableName": "wire",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    },
    ("dynamodb", "describe_table"): {"TableName": "wire"},
    ("dynamodb", "describe_continuous_backups"): {"TableName": "wire"},
    ("dynamodb", "update_continuous_backups"): {
        "TableName": "wire",
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    },
    ("dynamodb", "update_time_to_live"): {
        "TableName": "wire",
        "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expires_at"},
    },
    ("iam", "put_role_permissions_boundary"): {"RoleName": "wire", "PermissionsBoundary": "arn:aws:iam::aws:policy/p"},
    ("lambda", "update_function_code"): {"FunctionName": "wire", "ZipFile": b"zip"},
    ("lambda", "update_function_configuration"): {"FunctionName": "wire"},
    ("lambda", "untag_resource"): {"Resource": FUNCTION, "TagKeys": ["team"]},
    ("logs", "delete_retention_policy"): {"logGroupName": "wire"},
    ("logs", "untag_resource"): {"resourceArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:wire", "tagKeys": ["team"]},
    ("s3", "create_bucket"): {"Bucket": "wire"},
    ("s3", "put_bucket_ownership_controls"): {
        "Bucket": "wire",
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    },
    ("sns", "create_topic"): {"Name": "wire"},
    ("stepfunctions", "create_state_machine_alias"): {
        "name": "live",
        "routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:1", "weight": 100}],
    },
    ("cloudformation", "list_stack_resources"): {"StackName": "etl"},
    ("stepfunctions", "publish_state_machine_version"): {"stateMachineArn": MACHINE},
    ("stepfunctions", "tag_resource"): {"resourceArn": MACHINE, "tags": [{"key": "team", "value": "data"}]},
}
"""Calls that the doings above have no cause for."""


def _call(service: str, method: str, **arguments: Any) -> Callable[[Connection], object]:
    def call(connection: Connection) -> object:
        with connection.translated(service, method):
            return getattr(connection.writer(service), method)(**arguments)

    return call


_LOG_GROUP = "/aws/vendedlogs/states/wire--prod--orders"
DOINGS: Mapping[str, Callable[[Connection], object]] = {
    **{f"create {kind}": _create(kind) for kind in KINDS},
    **{f"read {kind}": _read(kind) for kind in KINDS},
    **{f"read all of {kind}": _read_owned(kind) for kind in KINDS},
    **{f"update {kind}": _update(kind) for kind in KINDS},
    "state": _state,
    "rows": _rows,
    "sessions": _sessions,
    "versions": _versions,
    "key of approvals": _key,
    "gates": _gates,
    "map runs": _map_runs,
    "identity": lambda connection: StsIdentity(connection).caller(),
    "logs": lambda connection: CloudWatchLogReader(connection).containing(_LOG_GROUP, ["h"], start=NOON),
    "lines of a stream": lambda connection: list(CloudWatchLogReader(connection).backwards(_LOG_GROUP, "s", start=NOON)),
    "logs of containers": lambda connection: EcsContainerLogs(connection).of_definition("load:7"),
    "objects": _objects,
    "parameter": lambda connection: SsmParameterStore(connection).parameter("/wire/bucket"),
    "looked up": lambda connection: [_look_up(connection, kind, name) for kind, name in _LOOKED_UP],
    "usage": _usage,
    **{f"{kind} that is referred to": _refer(kind) for kind in _REFERRED},
    "roles of a task": lambda connection: EcsTaskDefinitions(connection).roles("load:7"),
    "beside": _beside,
    "limits": lambda connection: AwsFunctionLimits(connection).reserved("wire--prod--orders--fetch"),
    "details of roles": lambda connection: details_of(connection, ["wire--prod--orders", "b", "c"]),
    "trail": lambda connection: CloudTrail(connection).changes(["UpdateStateMachine"], since=NOON),
    **{f"call {service} {method}": _call(service, method, **arguments) for (service, method), arguments in _PLAIN.items()},
    **{f"delete {kind}": _delete(kind) for kind in reversed(KINDS)},
}
"""What is done with AWS, by name; each makes some of the calls, and may fail only with an error of bunsui."""

_IDENTIFIED = {"x-amzn-requestid": "00000000-0000-0000-0000-000000000000", "content-type": "application/x-amz-json-1.1"}


def _written(**fields: Any) -> Answer:
    return Answer(headers=_IDENTIFIED, body=json.dumps(fields).encode())


def _xml(action: str, result: str | None) -> Answer:
    inner = f"<{action}Result>{result}</{action}Result>" if result is not None else ""
    body = (
        f'<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">{inner}<ResponseMetadata><RequestId>1</RequestId>'
        f"</ResponseMetadata></{action}Response>"
    )
    return Answer(headers={"x-amzn-requestid": "1", "content-type": "text/xml"}, body=body.encode())


_POLICY = quote('{"Version": "2012-10-17", "Statement": []}')

_BACKUPS = {
    "ContinuousBackupsStatus": "ENABLED",
    "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"},
}


def _of_ec2(action: str, members: str, item: str) -> Answer:
    body = (
        f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>'
        f"<{members}><item>{item}</item></{members}></{action}Response>"
    )
    return Answer(headers={"content-type": "text/xml", "x-amzn-requestid": "1"}, body=body.encode())


WRITTEN: Mapping[str, Answer] = {
    "ec2.DescribeSubnets": _of_ec2("DescribeSubnets", "subnetSet", "<subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>"),
    "ec2.DescribeSecurityGroups": _of_ec2("DescribeSecurityGroups", "securityGroupInfo", "<groupId>sg-1</groupId>"),
    "ec2.DescribeRouteTables": _of_ec2("DescribeRouteTables", "routeTableSet", "<vpcId>vpc-1</vpcId>"),
    "cloudformation.DescribeStacks": Answer(
        headers={"content-type": "text/xml", "x-amzn-requestid": "1"},
        body=b'<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>'
        b"<member><StackName>network</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member>"
        b"<OutputKey>Subnet</OutputKey><OutputValue>subnet-1</OutputValue></member></Outputs></member>"
        b"</Stacks></DescribeStacksResult></DescribeStacksResponse>",
    ),
    "ecs.DescribeClusters": _written(clusters=[{"clusterName": "main", "status": "ACTIVE"}]),
    "lambda.GetFunctionConfiguration": _written(FunctionName="load", FunctionArn=_arn("lambda", "function:load")),
    "secretsmanager.DescribeSecret": _written(ARN=_arn("secretsmanager", "secret:password-AbCdEf"), Name="password"),
    "sqs.GetQueueUrl": _written(QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/work"),
    "ssm.DescribeParameters": _written(Parameters=[{"Name": "/wire/bucket", "Type": "String"}]),
    "cloudtrail.LookupEvents": _written(
        Events=[
            {
                "EventId": "1",
                "EventName": "UpdateStateMachine",
                "EventTime": 1769860800,
                "Resources": [{"ResourceName": MACHINE}],
                "CloudTrailEvent": json.dumps({"requestParameters": {"stateMachineArn": MACHINE}}),
            }
        ]
    ),
    "stepfunctions.DescribeMapRun": _written(
        mapRunArn=MAP_RUN,
        executionArn=EXECUTION,
        status="FAILED",
        startDate=1769860800,
        maxConcurrency=0,
        itemCounts=dict.fromkeys(
            ("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten"), 1
        ),
    ),
    "ssm.GetParameter": _written(Parameter={"Name": "/wire/bucket", "Type": "String", "Value": "b", "Version": 1}),
    "lambda.GetAccountSettings": _written(
        AccountLimit={"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900, "TotalCodeSize": 80530636800},
        AccountUsage={"TotalCodeSize": 1024, "FunctionCount": 1},
    ),
    "lambda.GetPolicy": _written(
        Policy=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "lambda:*"}]}
        )
    ),
    "lambda.ListEventSourceMappings": _written(
        EventSourceMappings=[{"UUID": "1", "FunctionArn": FUNCTION, "EventSourceArn": "arn:aws:sqs:x:1:q", "State": "Enabled"}]
    ),
    "lambda.ListFunctionUrlConfigs": _written(
        FunctionUrlConfigs=[
            {
                "FunctionUrl": "https://x",
                "FunctionArn": FUNCTION,
                "AuthType": "NONE",
                "CreationTime": "2026-01-31T12:00:00Z",
                "LastModifiedTime": "2026-01-31T12:00:00Z",
            }
        ]
    ),
    "lambda.ListProvisionedConcurrencyConfigs": _written(
        ProvisionedConcurrencyConfigs=[{"FunctionArn": f"{FUNCTION}:1", "RequestedProvisionedConcurrentExecutions": 1}]
    ),
    "lambda.ListFunctionEventInvokeConfigs": _written(
        FunctionEventInvokeConfigs=[{"FunctionArn": f"{FUNCTION}:$LATEST", "MaximumRetryAttempts": 0}]
    ),
    "lambda.ListAliases": _written(Aliases=[{"Name": "theirs", "FunctionVersion": "1"}]),
    "events.ListRuleNamesByTarget": _written(RuleNames=["theirs"]),
    "logs.DescribeSubscriptionFilters": _written(
        subscriptionFilters=[{"filterName": "theirs", "destinationArn": "arn:aws:lambda:x:1:function:f"}]
    ),
    "s3.GetBucketNotificationConfiguration": Answer(
        headers={"x-amz-request-id": "1"},
        body=b"<NotificationConfiguration><TopicConfiguration><Id>theirs</Id><Topic>arn:aws:sns:x:1:t</Topic>"
        b"<Event>s3:ObjectCreated:*</Event></TopicConfiguration></NotificationConfiguration>",
    ),
    "sns.ListSubscriptionsByTopic": _xml(
        "ListSubscriptionsByTopic",
        "<Subscriptions><member><SubscriptionArn>arn:aws:sns:x:1:t:1</SubscriptionArn><Protocol>email</Protocol>"
        "<Endpoint>a@example.com</Endpoint></member></Subscriptions>",
    ),
    "lambda.GetFunctionConcurrency": _written(ReservedConcurrentExecutions=3),
    "lambda.PutFunctionConcurrency": _written(ReservedConcurrentExecutions=2),
    "stepfunctions.DescribeExecution": _written(
        executionArn=EXECUTION, stateMachineArn=MACHINE, name="run", status="RUNNING", startDate=1769860800.25, input='{"n":1}'
    ),
    "iam.GetAccountSummary": _xml(
        "GetAccountSummary",
        "<SummaryMap><entry><key>Roles</key><value>7</value></entry><entry><key>RolesQuota</key><value>1000</value></entry>"
        "</SummaryMap>",
    ),
    "iam.GetAccountAuthorizationDetails": _xml(
        "GetAccountAuthorizationDetails",
        f"<RoleDetailList><member><RoleName>wire--prod--orders</RoleName><Path>/bunsui/wire/prod/</Path>"
        f"<Arn>arn:aws:iam::{ACCOUNT}:role/bunsui/wire/prod/wire--prod--orders</Arn>"
        f"<AssumeRolePolicyDocument>{_POLICY}</AssumeRolePolicyDocument><RolePolicyList><member><PolicyName>bunsui</PolicyName>"
        f"<PolicyDocument>{_POLICY}</PolicyDocument></member></RolePolicyList><Tags><member><Key>team</Key><Value>data</Value>"
        "</member></Tags></member></RoleDetailList><IsTruncated>false</IsTruncated>",
    ),
    "dynamodb.DescribeContinuousBackups": _written(ContinuousBackupsDescription=_BACKUPS),
    "dynamodb.UpdateContinuousBackups": _written(ContinuousBackupsDescription=_BACKUPS),
    "dynamodb.UpdateTimeToLive": _written(TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"}),
    "iam.PutRolePermissionsBoundary": _xml("PutRolePermissionsBoundary", None),
    "iam.DetachRolePolicy": _xml("DetachRolePolicy", None),
    "iam.ListAttachedRolePolicies": _xml(
        "ListAttachedRolePolicies",
        "<AttachedPolicies><member><PolicyName>p</PolicyName><PolicyArn>arn:aws:iam::aws:policy/p</PolicyArn></member>"
        "</AttachedPolicies><IsTruncated>false</IsTruncated>",
    ),
    "lambda.ListTags": _written(Tags={"team": "data"}),
    "logs.DeleteRetentionPolicy": Answer(headers=_IDENTIFIED),
    "logs.UntagResource": Answer(headers=_IDENTIFIED),
    "kms.CreateAlias": Answer(headers=_IDENTIFIED),
    "kms.CreateKey": _written(KeyMetadata={"KeyId": "wire", "Arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/wire"}),
    "kms.DescribeKey": _written(KeyMetadata={"KeyId": "wire", "Arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/wire"}),
    "stepfunctions.SendTaskFailure": _written(),
    "stepfunctions.SendTaskSuccess": _written(),
    "stepfunctions.StopExecution": _written(stopDate=1769860800),
    "stepfunctions.RedriveExecution": _written(redriveDate=1769860800),
    "cloudformation.ListStackResources": _xml(
        "ListStackResources",
        f"<StackResourceSummaries><member><LogicalResourceId>M</LogicalResourceId><PhysicalResourceId>{MACHINE}"
        "</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member></StackResourceSummaries>",
    ),
    "stepfunctions.PublishStateMachineVersion": _written(stateMachineVersionArn=f"{MACHINE}:1", creationDate=1769860800),
    "stepfunctions.TagResource": _written(),
    "logs.FilterLogEvents": _written(events=[{"logStreamName": "s", "timestamp": 1769860800000, "message": "hello"}]),
    "logs.GetLogEvents": _written(events=[{"timestamp": 1769860800000, "message": "hello"}], nextForwardToken="f/1"),
    "s3.DeleteBucket": Answer(status=204, headers={"x-amz-request-id": "1"}),
    "s3.GetObject": Answer(headers={"x-amz-request-id": "1", "etag": '"1"'}, body=b"{}"),
    "s3.ListObjectsV2": Answer(
        headers={"x-amz-request-id": "1"},
        body=b"<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated><Contents><Key>resume/orders/1.json</Key>"
        b"<LastModified>2026-01-31T12:00:00.000Z</LastModified></Contents></ListBucketResult>",
    ),
    "ecs.DescribeTaskDefinition": _written(taskDefinition={"family": "load", "containerDefinitions": [{"name": "load"}]}),
}


_BECOMING = frozenset({"lambda.GetFunction"})
"""Calls that are waited with, whose last answer is the one that was waited for."""


def record(connection: Connection) -> dict[str, Answer]:
    """Do everything once; give the first success of each call. What the doings stumble over is of no interest."""
    found: dict[str, Answer] = {}
    asked = b""

    def note(request: Any, **_: object) -> None:
        nonlocal asked
        asked = request.body

    def keep(response_dict: Mapping[str, Any], event_name: str, **_: object) -> None:
        operation = _keyed(named(event_name), asked)
        is_whole = isinstance(response_dict["body"], bytes)
        if is_whole and response_dict["status_code"] < 300 and (operation not in found or operation in _BECOMING):
            headers = {str(name).lower(): str(value) for name, value in response_dict["headers"].items()}
            kept = {
                name: text
                for name, text in headers.items()
                if name in {"content-type", "etag", "location", "x-amzn-requestid", "x-amz-request-id"}
            }
            found[operation] = Answer(status=response_dict["status_code"], headers=kept, body=response_dict["body"])

    for service in SERVICES:
        for client in (connection.reader(service), connection.writer(service)):
            client.meta.events.register("before-send.*", note)
            client.meta.events.register("before-parse.*", keep)
    for do in DOINGS.values():
        with suppress(BunsuiError):  # the emulator lacks some of it
            do(connection)
    return {**found, **WRITTEN}


def written_down(answers: Mapping[str, Answer]) -> str:
    """Return the recorded answers as the file holds them."""
    document = {
        name: {"status": one.status, "headers": dict(one.headers), "body": one.body.decode()}
        for name, one in sorted(answers.items())
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
