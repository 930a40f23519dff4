"""Values of a pipeline as Amazon States Language: expressions rewritten into the compiled names.

In a compiled machine `$params`, `$session` and `$resume` are assigned variables, readable everywhere. Job results, statuses and
operation results travel as state data, so that `$jobs.extract.files` becomes `$states.input.jobs.extract.files`.

Absence is no value: a declared output fails where it is made, by `$error(…)`, whose text begins with the name of the error.
Step Functions calls it `States.QueryEvaluationError`, and `bunsui.model.failures` gives it its own name again. A text that is
equalled with a number fails the same way (`bunsui.asl.comparing`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bunsui.asl.expressions import empty_of, field_step, operand, rewrite, sequence_over, string_literal
from bunsui.asl.model import code
from bunsui.asl.operands import Names
from bunsui.model.failures import COMPARED, OUTPUT_MISSING, OUTPUT_TYPE
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, OutputRule
from bunsui.model.values import Expression, Reference, Sensitive, Unknown, Value

_JSONATA_TYPES = {"integer": "number"}
_WORDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
}

OF_ITEMS: frozenset[Names] = frozenset({("result", "label"), ("result", "status")})
"""What is a text in every result of a foreach."""
Renaming: TypeAlias = Callable[[str], str | None]
"""From a variable's name to the text that stands for it; None leaves it."""


