"""Findings as JSON for machines: a public, versioned format, alone or within a plan."""

from __future__ import annotations

from collections.abc import Iterable

from bunsui.catalogue import Entry
from bunsui.diagnostics import Diagnostic
from bunsui.model.values import Json
from bunsui.view import schema_parts
from bunsui.view.schema_parts import Schema

FORMAT_VERSION = 1


def finding_json(found: Diagnostic, *, prefix: str = "") -> dict[str, Json]:
    """Give a finding: always the same keys, null where there is no place. `prefix` stands before the file's name."""
    place = found.position
    return {
        "code": found.code,
        "severity": found.severity.value,
        "summary": found.summary,
        "detail": found.detail,
        "hint": found.hint,
        "subject": found.subject,
        "file": prefix + place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "pointer": found.pointer,
        "accepted": found.accepted.reason if found.accepted is not None else None,
    }


def findings_json(findings: Iterable[Diagnostic], *, prefix: str = "") -> dict[str, Json]:
    """Give a document of findings: what `validate --json` prints, and `plan --json` when the files have errors."""
    listed: list[Json] = [finding_json(found, prefix=prefix) for found in findings]
    return {"format_version": FORMAT_VERSION, "kind": "findings", "findings": listed}


def explained_json(code: str, entry: Entry) -> dict[str, Json]:
    """Give the document of `bunsui explain --json`."""
    version = schema_parts.FORMAT_VERSION
    return {"format_version": version, "kind": "finding", "code": code, "meaning": entry.meaning, "remedy": entry.remedy}


def explained_schema() -> Schema:
    """Describe what `explained_json` gives."""
    members = {
        "code": schema_parts.text("As findings show it."),
        "meaning": schema_parts.text("What it means."),
        "remedy": schema_parts.text("What to do about it."),
    }
    return schema_parts.document("finding", "Of `explain`: what a finding's code means.", members)


def findings_schema() -> dict[str, Json]:
    """Give the JSON Schema of a document of findings."""
    names: Json = {"type": "array", "items": {"type": "string"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bunsui findings",
        "description": "What `bunsui validate --json` prints, and `bunsui plan --json` when the files have errors.",
        "type": "object",
        "required": ["format_version", "kind", "findings"],
        "properties": {
            "format_version": {"const": FORMAT_VERSION},
            "kind": {"const": "findings"},
            "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}},
            "counts": {
                "type": "object",
                "description": "Only of validate: how many of each severity, and how many are accepted.",
                "additionalProperties": {"type": "integer", "minimum": 0},
            },
            "files": names,
            "pipelines": names,
        },
        "$defs": {"finding": finding_schema()},
    }


def finding_schema() -> Json:
    """Give the JSON Schema of one finding."""
    text: Json = {"type": "string"}
    return {
        "type": "object",
        "required": ["code", "severity", "summary", "detail", "hint", "subject", "file", "line", "column", "pointer"],
        "properties": {
            "code": text,
            "severity": {"enum": ["error", "warning", "info"]},
            "summary": text,
            "detail": text,
            "hint": text,
            "subject": {"type": "string", "description": "The address of the resource that it is about, or empty."},
            "file": {"type": ["string", "null"]},
            "line": {"type": ["integer", "null"]},
            "column": {"type": ["integer", "null"]},
            "pointer": text,
            "accepted": {"type": ["string", "null"], "description": "The reason why the project lives with it."},
        },
    }
