"""JSONata expressions in the fields of JSONata states.

Source: developer guide, "Transforming data with JSONata in Step Functions"; the codes and words of refusals as measured by
others (see the package's docstring).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.asl import expressions
from bunsui.asl.jsonata_messages import syntax_error
from bunsui.asl.validation.finding import DefinitionFinding, Path, error, warning
from bunsui.asl.validation.numbers import is_code
from bunsui.asl.validation.views import StateView, is_opaque

_NOT_EVALUATED = frozenset(
    {"Type", "Comment", "QueryLanguage", "Next", "End", "Default", "Resource", "Retry", "Branches", "ItemProcessor", "Iterator"}
)
_NEVER_INSIDE = frozenset({"ErrorEquals", "Next", "Comment"})
STATES_FIELDS = frozenset({"input", "result", "errorOutput", "context"})
"""What `$states` has."""


def jsonata_rules(state: StateView) -> Iterator[DefinitionFinding]:
    """Check every expression of a JSONata state."""
    texts = tuple(_texts(state))
    for text, path in texts:
        if is_code(text):
            yield from _expression(text[2:-2].strip(), path, catches="Catch" in path)
    for text, path in texts:
        if text.startswith("{%") != text.endswith("%}") or text == "{%}":
            message = f"{text[:60]} is opened or closed wrongly: an expression stands between {{% and %}}"
            yield error("ASL023", path, message, aws_code="INVALID_JSONATA_EXPRESSION")


def codes(state: StateView) -> Iterator[tuple[str, Path]]:
    """Return every expression of a JSONata state, without delimiters, with its place."""
    for text, path in _texts(state):
        if is_code(text):
            yield text[2:-2].strip(), path


def _texts(state: StateView) -> Iterator[tuple[str, Path]]:
    """Return every text of a JSONata state that is evaluated when it is an expression, placeholders apart."""
    if state.language != "JSONata":
        return
    for name, value in state.fields.items():
        if name not in _NOT_EVALUATED:
            yield from _inside(value, (*state.path, str(name)), rules=name in ("Catch", "Choices"))


def _inside(value: Any, path: Path, *, rules: bool) -> Iterator[tuple[str, Path]]:
    if isinstance(value, str):
        if not is_opaque(value):
            yield value, path
    elif isinstance(value, (dict, Mapping)):  # a dict is seen at once, an abstract class after a search
        for key, item in value.items():
            if not (rules and len(path) > 1 and isinstance(path[-1], int) and key in _NEVER_INSIDE):
                yield from _inside(item, (*path, str(key)), rules=rules)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _inside(item, (*path, index), rules=rules)


def _expression(text: str, path: Path, *, catches: bool) -> Iterator[DefinitionFinding]:
    seen: set[str] = set()
    for problem in expressions.problems(text):
        if problem.kind == "syntax":
            words = syntax_error(text) or problem.message
            message = f"the expression cannot be parsed: {problem}"
            yield error("ASL023", path, message, aws=words, aws_code="INVALID_JSONATA_EXPRESSION")
            return
        if problem.subject in seen:
            continue
        seen.add(problem.subject)
        if problem.kind == "function":
            yield warning("ASL024", path, str(problem))
        else:
            top = "" if problem.subject == "$$" else " at the top level"
            words = f"Reference to '{problem.subject}'{top} is not supported."
            yield error("ASL024", path, str(problem), aws=words, aws_code="UNSUPPORTED_JSONATA_EXPRESSION")
    yield from _states_fields(text, path, catches=catches)


def _states_fields(text: str, path: Path, *, catches: bool) -> Iterator[DefinitionFinding]:
    read = {use.path[0] for use in expressions.variables(text) if use.name == "states" and use.path}
    for name in sorted(read - STATES_FIELDS):
        message = f"$states has no {name}"
        yield _no_field(name, path, message, hint="It has input, result, errorOutput and context.")
    if "errorOutput" in read and not catches:
        yield _no_field("errorOutput", path, "$states.errorOutput exists in the Output and Assign of a Catch only")


def _no_field(name: str, path: Path, message: str, *, hint: str = "") -> DefinitionFinding:
    words = f"Field '$states.{name}' does not exist."
    return error("ASL024", path, message, aws=words, aws_code="UNSUPPORTED_JSONATA_EXPRESSION", hint=hint)
