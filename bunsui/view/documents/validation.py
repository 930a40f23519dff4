"""What a check of the files found, as a JSON document; apart from findings, which faces show without the compiler."""

from __future__ import annotations

from bunsui.diagnostics import Severity
from bunsui.services.validate import ValidateOutcome
from bunsui.view.documents.findings import FindingsDocument, found_part


def validation_document(outcome: ValidateOutcome, *, prefix: str = "") -> FindingsDocument:
    """Return the document of `bunsui validate --json`: the findings, how many there are of each kind, and what was looked at.

    `prefix` stands before the findings' file names.
    """
    return FindingsDocument(
        findings=tuple(found_part(one, prefix=prefix) for one in outcome.diagnostics),
        counts={severity.value: outcome.count(severity) for severity in Severity} | {"accepted": outcome.accepted},
        files=outcome.files,
        pipelines=outcome.pipelines,
    )
