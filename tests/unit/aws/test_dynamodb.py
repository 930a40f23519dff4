"""The table of the state on its first day: somebody else is making it, or it may not be tagged."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import Connection, connect
from bunsui.aws.dynamodb import TABLE_NAME, DynamoDBClient
from bunsui.errors import AccessDenied


@pytest.fixture
def connection() -> Connection:
    """One that nothing answers."""
    keys = Credentials(access_key="x", secret_key="x")
    return connect(region="eu-west-1", endpoint_url="http://127.0.0.1:9", credentials=keys)


def status(of: str) -> dict[str, Any]:
    return {"Table": {"TableName": TABLE_NAME, "TableStatus": of}}


def test_a_table_that_somebody_else_makes_this_moment_is_waited_for(connection: Connection) -> None:
    with Stubber(connection.reader("dynamodb")) as reads, Stubber(connection.writer("dynamodb")):
        reads.add_response("describe_table", status("CREATING"))
        reads.add_response("describe_table", status("ACTIVE"))
        assert DynamoDBClient(connection).ensure_table() is False
        reads.assert_no_pending_responses()


def test_who_may_not_tag_makes_a_table_without_a_tag(connection: Connection) -> None:
    words = "User: x is not authorized to perform: dynamodb:TagResource on resource: arn"
    made = {"TableName": TABLE_NAME, "BillingMode": ANY, "AttributeDefinitions": ANY, "KeySchema": ANY}
    made |= {"GlobalSecondaryIndexes": ANY}
    with Stubber(connection.reader("dynamodb")) as reads, Stubber(connection.writer("dynamodb")) as writes:
        reads.add_client_error("describe_table", "ResourceNotFoundException")
        writes.add_client_error("create_table", "AccessDeniedException", words, 400, expected_params={**made, "Tags": ANY})
        writes.add_response("create_table", {}, made)
        reads.add_response("describe_table", status("ACTIVE"))
        writes.add_response("update_time_to_live", {})
        assert DynamoDBClient(connection).ensure_table() is True
        writes.assert_no_pending_responses()


def test_the_accounts_own_key_of_kms_is_asked_for_by_name_only(connection: Connection) -> None:
    asked = {"TableName": TABLE_NAME, "BillingMode": ANY, "AttributeDefinitions": ANY, "KeySchema": ANY, "Tags": ANY}
    asked |= {"GlobalSecondaryIndexes": ANY, "SSESpecification": {"Enabled": True}}
    with Stubber(connection.reader("dynamodb")) as reads, Stubber(connection.writer("dynamodb")) as writes:
        reads.add_client_error("describe_table", "ResourceNotFoundException")
        writes.add_response("create_table", {}, asked)
        reads.add_response("describe_table", status("ACTIVE"))
        writes.add_response("update_time_to_live", {})
        assert DynamoDBClient(connection).ensure_table(with_managed_key=True) is True
        writes.assert_no_pending_responses()


def test_another_denial_is_told_with_the_action_that_is_lacking(connection: Connection) -> None:
    words = "User: x is not authorized to perform: dynamodb:CreateTable on resource: arn because no policy allows it"
    with Stubber(connection.reader("dynamodb")) as reads, Stubber(connection.writer("dynamodb")) as writes:
        reads.add_client_error("describe_table", "ResourceNotFoundException")
        writes.add_client_error("create_table", "AccessDeniedException", words)
        with pytest.raises(AccessDenied) as denied:
            DynamoDBClient(connection).ensure_table()
    assert "may call dynamodb:CreateTable on arn" in denied.value.hint
