"""What a machine writes when it comes to a gate: for everybody a row, for those who may approve the task token, in one call.

Sources: Step Functions developer guide, "Integrating services" (of the integrations of DynamoDB those by the SDK wait for a
task token), "Transforming data with JSONata" (`$hash`), DynamoDB developer guide, "Using IAM with DynamoDB transactions" (a put
in a transaction is allowed by dynamodb:PutItem) and "How DynamoDB uses AWS KMS".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Retrier, code
from bunsui.model.gates import (
    APPROVALS_KEY,
    APPROVALS_TABLE,
    GATE_DIGITS,
    GATE_FORMAT,
    STATE_TABLE,
    gates_partition,
    tokens_partition,
)
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression
from bunsui.operations.contract import EmitContext, OperationType, Permission
from bunsui.operations.integrations.arns import arn

KEPT_SECONDS = 7 * 86_400
"""For so long after its deadline a gate is kept, so that it can be said what became of it."""

WRITE_RETRY = Retrier(
    errors=(
        "DynamoDb.InternalServerErrorException",
        "DynamoDb.ProvisionedThroughputExceededException",
        "DynamoDb.RequestLimitExceededException",
        "DynamoDb.SdkClientException",
        "DynamoDb.ThrottlingException",
        "DynamoDb.TransactionCanceledException",
        "DynamoDb.TransactionInProgressException",
    ),
    interval_seconds=1,
    max_attempts=6,
    backoff_rate=2.0,
    full_jitter=True,
)
"""Nobody was asked yet when writing fails, and the next try writes a token of its own over the one before."""

_ENTERED = "$floor($toMillis($states.context.State.EnteredTime) / 1000)"
_ITEM = "($exists($states.context.Map.Item.Index) ? '#' & $string($states.context.Map.Item.Index) : '')"


def gate_arguments(
    context: EmitContext,
    *,
    message: Json,
    evidence: Json,
    approvers: Sequence[str],
    four_eyes: bool,
    deadline_seconds: int,
    on_deadline: str,
    on_reject: str,
) -> Json:
    """Return the arguments of the transaction; `message` and `evidence` are texts, or expressions that give some."""
    scope, pipeline = context.scope, context.pipeline
    known: dict[str, Json] = {
        "sk": _text(code(_gate_id(context.state))),
        "format": {"N": str(GATE_FORMAT)},
        "execution": _text(code("$states.context.Execution.Id")),
        "expires_at": _number(code(f"$string({_ENTERED} + {deadline_seconds + KEPT_SECONDS})")),
    }
    row: dict[str, Json] = {
        "pk": _text(gates_partition(scope.project, scope.environment, pipeline)),
        **known,
        "pipeline": _text(pipeline),
        "session": _text(code(context.expression(Expression("$session.id")))),
        "started_by": _text(code(context.expression(Expression("$session.started_by")))),
        "state": _text(context.state),
        "message": _text(message),
        "evidence": _text(evidence),
        "approvers": _text(json.dumps(list(approvers), ensure_ascii=False)),
        "four_eyes": _text("yes" if four_eyes else "no"),
        "opened_at": _text(code("$states.context.State.EnteredTime")),
        "deadline": _number(code(f"$string({_ENTERED} + {deadline_seconds})")),
        "on_deadline": _text(on_deadline),
        "on_reject": _text(on_reject),
    }
    secret: dict[str, Json] = {
        "pk": _text(tokens_partition(scope.project, scope.environment, pipeline)),
        **known,
        "token": _text(code("$states.context.Task.Token")),
    }
    return {"TransactItems": [_put(STATE_TABLE, row), _put(APPROVALS_TABLE, secret)]}


def gate_permissions(context: EmitContext) -> tuple[Permission, ...]:
    """Return what the machine's role needs: to put under the two partitions of its own pipeline and nowhere else, and to let
    DynamoDB open the table with its key."""
    scope, pipeline = context.scope, context.pipeline
    return (
        _puts(context, STATE_TABLE, gates_partition(scope.project, scope.environment, pipeline)),
        _puts(context, APPROVALS_TABLE, tokens_partition(scope.project, scope.environment, pipeline)),
        Permission(
            actions=("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
            resources=(arn(scope, "kms", "key/*"),),
            condition=key_condition(scope.region),
        ),
    )


def opens_gate(operation: Operation, registry: Mapping[str, OperationType]) -> bool:
    """Tell whether the operation, or one inside of it, waits for people."""
    kind = registry[operation.type]
    return kind.opens_gate or any(opens_gate(inner, registry) for inner in kind.operations(operation.params))


def key_condition(region: str) -> Mapping[str, Json]:
    """Return the condition of whoever may use the key of the tokens: the one of that alias, and through DynamoDB only."""
    return {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": APPROVALS_KEY},
        "StringEquals": {"kms:ViaService": f"dynamodb.{region}.amazonaws.com"},
    }


def _puts(context: EmitContext, table: str, partition: str) -> Permission:
    return Permission(
        actions=("dynamodb:PutItem",),
        resources=(arn(context.scope, "dynamodb", f"table/{table}"),),
        condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [partition]}},
    )


def _gate_id(state: str) -> str:
    """Return JSONata for the gate's id: the same for the same state of the same execution, and item of a foreach."""
    place = f"$states.context.Execution.Id & '#' & {string_literal(state)} & {_ITEM}"
    return f"$substring($hash({place}, 'SHA-256'), 0, {GATE_DIGITS})"


def _put(table: str, item: Mapping[str, Json]) -> Json:
    return {"Put": {"TableName": table, "Item": item}}


def _text(value: Json) -> Json:
    return {"S": value}


def _number(value: str) -> Json:
    return {"N": value}
