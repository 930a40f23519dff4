"""Arguments of a call of AWS's API against its published model: names, types, and what is known of texts and numbers."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bunsui.diagnostics import Severity
from bunsui.document.yaml.tree import Path
from bunsui.model.values import Value
from bunsui.ports.service_models import ServiceModels, ServiceShape

UNKNOWN_ARGUMENT, WRONG_ARGUMENT = "BS351", "BS352"
_LONGEST_MATCHED = 1000
"""Characters of a text that a published pattern is held against: nobody knows what longer ones would cost."""
_WORDS = {
    "structure": "a mapping",
    "list": "a list",
    "map": "a mapping",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}
_OF_EXPRESSIONS = {"structure": "object", "map": "object", "list": "array", "integer": "number"}
"""JSONata's types by the kinds of shapes, where they have another name."""


class ArgumentProblem(NamedTuple):
    """What is wrong with one argument."""

    code: str
    summary: str
    path: Path
    """From the arguments."""
    hint: str = ""
    on_key: bool = False
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentCheck:
    """Checks the arguments of one call."""

    models: ServiceModels
    service: str
    call: str
    """As the author wrote it, such as `glue:startJobRun`."""
    type_of: Callable[[str], str]
    """The JSONata type of an expression; empty when nothing is known of it."""
    given_apart: Path = ()
    """An argument that does not stand among the others, such as that of the task token."""
    any_spelling: bool = False
    """True for optimised integrations, which take names as the API has them."""
    is_part: bool = False
    """True where other keys say what else the call is given, so that nothing is known to be missing."""

    def problems(self, shape: str, value: Value, path: Path = ()) -> Iterator[ArgumentProblem]:
        """Return what is wrong with a value, and with what is in it."""
        model = self.models.shape(self.service, shape)
        if isinstance(value, str) and "{%" in value:
            yield from self._expression(model, value, path)
        elif (isinstance(value, str) and "${" in value) or value is None or path == self.given_apart != ():
            return
        elif (problem := _type_problem(model, value, path)) is not None:
            yield problem
        elif isinstance(value, Mapping) and model.kind == "structure":
            yield from self._members(model, value, path)
        elif isinstance(value, Mapping) and model.kind == "map":
            for key, item in value.items():
                yield from self.problems(model.entries, item, (*path, key))
        elif isinstance(value, (list, tuple)) and model.kind == "list":
            yield from _limits(model, len(value), "entries", path)
            for index, item in enumerate(value):
                yield from self.problems(model.entries, item, (*path, index))
        elif isinstance(value, str) and model.kind == "string":
            yield from _text_problems(model, value, path)
        elif isinstance(value, (int, float)) and model.kind in ("number", "integer"):
            yield from _limits(model, value, "", path)

    def _members(self, model: ServiceShape, value: Mapping[str, Value], path: Path) -> Iterator[ArgumentProblem]:
        given, meant = set(), set()
        for key, item in value.items():
            name = self._meant_name(model, key)
            if name is None:
                yield self._unknown_argument(model, key, (*path, key))
                meant.add(nearest(key, model.members))
                continue
            given.add(name)
            if name != key and (key[:1].islower() or not self.any_spelling):
                yield self._other_spelling(key, name, (*path, key))
            yield from self.problems(model.members[name], item, (*path, key))
        apart = self.given_apart[len(path) : len(path) + 1] if self.given_apart[: len(path)] == path else ()
        if self.is_part:
            return
        missing = model.required - given - meant - {self._meant_name(model, str(name)) for name in apart}
        for name in sorted(missing):
            where = ".".join(map(str, path)) or self.call
            yield ArgumentProblem(UNKNOWN_ARGUMENT, f"{where} needs {name}", path, f"Add {name}: … to it.")

    @staticmethod
    def _meant_name(model: ServiceShape, key: str) -> str | None:
        if key in model.members:
            return key
        small = {name.lower(): name for name in model.members}
        return small.get("nul" if key == "NULL" and "Nul" in model.members else key.lower())

    @staticmethod
    def _other_spelling(key: str, name: str, path: Path) -> ArgumentProblem:
        """Step Functions takes its own spelling only; of what is written as the API has it, ours could be the wrong one."""
        is_small = key[:1].islower()
        severity = Severity.ERROR if is_small else Severity.WARNING
        return ArgumentProblem(
            UNKNOWN_ARGUMENT,
            f"{key} is called {name} in Step Functions",
            path,
            f"Write {name}.",
            on_key=True,
            severity=severity,
        )

    def _unknown_argument(self, model: ServiceShape, key: str, path: Path) -> ArgumentProblem:
        where = ".".join(map(str, path[:-1])) or self.call
        near = nearest(key, model.members)
        if near:
            return ArgumentProblem(
                UNKNOWN_ARGUMENT, f"{where} has no argument {key}", path, f"Did you mean {near}?", on_key=True
            )
        hint = f"It has {', '.join(sorted(model.members))}." if model.members else "It takes none."
        return ArgumentProblem(
            UNKNOWN_ARGUMENT, f"{where} has no argument {key}", path, hint, on_key=True, severity=Severity.WARNING
        )

    def _expression(self, model: ServiceShape, value: str, path: Path) -> Iterator[ArgumentProblem]:
        text = value.strip()
        wanted = _OF_EXPRESSIONS.get(model.kind, model.kind)
        if wanted == "other" or path == ():
            return
        is_whole = text.startswith("{%") and text.endswith("%}") and text.count("{%") == 1
        kind = self.type_of(text[2:-2].strip()) if is_whole else "string"
        # Step Functions makes a text of a mapping or a list where the service wants a text.
        if not kind or kind == wanted or (wanted == "string" and kind in ("array", "object")):
            return
        hint = {"string": "Write $string(…) around it.", "number": "Write $number(…) around it."}.get(wanted, "")
        yield ArgumentProblem(
            WRONG_ARGUMENT,
            f"{path[-1]} must be {_WORDS[model.kind]}, and the expression gives {_given_words(kind)}",
            path,
            hint,
        )


