"""`athena_query`: what is asked, what rows become, what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.asl.model import Task
from bunsui.operations.athena_query import variable_of
from bunsui.operations.contract import ServiceCall
from tests.unit.operations.harness import allowed, emitted, evaluated, kind_of, needs, operation, the_task

QUERY = {"type": "athena_query", "query": "SELECT 1", "database": "sales", "output": "s3://lake/out/"}
STARTED: Any = {
    "QueryExecution": {
        "QueryExecutionId": "q-1",
        "ResultConfiguration": {"OutputLocation": "s3://lake/out/q-1.csv"},
        "Statistics": {"DataScannedInBytes": 10},
    }
}
ABOUT: Any = {"id": "q-1", "uri": "s3://lake/out/q-1.csv", "scanned_bytes": 10}


def read(given: dict[str, Any], answer: dict[str, Any]) -> Any:
    """Return the result, when the two calls were answered so."""
    made = emitted(given)
    started, reading = made.values()
    assert isinstance(started, Task)
    assert isinstance(reading, Task)
    assert (started.next, reading.next) == ("job.rows", "after")
    assert started.assign is not None
    (variable, value), *_ = started.assign.items()
    kept = evaluated(value, states={"result": STARTED})
    assert evaluated(reading.arguments, **{variable: kept})["QueryExecutionId"] == "q-1"
    output = evaluated(reading.output, states={"input": {}, "result": answer}, **{variable: kept})
    return output["ops"]["athena_query"]


def table(columns: dict[str, str], *rows: list[str | None], header: bool = True) -> dict[str, Any]:
    lines: list[list[str | None]] = [list(columns), *rows] if header else list(rows)
    data = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in line]} for line in lines]
    return {
        "ResultSet": {
            "Rows": data,
            "ResultSetMetadata": {"ColumnInfo": [{"Name": name, "Type": kind} for name, kind in columns.items()]},
        }
    }


def test_a_query_alone_says_where_its_result_lies() -> None:
    state = the_task(QUERY)
    assert state.resource == "arn:aws:states:::athena:startQueryExecution.sync"
    assert state.arguments == {
        "QueryString": "SELECT 1",
        "QueryExecutionContext": {"Catalog": "AwsDataCatalog", "Database": "sales"},
        "WorkGroup": "primary",
        "ResultConfiguration": {"OutputLocation": "s3://lake/out/"},
    }
    output = evaluated(state.output, states={"input": {}, "result": STARTED})
    assert output["ops"]["athena_query"] == ABOUT


def test_a_value_stays_a_value_whatever_it_holds() -> None:
    state = the_task({**QUERY, "parameters": ["o'clock", 5, True, "{% $params.x %}", "{% $params.n %}"]})
    found = evaluated(state.arguments, params={"x": "'; DROP TABLE a", "n": 2.5})
    assert found["ExecutionParameters"] == ["'o''clock'", "5", "true", "'''; DROP TABLE a'", "2.5"]


def test_rows_are_objects_by_their_columns_with_numbers_and_nulls() -> None:
    columns = {
        "day": "date",
        "n": "bigint",
        "big": "bigint",
        "x": "double",
        "odd": "double",
        "price": "decimal",
        "ok": "boolean",
    }
    answer = table(
        columns,
        ["2026-01-31", "3", "12345678901234567890", "1.5E-7", "NaN", "1.10", "true"],
        [None, "-4", None, "2", None, None, "false"],
    )
    assert read({**QUERY, "fetch": "rows"}, answer) == {
        **ABOUT,
        "rows": [
            {
                "day": "2026-01-31",
                "n": 3,
                "big": "12345678901234567890",
                "x": 1.5e-7,
                "odd": "NaN",
                "price": "1.10",
                "ok": True,
            },
            {"day": None, "n": -4, "big": None, "x": 2, "odd": None, "price": None, "ok": False},
        ],
        "truncated": False,
    }


@pytest.mark.parametrize(
    ("answer", "rows"),
    [
        (table({"n": "integer"}), []),
        (table({"n": "integer"}, ["1"]), [{"n": 1}]),
        (table({"n": "integer"}, ["1"], ["2"]), [{"n": 1}, {"n": 2}]),
        (table({"tab_name": "string"}, ["a"], header=False), [{"tab_name": "a"}]),
        ({"ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}}, []),
    ],
)
def test_rows_are_a_list_for_none_one_and_many(answer: dict[str, Any], rows: list[Any]) -> None:
    assert read({**QUERY, "fetch": "rows"}, answer)["rows"] == rows
    assert read({**QUERY, "fetch": "first"}, answer) == {**ABOUT, "rows": rows[:1]}


@pytest.mark.parametrize("rows", [[], [{"n": 1}], [{"n": 1, "t": "x", "ok": True}, {"n": 2.5, "t": None, "ok": False}]])
def test_the_test_double_tells_the_rows_that_a_test_says(rows: list[Any]) -> None:
    given = {**QUERY, "fetch": "rows"}
    made = operation(given)
    answer_call = kind_of(made).answer_call
    assert answer_call is not None
    told: Any = {**ABOUT, "rows": rows, "truncated": True}
    first = answer_call(made.params, told, ServiceCall(resource="athena:startQueryExecution.sync", arguments={}))
    assert isinstance(first, dict)
    assert first["QueryExecution"].items() >= STARTED["QueryExecution"].items()
    second = answer_call(made.params, told, ServiceCall(resource="athena:getQueryResults", arguments={}))
    assert isinstance(second, dict)
    assert read(given, second) == told


def test_tables_result_and_data_are_allowed_and_nothing_else() -> None:
    found = allowed({**QUERY, "reads": ["s3://lake/orders/"]})
    glue = "arn:aws:glue:us-east-1:111122223333"
    assert ("glue:GetTable", f"{glue}:table/sales/*") in found
    assert ("glue:GetDatabase", f"{glue}:database/default") in found
    assert ("athena:StartQueryExecution", "arn:aws:athena:us-east-1:111122223333:workgroup/primary") in found
    assert ("s3:PutObject", "arn:aws:s3:::lake/out/*") in found
    assert {resource for action, resource in found if action == "s3:GetObject"} == {
        "arn:aws:s3:::lake/out/*",
        "arn:aws:s3:::lake/orders/*",
    }
    assert not [action for action, _ in found if "Delete" in action or "Create" in action]
    listing = [one for one in needs(QUERY) if one.actions == ("s3:ListBucket",)]
    assert [one.condition for one in listing] == [{"StringLike": {"s3:prefix": ["out/", "out/*"]}}]


def test_a_query_that_writes_may_make_tables_and_objects() -> None:
    found = allowed({**QUERY, "writes": ["s3://lake/new/"]})
    assert ("glue:CreateTable", "arn:aws:glue:us-east-1:111122223333:table/sales/*") in found
    assert ("s3:PutObject", "arn:aws:s3:::lake/new/*") in found


def test_another_catalog_needs_no_glue() -> None:
    assert not [action for action, _ in allowed({**QUERY, "catalog": "hive"}) if action.startswith("glue:")]


def test_sql_that_is_made_in_the_run_is_a_finding() -> None:
    made = operation({**QUERY, "query": "{% 'SELECT ' & $params.x %}"})
    assert [found.code for found in kind_of(made).findings(made.params, made)] == ["BS231"]


def test_two_states_never_share_a_variable() -> None:
    assert len({variable_of(name) for name in ("a.b", "a_b", "a-b", "ab", "a b")}) == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"output": "lake/out"}, "s3://BUCKET/PREFIX/"),
        ({"reads": ["s3://lake/*"]}, "s3://BUCKET/PREFIX/"),
        ({"workgroup": "a/b"}, "the workgroup's name"),
        ({"fetch": "all"}, "fetch"),
    ],
)
def test_a_query_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({**QUERY, **given})
