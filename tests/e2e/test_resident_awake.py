"""The resident on the embedded AWS, as it is applied: the zip that apply uploads, by its own role, called by its rule."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.typed import Done, typed

pytestmark = pytest.mark.slow
_SECONDS = 120.0
WANTED = "environments: {local: {resident: true}}\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("resident")
    assert typed(root, "init", "orders", "--template", "etl").returncode == 0
    folder = root / "orders"
    with (folder / "bunsui.yaml").open("a", encoding="utf-8") as file:
        file.write(WANTED)
    applied = typed(folder, "apply", "--yes")
    if "download-failed" in applied.stderr:
        pytest.skip("no index has the wheels of the resident now")
    assert applied.returncode == 0, applied.stderr
    yield folder
    typed(folder, "local", "stop")


@pytest.fixture(scope="module")
def client(project: Path) -> Callable[[str], Any]:
    lines = typed(project, "local", "env").stdout.splitlines()
    named = dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
    values = {name: value.strip("'\"") for name, value in named.items()}
    return lambda service: boto3.client(
        service,
        endpoint_url=values["AWS_ENDPOINT_URL"],
        region_name=values["AWS_REGION"],
        aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
    )


def wait_for(found: Callable[[], Any]) -> Any:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if value := found():
            return value
        time.sleep(1)
    raise AssertionError("it did not come")


def standing(project: Path) -> Any:
    done: Done = typed(project, "resident", "--json")
    return json.loads(done.stdout)


def test_a_run_of_the_console_is_a_row_although_nobody_looked(project: Path, client: Callable[[str], Any]) -> None:
    machines = client("stepfunctions").list_state_machines()["stateMachines"]
    [machine] = [one["stateMachineArn"] for one in machines if one["name"].endswith("--etl")]
    arn = client("stepfunctions").start_execution(stateMachineArn=machine, name="by-hand", input='{"params": {}}')[
        "executionArn"
    ]
    table = client("dynamodb")

    def row() -> bool:
        items = table.scan(TableName="bunsui-state", ConsistentRead=True)["Items"]
        return any(arn in repr(item) for item in items)

    wait_for(row)
    reports = wait_for(lambda: standing(project)["reports"])
    assert (reports[0]["cause"], reports[0]["machines"], reports[0]["news"]) == ("event", 1, 1)
    assert standing(project)["failures"] == []


def test_a_plan_of_the_same_bunsui_leaves_it_alone(project: Path) -> None:
    assert "No changes" in typed(project, "plan").stdout
    assert standing(project)["is_same_code"] is True


def test_nothing_of_it_is_taken_for_somebody_elses(project: Path) -> None:
    drift = typed(project, "drift")
    assert (drift.returncode, "BS5" in drift.stdout) == (0, False)


def test_it_goes_when_nobody_wants_it(project: Path) -> None:
    settings = project / "bunsui.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(WANTED, ""), encoding="utf-8")
    assert standing(project)["state"] == "left over"
    assert typed(project, "apply", "--yes").returncode == 0
    assert standing(project)["state"] == "none"
