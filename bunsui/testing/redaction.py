"""Redact recorded values: mask secrets by their key or form, account numbers, mail addresses.

A pattern knows no secret that looks like ordinary text: whoever commits a recorded test should read it first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bunsui.model.json import Json
from bunsui.model.references import hide_values

REDACTED = "redacted"

_KEYS = (
    r"pass(?:word|wd|phrase)?|secret|token|api[-_]?key|access[-_]?key|authorization|credential|private[-_]?key|cookie|signature"
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SENSITIVE = re.compile(
    r"(?:^| )(?:pass(?:word|wd|phrase)|secret|token|(?:api|access|private) ?key|authorization|credential|cookie|signature)"
    r"s?(?: |$)"
)
"""What makes a key sensitive, among its words in small letters."""
_IN_JSON_TEXT = re.compile(rf'("[\w.-]*(?:{_KEYS})[\w.-]*"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_ASSIGNED = re.compile(rf"\b((?:{_KEYS})\s*[=:]\s*)[^\s,;\"'&]+", re.IGNORECASE)
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{32,}")

_FORMS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"), REDACTED),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b"), REDACTED),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), REDACTED),
    (re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.+/=-]{8,}"), REDACTED),
    (re.compile(r"([?&](?:X-Amz-[A-Za-z-]+|Signature|AWSAccessKeyId|sig)=)[^&\s\"']+"), rf"\g<1>{REDACTED}"),
    (_IN_JSON_TEXT, rf'\g<1>"{REDACTED}"'),
    (_ASSIGNED, rf"\g<1>{REDACTED}"),
    (re.compile(r"(://)[^/\s:@]+:[^/\s@]+@"), rf"\g<1>{REDACTED}@"),
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), "someone@example.com"),
    (re.compile(r"(\barn:aws[\w-]*:[\w-]*:[\w-]*:)\d{12}(?=:)"), r"\g<1>123456789012"),
    (re.compile(r"(://(?:sqs|queue)\.[\w.-]+/)\d{12}(?=/)"), r"\g<1>123456789012"),
    (_LONG, lambda match: REDACTED if _is_random(match.group()) else match.group()),
)


def redact_value(value: Json) -> Json:
    """Return the value with everything that looks sensitive replaced; equal values stay equal."""
    if isinstance(value, Mapping):
        return {key: _below(key, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact_value(item) for item in value]
    return _text(value) if isinstance(value, str) else value


def without(value: Json, hidden: frozenset[str | int | float]) -> Any:
    """Return the value without the hidden ones, also where they are part of a text; short ones only as a whole."""
    return hide_values(value, hidden, put=REDACTED)


def _below(key: str, value: Json) -> Json:
    is_scalar = value is not None and not isinstance(value, (bool, Mapping, list, tuple))
    return REDACTED if is_scalar and _is_sensitive(key) else redact_value(value)


def _is_sensitive(key: str) -> bool:
    words = " ".join(word.lower() for word in _WORDS.findall(key))
    return _SENSITIVE.search(words) is not None


def _text(text: str) -> str:
    for form, replacement in _FORMS:
        text = form.sub(replacement, text)
    return text


def _is_random(text: str) -> bool:
    """Tell keys and signatures from long names: capitals, small letters and digits, well mixed."""
    kinds = [any(character.isupper() for character in text), any(character.islower() for character in text)]
    kinds.append(any(character.isdigit() for character in text))
    return all(kinds) and len(set(text)) >= 16
