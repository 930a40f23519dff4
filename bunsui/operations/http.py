"""`http`: calls an HTTPS API, with the credentials that an EventBridge connection holds.

Source: Step Functions developer guide, "Call HTTPS APIs in Step Functions workflows".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from bunsui.asl.expressions import beginning_of
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.model.local_answers import answers_setting
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression, Value
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.task import task
from bunsui.operations.fields import CONFIG, Anything, Known, Text, TextMapping

LONGEST_SECONDS = 60
"""Step Functions gives up a request after that."""

_CONNECTION = re.compile(r"^arn:(aws[a-z-]*):events:([a-z0-9-]+):([0-9]{12}):connection/([A-Za-z0-9._-]{1,64})/[A-Za-z0-9-]+$")
_URL = re.compile(r"^https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[^?#\s]*$")
_BEGINNING = re.compile(r"^https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[^?#\s]*$")
"""How an address begins whose host is known."""


def _header(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise ValueError(f"{name} is no name of a header")
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpParams:
    """Calls an HTTPS API."""

    __pydantic_config__: ClassVar = CONFIG

    url: Text
    """Address without a query, such as `https://api.example.com/v1/rates`. It may end in an expression, after the host."""
    connection: Known
    """ARN of the EventBridge connection that holds the credentials: its headers, query and body are put in by AWS."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = "GET"
    """The request's method."""
    headers: TextMapping = field(default_factory=dict)
    """Headers by name, beside the connection's."""
    query: Mapping[str, Anything] = field(default_factory=dict)
    """Parameters of the query by name; AWS encodes them."""
    body: Anything = None
    """The request's body: JSON, or a text."""
    encoding: Literal["json", "form"] = "json"
    """How the body is sent: `form` makes `name=value` pairs of an object."""

    def __post_init__(self) -> None:
        """Refuse what could not be allowed narrowly, or what AWS would refuse."""
        if isinstance(self.connection, str) and not _CONNECTION.match(self.connection):
            raise ValueError("connection: write the ARN of an EventBridge connection: arn:aws:events:…:connection/NAME/ID")
        if isinstance(self.url, Expression) and not _BEGINNING.match(beginning_of(self.url.text)):
            raise ValueError("url: the host must be known, since the role may call it alone: https://HOST/{% … %}")
        if isinstance(self.url, str) and not _URL.match(self.url):
            raise ValueError("url: write https://HOST/PATH; parameters belong under query")
        for name in self.headers:
            _header(name)
        if self.encoding == "form" and not isinstance(self.body, (Mapping, Expression)):
            raise ValueError("encoding: form takes a body that is an object")


