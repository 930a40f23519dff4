"""Who is served by the embedded AWS: its owner, the roles of what runs in it, and nobody else."""

from __future__ import annotations

import http.client
import io
import json
import os
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bunsui.emulator.control_api import TOKEN_HEADER
from bunsui.emulator.launcher.folder import DataFolder
from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.embedded import EmbeddedAccount

NOBODY = 65534
"""The user id of `nobody` on Linux."""
CALLS = ("sts:GetCallerIdentity", "lambda:ListFunctions", "s3:ListBuckets", "dynamodb:ListTables", "iam:ListRoles")


def function_of(account: EmbeddedAccount, source: str, environment: Mapping[str, str] | None = None) -> str:
    """Create a function that runs the source as the role `etl`; give its name."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", source)
    account.client("lambda").create_function(
        FunctionName="who",
        Runtime=f"python3.{sys.version_info.minor}",
        Role=f"arn:aws:iam::{account.account}:role/team/etl",
        Handler="app.handler",
        Timeout=30,
        Code={"ZipFile": content.getvalue()},
        Environment={"Variables": dict(environment or {})},
    )
    return "who"


def test_a_function_is_a_session_of_its_role(embedded_account: EmbeddedAccount) -> None:
    source = "import boto3\n\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Arn']\n"
    name = function_of(embedded_account, source)

    arn = json.loads(embedded_account.client("lambda").invoke(FunctionName=name)["Payload"].read())

    assert arn == f"arn:aws:sts::{embedded_account.account}:assumed-role/etl/who"


def test_a_function_reads_what_its_environment_refers_to(embedded_account: EmbeddedAccount) -> None:
    source = (
        "import boto3, os\n\n"
        "def handler(event, context):\n"
        "    found = boto3.client('secretsmanager').get_secret_value(SecretId=os.environ['DB'])['SecretString']\n"
        "    read = boto3.client('ssm').get_parameter(Name=os.environ['KEY'], WithDecryption=True)['Parameter']['Value']\n"
        "    return [found, read]\n"
    )
    secret = embedded_account.client("secretsmanager").create_secret(Name="prod/db", SecretString="one")["ARN"]
    embedded_account.client("ssm").put_parameter(Name="/prod/key", Value="two", Type="SecureString")
    key = f"arn:aws:ssm:us-east-1:{embedded_account.account}:parameter/prod/key"
    name = function_of(embedded_account, source, environment={"DB": secret, "KEY": key})

    answer = json.loads(embedded_account.client("lambda").invoke(FunctionName=name)["Payload"].read())

    assert answer == ["one", "two"]


def test_a_task_is_a_session_of_its_machines_role(embedded_account: EmbeddedAccount) -> None:
    states = embedded_account.client("stepfunctions")
    call = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "End": True}
    machine = states.create_state_machine(
        name="who",
        definition=json.dumps({"StartAt": "call", "States": {"call": call}}),
        roleArn=f"arn:aws:iam::{embedded_account.account}:role/team/machine",
        type="EXPRESS",
    )["stateMachineArn"]
    config = boto3.session.Config(inject_host_prefix=False)
    keys = embedded_account.keys
    client = boto3.client(
        "stepfunctions",
        endpoint_url=embedded_account.endpoint.url,
        region_name=embedded_account.region,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
        config=config,
    )

    ended = client.start_sync_execution(stateMachineArn=machine)

    assert json.loads(ended["output"])["Arn"] == f"arn:aws:sts::{embedded_account.account}:assumed-role/machine/StepFunctions"


def test_an_assumed_role_and_a_users_key_are_who_they_say_until_they_end(embedded_account: EmbeddedAccount) -> None:
    sts, iam = embedded_account.client("sts"), embedded_account.client("iam")
    role = f"arn:aws:iam::{embedded_account.account}:role/etl"
    session = sts.assume_role(RoleArn=role, RoleSessionName="by-hand")["Credentials"]
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]

    def identity(key_id: str, secret: str, token: str | None = None) -> str:
        client = boto3.client(
            "sts",
            endpoint_url=embedded_account.endpoint.url,
            region_name="us-east-1",
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )
        return str(client.get_caller_identity()["Arn"])

    assumed = identity(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    assert assumed == f"arn:aws:sts::{embedded_account.account}:assumed-role/etl/by-hand"
    assert identity(key["AccessKeyId"], key["SecretAccessKey"]) == f"arn:aws:iam::{embedded_account.account}:user/ann"
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        identity(session["AccessKeyId"], session["SecretAccessKey"], "another")
    iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        identity(key["AccessKeyId"], key["SecretAccessKey"])


def test_the_code_of_a_function_comes_to_who_has_the_url_and_nobody_else(embedded_account: EmbeddedAccount) -> None:
    name = function_of(embedded_account, "def handler(event, context):\n    return 1\n")
    location = embedded_account.client("lambda").get_function(FunctionName=name)["Code"]["Location"]

    with urllib.request.urlopen(location) as answer:
        assert zipfile.ZipFile(io.BytesIO(answer.read())).namelist() == ["app.py"]
    for stolen in (location.partition("?")[0], location.replace("/who?", "/what?"), location[:-1]):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(stolen)


@pytest.mark.parametrize(("version", "uploaded"), [("s3", 403), ("s3v4", 200)])
def test_a_presigned_url_is_good_for_nothing_else(embedded_account: EmbeddedAccount, version: str, uploaded: int) -> None:
    keys, bucket = embedded_account.keys, f"given-away-{version}-{embedded_account.account}"
    client = boto3.client(
        "s3",
        endpoint_url=embedded_account.endpoint.url,
        region_name=embedded_account.region,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
        config=Config(signature_version=version, s3={"addressing_style": "path"}),
    )
    embedded_account.client("s3").create_bucket(Bucket=bucket)
    upload = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"})
    code = embedded_account.client("lambda").get_function(FunctionName=function_of(embedded_account, ""))["Code"]["Location"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def answered(url: str, method: str, headers: dict[str, str], body: bytes = b"{}") -> int:
        where = urlsplit(url)
        return asked(embedded_account.endpoint, method, f"{where.path}?{where.query}", headers, body)

    for target in ("AWSStepFunctions.ListStateMachines", "DynamoDB_20120810.ListTables", "secretsmanager.ListSecrets"):
        assert answered(upload, "PUT", {"X-Amz-Target": target}) == 403
        assert answered(code, "GET", {"X-Amz-Target": target}) == 403
    assert answered(upload, "PUT", {"X-Amz-Copy-Source": f"/{bucket}/other"}) == 403
    assert answered(f"{upload}&Action=CreateUser&UserName=eve", "PUT", {}) == 403
    assert answered(upload, "PUT", form, b"Action=CreateUser&UserName=eve&Version=2010-05-08") == uploaded

    if uploaded == 200:  # version 2 signs the type of the content as well
        content = embedded_account.client("s3").get_object(Bucket=bucket, Key="k")["Body"].read()
        assert content.startswith(b"Action=")
    assert embedded_account.client("iam").list_users()["Users"] == []


def asked(endpoint: LocalEndpoint, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> int:
    """Return the status of the answer."""
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS", "HEAD", "DELETE"])
@pytest.mark.parametrize(
    "path",
    ["/", "/2015-03-31/functions", "/_ministack/reset", "/_ministack/cfn-response/x", "/_ministack/cfn-signal/x",
     "/_ministack/config", "/_ministack/health", "/_localstack/health",
     "/health", "/_bunsui/identity", "/_bunsui/stop", "/_aws/execute-api/x/y", "/service/X/operation/PutMetricAlarm"],
)  # fmt: skip
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"},
        {"Host": "rebound.example"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"X-Amz-Target": "AWSStepFunctions.ListStateMachines"},
        {"X-Amz-Target": "DynamoDB_20120810.ListTables"},
        {TOKEN_HEADER: "guess"},
    ],
)
def test_what_nobody_signed_is_refused(embedded: LocalEndpoint, method: str, path: str, headers: dict[str, str]) -> None:
    body = b"" if method in ("GET", "HEAD") else b"Action=GetCallerIdentity&Version=2011-06-15"

    assert asked(embedded, method, path, headers, body) == 403


OTHER_USER = textwrap.dedent(
    """
    import http.client, json, pathlib, sys
    url, folder, pid = sys.argv[1:]
    found = {"read": [], "accepted": []}
    names = [folder, folder + "/secret", folder + "/ready.json", folder + "/state", folder + "/log.txt", f"/proc/{pid}/environ"]
    for name in names:
        path = pathlib.Path(name)
        try:
            found["read"].append(sorted(map(str, path.iterdir())) if path.is_dir() else path.read_bytes().decode())
        except OSError:
            pass
    keys = ["000000000000", "test", "AKIAIOSFODNN7EXAMPLE"]
    for target in ["AWSStepFunctions.ListStateMachines", "DynamoDB_20120810.ListTables", "Logs_20140328.DescribeLogGroups", ""]:
        for key in keys:
            connection = http.client.HTTPConnection(url.removeprefix("http://"))
            scope = f"{key}/20260101/us-east-1/lambda/aws4_request"
            headers = {"X-Amz-Date": "20260101T000000Z", "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1",
                       "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=" + "0" * 64}
            if not target:
                del headers["X-Amz-Target"]
            connection.request("POST", "/2015-03-31/functions" if not target else "/", body="{}", headers=headers)
            answer = connection.getresponse()
            if answer.status != 403:
                found["accepted"].append([target, key, answer.status])
    print(json.dumps(found))
    """
)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become another user")
def test_another_user_of_the_machine_reads_no_key_and_is_served_nothing(embedded: LocalEndpoint, embedded_folder: Path) -> None:
    command = ["/usr/bin/env", "python3", "-c", OTHER_USER, embedded.url, str(embedded_folder), str(embedded.pid)]
    done = subprocess.run(
        command, capture_output=True, text=True, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", check=False
    )
    if done.returncode != 0 and "Permission denied" in done.stderr:
        pytest.skip("another user finds no Python here")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"read": [], "accepted": []}


def test_no_secret_is_in_an_argument_or_readable_for_others(embedded: LocalEndpoint, embedded_folder: Path) -> None:
    secret = DataFolder(embedded_folder).secret
    if os.name != "posix":
        pytest.skip("permissions of files are POSIX's")

    assert secret.stat().st_mode & 0o777 == 0o600
    assert embedded_folder.stat().st_mode & 0o077 == 0
    listed = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=False).stdout
    assert secret.read_text(encoding="ascii") not in listed
    assert embedded.keys().secret_key not in listed


def test_every_principal_of_a_request_has_its_own_account(embedded_account: EmbeddedAccount) -> None:
    others: Any = EmbeddedAccount(endpoint=embedded_account.endpoint, account="999988887777", region=embedded_account.region)
    embedded_account.client("dynamodb").create_table(
        TableName="mine",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    assert embedded_account.client("dynamodb").list_tables()["TableNames"] == ["mine"]
    assert others.client("dynamodb").list_tables()["TableNames"] == []
