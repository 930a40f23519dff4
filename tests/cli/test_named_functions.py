"""One function for several jobs, from `bunsui test` over a run on the embedded AWS to `destroy`, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Bunsui, share

pytestmark = pytest.mark.embedded

PROJECT = "version: 1\nproject: skies\nid: 0d9a1f6e-52f0-4a4e-9a2b-8a4f1c0e77aa\n"
PIPELINE = """\
version: 1
name: weather
functions:
  weather: {path: functions/weather, handler: weather.days, runtime: python3.12, timeout: 20s}
parameters:
  days: {type: array, default: [1, 20, 30]}
jobs:
  warm: {type: lambda, code: weather, payload: {days: "{% $params.days %}", least: 10}, outputs: [days]}
  hot: {type: lambda, code: weather, payload: {days: "{% $params.days %}", least: 25}, outputs: [days]}
  each:
    depends_on: [warm, hot]
    foreach: "{% $append($jobs.warm.days, $jobs.hot.days) %}"
    type: lambda
    code: weather
    payload: {days: ["{% $item %}"], least: 25}
    outputs: {days: "{% $result.output.days %}"}
tests:
  - name: looks at each day of both
    mocks:
      warm: {return: {days: [20, 30]}}
      hot: {return: {days: [30]}}
      each: [{item: 0, return: {days: []}}, {return: {days: [30]}}]
    expect: {path: [warm, hot, each], output: {each: {days: [30, 30]}}}
"""
CODE = 'def days(event, context):\n    return {"days": [day for day in event["days"] if day > event["least"]]}\n'


@pytest.fixture
def skies(tmp_path: Path, shared_folder: Path) -> Iterator[Bunsui]:
    bunsui = Bunsui(tmp_path)
    share(shared_folder, tmp_path)
    bunsui.write("bunsui.yaml", PROJECT)
    bunsui.write("pipelines/weather.yaml", PIPELINE)
    bunsui.write("functions/weather/weather.py", CODE)
    yield bunsui
    bunsui("destroy", "--yes")


@pytest.mark.slow
def test_a_named_function_is_tested_run_and_taken_away_with_its_pipeline(skies: Bunsui) -> None:
    assert "1 passed" in skies("test").stdout
    assert "1 function" in skies("apply", "--yes").stdout

    run = json.loads(skies("run", "weather", "--json").stdout)
    assert run["session"]["status"] == "succeeded"
    assert run["session"]["output"] == {"each": {"days": [30, 30]}}
    listed = skies("state", "list").stdout
    assert "lambda_function.weather.functions.weather" in listed
    assert len([line for line in listed.splitlines() if line.startswith("lambda_function.")]) == 1
    assert "START RequestId" in skies("logs", "weather", "--job", "hot").stdout

    destroyed = skies("destroy", "--yes")
    assert "delete function functions.weather" in destroyed.stdout
    assert "the state is empty" in skies("state", "list").stderr