def _emit(params: HttpParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments: dict[str, Json] = {
        "ApiEndpoint": context.value(params.url),
        "Method": params.method,
        "Authentication": {"ConnectionArn": context.value(params.connection)},
    }
    headers: dict[str, Json] = {name: context.value(value) for name, value in params.headers.items()}
    if params.encoding == "form":
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        arguments["Transform"] = {"RequestBodyEncoding": "URL_ENCODED"}
    if headers:
        arguments["Headers"] = headers
    if params.query:
        arguments["QueryParameters"] = context.value(dict(params.query))
    if params.body is not None:
        arguments["RequestBody"] = context.value(params.body)
    return task(
        operation,
        context,
        name="http:invoke",
        arguments=arguments,
        result=_RESULT,
        default_timeout_seconds=LONGEST_SECONDS,
    )


_RESULT = "{'status': $states.result.StatusCode, 'body': $states.result.ResponseBody, 'headers': $states.result.Headers}"


def _permissions(params: HttpParams, context: EmitContext) -> tuple[Permission, ...]:
    method: dict[str, Json] = {"states:HTTPMethod": params.method}
    condition: dict[str, Json] = {"StringEquals": method}
    if isinstance(params.url, Expression):
        condition["StringLike"] = {"states:HTTPEndpoint": f"{_literal(beginning_of(params.url.text))}*"}
    elif isinstance(params.url, str):
        condition["StringEquals"] = {**method, "states:HTTPEndpoint": params.url.replace("$", "${$}")}
    return (
        Permission(actions=("states:InvokeHTTPEndpoint",), resources=(context.machine_arn,), condition=condition),
        Permission(actions=("events:RetrieveConnectionCredentials",), resources=(params.connection,)),
        Permission(
            actions=("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"), resources=(_secret(params, context),)
        ),
    )


def _literal(text: str) -> str:
    return "".join(f"${{{character}}}" if character in "*?$" else character for character in text)


def _secret(params: HttpParams, context: EmitContext) -> Value:
    """Return where EventBridge keeps what the connection holds, named after it."""
    match = _CONNECTION.match(params.connection) if isinstance(params.connection, str) else None
    scope = context.scope
    if match is None:
        return f"arn:{scope.partition}:secretsmanager:{scope.region}:{scope.account}:secret:events!connection/*"
    partition, region, account, name = match.groups()
    return f"arn:{partition}:secretsmanager:{region}:{account}:secret:events!connection/{name}/*"


def _findings(params: HttpParams, operation: Operation) -> Sequence[Diagnostic]:
    found = []
    secret = next((name for name in params.headers if name.lower() in ("authorization", "x-api-key", "cookie")), None)
    if secret is not None:
        found.append(
            Diagnostic(
                code="BS273",
                severity=Severity.WARNING,
                summary=f"the value of the header {secret} would stay in the history of every session",
                detail="Everybody who may read executions could read it, for 90 days.",
                hint="Leave it out: the connection puts it in.",
                pointer="/headers",
            )
        )
    if operation.timeout_seconds is not None and operation.timeout_seconds > LONGEST_SECONDS:
        found.append(
            Diagnostic(
                code="BS232",
                severity=Severity.INFO,
                summary="Step Functions gives up a request after 60s, whatever timeout says",
                hint="Start longer work by the request, and poll for its end.",
                pointer="/timeout",
            )
        )
    return found


def _answer(params: HttpParams, result: Json) -> Json:
    told: Mapping[str, Any] = result if isinstance(result, Mapping) else {}
    answer: dict[str, Json] = {
        "StatusCode": told.get("status") or 200,
        "StatusText": "OK",
        "Headers": told.get("headers") or {},
    }
    if "body" in told:
        answer["ResponseBody"] = told["body"]
    return answer


TYPE = OperationType(
    name="http",
    summary="Calls an HTTPS API, with the credentials of an EventBridge connection",
    params=HttpParams,
    emit=_emit,
    permissions=_permissions,
    result="`status`, `body` (JSON where the answer says it is, else a text) and `headers`, each a list of texts by name. "
    "Another status than 2xx fails the operation.",
    result_fields=frozenset({"status", "body", "headers"}),
    default_timeout_seconds=LONGEST_SECONDS,
    findings=_findings,
    answer=_answer,
    sample=lambda params: {"status": 200, "body": {}, "headers": {}},
    not_local="it calls nothing outside this machine",
    local_setting=answers_setting("http:invoke"),
    hints={
        "States.Http.StatusCode.401": "The connection's credentials were not taken.",
        "States.Http.StatusCode.403": "The connection's credentials do not allow the request.",
        "States.Http.StatusCode.404": "There is nothing at that address.",
        "States.Http.StatusCode.429": "The API throttles: retry with a delay.",
        "States.Http.StatusCode.503": "The API is not there now: retry with a delay.",
        "States.Http.Socket": "The API did not answer within 60s, or could not be reached.",
        "States.TaskFailed": "The request could not be made or its answer not be read: the cause says which.",
        "States.DataLimitExceeded": "The answer is larger than 256 KiB: let a function read it.",
    },
    example="""\
type: http
url: "{% 'https://api.example.com/v1/rates/' & $params.date %}"
connection: arn:aws:events:us-east-1:111122223333:connection/rates/0a1b2c3d-0000-4000-8000-000000000000
query: {base: EUR}
""",
)
