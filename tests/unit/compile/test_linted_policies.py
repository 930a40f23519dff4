"""Every policy that is derived or printed passes a linter that others keep (parliament), but for what its data lacks."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bunsui.aws.permissions import Purpose
from bunsui.aws.permissions import policy as printed_policy
from bunsui.compile.pipeline import compile_pipeline
from bunsui.document.load import load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.resource import Scope
from bunsui.model.values import Reference
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder
from tests.e2e.roles import all_pipelines

pytestmark = pytest.mark.slow

SCOPE = Scope(project="tests", environment="local", account="111122223333", region="us-east-1", bucket="managed")
_HTTP = 'Step Functions developer guide, "Call HTTPS APIs"'
_BUCKET = "the environment's bucket is made and never written by whoever applies (decision 0053)"
_ALIAS = 'KMS developer guide, "Use aliases to control access to KMS keys": the key is named by its alias, in the condition'
KNOWN_BETTER = {
    ("UNKNOWN_CONDITION_FOR_ACTION", "kms:ResourceAliases"): _ALIAS,
    ("UNKNOWN_CONDITION_FOR_ACTION", "states:HTTP"): _HTTP,
    ("RESOURCE_MISMATCH", "glue:Get"): "service authorization reference of Glue: catalog, database and table",
    ("RESOURCE_MISMATCH", "states:InvokeHTTPEndpoint"): _HTTP,
    ("RESOURCE_MISMATCH", "states:DescribeExecution"): "it asks for executions of Express machines too",
    ("RESOURCE_MISMATCH", "states:ListExecutions"): "it asks for map runs beside machines",
    ("RESOURCE_MISMATCH", "states:SendTask"): "bunsui/aws/approvals/grants.py (aws/aws-cdk pull request 8486)",
    ("RESOURCE_MISMATCH", "scheduler:DeleteSchedule"): "it asks for schedules beside their group",
    ("RESOURCE_STAR", "scheduler:Get"): "reads, granted with the lists, of which IAM knows nothing finer",
    ("RESOURCE_STAR", "kms:TagResource"): "with CreateKey: a key that is being made has no name yet",
    ("RESOURCE_STAR", "kms:CreateGrant"): _ALIAS,
    ("RESOURCE_POLICY_PRIVILEGE_ESCALATION", "arn:aws:s3:::bunsui-"): _BUCKET,
}
"""Findings by issue and what their detail holds, with AWS's page that knows better."""


def derived(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield name and policy of each role of the pipelines that are written by themselves."""
    project = ProjectDocument(name="tests", id="0123456789abcdef", environment=EnvironmentDocument(name="local"))
    for name, documents in all_pipelines().items():
        place = folder / name
        (place / "pipelines").mkdir(parents=True)
        for path in ("code/a.py", "code/calls.py", "other/a.py", "lock.txt"):
            (place / path).parent.mkdir(exist_ok=True)
            (place / path).write_text("def b(event, context): ...\ndef c(event, context): ...\ndef read(event, context): ...\n")
        for one, document in documents.items():
            (place / "pipelines" / f"{one}.yaml").write_text(yaml.safe_dump({"version": 1, **document, "name": one}))
        loaded = load_pipelines(RootFolder(place), project, registry=builtin_registry(), scope=SCOPE)
        for pipeline in loaded.pipelines:
            compiled = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())
            for resource in compiled.resources:
                if resource.address.kind == "role":
                    yield str(resource.address), resource.attributes["policy"]


def findings_of(policy: object) -> Iterator[tuple[str, str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its files stay open, and pkg_resources is what it loads them with
        parliament = pytest.importorskip("parliament", reason="no registry answered `make test`")
        found = parliament.analyze_policy_string(json.dumps(policy, default=_arn_of), ignore_private_auditors=True).findings
    for one in found:
        yield one.issue, str(one.detail)


def _arn_of(value: object) -> str:
    assert isinstance(value, Reference)
    kinds = {"lambda_function": "lambda:us-east-1:111122223333:function:x", "alert_topic": "sns:us-east-1:111122223333:x"}
    return f"arn:aws:{kinds.get(value.address.kind, 'states:us-east-1:111122223333:stateMachine:x')}"


def is_known_better(issue: str, detail: str) -> bool:
    return any(issue == kind and text in detail for kind, text in KNOWN_BETTER)


@pytest.mark.filterwarnings("ignore")
def test_every_derived_policy_passes(tmp_path: Path) -> None:
    wrong, count = [], 0
    for name, policy in derived(tmp_path):
        statements = policy["Statement"]
        count += len(statements)
        wrong += [(name, *one) for one in findings_of(policy) if statements and not is_known_better(*one)]
    assert count > 100
    assert wrong == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_printed_policy_passes(purpose: Purpose) -> None:
    assert [one for one in findings_of(printed_policy(purpose, SCOPE)) if not is_known_better(*one)] == []


@pytest.mark.filterwarnings("ignore")
def test_the_linter_sees_what_is_wrong() -> None:
    wrong = {"Effect": "Allow", "Action": ["s3:GetObjct"], "Resource": ["arn:aws:s3:::b/*"]}
    assert [issue for issue, _ in findings_of({"Version": "2012-10-17", "Statement": [wrong]})] == ["UNKNOWN_ACTION"]