def nearest(word: str, names: Mapping[str, object] | Sequence[str]) -> str:
    """Return the name that was probably meant; empty when none is like it."""
    small = {name.lower(): name for name in names}
    found = difflib.get_close_matches(word.lower(), list(small), n=1, cutoff=0.6)
    return small[found[0]] if found else ""


def _given_words(kind: str) -> str:
    return {"array": "a list", "object": "a mapping"}.get(kind, _WORDS.get(kind, kind))


def _type_problem(model: ServiceShape, value: Value, path: Path) -> ArgumentProblem | None:
    if _fits(model.kind, value):
        return None
    shown = json.dumps(value, ensure_ascii=False)
    shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
    hint = f"Write {_WORDS[model.kind]}."
    if model.kind == "string":
        hint = f'Quote it: "{shown}".'
    elif model.kind in ("number", "integer", "boolean") and isinstance(value, str) and _is_literal(value):
        hint = f"Write it without quotes: {value}."
    elif model.kind == "list":
        hint = f"Write [{shown}]." if not isinstance(value, Mapping) else "Write a list of such mappings."
    where = path[-1] if path else "arguments"
    return ArgumentProblem(WRONG_ARGUMENT, f"{where} must be {_WORDS[model.kind]}, and is {shown}", path, hint)


def _is_literal(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?|true|false", text) is not None


def _fits(kind: str, value: Value) -> bool:
    match kind:
        case "structure" | "map":
            return isinstance(value, Mapping)
        case "list":
            return isinstance(value, (list, tuple))
        case "string":
            return not isinstance(value, (bool, int, float))  # lists and mappings are made to texts
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case _:
            return True


def _text_problems(model: ServiceShape, value: str, path: Path) -> Iterator[ArgumentProblem]:
    name = path[-1] if path else "arguments"
    if model.values and value not in model.values:
        near = nearest(value, model.values)
        is_sure = near.lower() == value.lower()
        known = ", ".join(model.values[:8]) + (", …" if len(model.values) > 8 else "")
        hint = f"Did you mean {near}?" if near else f"It is one of {known}."
        severity = Severity.ERROR if is_sure else Severity.WARNING
        yield ArgumentProblem(WRONG_ARGUMENT, f"{name} cannot be {value}, as far as is known", path, hint, severity=severity)
    elif not model.values:
        yield from _limits(model, len(value), "characters", path)
        if model.pattern and len(value) <= _LONGEST_MATCHED and not _matches(model.pattern, value):
            # Some patterns are meant for a part of the text only, and what is new may be more than was published.
            severity = Severity.ERROR if re.search(model.pattern, value) is None else Severity.WARNING
            shown = json.dumps(value, ensure_ascii=False)
            words = f"{name} must match {model.pattern}, and is {shown}"
            yield ArgumentProblem(WRONG_ARGUMENT, words, path, "See the service's API reference.", severity=severity)


def _matches(pattern: str, value: str) -> bool:
    """Tell whether the whole text matches, as services ask; of a pattern that ends with one character, a part is enough."""
    whole = re.fullmatch(pattern, value) is not None
    return whole or (not pattern.endswith(("+", "*", "?", "}", "$", ")")) and re.search(pattern, value) is not None)


def _limits(model: ServiceShape, size: float, what: str, path: Path) -> Iterator[ArgumentProblem]:
    name = path[-1] if path else "arguments"
    counted = f"{size:g} {what}".strip()
    for bound, breaks, word in ((model.minimum, "less", "at least"), (model.maximum, "more", "at most")):
        if bound is not None and (size < bound if breaks == "less" else size > bound):
            limit = f"{bound:,.12g} {what}".strip()
            yield ArgumentProblem(WRONG_ARGUMENT, f"{name} has {counted}" if what else f"{name} is {counted}", path,
                                  f"It is {word} {limit}." if not what else f"It has {word} {limit}.")  # fmt: skip
