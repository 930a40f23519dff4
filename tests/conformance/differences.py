"""Writes the table of `docs/explanation/engine-differences.md`: `python -m tests.conformance.differences`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.conformance.comparing import judge
from tests.conformance.running import line_of

CASES = Path(__file__).parent / "cases"
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "engine-differences.md"
BEGIN, END = "<!-- generated -->\n", "<!-- end -->\n"
_RETOLD = "before November 2024 the exit of a distributed Map followed `MapRunSucceeded`; since then it follows `MapRunStarted`"
_COUNT = "recorded before the context object told `RedriveCount`"
REASONS: Mapping[str, str] = {"previousEventId": _RETOLD, "RedriveCount": _COUNT}


def figures() -> str:
    """Return the table of scores by area and the list of what differs."""
    rows: dict[str, list[int]] = {}
    found: list[str] = []
    for file in sorted(CASES.rglob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        line = line_of(case)
        verdict = judge(case, line)
        row = rows.setdefault(verdict.area, [0, 0, 0, 0, 0])
        for place, counts in enumerate((True, verdict.result, verdict.cause, verdict.events is not None, verdict.events)):
            row[place] += bool(counts)
        found += [f"| `{case['name']}` | {what} | {REASONS[what]} |" for what in _differences(case, line)]
    total = [sum(row[place] for row in rows.values()) for place in range(5)]
    table = ["| area | cases | status, output, error | cause | event sequence |", "|---|---|---|---|---|"]
    table += [_row(area, row) for area, row in [*rows.items(), ("**all**", total)]]
    return "\n".join([*table, "", "| case | what | why |", "|---|---|---|", *found]) + "\n"


def _row(area: str, row: list[int]) -> str:
    return f"| {area} | {row[0]} | {row[1]} | {row[2]} | {f'{row[4]} of {row[3]}' if row[3] else 'none recorded'} |"


def _differences(case: Mapping[str, Any], line: Mapping[str, Any]) -> Iterator[str]:
    expected = case["expected"]
    if expected["events"] is None or expected["order"] != "total":
        return
    ids = [event["previousEventId"] for event in expected["events"]]
    if ids != [event["previousEventId"] for event in line["events"]]:
        yield "previousEventId"
    if "RedriveCount" in json.dumps(line["events"]) and "RedriveCount" not in json.dumps(expected["events"]):
        yield "RedriveCount"


def page(text: str) -> str:
    """Return the page with its generated part made anew."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + figures() + END + tail


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
