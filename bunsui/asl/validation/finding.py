"""One finding about a definition: bunsui's stable code, and the words in which AWS would refuse it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from bunsui.diagnostics import Severity

Path: TypeAlias = "tuple[str | int, ...]"
"""The way from the definition's root: fields, state names, list indexes."""

SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"

MEANINGS: dict[str, str] = {
    "ASL001": "the text is no JSON object",
    "ASL002": "a required field is missing",
    "ASL003": "a field is not known here",
    "ASL004": "a value has the wrong type or is empty",
    "ASL005": "a number is out of its range",
    "ASL006": "fields exclude each other",
    "ASL007": "a value is not one of those allowed",
    "ASL008": "a key is written twice",
    "ASL010": "StartAt, Next or Default names no state",
    "ASL011": "a state is never reached",
    "ASL012": "no state ends the machine",
    "ASL013": "the name of a state is too long or holds forbidden characters",
    "ASL014": "a state's name is used twice",
    "ASL015": "a state neither goes on nor ends",
    "ASL020": "the query languages are mixed",
    "ASL021": "a JSONPath is wrong",
    "ASL022": "an intrinsic function call is wrong",
    "ASL023": "a JSONata expression is wrong",
    "ASL024": "an expression reads what does not exist there",
    "ASL025": "a text looks like an expression and is none",
    "ASL030": "a variable's name is wrong",
    "ASL031": "a variable of an outer scope is assigned",
    "ASL032": "a variable is read that nobody assigns",
    "ASL040": "the resource is unknown",
    "ASL041": "the integration does not support the pattern",
    "ASL042": "Express does not support it",
    "ASL043": "a task that waits for a token does not pass it on",
    "ASL050": "Retry or Catch is wrong",
    "ASL051": "an error name with the reserved prefix is not predefined",
    "ASL060": "a choice rule is wrong",
    "ASL070": "a timestamp is wrong",
    "ASL080": "a limit is exceeded",
    "ASL090": "a path is read that nobody wrote",
}
"""Every code. A code is never given another meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionFinding:
    """One finding."""

    code: str
    severity: Severity
    message: str
    """One sentence without a final full stop."""
    path: Path
    """The part of the definition; empty for the definition as a whole."""
    hint: str = ""
    aws_code: str = SCHEMA
    """The code of AWS's diagnostic."""
    aws_message: str = ""
    """AWS's words where they are known, else bunsui's."""
    aws_location: str | None = None
    """Where AWS sees it; None where AWS names no place."""
    on_key: bool = False
    """True when the finding is about the key that the path ends with rather than about its value."""

    @property
    def is_error(self) -> bool:
        """Tell whether Step Functions would refuse the definition."""
        return self.severity is Severity.ERROR

    @property
    def pointer(self) -> str:
        """Return the path as a JSON pointer (RFC 6901)."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.path)


def location(path: Iterable[str | int]) -> str:
    """Return the path as AWS writes it: `/States/Check/Choices[0]/Next`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in path) or "/"


def error(
    code: str,
    path: Path,
    message: str,
    *,
    aws: str = "",
    at: Path | None = None,
    aws_code: str = SCHEMA,
    hint: str = "",
    on_key: bool = False,
) -> DefinitionFinding:
    """Return an error. `aws` are AWS's words; `at` is the place that AWS names when it is another one."""
    return DefinitionFinding(
        code=code,
        severity=Severity.ERROR,
        message=message,
        path=path,
        hint=hint,
        aws_code=aws_code,
        aws_message=aws or message,
        aws_location=location(path if at is None else at),
        on_key=on_key,
    )


def warning(code: str, path: Path, message: str, *, hint: str = "", aws_code: str = SCHEMA) -> DefinitionFinding:
    """Return a warning."""
    return DefinitionFinding(
        code=code,
        severity=Severity.WARNING,
        message=message,
        path=path,
        hint=hint,
        aws_code=aws_code,
        aws_message=message,
        aws_location=location(path),
    )


def unsupported_field(path: Path, name: str, *, known: Iterable[str] = (), message: str = "") -> DefinitionFinding:
    """Return the error for a field that is not known at the path; `known` are those that the user may have meant."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.75)
    return error(
        "ASL003",
        (*path, name),
        message or f"the field {name} is not supported here",
        aws=f"Field '{name}' is not supported",
        at=path,
        hint=f"Did you mean {near[0]}?" if near else "",
        on_key=True,
    )


def other_language(path: Path, name: str, *, used: str, only: str, hint: str = "") -> DefinitionFinding:
    """Return the error for a field that only the other query language has."""
    words = f"The QueryLanguage is set to '{used}', but field '{name}' is only supported for the '{only}' QueryLanguage"
    return error("ASL020", (*path, name), words, at=path, hint=hint, on_key=True)
