"""Findings as JSON for machines: a public, versioned format, alone or within a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from bunsui.codec.making import ShapeOf
from bunsui.codec.schema import Schema, file_schema
from bunsui.codec.shape import ABSENT, Absent, Keywords, Shape, member
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.finding_codes import FindingCode
from bunsui.view.commands import Offering


class FindingPart(ShapeOf[Diagnostic], name="finding", is_open=True, is_described=False):
    """A finding: always the same keys, null where there is no place."""

    code: str = member()
    severity: Severity = member()
    summary: str = member()
    detail: Offering = member()
    hint: Offering = member()
    subject: str = member("The address of the resource that it is about, or empty.")
    file: str | None = member(of=None)
    line: int | None = member(of="position.line")
    column: int | None = member(of="position.column")
    pointer: str = member()
    accepted: str | None | Absent = member("The reason why the project lives with it.", of="accepted.reason", default=ABSENT)


class FindingsDocument(Shape, kind="findings", is_open=True):
    """What `bunsui validate --json` prints, and `bunsui plan --json` when the files have errors."""

    findings: tuple[FindingPart, ...] = member()
    counts: Mapping[str, Annotated[int, Keywords({"minimum": 0})]] | Absent = member(
        "Only of validate: how many of each severity, and how many are accepted.", default=ABSENT
    )
    files: tuple[str, ...] | Absent = member(default=ABSENT)
    pipelines: tuple[str, ...] | Absent = member(default=ABSENT)


class ExplainedDocument(ShapeOf[FindingCode], kind="finding"):
    """Of `explain`: what a finding's code means."""

    code: str = member("As findings show it.", of=None)
    meaning: str = member("What it means.")
    remedy: str = member("What to do about it.")


def found_part(found: Diagnostic, *, prefix: str = "") -> FindingPart:
    """Return a finding as a part of a document; `prefix` stands before the file's name."""
    return FindingPart.of(found, file=prefix + found.position.file if found.position else None)


def findings_document(findings: Iterable[Diagnostic], *, prefix: str = "") -> FindingsDocument:
    """Return a document of findings, as `plan --json` prints it when the files have errors."""
    return FindingsDocument(findings=tuple(found_part(found, prefix=prefix) for found in findings))


def findings_schema() -> Schema:
    """Return the JSON Schema of a document of findings."""
    return file_schema("bunsui findings", FindingsDocument, FindingPart)
