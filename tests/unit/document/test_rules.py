"""Rules raise, lower and accept findings; nothing that was found ever disappears."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bunsui.diagnostics import Acceptance, Diagnostic, Position, Severity
from bunsui.document.load import load_pipelines
from bunsui.document.project_reading import read_project
from bunsui.document.rules import FindingRule, Level, Rules, read_rules
from bunsui.model.pipeline import AcceptedFinding, Pipeline
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder

FOUND = Diagnostic(code="BS505", severity=Severity.WARNING, summary="no timeout", subject="state_machine.orders")
OTHER = replace(FOUND, subject="state_machine.refunds")
IN_FILE = replace(FOUND, subject="", position=Position("pipelines/orders.yaml", 1, 1))
ACCEPT = FindingRule(code="BS505", level=Level.ACCEPT, reason="the vendor is slow")
ORDERS = Pipeline(
    name="orders", path="pipelines/orders.yaml", accepted=(AcceptedFinding(code="BS505", reason="a file that is long"),)
)


def judged(*findings: Diagnostic, rules: Rules) -> list[Acceptance | None]:
    return [finding.accepted for finding in rules.applied(findings)]


@pytest.mark.parametrize("level", [Level.ERROR, Level.WARNING, Level.INFO])
def test_a_rule_gives_a_finding_its_severity(level: Level) -> None:
    (found,) = Rules(of_project=(FindingRule(code="BS505", level=level),)).applied([FOUND])
    assert found == replace(FOUND, severity=Severity(level.value))


def test_an_accepted_finding_is_kept_with_its_reason() -> None:
    (found,) = Rules(of_project=(ACCEPT,)).applied([FOUND])
    assert found == replace(FOUND, accepted=Acceptance(reason="the vendor is slow"))


def test_a_rule_about_one_pipeline_leaves_the_others() -> None:
    rules = Rules(of_project=(replace(ACCEPT, pipelines=frozenset({"orders"})),))
    assert judged(FOUND, OTHER, rules=rules) == [Acceptance(reason="the vendor is slow"), None]


def test_the_first_rule_that_is_about_the_pipeline_counts() -> None:
    strict = FindingRule(code="BS505", level=Level.ERROR)
    rules = Rules(of_project=(replace(ACCEPT, pipelines=frozenset({"orders"})), strict))
    first, second = rules.applied([FOUND, OTHER])
    assert (first.is_error, second.is_error) == (False, True)


@pytest.mark.parametrize(("today", "holds"), [(date(2027, 1, 31), True), (date(2027, 2, 1), False), (None, True)])
def test_an_acceptance_holds_up_to_its_last_day(today: date | None, holds: bool) -> None:
    rules = Rules(of_project=(replace(ACCEPT, until=date(2027, 1, 31)),), today=today)
    (found,) = rules.applied([FOUND])
    assert (found.accepted is not None) is holds


def test_an_acceptance_that_is_over_says_so() -> None:
    rules = Rules(of_project=(replace(ACCEPT, until=date(2027, 1, 31)),)).on(date(2027, 2, 1))
    (found,) = rules.applied([FOUND])
    assert found.detail == "It was accepted in bunsui.yaml until 2027-01-31, which is over: the vendor is slow"


def test_what_is_an_error_is_not_accepted_and_says_so() -> None:
    (found,) = Rules(of_project=(ACCEPT,)).applied([replace(FOUND, severity=Severity.ERROR)])
    assert found.is_error
    assert found.accepted is None
    assert "an error cannot be accepted" in found.detail


def test_a_pipelines_file_accepts_findings_about_it_alone() -> None:
    rules = Rules().beside([ORDERS])
    mine = Acceptance(reason="a file that is long", in_place=True)
    assert judged(FOUND, IN_FILE, OTHER, rules=rules) == [mine, mine, None]


def test_a_pipelines_file_does_not_accept_what_the_project_makes_an_error() -> None:
    rules = Rules(of_project=(FindingRule(code="BS505", level=Level.ERROR),)).beside([ORDERS])
    (found,) = rules.applied([FOUND])
    assert found.is_error
    assert "an error cannot be accepted" in found.detail


def test_a_finding_that_the_project_lowers_can_be_accepted_in_place() -> None:
    rules = Rules(of_project=(FindingRule(code="BS505", level=Level.INFO),)).beside([ORDERS])
    assert judged(FOUND, rules=rules) == [Acceptance(reason="a file that is long", in_place=True)]


def test_rules_are_read_in_all_their_forms() -> None:
    rules = read_rules(
        {
            "BS201": "error",
            "BS501": {"level": "accept", "reason": "r", "until": "2027-01-31", "pipelines": ["x"]},
            "BS505": [{"level": "info"}, {"level": "error"}],
        }
    )
    assert rules == (
        FindingRule(code="BS201", level=Level.ERROR),
        FindingRule(code="BS501", level=Level.ACCEPT, reason="r", until=date(2027, 1, 31), pipelines=frozenset({"x"})),
        FindingRule(code="BS505", level=Level.INFO),
        FindingRule(code="BS505", level=Level.ERROR),
    )


def test_findings_of_a_whole_project_are_accepted_in_place(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    text = (
        "version: 1\nname: daily\naccept: [{code: BS271, reason: 'no versions ${yet}'}]\n"
        "jobs:\n  a:\n    operations: [{type: lambda, function: work}]\n"
    )
    (tmp_path / "pipelines/daily.yaml").write_text(text)
    project = read_project("bunsui.yaml", b"version: 1\nproject: cases\nid: 00000000-cases\n").project("local")
    scope = Scope(project="cases", environment="local", account="000000000000", region="us-east-1")
    documents = load_pipelines(RootFolder(tmp_path), project, registry=builtin_registry(), scope=scope)
    assert [(found.code, found.accepted) for found in documents.diagnostics] == [
        ("BS271", Acceptance(reason="no versions ${yet}", in_place=True))
    ]
