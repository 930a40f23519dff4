"""Files that name what only a plan looks up are checked without it, and everything else in them as ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.composition import workspace as bootstrap
from bunsui.services.validate import validate
from tests.fakes.workspace import Asked

PROJECT = "version: 1\nproject: shop\nid: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10\ndefault_environment: local\n"
PIPELINE = """\
version: 1
name: orders
jobs:
  load:
    type: lambda
    code:
      path: code
      handler: load.run
      runtime: python3.12
      network: {subnets: "${tfstate:infra/terraform.tfstate#ids}", security_groups: ["${cfn:net.Group}"]}
      secrets: {DB: "${secret:prod/db}"}
  sent: {type: sqs_send, queue: "${cfn:messaging.QueueUrl}", body: x, depends_on: load}
  told: {type: sns_publish, topic: "${ssm:/topic}", message: x, depends_on: load}
  ran: {type: lambda, function: "${cfn:messaging.FunctionArn}", depends_on: load}
"""


def findings(folder: Path, text: str) -> list[tuple[str, int]]:
    (folder / "bunsui.yaml").write_text(PROJECT)
    (folder / "pipelines").mkdir()
    (folder / "pipelines" / "orders.yaml").write_text(text)
    (folder / "code").mkdir()
    (folder / "code" / "load.py").write_text("def run(event, context):\n    return event\n")
    found = validate(bootstrap.repository(Asked(directory=folder))).diagnostics
    return [(one.code, one.position.line if one.position else 0) for one in found if one.is_error]


def test_what_a_plan_looks_up_is_no_mistake_of_the_file(tmp_path: Path) -> None:
    assert findings(tmp_path, PIPELINE) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"${ssm:/topic}"', "orders", ("BS109", 13)),
        ("${tfstate:infra/terraform.tfstate#ids}", "ids", ("BS103", 10)),
        ('"${secret:prod/db}"', "hunter2", ("BS109", 11)),
    ],
)
def test_what_is_wrong_beside_it_is_told(tmp_path: Path, before: str, after: str, told: tuple[str, int]) -> None:
    assert findings(tmp_path, PIPELINE.replace(before, after)) == [told]
