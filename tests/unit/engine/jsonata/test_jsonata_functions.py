"""JSONata's functions and operators give what the JavaScript reference implementation gave.

`tests/cases/jsonata/functions.json` was recorded once by `record-functions.mjs` beside it. Where the two differ is told in
docs/explanation/engine-differences.md.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bunsui.engine.context import Sources
from bunsui.engine.jsonata.evaluate import EvaluationFailure, evaluate

TABLE: dict[str, Any] = json.loads((Path(__file__).parents[3] / "cases" / "jsonata" / "functions.json").read_text())
ROWS: list[dict[str, Any]] = TABLE["rows"]
SHARES = 20


def outcome(expression: str) -> dict[str, Any]:
    try:
        value = evaluate(f"{{% {expression} %}}", TABLE["variables"], field="Output", sources=Sources())
    except EvaluationFailure as failure:
        if "returned nothing" in failure.cause:
            return {"undefined": True}
        code = re.search(r"evaluation[.:] (\w\d{4}):", failure.cause)
        return {"error": code[1] if code else failure.cause}
    return {"value": value}


@pytest.mark.parametrize("share", range(SHARES))
def test_expressions_give_what_the_reference_gave(share: int) -> None:
    unlike = {}
    for row in ROWS[share::SHARES]:
        found = {"expression": row["expression"], **outcome(row["expression"])}
        if json.dumps(found, sort_keys=True) != json.dumps(row, sort_keys=True):
            unlike[row["expression"]] = (found, row)
    assert unlike == {}


def test_calling_what_is_no_function_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome("1(2)") == {"error": "T1006"}
    assert capsys.readouterr().out == ""


def test_true_is_not_one() -> None:
    assert outcome("true in [1]") == {"value": False}
    assert outcome("$distinct([1, true, '1'])") == {"value": [1, True, "1"]}
