"""Whole plans from data: each folder of `tests/cases/plan` holds the three values and what every rendering makes of them.

`case.json` holds `desired`, `actual` and `applied`, each by address. `{"$ref": [ADDRESS, OUTPUT]}` is a reference. Of an actual
resource, `tags` may be left out when they are ours; `"applied": "actual"` says that nothing was changed outside.
`files` are what a function's code is, or was, made of.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bunsui.codec.writing import to_json
from bunsui.model.address import parse_address
from bunsui.model.resource import ActualResource, AppliedResource, CodeSource, DesiredResource, Scope
from bunsui.model.values import Reference, Value
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import PipelineFacts, Plan
from bunsui.plan.references import dependencies
from bunsui.view.documents.plan import plan_document
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain

CASES = Path(__file__).parents[2] / "cases" / "plan"
SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if path.is_dir()))
def test_a_plan_reads_as_recorded(case: str, update_cases: bool) -> None:
    folder = CASES / case
    plan = a_plan(json.loads((folder / "case.json").read_text()))
    view = plan_view(plan)
    renderings = {
        "plan.txt": plain(plan_lines(view)),
        "plan.json": json.dumps(to_json(plan_document(plan)), indent=2, ensure_ascii=False) + "\n",
        "plan.md": plan_markdown(view),
    }
    for name, text in renderings.items():
        if update_cases:
            (folder / name).write_text(text)
        assert text == (folder / name).read_text(), f"{case}/{name}"


def a_plan(case: dict[str, Any]) -> Plan:
    desired = tuple(
        DesiredResource(
            address=parse_address(address),
            physical_name=item.get("physical_name", address),
            attributes={name: value_of(value) for name, value in item["attributes"].items()},
            code=code_of(item["files"]) if "files" in item else None,
        )
        for address, item in case.get("desired", {}).items()
    )
    actual = tuple(
        ActualResource(
            address=parse_address(address),
            physical_name=item.get("physical_name", address),
            attributes=item["attributes"],
            outputs=item.get("outputs", {"arn": f"arn:{address}"}),
            tags=item.get("tags", SCOPE.tags(parse_address(address))),
            revision="1",
            unreadable=item.get("unreadable", ""),
        )
        for address, item in case.get("actual", {}).items()
    )
    needs = {item.address: dependencies(item) for item in desired}
    recorded = case.get("applied", {})
    applied = {
        parse_address(address): AppliedResource(
            address=parse_address(address),
            physical_name=item.get("physical_name", address),
            attributes=item["attributes"],
            outputs=item.get("outputs", {"arn": f"arn:{address}"}),
            depends_on=needs.get(parse_address(address), ()),
            files=item.get("files", {}),
        )
        for address, item in (case.get("actual", {}) if recorded == "actual" else recorded).items()
    }
    names = {item.address.pipeline for item in desired}
    facts = Facts(
        scope=SCOPE,
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        desired=desired,
        actual=actual,
        applied=applied,
        commit="abc123",
        pipelines={name: PipelineFacts(name=name, path=f"pipelines/{name}.yaml") for name in names},
    )
    return build_plan(facts)


def code_of(files: dict[str, str]) -> CodeSource:
    return CodeSource(path="code", requirements=None, runtime="python3.12", architecture="x86_64", digest="", files=files)


def value_of(value: Any) -> Value:
    if isinstance(value, dict):
        if "$ref" in value:
            address, output = value["$ref"]
            return Reference(parse_address(address), output)
        return {key: value_of(item) for key, item in value.items()}
    return [value_of(item) for item in value] if isinstance(value, list) else value
