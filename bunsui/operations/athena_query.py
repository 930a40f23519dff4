"""`athena_query`: runs a query to its end; where its rows are wanted, they are read as plain JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bunsui.asl.model import State, Task, code
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.model.local_answers import answers_setting
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression, Value
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission, ServiceCall
from bunsui.operations.emission.task import task
from bunsui.operations.fields import CONFIG, Anything, Known, Text
from bunsui.operations.integrations.arns import integration
from bunsui.operations.integrations.athena_permissions import S3_ADDRESS, query_permissions
from bunsui.operations.lambda_function import FunctionPermission

MOST_ROWS = 1000
"""Rows that one GetQueryResults gives, the one with the columns' names among them (Athena API reference)."""

READING_SECONDS = 60

_WORKGROUP = re.compile(r"^[a-zA-Z0-9._-]{1,128}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class AthenaQueryParams:
    """Runs a query on Athena and waits until it ended."""

    __pydantic_config__: ClassVar = CONFIG

    query: Text
    """The SQL. Values belong into `parameters`, with a `?` in their place."""
    parameters: Sequence[Anything] = ()
    """Values for the `?` of the query, in order: texts are quoted, so that they stay values whatever they hold."""
    database: Known | None = None
    """The database whose tables the query names."""
    catalog: Known = "AwsDataCatalog"
    """The data catalog; the Glue Data Catalog of this account when not given."""
    workgroup: Known = "primary"
    """The workgroup."""
    output: Known | None = None
    """Where the result is written, such as `s3://lake/results/`. Say it also where the workgroup says it, so that the machine's
    role may write there."""
    fetch: Literal["none", "first", "rows"] = "none"
    """Whether the result holds rows: none of them, the first one, or all (999 at most)."""
    reads: Sequence[Known] = ()
    """Where the data lies that the query reads, such as `s3://lake/sales/`."""
    writes: Sequence[Known] = ()
    """Where the query writes data, for INSERT INTO, CREATE TABLE AS, UNLOAD."""
    permissions: Sequence[FunctionPermission] = ()
    """What the query needs besides: keys, other databases, Lake Formation, a federated catalog."""

    def __post_init__(self) -> None:
        """Refuse addresses and names of which no permission could be made."""
        if isinstance(self.query, str) and not self.query.strip():
            raise ValueError("query: there is nothing to run")
        given = {"output": [self.output], "reads": self.reads, "writes": self.writes}
        for name, addresses in given.items():
            if any(isinstance(address, str) and not S3_ADDRESS.match(address) for address in addresses):
                raise ValueError(f"{name}: write s3://BUCKET/PREFIX/")
        if isinstance(self.workgroup, str) and not _WORKGROUP.match(self.workgroup):
            raise ValueError("workgroup: write the workgroup's name")


def _emit(params: AthenaQueryParams, operation: Operation, context: EmitContext) -> Emitted:
    started = task(operation, context, name="athena:startQueryExecution.sync", arguments=_query(params, context), result=_QUERY)
    if params.fetch == "none":
        return started
    (first,) = started.values()
    assert isinstance(first, Task), "a query is started by a Task"
    reading, variable = context.sub("rows"), variable_of(context.state)
    arguments: dict[str, Json] = {
        "QueryExecutionId": code(f"${variable}.id"),
        "MaxResults": 2 if params.fetch == "first" else MOST_ROWS,
    }
    read = Task(
        resource=integration(context.scope, "athena:getQueryResults"),
        arguments=arguments,
        output=context.output(_rows(variable, only_first=params.fetch == "first")),
        retry=context.retry,
        catch=context.catch,
        timeout_seconds=READING_SECONDS,
        next=context.next,
        comment="Reads the rows",
    )
    asked = replace(first, output=code("$states.input"), assign={variable: code(_QUERY)}, next=reading)
    states: dict[str, State] = {context.state: asked, reading: read}
    return states


def variable_of(state: str) -> str:
    """Return the variable that holds the query of the state until its rows are read; no other state has it."""
    return "query_" + "".join(part if part.isalnum() and part.isascii() else f"_{ord(part):x}_" for part in state)[:70]


def _query(params: AthenaQueryParams, context: EmitContext) -> dict[str, Json]:
    about: dict[str, Json] = {"Catalog": context.value(params.catalog)}
    if params.database is not None:
        about["Database"] = context.value(params.database)
    arguments: dict[str, Json] = {
        "QueryString": context.value(params.query),
        "QueryExecutionContext": about,
        "WorkGroup": context.value(params.workgroup),
    }
    if params.parameters:
        arguments["ExecutionParameters"] = [_parameter(value, context) for value in params.parameters]
    if params.output is not None:
        arguments["ResultConfiguration"] = {"OutputLocation": context.value(params.output)}
    return arguments


def _parameter(value: Value, context: EmitContext) -> Json:
    """Return the value as SQL writes it: Athena takes texts in single quotes ("Use parameterized queries")."""
    match value:
        case bool() | int() | float():
            return json.dumps(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            quoted = '"\'" & $replace($value, "\'", "\'\'") & "\'"'
            whole = f"$type($value) = 'string' ? {quoted} : $string($value)"
            return code(f"($value := {context.expression(value)}; {whole})")


_QUERY = (
    "($query := $states.result.QueryExecution; {'id': $query.QueryExecutionId, "
    "'uri': $query.ResultConfiguration.OutputLocation, 'scanned_bytes': $query.Statistics.DataScannedInBytes})"
)

_CELL = (
    "$cell := function($value, $type) {"
    " $not($exists($value)) ? null"
    " : $type = 'boolean' ? $value = 'true'"
    # A number of more digits than a double holds stays a text, as do NaN and Infinity.
    " : $type in ['tinyint', 'smallint', 'integer', 'bigint'] and $length($value) <= 15 ? $number($value)"
    " : $type in ['float', 'real', 'double'] and $contains($value, /^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?$/)"
    " ? $number($value)"
    " : $value }"
)


def _rows(variable: str, *, only_first: bool) -> str:
    """Return JSONata for the result: the rows by the names of their columns. Only the answer to a SELECT begins with a row that
    holds these names."""
    kept = "$i = ($headed ? 1 : 0)" if only_first else "$i > 0 or $not($headed)"
    row = "$merge([{}, $map($columns, function($c, $n) { {$c.Name: $cell($r.Data[$n].VarCharValue, $c.Type)} })])"
    truncated = "" if only_first else ", 'truncated': $exists($states.result.NextToken)"
    return (
        f"({_CELL}; $found := $states.result.ResultSet; $columns := $found.ResultSetMetadata.ColumnInfo; "
        "$headed := $append([], $found.Rows[0].Data.VarCharValue) = $append([], $columns.Name); "
        f"$kept := $filter($append([], $found.Rows), function($r, $i) {{ {kept} }}); "
        f"$merge([${variable}, {{'rows': [$map($append([], $kept), function($r) {{ {row} }})]{truncated}}}]))"
    )


def _permissions(params: AthenaQueryParams, context: EmitContext) -> tuple[Permission, ...]:
    derived = query_permissions(
        context.scope,
        workgroup=params.workgroup,
        catalog=params.catalog,
        database=params.database,
        output=params.output,
        reads=params.reads,
        writes=params.writes,
    )
    return (*derived, *(Permission(actions=tuple(one.actions), resources=tuple(one.resources)) for one in params.permissions))


def _findings(params: AthenaQueryParams, operation: Operation) -> Sequence[Diagnostic]:
    if not isinstance(params.query, Expression):
        return ()
    return (
        Diagnostic(
            code="BS231",
            severity=Severity.WARNING,
            summary="the query is made in the run, so that what a value holds can become SQL",
            hint="Write the query as it is, with a ? for each value, and the values under parameters.",
            pointer="/query",
        ),
    )


def _answer(params: AthenaQueryParams, result: Json, call: ServiceCall) -> Json:
    told = result if isinstance(result, Mapping) else {}
    if call.resource.startswith("athena:startQueryExecution"):
        query: dict[str, Json] = {
            "QueryExecutionId": told.get("id") or "00000000-0000-0000-0000-000000000000",
            "Statistics": {"DataScannedInBytes": told.get("scanned_bytes") or 0},
            "Status": {"State": "SUCCEEDED"},
        }
        if told.get("uri") is not None:
            query["ResultConfiguration"] = {"OutputLocation": told["uri"]}
        return {"QueryExecution": query}
    rows = [row for row in _list(told.get("rows")) if isinstance(row, Mapping)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    header: Json = {"Data": [{"VarCharValue": name} for name in columns]}
    about = [{"Name": name, "Type": _type([row.get(name) for row in rows])} for name in columns]
    stored: list[Json] = [{"Data": [_datum(row.get(name)) for name in columns]} for row in rows]
    more: dict[str, Json] = {"NextToken": "more"} if told.get("truncated") is True else {}
    return {"ResultSet": {"Rows": [header, *stored], "ResultSetMetadata": {"ColumnInfo": about}}, **more}


def _sample(params: AthenaQueryParams) -> Json:
    found: dict[str, Json] = {"id": None, "uri": None, "scanned_bytes": 0}
    if params.fetch != "none":
        found["rows"] = [{"column": None}]
    return {**found, "truncated": False} if params.fetch == "rows" else found


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def _type(values: Sequence[Json]) -> str:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return "boolean"
    return "double" if known and all(isinstance(value, (int, float)) for value in known) else "varchar"


def _datum(value: Json) -> Json:
    if value is None:
        return {}
    return {"VarCharValue": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}


TYPE = OperationType(
    name="athena_query",
    summary="Runs a query on Athena, waits until it ended, and reads its rows where they are wanted",
    params=AthenaQueryParams,
    emit=_emit,
    permissions=_permissions,
    result="`id` of the query, `uri` of its result and `scanned_bytes`; with `fetch: first` or `rows` also `rows`, a list of "
    "objects by the names of the columns, and with `rows` `truncated`, true when there were more than 999. Whole numbers of up "
    "to 15 digits, floating-point numbers and booleans are such, NULL is null; everything else, decimals too, is text.",
    result_fields=frozenset({"id", "uri", "scanned_bytes", "rows", "truncated"}),
    result_lists=frozenset({"rows"}),
    default_timeout_seconds=3600,
    findings=_findings,
    answer_call=_answer,
    sample=_sample,
    not_local="it runs no queries",
    local_setting=answers_setting("athena:startQueryExecution"),
    hints={
        "States.TaskFailed": "The query failed or was cancelled: see StateChangeReason in the cause. Where it names a "
        "permission, say `reads`, `writes` and `database`, or the rest under `permissions`.",
        "Athena.InvalidRequestException": "Often a syntax error, or neither `output` nor the workgroup says where results go.",
        "Athena.TooManyRequestsException": "Too many queries at once: retry with a delay.",
        "States.DataLimitExceeded": "The rows are larger than 256 KiB: select less, or read the result at `uri`.",
        "States.Timeout": "The operation's `timeout` passed; Step Functions stopped the query.",
    },
    example="""\
type: athena_query
database: sales
query: SELECT region, count(*) AS orders FROM orders WHERE day = ? GROUP BY region
parameters: ["{% $params.date %}"]
output: s3://lake/athena/
reads: ["s3://lake/orders/"]
fetch: rows
""",
)
