"""What Lambda says of reserved concurrency."""

from __future__ import annotations

import io
import json
import zipfile

from bunsui.aws.account.function_limits import AwsFunctionLimits
from tests.contracts.conftest import Cloud

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def test_what_is_reserved_is_told_and_nothing_where_nothing_is(cloud: Cloud) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("load.py", "def main(event, context):\n    return event\n")
    name = f"{cloud.scope.project}-load"
    role = cloud.connection.writer("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    client = cloud.connection.writer("lambda")
    made = client.create_function(
        FunctionName=name, Runtime="python3.12", Role=role["Arn"], Handler="load.main", Code={"ZipFile": packed.getvalue()}
    )
    limits = AwsFunctionLimits(cloud.connection)
    assert limits.reserved(name) is None
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=7)
    assert limits.reserved(name) == limits.reserved(made["FunctionArn"]) == 7
    assert limits.reserved(f"{name}-none") is None
