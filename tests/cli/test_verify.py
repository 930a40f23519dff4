"""`bunsui verify`, as typed."""

from __future__ import annotations

import json

from tests.cli.conftest import Bunsui

LOST = """\
version: 1
name: lost
jobs:
  call:
    type: lambda
    function: arn:aws:lambda:us-east-1:000000000000:function:nobody-made-it:live
"""


def test_it_tells_what_is_missing_and_passes_when_nothing_is(applied_project: Bunsui) -> None:
    assert "refer to nothing" in applied_project("verify").stdout
    applied_project.write("pipelines/lost.yaml", LOST)
    try:
        document = json.loads(applied_project("verify", "--json", code=1).stdout)
        assert [(one["kind"], one["presence"]) for one in document["references"]] == [("function", "missing")]
        assert [(one["code"], one["file"], one["line"]) for one in document["findings"]] == [
            ("BS590", "pipelines/lost.yaml", 6)
        ]
        assert "1 reference of 1 pipeline: 1 missing" in applied_project("verify", "lost", code=1).stdout
        assert "refer to nothing" in applied_project("verify", "weigh").stdout
    finally:
        (applied_project.folder / "pipelines/lost.yaml").unlink()


def test_its_policy_reads_and_nothing_more(applied_project: Bunsui) -> None:
    policy = json.loads(applied_project("permissions", "verify", "--account", "111111111111").stdout)
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert {
        action.partition(":")[2] for action in actions if not action.partition(":")[2].startswith(("Describe", "Get", "List"))
    } == set()
    assert {"secretsmanager:GetSecretValue", "ssm:GetParameter", "s3:GetObject"} & actions == set()
