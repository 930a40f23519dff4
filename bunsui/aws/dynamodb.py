"""The few DynamoDB calls that the stores need, in plain Python values."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from bunsui.aws.connect import Connection
from bunsui.errors import CloudError, Conflict, Missing, Unsupported

Scalar: TypeAlias = "str | int | bytes"
Item: TypeAlias = "Mapping[str, Scalar]"

TABLE_NAME = "bunsui-state"
"""One for each account and region; projects and environments are told apart by the partition key."""
INDEX_NAME = "by-pipeline"
"""Sessions by pipeline: `gpk`, then `sk`. Reads of an index lag writes by some milliseconds."""

_MEETING_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4)
_TABLE_WAIT_SECONDS = 1
_TABLE_WAIT_ATTEMPTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must hold for a write to happen."""

    text: str
    """With attribute names as `#name` and values as `:name`."""
    values: Mapping[str, Scalar] = field(default_factory=dict)
    """By name, without the colon."""

    def arguments(self) -> dict[str, Any]:
        """Give the condition as the service takes it."""
        names = {f"#{name}": name for name in re.findall(r"#(\w+)", self.text)}
        arguments: dict[str, Any] = {"ConditionExpression": self.text, "ExpressionAttributeNames": names}
        if self.values:
            arguments["ExpressionAttributeValues"] = _encoded({f":{name}": value for name, value in self.values.items()})
        return arguments


NOTHING: Mapping[str, Condition] = MappingProxyType({})


class DynamoDBClient:
    """One table: string keys `pk` and `sk`, and one index over `gpk` and `sk`."""

    def __init__(self, connection: Connection, *, table: str = TABLE_NAME) -> None:
        """Make it on a connection."""
        self._connection = connection
        self._one_at_a_time = threading.Lock()
        self.table = table

    def ensure_table(self) -> bool:
        """Make the table when it does not exist: on-demand capacity, encrypted, with point-in-time recovery. True when made."""
        try:
            with self._connection.translated("dynamodb", "DescribeTable", table=self.table):
                self._connection.reader("dynamodb").describe_table(TableName=self.table)
            return False
        except Missing:
            return self._create_table()

    def _create_table(self) -> bool:
        client = self._connection.writer("dynamodb")
        try:
            with self._connection.translated("dynamodb", "CreateTable", table=self.table):
                client.create_table(TableName=self.table, **_TABLE)
        except Conflict:
            self._wait_until_there()  # somebody else made it this moment
            return False
        self._wait_until_there()
        try:
            with self._connection.translated("dynamodb", "UpdateContinuousBackups", table=self.table):
                client.update_continuous_backups(
                    TableName=self.table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
                )
        except Unsupported:
            return True  # an emulator: there is nothing to recover from
        return True

    def get(self, pk: str, sk: str) -> Item | None:
        """Give one item by a consistent read; None when it, or the table, does not exist."""
        try:
            with self._connection.translated("dynamodb", "GetItem", table=self.table):
                answer = self._connection.reader("dynamodb").get_item(
                    TableName=self.table, Key=_encoded({"pk": pk, "sk": sk}), ConsistentRead=True
                )
        except Missing:
            return None
        return _decoded(answer["Item"]) if "Item" in answer else None

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        index: bool = False,
        newest_first: bool = False,
        equal: Mapping[str, Scalar] | None = None,
        page_size: int | None = None,
    ) -> Iterator[Item]:
        """Give the items of a partition in the order of `sk`, page by page as they are asked for.

        `prefix`: only those whose `sk` begins so. `index`: the partition is one of the index. `equal`: only those with these
        attributes. Consistent, except on the index. Nothing when the table does not exist."""
        arguments = _query_arguments(pk, prefix=prefix, index=index, equal=equal or {})
        if page_size is not None:
            arguments["Limit"] = page_size
        try:
            with self._connection.translated("dynamodb", "Query", table=self.table):
                paginator = self._connection.reader("dynamodb").get_paginator("query")
                for page in paginator.paginate(TableName=self.table, ScanIndexForward=not newest_first, **arguments):
                    yield from (_decoded(item) for item in page["Items"])
        except Missing:
            return

    def put(self, item: Item, *, only_if: Condition | None = None) -> None:
        """Write one item; Conflict when the condition does not hold."""
        with self._connection.translated("dynamodb", "PutItem", table=self.table):
            self._connection.writer("dynamodb").put_item(
                TableName=self.table, Item=_encoded(item), **(only_if.arguments() if only_if else {})
            )

    def put_all(self, items: Sequence[Item]) -> None:
        """Write up to 100 items, all or none."""
        if len(items) == 1:
            return self.put(items[0])
        writes = [{"Put": {"TableName": self.table, "Item": _encoded(item)}} for item in items]
        with self._connection.translated("dynamodb", "TransactWriteItems", table=self.table):
            self._connection.writer("dynamodb").transact_write_items(TransactItems=writes)
        return None

    def transact(
        self,
        *,
        puts: Sequence[Item] = (),
        deletes: Sequence[tuple[str, str]] = (),
        only_if: tuple[str, str, Condition],
        over: Mapping[str, Condition] = NOTHING,
    ) -> None:
        """Write and remove up to 99 items, all or none; Conflict when the condition on the item (pk, sk) does not hold, or one
        of `over`, which says by `sk` what the items to be written must be before.

        Transactions of this process that check the same item go one after the other, since DynamoDB cancels those that meet;
        where another process is met, the transaction is sent again.
        """
        pk, sk, check_condition = only_if
        check = {"TableName": self.table, "Key": _encoded({"pk": pk, "sk": sk}), **check_condition.arguments()}
        writes: list[dict[str, Any]] = [{"ConditionCheck": check}]
        for item in puts:
            condition = over.get(str(item["sk"]))
            put = {"TableName": self.table, "Item": _encoded(item)}
            writes.append({"Put": {**put, **condition.arguments()} if condition is not None else put})
        writes += [{"Delete": {"TableName": self.table, "Key": _encoded({"pk": pk, "sk": sk})}} for pk, sk in deletes]
        with self._one_at_a_time:
            for pause in (*_MEETING_PAUSES_SECONDS, None):
                try:
                    with self._connection.translated("dynamodb", "TransactWriteItems", table=self.table):
                        self._connection.writer("dynamodb").transact_write_items(TransactItems=writes)
                    return
                except Conflict as error:
                    if pause is None or not _only_met(error):
                        raise
                    time.sleep(pause)

    def delete(self, pk: str, sk: str) -> None:
        """Remove one item; nothing happens when it, or the table, is not there."""
        try:
            with self._connection.translated("dynamodb", "DeleteItem", table=self.table):
                self._connection.writer("dynamodb").delete_item(TableName=self.table, Key=_encoded({"pk": pk, "sk": sk}))
        except Missing:
            return

    def _wait_until_there(self) -> None:
        with self._connection.translated("dynamodb", "DescribeTable", table=self.table):
            self._connection.reader("dynamodb").get_waiter("table_exists").wait(
                TableName=self.table, WaiterConfig={"Delay": _TABLE_WAIT_SECONDS, "MaxAttempts": _TABLE_WAIT_ATTEMPTS}
            )


