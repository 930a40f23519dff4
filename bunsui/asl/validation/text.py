"""From JSON text to a definition, with AWS's words when the text is none.

AWS reads JSON with the Java library Jackson; its messages name the token, the source (its first 500 characters) and the place.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bunsui.asl.validation.finding import DefinitionFinding, error, warning
from bunsui.diagnostics import Severity

SIZE_LIMIT = 1_048_576
"""Characters of a definition."""
DEPTH_LIMIT = 200
_SHOWN = 500
_TOKEN = re.compile(r"[^\s{}\[\]:,\"']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionReading:
    """What a text gave."""

    definition: Any = None
    findings: tuple[DefinitionFinding, ...] = ()


def read(text: str) -> DefinitionReading:
    """Read a definition from its JSON text."""
    if not text.strip():
        return DefinitionReading(findings=(not_an_object(),))
    doubled: list[str] = []

    def gathered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            doubled.extend(sorted({key for key in keys if keys.count(key) > 1}))
        return found

    try:
        definition = json.loads(text, object_pairs_hook=gathered)
    except json.JSONDecodeError as why:
        return DefinitionReading(findings=(_no_json(text, why),))
    except (RecursionError, ValueError) as why:
        message = "the definition cannot be read: it is nested too deeply or holds a number that is too long"
        return DefinitionReading(findings=(error("ASL080", (), message, aws=str(why), aws_code="TOO_DEEPLY_NESTED"),))
    findings = [warning("ASL008", (), f"the key {key} is written twice in one object; the last one counts") for key in doubled]
    if len(text) > SIZE_LIMIT:
        message = f"the definition has {len(text):,} characters; Step Functions takes {SIZE_LIMIT:,}"
        findings.append(error("ASL080", (), message, hint="Move a part into a state machine of its own."))
    return DefinitionReading(definition=definition, findings=tuple(findings))


def not_an_object() -> DefinitionFinding:
    """Return the finding for what is JSON at most, but no object."""
    words = "Definition must be a valid JSON object"
    return DefinitionFinding(
        code="ASL001", severity=Severity.ERROR, message="a definition must be a JSON object", path=(), aws_message=words
    )


def too_deep(definition: Any) -> bool:
    """Tell whether the value is nested more deeply than can be looked at."""
    level = [definition]
    for _ in range(DEPTH_LIMIT):
        level = [
            child
            for value in level
            if isinstance(value, (dict, list, tuple))
            for child in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def _no_json(text: str, why: json.JSONDecodeError) -> DefinitionFinding:
    shown = text if len(text) <= _SHOWN else f'{text[:_SHOWN]}"[truncated {len(text) - _SHOWN} chars]'
    words, column = _jackson(text, why)
    quote = '"' if len(text) <= _SHOWN else ""
    source = f'[Source: (String)"{shown}{quote}; line: {why.lineno}, column: {column}]'
    return DefinitionFinding(
        code="ASL001",
        severity=Severity.ERROR,
        message=f"the definition is no JSON: {why.msg} (line {why.lineno}, column {why.colno})",
        path=(),
        aws_code="INVALID_JSON_DESCRIPTION",
        aws_message=f"{words}\n at {source}",
        aws_location=source,
    )


def _jackson(text: str, why: json.JSONDecodeError) -> tuple[str, int]:
    if why.pos >= len(text.rstrip()):
        return "Unexpected end-of-input", why.colno
    token = _TOKEN.match(text, why.pos)
    char = text[why.pos]
    if why.msg.startswith("Expecting property name"):
        return (
            f"Unexpected character ('{char}' (code {ord(char)})): was expecting double-quote to start field name",
            why.colno + 1,
        )
    if why.msg.startswith("Expecting ',' delimiter"):
        return f"Unexpected character ('{char}' (code {ord(char)})): was expecting comma to separate entries", why.colno + 1
    if token:
        expected = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        return f"Unrecognized token '{token.group()}': {expected}", why.colno + len(token.group())
    return f"Unexpected character ('{char}' (code {ord(char)})): expected a valid value", why.colno + 1
