"""Functions on the embedded AWS may do what their role's policies allow, and fail in AWS's words otherwise."""

from __future__ import annotations

import json

import pytest

from tests.e2e.test_embedded_access import function_of
from tests.embedded import EmbeddedAccount

pytestmark = pytest.mark.embedded

SOURCE = """\
import boto3, json
from botocore.exceptions import ClientError

CALLS = {
    "read": lambda: boto3.client("dynamodb").get_item(TableName="ledger", Key={"id": {"S": "7"}}),
    "other": lambda: boto3.client("dynamodb").get_item(TableName="other", Key={"id": {"S": "7"}}),
    "write": lambda: boto3.client("s3").put_object(Bucket="permitted-lake", Key="a b/ü.txt", Body=b"x"),
    "elsewhere": lambda: boto3.client("s3").put_object(Bucket="permitted-lake", Key="other/x", Body=b"x"),
    "publish": lambda: boto3.client("sns").publish(TopicArn=TOPIC, Message="m"),
    "send": lambda: boto3.client("sqs").list_queues(),
    "who": lambda: boto3.client("sts").get_caller_identity(),
    "transact": lambda: boto3.client("dynamodb").transact_get_items(
        TransactItems=[{"Get": {"TableName": "ledger", "Key": {"id": {"S": "7"}}}}]
    ),
}
TOPIC = "arn:aws:sns:us-east-1:ACCOUNT:t"

def handler(event, context):
    told = {}
    for name, call in CALLS.items():
        try:
            call()
            told[name] = "ok"
        except ClientError as error:
            found = error.response
            told[name] = [found["Error"]["Code"], found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Message"]]
    return told
"""


def test_a_function_may_do_what_its_role_allows(embedded_account: EmbeddedAccount) -> None:
    account, iam = embedded_account.account, embedded_account.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}
    iam.create_role(RoleName="etl", Path="/team/", AssumeRolePolicyDocument=json.dumps(trust))
    allowed = [
        {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:*:*:table/ledger"},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::permitted-lake/a b/*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName="etl", PolicyName="p", PolicyDocument=document)
    embedded_account.client("s3").create_bucket(Bucket="permitted-lake")
    dynamodb = embedded_account.client("dynamodb")
    for table in ("ledger", "other"):
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    name = function_of(embedded_account, SOURCE.replace("ACCOUNT", account))

    told = json.loads(embedded_account.client("lambda").invoke(FunctionName=name)["Payload"].read())

    assert {call for call, said in told.items() if said == "ok"} == {"read", "write", "who", "transact"}
    who = f"User: arn:aws:sts::{account}:assumed-role/etl/who is not authorized to perform:"
    assert told["other"][:2] == ["AccessDeniedException", 400]
    assert told["other"][2] == (
        f"{who} dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:{account}:table/other"
        " because no identity-based policy allows the dynamodb:GetItem action"
    )
    assert told["elsewhere"][:2] == ["AccessDenied", 403]
    assert told["publish"][:2] == ["AuthorizationError", 403]
    assert told["send"][0].startswith("AccessDenied")
