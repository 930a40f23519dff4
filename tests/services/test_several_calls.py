"""Operations that call a service more than once, or say something by an error, in `bunsui test`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bunsui.model.pipeline_test import PipelineTest
from bunsui.services.testing.pipeline_tests import run_machine
from bunsui.services.testing.scaffold import scaffold
from tests.services.test_recorded import machine_of

QUERIES = """\
version: 1
name: sales
parameters: {day: {type: string, default: "2026-01-31"}}
jobs:
  count:
    type: athena_query
    database: sales
    query: SELECT count(*) AS n FROM orders WHERE day = ?
    parameters: ["{% $params.day %}"]
    output: s3://lake/athena/
    fetch: first
    retry: {attempts: 2, errors: [Athena.TooManyRequestsException]}
    outputs: {n: "{% $result.rows[0].n %}"}
  each:
    foreach: {items: [1, 2]}
    operations:
      - {id: ask, type: athena_query, query: SHOW TABLES, fetch: rows}
    outputs: {tables: "{% $result.output.rows.tab_name %}"}
  guard:
    depends_on: [count, each]
    when: "{% $jobs.count.n < 2 %}"
    type: fail
    error: TooFew
    message: "{% $string($jobs.count.n) & ' of ' & $join($jobs.each.tables, ', ') %}"
"""

ROWS: Any = {"return": {"rows": [{"n": 1}]}}
TABLES: Any = [
    {"item": 0, "return": {"rows": [{"tab_name": "a"}]}},
    {"item": 1, "return": {"rows": [{"tab_name": "b"}, {"tab_name": "c"}]}},
]


def test_one_mock_answers_both_calls_of_a_query(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=QUERIES)
    slow: Any = {"error": "Athena.TooManyRequestsException"}
    test = PipelineTest(name="t", pipeline="sales", mocks={"count": [slow, ROWS], "each": TABLES})
    result = run_machine(machine, test)
    assert (str(result.status), result.error, result.cause) == ("FAILED", "TooFew", "1 of a, b, c")


def test_a_scaffold_has_one_mock_for_each_query(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=QUERIES)
    suite: Any = scaffold(machine, "count")
    told = {"id": None, "uri": None, "scanned_bytes": 0, "rows": [{"column": None}]}
    assert suite["tests"][0]["mocks"] == {"count": {"return": told}}
