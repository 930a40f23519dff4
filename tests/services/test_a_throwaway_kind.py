"""A resource kind is two files and a line each, an operation type one file and a line: added to a copy, the product knows them.

The closed lists stand once: if a face or a stage kept a list of its own, the copy would fail or be silent there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint

ROOT = Path(__file__).parents[2]
PARTS = ROOT / "tests" / "throwaway"
FILES = {
    "kind.py": "kinds/topic.py",
    "provider.py": "aws/providers/topic.py",
    "operation.py": "operations/announce.py",
    "resources.py": "compile/topics.py",
}
LINES = {
    "kinds/registry.py": [
        ("    log_group,\n", "    log_group,\n    topic,\n"),
        ("    log_group.KIND,\n", "    log_group.KIND,\n    topic.KIND,\n"),
    ],
    "aws/providers/registry.py": [
        ("    bucket,\n    lambda_function,\n", "    bucket,\n    lambda_function,\n    topic,\n"),
        ("= (\n    role,\n", "= (\n    role,\n    topic,\n"),
    ],
    "compile/pipeline.py": [
        ("= (PipelineResources.all, alerts)", "= (PipelineResources.all, alerts, topics)"),
        (
            "from bunsui.compile.structure.order",
            "from bunsui.compile.topics import topics\nfrom bunsui.compile.structure.order",
        ),
    ],
    "operations/registry.py": [
        ('    _Builtin("wait"', '    _Builtin("announce", "announce", ("tell",)),\n    _Builtin("wait"'),
    ],
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product in which both were added."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("bunsui", "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    for part, place in FILES.items():
        text = (PARTS / part).read_text(encoding="utf-8")
        for name, module in {"operation": "operations.announce", "kind": "kinds.topic"}.items():
            text = text.replace(f"tests.throwaway.{name}", f"bunsui.{module}")
        (folder / "bunsui" / place).write_text(text)
    for name, edits in LINES.items():
        path = folder / "bunsui" / name
        text = path.read_text(encoding="utf-8")
        for before, after in edits:
            assert text.count(before) == 1, (name, before)
            text = text.replace(before, after)
        path.write_text(text)
    return folder


def _played(copy: Path, *arguments: str) -> dict[str, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.throwaway.play", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(copy), str(ROOT)))},
        capture_output=True,
        text=True,
        cwd=copy,
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, str] = json.loads(ended.stdout)
    return found


@pytest.fixture(scope="module")
def shown(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each face of the copy showed, by its name."""
    return _played(copy, str(tmp_path_factory.mktemp("project")))


def _grants(document: str) -> dict[str, dict[str, Any]]:
    policy, _ = json.JSONDecoder().raw_decode(document)
    return {statement["Sid"]: statement for statement in policy["Statement"]}


@pytest.mark.slow
def test_files_with_them_are_valid_and_compile(copy: Path, shown: dict[str, str]) -> None:
    assert "2 pipelines" in shown["validate"]
    assert "sns:Publish" in shown["render"]
    schema = json.loads((copy / "schemas/pipeline-v1.json").read_text())
    assert "announce" in schema["$defs"]["OperationEntry"]["properties"]["type"]["enum"]


def test_who_plans_may_read_the_kind_and_who_applies_may_write_it(shown: dict[str, str]) -> None:
    plan, apply = _grants(shown["permissions plan"]), _grants(shown["permissions apply"])
    assert apply.keys() - plan.keys() >= {"TopicsWrite"}
    assert plan["TopicsRead"]["Resource"] == ["arn:aws:sns:us-east-1:*:shop--local--*"]
    assert apply["TopicsWrite"]["Action"] == sorted(apply["TopicsWrite"]["Action"])
    assert "sns:CreateTopic" in apply["TopicsWrite"]["Action"]


@pytest.mark.parametrize("face", ["text", "comment", "tree"])
def test_every_face_of_a_plan_has_the_kinds_words(shown: dict[str, str], face: str) -> None:
    assert ("1 topic" if face == "text" else "topic news") in shown[f"new: {face}"]
    assert "tags.team: else → data" in shown[f"drift: {face}"]
    assert "name for people" not in shown[f"drift: {face}"], "it was left to others"
    assert "topic" in shown[f"end: {face}"]
    assert "topic figures" in shown[f"stranger: {face}"]


def test_the_plan_document_names_the_kind(shown: dict[str, str]) -> None:
    changes = {change["address"]: change for change in json.loads(shown["new: json"])["changes"]}
    assert (changes["topic.weigh.news"]["kind"], changes["topic.weigh.news"]["action"]) == ("topic", "create")


def test_what_was_applied_is_in_sync_and_remembered(shown: dict[str, str]) -> None:
    assert json.loads(shown["again"]) == []
    assert "2 in sync" in shown["status"]
    assert "topic.weigh.news" in shown["state list"]
    assert "display_name is left to others" in shown["state show"]


def test_it_stays_with_a_retired_machine_and_goes_with_it(shown: dict[str, str]) -> None:
    actions = {change["address"]: change["action"] for change in json.loads(shown["removal: json"])["changes"]}
    assert actions["topic.weigh.news"] == "no-op"
    assert "the subscriptions of 1 topic go" in shown["end: text"]
    assert json.loads(shown["left"]) == ["shop--local--figures"]
    assert json.loads(shown["destroyed"]) == []


def test_a_stranger_with_its_name_is_answered_with_the_kinds_remedy(shown: dict[str, str]) -> None:
    (told,) = [line for line in shown["stranger: text"].splitlines() if "is not ours" in line]
    assert "`aws sns tag-resource --resource-arn " in told
    assert told.endswith("rename ours in the pipeline's file: `resource_name: ANOTHER-NAME`")


@pytest.mark.slow
@pytest.mark.embedded
def test_the_embedded_aws_keeps_the_kind_and_runs_the_operation(copy: Path, embedded: LocalEndpoint, tmp_path: Path) -> None:
    found = _played(copy, str(tmp_path / "room"), json.dumps(asdict(embedded), default=str))
    assert "1 topic" in found["text"]
    assert json.loads(found["again"]) == []
    assert found["execution"] == "succeeded"
    assert "name for people: Someone's → Weights" in found["drift"]
    assert json.loads(found["written"]) == []
    assert json.loads(found["left"]) == []
