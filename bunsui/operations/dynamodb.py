"""`dynamodb`: reads or writes one item, as plain JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.values import Value
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.task import task
from bunsui.operations.fields import CONFIG, AnyMapping, Known, StrictBool
from bunsui.operations.integrations.arns import arn
from bunsui.operations.integrations.attribute_values import plain_item, typed_item, typed_json, typed_value

DEFAULT_SECONDS = 60

_TABLE = re.compile(r"^(?:arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/)?[A-Za-z0-9_.-]{3,255}$")
_NEEDED = {"get": ("key",), "put": ("item",), "update": ("key", "update"), "delete": ("key",)}
_TAKEN = {
    "get": {"key", "consistent"},
    "put": {"item", "condition", "names", "values"},
    "update": {"key", "update", "condition", "names", "values"},
    "delete": {"key", "condition", "names", "values"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamodbParams:
    """Reads or writes one item, as plain JSON."""

    __pydantic_config__: ClassVar = CONFIG

    action: Literal["get", "put", "update", "delete"]
    """What to do."""
    table: Known
    """Name or ARN of the table."""
    key: AnyMapping | None = None
    """The item's key attributes, for get, update and delete."""
    item: AnyMapping | None = None
    """The whole item, for put."""
    update: Annotated[str, Field(min_length=1)] | None = None
    """An update expression, such as `SET #s = :s ADD runs :one`."""
    condition: Annotated[str, Field(min_length=1)] | None = None
    """A condition expression; when it does not hold, the operation fails with DynamoDB.ConditionalCheckFailedException."""
    names: dict[Annotated[str, Field(pattern=r"^#[A-Za-z0-9_]+$")], str] = field(default_factory=dict)
    """Attribute names that the expressions call `#name`."""
    values: AnyMapping | None = None
    """Values that the expressions call `:name`, as plain JSON."""
    consistent: StrictBool = False
    """True reads what was written last, for get."""

    def __post_init__(self) -> None:
        """Demand what the action needs and refuse what it does not take."""
        given = {name for name in ("key", "item", "update", "condition", "values") if getattr(self, name) is not None}
        given |= {name for name in ("names", "consistent") if getattr(self, name)}
        for name in _NEEDED[self.action]:
            if name not in given:
                raise ValueError(f"{name}: action: {self.action} needs it")
        for name in sorted(given - _TAKEN[self.action]):
            raise ValueError(f"{name}: action: {self.action} does not take it")
        if isinstance(self.table, str) and not _TABLE.match(self.table):
            raise ValueError("table: write the table's name or ARN")
        for name, value in (("key", self.key), ("item", self.item)):
            if value == {}:
                raise ValueError(f"{name}: it has no attribute; every table has a key of one at least")
        if isinstance(self.values, dict) and any(not name.startswith(":") for name in self.values):
            raise ValueError("values: the names begin with a colon, as in the expressions")


def _emit(params: DynamodbParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments: dict[str, Json] = {"TableName": context.value(params.table)}
    if params.key is not None:
        arguments["Key"] = typed_item(params.key, context)
    if params.item is not None:
        arguments["Item"] = typed_item(params.item, context)
    if params.consistent:
        arguments["ConsistentRead"] = True
    if params.update is not None:
        arguments["UpdateExpression"] = params.update
    if params.condition is not None:
        arguments["ConditionExpression"] = params.condition
    if params.names:
        arguments["ExpressionAttributeNames"] = params.names
    if params.values is not None:
        arguments["ExpressionAttributeValues"] = _values(params.values, context)
    result = "{}"
    if params.action == "get":
        result = plain_item("$states.result.Item")
    elif params.action == "update":
        arguments["ReturnValues"] = "ALL_NEW"
        result = plain_item("$states.result.Attributes")
    elif params.action == "delete":
        arguments["ReturnValues"] = "ALL_OLD"
        result = plain_item("$states.result.Attributes")
    return task(
        operation,
        context,
        name=f"dynamodb:{params.action}Item",
        arguments=arguments,
        result=result,
        default_timeout_seconds=DEFAULT_SECONDS,
    )


def _values(values: Value, context: EmitContext) -> Json:
    if isinstance(values, dict):
        return {name: typed_value(value, context) for name, value in values.items()}
    return typed_item(values, context)


def _permissions(params: DynamodbParams, context: EmitContext) -> tuple[Permission, ...]:
    table = params.table
    if isinstance(table, str) and not table.startswith("arn:"):
        table = arn(context.scope, "dynamodb", f"table/{table}")
    return (Permission(actions=(f"dynamodb:{params.action.capitalize()}Item",), resources=(table,)),)


def _answer(params: DynamodbParams, result: Json) -> Json:
    if params.action == "put" or not isinstance(result, Mapping) or not result:
        return {}
    item = {name: typed_json(value) for name, value in result.items()}
    return {"Item" if params.action == "get" else "Attributes": item}


TYPE = OperationType(
    name="dynamodb",
    summary="Reads or writes one item of a DynamoDB table, as plain JSON",
    params=DynamodbParams,
    emit=_emit,
    permissions=_permissions,
    result="get: the item; update: the item as it is now; delete: the item as it was; each an empty object when there is none. "
    "put: an empty object. A whole number with more digits than a number of JSONata keeps is a text.",
    default_timeout_seconds=DEFAULT_SECONDS,
    answer=_answer,
    hints={
        "DynamoDB.ConditionalCheckFailedException": "The `condition` did not hold: somebody else was first, or the item is not "
        "as expected.",
        "DynamoDB.ResourceNotFoundException": "The table does not exist in this account and region.",
        "DynamoDB.ProvisionedThroughputExceededException": "The table is throttled; the retry class `throttling` covers it.",
        "DynamoDB.AmazonDynamoDBException": "Often a key that does not fit the table's key schema, or a name or value that an "
        "expression does not use: the cause says which.",
    },
    example="""\
type: dynamodb
action: update
table: loads
key: {date: "{% $params.date %}"}
update: "SET #r = :rows"
names: {"#r": rows}
values: {":rows": "{% $params.rows %}"}
""",
)
