"""The JSONata that the compiler emits means the same to jsonata-python as to the JavaScript reference implementation.

`tests/cases/jsonata/table.json` was recorded once by `record.mjs` beside it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonata import jexception, jsonata

from bunsui.asl.expressions import check

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "cases" / "jsonata" / "table.json").read_text())


def evaluated(expression: str, variables: dict[str, Any]) -> Any:
    return jsonata.Jsonata.jsonata(expression).evaluate(None, variables)


@pytest.mark.parametrize("row", ROWS, ids=[f"{index}-{row['feature']}" for index, row in enumerate(ROWS)])
def test_an_expression_gives_what_the_reference_gives(row: dict[str, Any]) -> None:
    expression, variables = row["expression"], row["variables"]
    if "error" in row:
        with pytest.raises(jexception.JException, match=""):
            evaluated(expression, variables)
    elif "undefined" in row:
        assert evaluated(f"$exists({expression})", variables) is False
    else:
        assert evaluated(expression, variables) == row["value"]
        assert evaluated(f"$exists({expression})", variables) is True


@pytest.mark.parametrize("row", [row for row in ROWS if "error" not in row], ids=lambda row: row["expression"][:40])
def test_step_functions_would_take_the_expression(row: dict[str, Any]) -> None:
    assert check(row["expression"]) is None
