"""Commands that are offered in JSON documents are as complete as those on the screen, and data is left alone."""

from __future__ import annotations

import json

import pytest

from bunsui.cli.output import Output
from bunsui.codec.forms import Single, members
from bunsui.codec.writing import to_json
from bunsui.command_line import Invocation
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.view.commands import Offering, completed_document, completed_finding, completed_text
from bunsui.view.documents.findings import findings_document
from bunsui.view.safe import safe
from tests.unit.codec.shapes import EVERY, parts

ELSEWHERE = Invocation(directory="my project", environment="prod", typed=("plan",))
OPTIONS = "bunsui -C 'my project' -e prod"
FINDING = Diagnostic(
    code="BS520",
    severity=Severity.WARNING,
    summary="it runs",
    detail="`bunsui sessions` shows it, bunsui plan does not",
    hint="Wait, or stop it:\n  bunsui stop etl\nor not",
)


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("", ""),
        ("Wait.\nbunsui stop etl", f"Wait.\n{OPTIONS} stop etl"),
        ("run `bunsui plan` and `bunsui apply etl`.\n", f"run `{OPTIONS} plan` and `{OPTIONS} apply etl`.\n"),
        ("bunsui explain BS101", "bunsui explain BS101"),
        ("as bunsui wrote it", "as bunsui wrote it"),
        ("a\x1b[31m\r\n  bunsui plan", f"a\x1b[31m\r\n  {OPTIONS} plan"),
    ],
)
def test_a_text_is_completed_where_it_offers_a_command_and_nowhere_else(text: str, complete: str) -> None:
    assert completed_text(text, ELSEWHERE) == complete
    assert completed_text(text, Invocation()) == text


def test_a_document_is_completed_in_its_offers_and_its_data_stays() -> None:
    document: Json = {
        "hint": "bunsui plan",
        "list": [Offering("bunsui plan"), 1, None, ("bunsui plan",)],
        "x": {"y": Offering("")},
    }
    assert completed_document(document, ELSEWHERE) == {
        "hint": "bunsui plan",
        "list": [f"{OPTIONS} plan", 1, None, ["bunsui plan"]],
        "x": {"y": ""},
    }


def test_findings_are_printed_complete_and_saved_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.configure(as_json=True, no_color=True, invocation=ELSEWHERE)
    output.document(findings_document([FINDING]))
    [printed] = json.loads(capsys.readouterr().out)["findings"]
    assert printed["hint"] == f"Wait, or stop it:\n  {OPTIONS} stop etl\nor not"
    assert printed["detail"] == f"`{OPTIONS} sessions` shows it, bunsui plan does not"
    [saved] = json.loads(json.dumps(to_json(findings_document([FINDING]))))["findings"]
    assert saved["hint"] == FINDING.hint


def test_a_finding_for_other_tools_says_what_the_screen_says() -> None:
    found = completed_finding(FINDING, ELSEWHERE)
    assert OPTIONS in found.hint
    assert OPTIONS in found.detail
    assert safe(found.summary) == FINDING.summary


def test_every_hint_of_a_document_is_an_offering() -> None:
    hints = {
        f"{shape.__name__}.{member.name}": member.form
        for whole in EVERY
        for shape in parts(whole)
        for member in members(shape)
        if member.name == "hint"
    }
    assert len(hints) >= 5
    assert {name for name, form in hints.items() if form != Single(Offering)} == set()
