"""The validator against what AWS accepted, refused and answered, and against machines that others wrote."""

import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.asl.validation.answers import refusal, validation_answer
from bunsui.asl.validation.validate import validate

TESTS = Path(__file__).parents[3]
RECORDED = TESTS / "conformance"
CORPUS = TESTS / "asl_corpus"
BROKEN = {
    "1086ba30.asl.json": "ASL022",  # calls States.Default, which does not exist
    "40272dcc.asl.json": "ASL010",  # a template whose tools are filled in later
    "c8f1101d.asl.json": "ASL002",  # a template with an empty choice rule
    "da7415a0.asl.json": "ASL003",  # a Map with Arguments
}


def cases(folder: str) -> list[Any]:
    return [pytest.param(path, id=path.stem[:80]) for path in sorted((RECORDED / folder).rglob("*.json"))]


def test_every_definition_that_aws_executed_is_accepted() -> None:
    refused = {}
    files = sorted((RECORDED / "cases").rglob("*.json")) + sorted((RECORDED / "variable_references").glob("*.json"))
    for path in files:
        case = json.loads(path.read_text())
        findings = validate(case["definition"], kind=case.get("type") or "STANDARD")
        if any(finding.is_error for finding in findings):
            refused[path.name] = [finding.message for finding in findings if finding.is_error]
    assert len(files) > 600
    assert refused == {}


@pytest.mark.parametrize("path", cases("invalid"))
def test_a_refused_definition_is_refused_in_the_same_words(path: Path) -> None:
    case = json.loads(path.read_text())
    definition = case["definition_text"] if case["definition"] is None else case["definition"]
    findings = validate(definition, kind=case["request"].get("type") or "STANDARD")
    assert refusal(findings) == case["expected"]["Error"]["Message"]


@pytest.mark.parametrize("path", cases("validate"))
def test_a_validation_is_answered_as_aws_did(path: Path) -> None:
    case = json.loads(path.read_text())
    text = case["definition_text"] if case["definition"] is None else json.dumps(case["definition"])
    findings = validate(text, kind=case["request"]["type"])
    assert validation_answer(findings) == case["expected"]


def test_machines_that_others_wrote_are_accepted_unless_they_are_broken() -> None:
    files = sorted(CORPUS.glob("*.asl.json"))
    assert len(files) > 100
    refused = {}
    for path in files:
        errors = [finding.code for finding in validate(path.read_text()) if finding.is_error]
        if errors:
            refused[path.name] = errors[0]
    assert refused == BROKEN


def test_machines_that_others_wrote_give_few_warnings() -> None:
    warned = [
        path.name for path in sorted(CORPUS.glob("*.asl.json")) if any(not f.is_error for f in validate(path.read_text()))
    ]
    assert len(warned) <= 4, warned
