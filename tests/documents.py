"""The check at the door: whatever a command prints with `--json` in any test obeys the schema that is published for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from bunsui.cli.output_schema import documents, output_schema
from bunsui.cli.registry import COMMANDS
from bunsui.view.documents.findings import findings_schema
from bunsui.view.documents.plan import plan_schema

FOREIGN = frozenset({"render", "permissions", "schema"})
"""Commands whose JSON is in somebody else's format: Amazon States Language, IAM policies, JSON Schema."""
_COMMANDS = frozenset(entry.name for entry in COMMANDS)


def check_printed(arguments: Sequence[str], stdout: str) -> None:
    """Fail unless the command, when it was asked for JSON, printed nothing or one document as published."""
    command = next((argument for argument in arguments if argument in _COMMANDS), "status")
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    asked = "--json" in ours or any(pair == ("--format", "json") for pair in pairwise(ours))
    if not asked or command in FOREIGN or "--help" in arguments or "sarif" in arguments or not stdout:
        return
    document = json.loads(stdout)
    problem = problem_with(document, is_plan=command in ("plan", "diff"))
    assert problem is None, f"bunsui {' '.join(arguments)}: {problem}"


def problem_with(document: Any, *, is_plan: bool = False) -> str | None:
    """Return what is wrong with a document, None for nothing. One without a kind is a plan, which `plan` and `diff` print."""
    if not isinstance(document, dict) or "kind" not in document:
        return _said(_validator("plan"), document) if is_plan else "it has no kind"
    kind = str(document["kind"])
    if kind not in documents() and kind != "findings":
        return f"no schema knows the kind {kind}"
    return _said(_validator(kind), document)


def _said(validator: Draft202012Validator, document: Any) -> str | None:
    found = best_match(validator.iter_errors(document))
    return None if found is None else f"{found.json_path}: {found.message}"


@cache
def _validator(kind: str) -> Draft202012Validator:
    """Return the validator of one kind, whose messages name the place; that kinds exclude each other is a test of its own."""
    if kind in ("plan", "findings"):
        return Draft202012Validator(plan_schema() if kind == "plan" else findings_schema())
    whole = output_schema()
    return Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": whole["$defs"]})
