"""What AWS answers about a definition: the diagnostics of ValidateStateMachineDefinition, the refusal of CreateStateMachine.

Source: API reference, ValidateStateMachineDefinition; refusals as recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bunsui.asl.validation.finding import DefinitionFinding
from bunsui.model.json import Json

MOST_RESULTS = 100


def validation_answer(
    findings: Sequence[DefinitionFinding], *, severity: Literal["ERROR", "WARNING"] = "ERROR", max_results: int = 0
) -> dict[str, Json]:
    """Return the answer of ValidateStateMachineDefinition. `severity` is the least that is told; 0 results mean the most."""
    told = [finding for finding in findings if finding.is_error or severity == "WARNING"]
    most = max_results or MOST_RESULTS
    return {
        "result": "FAIL" if any(finding.is_error for finding in findings) else "OK",
        "diagnostics": [_diagnostic(finding) for finding in told[:most]],
        "truncated": len(told) > most,
    }


def refusal(findings: Sequence[DefinitionFinding]) -> str | None:
    """Return the message of the InvalidDefinition error of CreateStateMachine; None when the definition is taken."""
    errors = [f"{one.aws_code}: {one.aws_message} at {_place(one)}" for one in findings if one.is_error]
    return f"Invalid State Machine Definition: '{', '.join(errors)}'" if errors else None


def _place(finding: DefinitionFinding) -> str:
    return "null" if finding.aws_location is None else finding.aws_location


def _diagnostic(finding: DefinitionFinding) -> dict[str, Json]:
    found: dict[str, Json] = {
        "severity": finding.severity.value.upper(),
        "code": finding.aws_code,
        "message": finding.aws_message,
    }
    if finding.aws_location is not None:
        found["location"] = finding.aws_location
    return found
