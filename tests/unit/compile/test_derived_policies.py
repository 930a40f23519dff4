"""Every role that is derived passes a linter over the service authorization reference; the recipes of the docs are valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bunsui.asl.validation.integrations import OPTIMISED
from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.policy import policy
from bunsui.diagnostics import Severity
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.operations.integrations.iam_names import is_action, is_unscoped
from bunsui.operations.integrations.optimised import job_permissions
from bunsui.operations.registry import builtin_registry
from tests.checked_text import findings_of_text
from tests.executing import SCOPE
from tests.unit.operations.harness import operation

RECIPES = Path(__file__).parents[3] / "docs" / "how-to" / "allow-what-is-not-derived.md"
_ARN = re.compile(r"^arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:[0-9]{0,12}:.+$")
_OPERATOR = re.compile(
    r"^(ForAllValues:|ForAnyValue:)?(String(Not)?(Equals|Like)|Arn(Like|Equals)|Bool|Null|Numeric\w+)(IfExists)?$"
)
WHOLE = {"mediaconvert:GetJob", "mediaconvert:CancelJob", "sagemaker:ListTags"}
"""Allowed on everything, as AWS's own templates do for them."""
ELSEWHERE = {("redshift-data", "redshift"), ("rds-data", "rds"), ("states", "states")}
"""Actions whose resources belong to another service."""


def problems(document: dict[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        resources = [resource for resource in statement["Resource"] if isinstance(resource, str)]
        for operator in statement.get("Condition", {}):
            if not _OPERATOR.match(operator):
                yield f"no operator: {operator}"
        for action in statement["Action"]:
            if not is_action(action) or action.endswith(":*"):
                yield f"no action: {action}"
            for resource in resources:
                yield from _resource_problems(action, resource)


def _resource_problems(action: str, resource: str) -> Iterator[str]:
    if resource == "*":
        if not is_unscoped(action) and action not in WHOLE:
            yield f"{action} on everything"
        return
    match = _ARN.match(resource)
    owner = action.partition(":")[0]
    if match is None:
        yield f"no ARN: {resource}"
    elif match.group(1) != owner and (owner, match.group(1)) not in ELSEWHERE:
        yield f"{action} on {resource}"


def policies_of(made: Operation) -> Iterator[dict[str, Any]]:
    job = Job(name="a", operations=(replace(made, id="o"),))
    compiled = compile_pipeline(Pipeline(name="p", path="p.yaml", jobs=(job,)), scope=SCOPE, registry=builtin_registry())
    for resource in compiled.resources:
        if resource.address.kind == "role":
            found: Any = resource.attributes["policy"]
            yield found


@pytest.mark.parametrize("name", sorted(builtin_registry()))
def test_the_role_of_every_type_s_example_passes(name: str) -> None:
    made = operation(yaml.safe_load(builtin_registry()[name].example))
    assert [problem for one in policies_of(made) for problem in problems(one)] == []


JOBS = [f"{service}:{call}" for service, calls in OPTIMISED.items() for call, ways in calls.items() if "sync" in ways]


@pytest.mark.parametrize("action", [one for one in JOBS if one.partition(":")[0] not in ("ecs", "states", "eks")])
def test_what_following_a_job_needs_passes_and_is_there(action: str) -> None:
    owner = action.partition(":")[0]
    needed = job_permissions(action, (f"arn:aws:{owner}:us-east-1:111122223333:thing/x",), SCOPE)
    assert needed
    assert list(problems(policy(needed))) == []


def test_the_linter_sees_what_is_wrong() -> None:
    wrong = {
        "Statement": [
            {"Action": ["s3:GetObjct"], "Resource": ["arn:aws:s3:::b/*"], "Condition": {"Equals": {}}},
            {"Action": ["sqs:SendMessage"], "Resource": ["*", "orders", "arn:aws:sns:us-east-1:1:t"]},
        ]
    }
    assert list(problems(wrong)) == [
        "no operator: Equals",
        "no action: s3:GetObjct",
        "sqs:SendMessage on everything",
        "no ARN: orders",
        "sqs:SendMessage on arn:aws:sns:us-east-1:1:t",
    ]  # fmt: skip


def recipes() -> list[str]:
    blocks = re.findall(r"```yaml\n(.*?)```", RECIPES.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if block.startswith("version:")]


@pytest.mark.parametrize("text", recipes())
def test_the_recipes_of_the_documentation_are_valid(text: str) -> None:
    assert [one.summary for one in findings_of_text(text) if one.severity is not Severity.INFO] == []


def test_there_are_recipes_for_keys_and_the_services_that_need_more() -> None:
    assert len(recipes()) >= 4