def asl_value(value: Value, rename: Renaming) -> Json:
    """Return the value as a field of a state: expressions in `{% %}`, everything else as it is, References and unknown values
    included."""
    if isinstance(value, Expression):
        return code(rewrite(value.text, rename, type_error=COMPARED))
    if isinstance(value, Sensitive):
        return value.value
    if isinstance(value, Mapping):
        return {key: asl_value(item, rename) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [asl_value(item, rename) for item in value]
    # References and unknown values stay leaves until apply resolves them, which the type of JSON cannot say.
    return value  # type: ignore[return-value]


def jsonata(value: Value, rename: Renaming, *, known: frozenset[Names] = frozenset()) -> str:
    """Return the value as JSONata that means the same wherever it stands in a larger expression. TypeError for a Reference:
    what is known only after apply can be a field, not a part of an expression. `known`: as for `rewrite`."""
    if isinstance(value, Expression):
        return operand(value.text, rename, type_error=COMPARED, known=known)
    if isinstance(value, Sensitive):
        return jsonata(value.value, rename)
    if isinstance(value, Unknown):
        return string_literal(value.why)
    if isinstance(value, Reference):
        raise TypeError("a value that is known only after apply cannot stand inside an expression")
    if isinstance(value, str):
        return string_literal(value)
    if isinstance(value, Mapping):
        return jsonata_object({key: jsonata(item, rename) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_member(item, rename) for item in value) + "]"
    return json.dumps(value)


def _member(value: Value, rename: Renaming) -> str:
    """An array constructor takes the members of an array that a variable or a call gives, and not the array."""
    written = jsonata(value, rename)
    if not isinstance(value, Expression):
        return written
    return f"($member := {written}; $type($member) = 'array' ? [[$member]] : $member)"


def as_list(value: Value, rename: Renaming) -> str:
    """Return JSONata for a list of what the value gives, be it a list, one value or nothing. Not in brackets, which would make
    a list of the list `[1..3]`, nor bare, since JSONata makes one value of a list of one."""
    return f"$append([], {jsonata(value, rename)})"


def jsonata_object(fields: Mapping[str, str]) -> str:
    """Return an object constructor of JSONata; the fields' values are JSONata already."""
    return "{" + ", ".join(f"{string_literal(name)}: {text}" for name, text in fields.items()) + "}"


def names_list(names: tuple[str, ...]) -> str:
    """Return a JSONata array of texts."""
    return "[" + ", ".join(string_literal(name) for name in names) + "]"


def path(root: str, *steps: str) -> str:
    """Return a JSONata path, such as `$states.input.jobs.extract`."""
    return ".".join([root, *(field_step(step) for step in steps)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One expression among the outputs that may fail the job."""

    value: str
    """JSONata of the output in which nothing is wrong, over `$given`."""
    given: str
    """JSONata that `$given` stands for."""
    problems: tuple[tuple[str, str, str], ...]
    """What may be wrong with `$given`: a test, the name of the error and its cause, all but the name JSONata."""

    @property
    def strict(self) -> str:
        """The output as JSONata; evaluating it throws what is wrong."""
        tests = "".join(f"{test} ? $error({string_literal(f'{error}: ')} & {cause}) : " for test, error, cause in self.problems)
        return f"($given := {self.given}; {tests}{self.value})"

    @property
    def found(self) -> str:
        """What is wrong as JSONata: Error and Cause as Step Functions names them, or nothing."""
        tests = "".join(f"{test} ? {{'Error': '{error}', 'Cause': {cause}}} : " for test, error, cause in self.problems)
        return f"($given := {self.given}; {tests}[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredOutputs:
    """The outputs of a job as JSONata."""

    job: Job
    rename: Renaming

    def strict(self) -> str:
        """Return the object of the outputs; evaluating it fails where one of them gives nothing, or a value of a wrong type."""
        return jsonata_object({name: self._output(name, value, self._rule(name)) for name, value in self.job.outputs.items()})

    def problem(self) -> str | None:
        """Return what is wrong with the outputs: the first problem's Error and Cause, or nothing; None when nothing can be."""
        checks = [check for name, value in self.job.outputs.items() for check in self._checks(name, value, self._rule(name))]
        failing = [check.found for check in checks if check.problems]
        return f"$append([], [{', '.join(failing)}])[0]" if failing else None

    def _rule(self, name: str) -> OutputRule:
        return self.job.output_rules.get(name, OutputRule())

    def _output(self, name: str, value: Value, rule: OutputRule) -> str:
        if isinstance(value, Expression):
            check = self._check(name, value, rule)
            return check if isinstance(check, str) else check.strict
        if isinstance(value, Mapping):
            # What is inside has no rules of its own, but must be there.
            return jsonata_object({key: self._output(f"{name}.{key}", item, OutputRule()) for key, item in value.items()})
        if isinstance(value, (list, tuple)):
            members = [self._member(f"{name}[{at}]", item) for at, item in enumerate(value)]
            return "[" + ", ".join(members) + "]"
        return jsonata(value, self.rename)

    def _member(self, name: str, value: Value) -> str:
        """An array constructor takes the members of an array that a variable or a call gives, and not the array."""
        written = self._output(name, value, OutputRule())
        if not isinstance(value, Expression):
            return written
        return f"($member := {written}; $type($member) = 'array' ? [[$member]] : $member)"

    def _checks(self, name: str, value: Value, rule: OutputRule) -> Iterator[_Check]:
        if isinstance(value, Expression):
            check = self._check(name, value, rule)
            if isinstance(check, _Check):
                yield check
        elif isinstance(value, Mapping):
            for key, item in value.items():
                yield from self._checks(f"{name}.{key}", item, OutputRule())
        elif isinstance(value, (list, tuple)):
            for at, item in enumerate(value):
                yield from self._checks(f"{name}[{at}]", item, OutputRule())

    def _check(self, name: str, value: Expression, rule: OutputRule) -> _Check | str:
        """Return how the output is checked; the bare JSONata where it always gives what it should."""
        job = self.job
        written = jsonata(value, self.rename, known=OF_ITEMS if job.foreach is not None else frozenset())
        default = jsonata(rule.default, self.rename) if rule.has_default else None
        is_list = rule.type == "array" or (job.foreach is not None and sequence_over(value.text) == "result")
        if job.foreach is not None:
            default = empty_of(value.text) or default  # the sum of no items is there
        if is_list:
            listed = "$append([], $given)"
            return (
                f"$append([], {written})"
                if default is None
                else _bind_given(written, f"$exists($given) ? {listed} : {default}")
            )
        problems = []
        if default is None:
            words = string_literal(f"output {name} of job {job.name} gave nothing")
            problems.append(("$not($exists($given))", OUTPUT_MISSING, words))
        if rule.type in _WORDS:
            kind = _JSONATA_TYPES.get(rule.type, rule.type)
            wrong = f"$type($given) != '{kind}'"
            wrong = f"({wrong} or $floor($given) != $given)" if rule.type == "integer" else wrong
            words = string_literal(f"output {name} of job {job.name} must be {_WORDS[rule.type]}, and is of the type ")
            problems.append((wrong, OUTPUT_TYPE, f"{words} & $type($given)"))
        value_of = "$given" if default is None else f"$exists($given) ? $given : {default}"
        return _Check(value=value_of, given=written, problems=tuple(problems))


def _bind_given(written: str, value: str) -> str:
    return f"($given := {written}; {value})"