_TABLE: Mapping[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "gpk")],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": INDEX_NAME,
            "KeySchema": [{"AttributeName": "gpk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "SSESpecification": {"Enabled": True},
    "Tags": [{"Key": "bunsui:purpose", "Value": "state"}],
}


def _only_met(error: Conflict) -> bool:
    """True when a transaction was cancelled by another one only, not by its condition."""
    message = error.facts.get("aws_message", "")
    return "TransactionConflict" in message and "ConditionalCheckFailed" not in message


def _query_arguments(pk: str, *, prefix: str, index: bool, equal: Mapping[str, Scalar]) -> dict[str, Any]:
    names = {"#p": "gpk" if index else "pk"}
    values: dict[str, Scalar] = {":p": pk}
    keys = "#p = :p"
    if prefix:
        names["#s"] = "sk"
        values[":s"] = prefix
        keys += " AND begins_with(#s, :s)"
    arguments: dict[str, Any] = {"KeyConditionExpression": keys}
    if index:
        arguments["IndexName"] = INDEX_NAME
    else:
        arguments["ConsistentRead"] = True
    if equal:
        for number, (name, value) in enumerate(equal.items()):
            names[f"#f{number}"] = name
            values[f":f{number}"] = value
        arguments["FilterExpression"] = " AND ".join(f"#f{number} = :f{number}" for number in range(len(equal)))
    return {**arguments, "ExpressionAttributeNames": names, "ExpressionAttributeValues": _encoded(values)}


def _encoded(item: Item) -> dict[str, dict[str, Any]]:
    return {name: _encoded_value(value) for name, value in item.items()}


def _encoded_value(value: Scalar) -> dict[str, Any]:
    match value:
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}


def _decoded(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Scalar]:
    return {name: _decoded_value(name, value) for name, value in item.items()}


def _decoded_value(name: str, value: Mapping[str, Any]) -> Scalar:
    match value:
        case {"S": text}:
            return str(text)
        case {"N": digits}:
            return int(digits)
        case {"B": data}:
            return bytes(data)
        case _:
            raise CloudError("state-foreign-type", "an item holds a type that bunsui never writes", attribute=name)
