"""What a check of the files found, as a JSON document; apart from findings, which faces show without the compiler."""

from __future__ import annotations

from bunsui.diagnostics import Severity
from bunsui.model.values import Json
from bunsui.services.validate import ValidateOutcome
from bunsui.view.findings_json import findings_json


def validation_json(outcome: ValidateOutcome, *, prefix: str = "") -> dict[str, Json]:
    """Give the document of `bunsui validate --json`: the findings, how many there are of each kind, and what was looked at.

    `findings_schema` describes it. `prefix` stands before the findings' file names.
    """
    counts: dict[str, Json] = {severity.value: outcome.count(severity) for severity in Severity}
    counts["accepted"] = outcome.accepted
    listed = findings_json(outcome.diagnostics, prefix=prefix)
    return {**listed, "counts": counts, "files": outcome.files, "pipelines": outcome.pipelines}
