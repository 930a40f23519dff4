"""The few DynamoDB calls that the stores need, in plain Python values."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from bunsui.aws.connect import Connection
from bunsui.errors import AccessDenied, CloudError, Conflict, Missing
from bunsui.model.gates import STATE_TABLE
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry
from bunsui.system_clock import SystemClock

Scalar: TypeAlias = "str | int | bytes"
Item: TypeAlias = "Mapping[str, Scalar]"

TABLE_NAME = STATE_TABLE
"""One for each account and region; projects and environments are told apart by the partition key."""
INDEX_NAME = "by-pipeline"
"""By `gpk`, then `sk`: where bunsui 0.1 found the sessions of a pipeline. Tables have it; nothing is written to it any more."""

EXPIRES_AT = "expires_at"
"""The attribute that says when DynamoDB may remove an item, in epoch seconds."""

_BATCH = 100
"""Keys that BatchGetItem takes."""

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
        """Return the condition as the service takes it."""
        names = {f"#{name}": name for name in re.findall(r"#(\w+)", self.text)}
        arguments: dict[str, Any] = {"ConditionExpression": self.text, "ExpressionAttributeNames": names}
        if self.values:
            arguments["ExpressionAttributeValues"] = _encode_item({f":{name}": value for name, value in self.values.items()})
        return arguments


NOTHING: Mapping[str, Condition] = MappingProxyType({})


class DynamoDBClient:
    """One table: string keys `pk` and `sk`, and one index over `gpk` and `sk`."""

    def __init__(self, connection: Connection, *, table: str = TABLE_NAME) -> None:
        """Make it on a connection."""
        self._connection = connection
        self._one_at_a_time = threading.Lock()
        self.table = table

    def ensure_table(self, *, with_managed_key: bool = False) -> bool:
        """Make the table when it does not exist, with on-demand capacity. True when made; in either case it is ready.

        Every table is encrypted: by a key of AWS's own, which costs nothing, or by the account's `aws/dynamodb`, of which each
        use is charged and recorded. Its point-in-time recovery comes later (`enable_recovery`): AWS refuses it for a while
        after the table is there."""
        try:
            with self._connection.translated("dynamodb", "DescribeTable", table=self.table):
                found = self._connection.reader("dynamodb").describe_table(TableName=self.table)
        except Missing:
            return self._create_table({**_TABLE, "SSESpecification": {"Enabled": True}} if with_managed_key else _TABLE)
        if found["Table"].get("TableStatus") == "CREATING":
            self._wait_until_there()  # somebody else makes it this moment
        return False

    def _create_table(self, description: Mapping[str, Any]) -> bool:
        try:
            self._create_labelled(description)
        except Conflict:
            self._wait_until_there()  # somebody else made it this moment
            return False
        self._wait_until_there()
        self._let_items_expire()
        return True

    def _let_items_expire(self) -> None:
        """Have DynamoDB remove what has expired, in a table that was just made. Who may not ask for that has a table in which
        expired items stay; they are read by nobody."""
        with suppress(AccessDenied), self._connection.translated("dynamodb", "UpdateTimeToLive", table=self.table):
            self._connection.writer("dynamodb").update_time_to_live(
                TableName=self.table, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES_AT}
            )

    def _create_labelled(self, description: Mapping[str, Any]) -> None:
        """Create it with its tag, which only tells people what it is for; without it for who may not tag."""
        try:
            self._create(description)
        except AccessDenied as error:
            if "dynamodb:TagResource" not in error.facts.get("aws_message", ""):
                raise
            self._create({name: value for name, value in description.items() if name != "Tags"})

    def _create(self, description: Mapping[str, Any]) -> None:
        with self._connection.translated("dynamodb", "CreateTable", table=self.table):
            self._connection.writer("dynamodb").create_table(TableName=self.table, **description)

    def has_recovery(self) -> bool:
        """Return whether the table can be restored to an earlier moment."""
        with self._connection.translated("dynamodb", "DescribeContinuousBackups", table=self.table):
            answer = self._connection.reader("dynamodb").describe_continuous_backups(TableName=self.table)
        found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        return bool(found.get("PointInTimeRecoveryStatus") == "ENABLED")

    def enable_recovery(self) -> None:
        """Let the table be restored to each moment of the last 35 days."""
        with self._connection.translated("dynamodb", "UpdateContinuousBackups", table=self.table):
            self._connection.writer("dynamodb").update_continuous_backups(
                TableName=self.table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )

    def get(self, pk: str, sk: str) -> Item | None:
        """Return one item by a consistent read; None when it, or the table, does not exist."""
        try:
            with self._connection.translated("dynamodb", "GetItem", table=self.table):
                answer = self._connection.reader("dynamodb").get_item(
                    TableName=self.table, Key=_encode_item({"pk": pk, "sk": sk}), ConsistentRead=True
                )
        except Missing:
            return None
        return _decode_item(answer["Item"]) if "Item" in answer else None

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        at_least: str = "",
        newest_first: bool = False,
        equal: Mapping[str, Scalar] | None = None,
        page_size: int | None = None,
    ) -> Iterator[Item]:
        """Return the items of a partition in the order of `sk`, page by page as they are asked for.

        `prefix`: only those whose `sk` begins so; or `at_least`: only those whose `sk` is not before it. `equal`: only those
        with these attributes. Consistent. Nothing when the table does not exist."""
        arguments = _query_arguments(pk, prefix=prefix, at_least=at_least, equal=equal or {})
        if page_size is not None:
            arguments["Limit"] = page_size
        try:
            with self._connection.translated("dynamodb", "Query", table=self.table):
                paginator = self._connection.reader("dynamodb").get_paginator("query")
                for page in paginator.paginate(TableName=self.table, ScanIndexForward=not newest_first, **arguments):
                    yield from (_decode_item(item) for item in page["Items"])
        except Missing:
            return

    def get_all(self, keys: Sequence[tuple[str, str]]) -> Iterator[Item]:
        """Return the items of these keys, in any order, by consistent reads of a hundred each; those that there are."""
        waiting = [_encode_item({"pk": pk, "sk": sk}) for pk, sk in dict.fromkeys(keys)]
        try:
            while waiting:
                asked, waiting = waiting[:_BATCH], waiting[_BATCH:]
                with self._connection.translated("dynamodb", "BatchGetItem", table=self.table):
                    answer = self._connection.reader("dynamodb").batch_get_item(
                        RequestItems={self.table: {"Keys": asked, "ConsistentRead": True}}
                    )
                yield from (_decode_item(item) for item in answer["Responses"].get(self.table, ()))
                waiting += answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
        except Missing:
            return

    def put(self, item: Item, *, only_if: Condition | None = None) -> None:
        """Write one item; Conflict when the condition does not hold."""
        with self._connection.translated("dynamodb", "PutItem", table=self.table):
            self._connection.writer("dynamodb").put_item(
                TableName=self.table, Item=_encode_item(item), **(only_if.arguments() if only_if else {})
            )

    def put_all(self, items: Sequence[Item]) -> None:
        """Write up to 100 items, all or none."""
        if len(items) == 1:
            return self.put(items[0])
        writes = [{"Put": {"TableName": self.table, "Item": _encode_item(item)}} for item in items]
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
        check = {"TableName": self.table, "Key": _encode_item({"pk": pk, "sk": sk}), **check_condition.arguments()}
        writes: list[dict[str, Any]] = [{"ConditionCheck": check}]
        for item in puts:
            condition = over.get(str(item["sk"]))
            put = {"TableName": self.table, "Item": _encode_item(item)}
            writes.append({"Put": {**put, **condition.arguments()} if condition is not None else put})
        writes += [{"Delete": {"TableName": self.table, "Key": _encode_item({"pk": pk, "sk": sk})}} for pk, sk in deletes]
        with self._one_at_a_time:
            retry(lambda: self._transact(writes), (_TRANSACTION_CONFLICT,), Retrying(clock=SystemClock()))

    def write(
        self, puts: Sequence[tuple[Item, Condition | None]], *, deletes: Sequence[tuple[str, str, Condition | None]] = ()
    ) -> None:
        """Write and remove up to 100 items, all or none, each under its condition; Conflict when one of them does not hold. A
        transaction that only met another one is sent again."""
        writes: list[dict[str, Any]] = []
        for item, condition in puts:
            writes.append({"Put": {"TableName": self.table, "Item": _encode_item(item), **_arguments(condition)}})
        for pk, sk, condition in deletes:
            key = _encode_item({"pk": pk, "sk": sk})
            writes.append({"Delete": {"TableName": self.table, "Key": key, **_arguments(condition)}})
        retry(lambda: self._transact(writes), (_TRANSACTION_CONFLICT,), Retrying(clock=SystemClock()))

    def _transact(self, writes: Sequence[Mapping[str, Any]]) -> None:
        with self._connection.translated("dynamodb", "TransactWriteItems", table=self.table):
            self._connection.writer("dynamodb").transact_write_items(TransactItems=writes)

    def delete(self, pk: str, sk: str) -> None:
        """Remove one item; nothing happens when it, or the table, is not there."""
        try:
            with self._connection.translated("dynamodb", "DeleteItem", table=self.table):
                self._connection.writer("dynamodb").delete_item(TableName=self.table, Key=_encode_item({"pk": pk, "sk": sk}))
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
    "Tags": [{"Key": "bunsui:purpose", "Value": "state"}],
}


def _only_met(error: Exception) -> bool:
    """True when a transaction was cancelled by another one only, not by its condition."""
    message = error.facts.get("aws_message", "") if isinstance(error, Conflict) else ""
    return "TransactionConflict" in message and "ConditionalCheckFailed" not in message


_TRANSACTION_CONFLICT: RetryPolicy[Exception] = RetryPolicy(retries=_only_met, backoff=Backoff(first_seconds=0.05), attempts=5)


def _arguments(condition: Condition | None) -> dict[str, Any]:
    return condition.arguments() if condition is not None else {}


def _query_arguments(pk: str, *, prefix: str, at_least: str, equal: Mapping[str, Scalar]) -> dict[str, Any]:
    names = {"#p": "pk"}
    values: dict[str, Scalar] = {":p": pk}
    keys = "#p = :p"
    if prefix:
        names["#s"] = "sk"
        values[":s"] = prefix
        keys += " AND begins_with(#s, :s)"
    elif at_least:
        names["#s"] = "sk"
        values[":s"] = at_least
        keys += " AND #s >= :s"
    arguments: dict[str, Any] = {"KeyConditionExpression": keys, "ConsistentRead": True}
    if equal:
        for number, (name, value) in enumerate(equal.items()):
            names[f"#f{number}"] = name
            values[f":f{number}"] = value
        arguments["FilterExpression"] = " AND ".join(f"#f{number} = :f{number}" for number in range(len(equal)))
    return {**arguments, "ExpressionAttributeNames": names, "ExpressionAttributeValues": _encode_item(values)}


def _encode_item(item: Item) -> dict[str, dict[str, Any]]:
    return {name: _encoded_value(value) for name, value in item.items()}


def _encoded_value(value: Scalar) -> dict[str, Any]:
    match value:
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}


def _decode_item(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Scalar]:
    found = {name: _decoded_value(name, value) for name, value in item.items()}
    if not all(isinstance(found.get(name), str) for name in ("pk", "sk")):
        raise CloudError("state-foreign-item", "an item has no key of the table, so it is nothing that bunsui wrote")
    return found


def _decoded_value(name: str, value: Mapping[str, Any]) -> Scalar:
    match value:
        case {"S": text}:
            return str(text)
        case {"N": digits} if digits.removeprefix("-").isdecimal():
            return int(digits)
        case {"B": data}:
            return bytes(data)
        case _:
            raise CloudError("state-foreign-type", "an item holds a type that bunsui never writes", attribute=name)
