"""A raw state machine definition held against the validator: its findings, located in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from bunsui.asl.expressions import LIMIT_CHARACTERS
from bunsui.asl.validation.finding import DefinitionFinding
from bunsui.asl.validation.validate import validate
from bunsui.diagnostics import Diagnostic
from bunsui.document.checks.expressions import TOO_LONG
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json

_CODES = {
    "ASL001": "BS401", "ASL002": "BS401", "ASL010": "BS403", "ASL011": "BS404", "ASL012": "BS406", "ASL013": "BS405",
    "ASL014": "BS405", "ASL015": "BS406",
}  # fmt: skip
_OTHER = "BS409"


def check_definition(
    document: Document, definition: Json, *, kind: Literal["STANDARD", "EXPRESS"] = "STANDARD"
) -> tuple[Diagnostic, ...]:
    """Return the findings about a definition whose placeholders are replaced, placed in the document that it came from."""
    # A text would be taken for JSON; in a document it is only a definition of the wrong type.
    judged = [] if isinstance(definition, str) else definition
    if (place := next(_too_long(judged, ()), None)) is not None:
        return (document.finding("BS409", TOO_LONG, place, hint="Let a function do it."),)
    findings = validate(judged, kind=kind)
    lost = {finding.path[:-1] for finding in findings if finding.path[-1:] == ("StartAt",) and finding.code == "ASL010"}
    # Without a start nothing is reached: the missing start is all there is to say.
    told = [finding for finding in findings if not (finding.code == "ASL011" and finding.path[:-2] in lost)]
    return tuple(_place_finding(document, finding) for finding in told)


def _too_long(value: Json, path: Path) -> Iterator[Path]:
    if isinstance(value, str):
        if len(value) > LIMIT_CHARACTERS and value.startswith("{%"):
            yield path
    elif isinstance(value, (Mapping, list, tuple)):
        for step, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _too_long(item, (*path, step))


def _place_finding(document: Document, finding: DefinitionFinding) -> Diagnostic:
    return document.finding(
        _code(finding),
        f"{finding.message} ({finding.code})",
        finding.path,
        on_key=finding.on_key,
        severity=finding.severity,
        hint=finding.hint,
    )


def _code(finding: DefinitionFinding) -> str:
    last = finding.path[-1] if finding.path else ""
    if finding.code == "ASL010" and last == "StartAt":
        return "BS402"
    if finding.code == "ASL007" and last == "Type":
        return "BS405"
    return _CODES.get(finding.code, _OTHER)
