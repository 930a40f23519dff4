"""Plan files are a contract: one of every format version is kept, and every later bunsui reads it.

`tests/cases/planfile/vN.json` is never renewed. A change that makes its test fail needs a new format version, and a new file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bunsui.document.schema.published import published
from bunsui.errors import InvalidInput, Refused
from bunsui.plan.model import Action
from bunsui.plan.saved.planfile import plan_document, saved_plan
from bunsui.view.documents.plan import FORMAT_VERSION as WRITTEN
from bunsui.view.documents.plan import plan_schema

CASES = Path(__file__).parents[2] / "cases"
GOLDEN = sorted((CASES / "planfile").glob("v*.json"))
PRINTED = sorted((CASES / "plan").glob("*/plan.json"))


def golden(version: int) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CASES / "planfile" / f"v{version}.json").read_text(encoding="utf-8"))
    return loaded


def test_there_is_a_file_of_every_version() -> None:
    assert [path.name for path in GOLDEN] == [f"v{version}.json" for version in range(1, WRITTEN + 1)]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_kept_file_is_read_as_what_it_promised(path: Path) -> None:
    plan = saved_plan(plan_document(path.read_bytes()))
    assert (plan.project, plan.environment, plan.account, plan.region) == ("sales", "dev", "111111111111", "eu-west-1")
    assert (plan.mark.lineage, plan.mark.serial) == ("0123456789abcdef", 3)
    counts = {action: sum(change.action is action for change in plan.changes) for action in Action}
    assert {action: count for action, count in counts.items() if count} == {
        Action.CREATE: 4,
        Action.UPDATE: 1,
        Action.DELETE: 4,
    }


@pytest.mark.parametrize("path", [*GOLDEN, *PRINTED], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_was_and_is_written_obeys_the_published_schema(path: Path) -> None:
    schema = published("plan-v1")
    assert schema is not None
    assert schema == json.loads(json.dumps(plan_schema()))
    Draft202012Validator(schema).validate(json.loads(path.read_text(encoding="utf-8")))


def test_a_file_of_a_later_version_is_refused_by_name() -> None:
    with pytest.raises(Refused) as caught:
        saved_plan({**golden(1), "format_version": WRITTEN + 1, "written_by": "7.1.0"})
    assert caught.value.code == "newer-bunsui"
    assert "bunsui>=7.1.0" in caught.value.hint


@pytest.mark.parametrize("key", ["account", "select", "desired_digest", "changes", "commit"])
def test_any_edit_of_a_kept_file_breaks_its_checksum(key: str) -> None:
    with pytest.raises((Refused, InvalidInput)):
        saved_plan({**golden(1), key: "222222222222"})
