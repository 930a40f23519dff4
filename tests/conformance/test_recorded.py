"""The engine against executions recorded from AWS."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import main
from tests.conformance.comparing import Verdict, judge, same
from tests.conformance.differences import PAGE, page
from tests.conformance.running import line_of, run_case

CASES = Path(__file__).parent / "cases"


def cases() -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(CASES.rglob("*.json"))]


@lru_cache(maxsize=1)
def verdicts() -> tuple[Verdict, ...]:
    return tuple(judge(case, line_of(case)) for case in cases())


def test_status_output_and_error_are_those_of_aws() -> None:
    assert [verdict.name for verdict in verdicts() if not verdict.result] == []


def test_causes_are_those_of_aws() -> None:
    assert [verdict.name for verdict in verdicts() if not verdict.cause] == []


def test_events_come_in_the_order_of_aws() -> None:
    assert [verdict.name for verdict in verdicts() if verdict.events is False] == []
    assert sum(verdict.events is True for verdict in verdicts()) == 337


def test_ids_of_previous_events_are_those_of_aws() -> None:
    """Since November 2024 what follows a distributed Map hangs on MapRunStarted; before, it hung on MapRunSucceeded."""
    different: dict[str, int] = defaultdict(int)
    for case in cases():
        expected = case["expected"]
        if expected["events"] is None or expected["order"] != "total":
            continue
        ids = [(event["id"], event["previousEventId"]) for event in expected["events"]]
        found = [(event["id"], event["previousEventId"]) for event in run_case(case).events]
        different[case["area"]] += ids != found
    assert {area: count for area, count in different.items() if count} == {"map_distributed": 9}


def test_details_of_events_have_the_fields_of_aws() -> None:
    unlike = []
    for case in cases():
        expected = case["expected"]
        if expected["events"] is None or expected["order"] != "total":
            continue
        for recorded, event in zip(expected["events"], run_case(case).events, strict=True):
            key = next((name for name in recorded if name.endswith("Details")), "")
            missing = set(recorded.get(key, {})) ^ set(event.get(key, {}))
            if missing - {"workerName"}:
                unlike.append((case["name"], event["type"], missing))
    assert unlike == []


def test_the_same_case_gives_the_same_history_twice() -> None:
    case = json.loads((CASES / "map" / "base_scenarios__map_state_nested.json").read_text(encoding="utf-8"))
    assert line_of(case) == line_of(case)


def test_placeholders_stand_for_what_was_generated() -> None:
    assert same({"id": "<uuid:1>", "at": "date"}, {"id": "c0ffee", "at": "2026-01-01T00:00:00Z"})
    assert not same({"id": "x-<uuid:1>"}, {"id": "y-c0ffee"})
    assert not same({"done": True}, {"done": 1})


def test_the_page_about_differences_is_not_stale() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "run python -m tests.conformance.differences"


def test_odd_files_are_told_and_the_others_run_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = json.loads(next(CASES.rglob("*.json")).read_text(encoding="utf-8"))
    bare = {"definition": {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}, "mocks": []}
    files = {
        "1": "{broken",
        "2": "[1]",
        "3": json.dumps(bare),
        "4": json.dumps({**good, "definition": {}, "name": "refused"}),
        "5": json.dumps(good),
    }
    for name, text in files.items():
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    assert main([str(tmp_path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [(line["name"], line["status"]) for line in lines]
    assert found[:3] == [("1", "CRASHED"), ("3", "SUCCEEDED"), ("refused", "INVALID")]
    assert found[3:] == [(good["name"], good["expected"]["status"])]


@pytest.mark.parametrize("result", [None, {"kind": "aborted"}, {"kind": "timeout"}])
def test_a_try_of_which_no_end_was_recorded_never_answers(result: Any) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    definition = {"StartAt": "A", "TimeoutSeconds": 5, "States": {"A": task}}
    case = {"name": "n", "definition": definition, "mocks": [{"state": "A", "path": [], "result": result}]}
    line = line_of(case)
    assert (line["status"], line["error"]) == ("TIMED_OUT", None)
