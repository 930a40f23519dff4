"""The form in which a run or a backfill is asked for: its fields, what is wrong with them, the command that says the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.model.pipeline import Parameter, Pipeline, Schedule
from bunsui.model.values import Expression, Value, leaves
from bunsui.sessions.inputs import read_value
from bunsui.view.plan.wording import as_json
from bunsui.view.safe import Safe, safe

REQUIRED = "is required"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartField:
    """One line to fill in. Left empty it stands for its default."""

    name: str
    text: str = ""
    """What was typed."""
    told: Safe = Safe("")
    """What may be typed: type, rules, what it means."""
    default: Safe = Safe("")
    """What stands for an empty text; empty for nothing."""
    is_required: bool = False
    choices: tuple[str, ...] = ()
    """What can be chosen, where there is nothing else."""
    parameter: Parameter | None = None
    """None for what is asked beside the pipeline's parameters."""
    problem: Safe = Safe("")
    """Why the text cannot be used; empty as far as that is known."""

    @property
    def key(self) -> str:
        """What tells it from the others: a parameter may be called as something else that is asked."""
        return f"{self.name}=" if self.parameter is not None else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class StartForm:
    """All fields, in order."""

    fields: tuple[StartField, ...]

    def with_text(self, key: str, text: str) -> StartForm:
        """Return the form with another text in a field, and what is wrong with it."""
        changed = (check_field(replace(one, text=_tidy(one, text))) if one.key == key else one for one in self.fields)
        return replace(self, fields=tuple(changed))

    def with_problems(self, problems: Mapping[str, str]) -> StartForm:
        """Return the form with what somebody else found wrong, by the fields' keys."""
        told = (replace(one, problem=safe(problems.get(one.key, one.problem))) for one in self.fields)
        return replace(self, fields=tuple(told))

    def check(self) -> StartForm:
        """Return the form with every problem that the fields alone tell."""
        return replace(self, fields=tuple(map(check_field, self.fields)))

    @property
    def is_good(self) -> bool:
        """True when no field has a problem."""
        return not any(one.problem for one in self.fields)

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters that were typed, `NAME=VALUE` each, as `--param` takes them."""
        return tuple(f"{one.name}={one.text}" for one in self.fields if one.parameter is not None and one.text)

    def field(self, key: str) -> StartField:
        """Return the field of that key."""
        return next(one for one in self.fields if one.key == key)

    def text(self, key: str) -> str:
        """Return what stands in a field: what was typed, else its default; empty without either, and where it is not asked."""
        found = next((one for one in self.fields if one.key == key), None)
        return (found.text or found.default) if found is not None else ""


def run_form(pipeline: Pipeline) -> StartForm:
    """Return the form of a run: the declared parameters, then the slot."""
    slot = StartField(name="slot", told=safe("a day or an instant; empty for now"))
    return StartForm(fields=(*map(parameter_field, pipeline.parameters), slot))


def simulate_form(pipeline: Pipeline, given: Mapping[str, Value]) -> StartForm:
    """Return the form of a simulation: the declared parameters, with what is `given` typed in already."""
    fields = map(parameter_field, pipeline.parameters)
    return StartForm(
        fields=tuple(
            check_field(replace(one, text=_default_words(given[one.name]))) if one.name in given else one for one in fields
        )
    )


_DAYS = StartField(name="days", told=safe("first..last, such as 2026-01-01..2026-01-31"), is_required=True)
_AT_A_TIME = StartField(name="at a time", told=safe("how many run side by side"), default=safe("1"))
_ONLY_MISSING = StartField(
    name="only missing", told=safe("leave out slots that have a session"), choices=("no", "yes"), default=safe("no")
)


def backfills_form() -> StartForm:
    """Return the form of a backfill of several pipelines, each with the defaults of its parameters."""
    return StartForm(fields=(_DAYS, _AT_A_TIME, _ONLY_MISSING))


def backfill_form(pipeline: Pipeline) -> StartForm:
    """Return the form of a backfill: the days, how, then the declared parameters, which hold for every run."""
    timed = [one for one in pipeline.schedules if one.expression.startswith("cron(")]
    names = tuple(one.id for one in timed)
    schedule = StartField(name="schedule", told=safe("whose slots these are"), choices=names, is_required=True)
    return StartForm(
        fields=(
            _DAYS,
            *((schedule,) if len(timed) > 1 else ()),
            _AT_A_TIME,
            _ONLY_MISSING,
            *(_given_by(timed, parameter_field(one)) for one in pipeline.parameters),
        )
    )


def _given_by(schedules: Sequence[Schedule], field: StartField) -> StartField:
    """Return the field with what the schedule gives in place of its default; of several, the one that is chosen gives it."""
    given = [one.input[field.name] for one in schedules if field.name in one.input]
    if not given or len(given) < len(schedules):
        return field
    default = safe(_default_words(given[0])) if len(schedules) == 1 else safe("as the schedule gives it")
    return replace(field, default=default, is_required=False)


def parameter_field(parameter: Parameter) -> StartField:
    """Return the field of a declared parameter."""
    listed = parameter.schema.get("enum")
    choices: Sequence[object] = listed if isinstance(listed, (list, tuple)) else ()
    if parameter.type == "boolean" and not choices:
        choices = (False, True)
    return StartField(
        name=parameter.name,
        told=safe("; ".join(word for word in (_rule_words(parameter), parameter.description) if word)),
        default=safe(_default_words(parameter.default)),
        is_required=parameter.required and parameter.default is None,
        choices=tuple(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in choices),
        parameter=parameter,
    )


def check_field(field: StartField) -> StartField:
    """Return the field with what is wrong with its text, by the rules of the command itself."""
    if not field.text:
        return replace(field, problem=safe(REQUIRED if field.is_required else ""))
    if field.parameter is not None:
        try:
            read_value(field.parameter, field.text)
        except ValueError as error:
            return replace(field, problem=safe(str(error)))
    elif field.choices and field.text not in field.choices:
        return replace(field, problem=safe(f"one of {', '.join(field.choices)}"))
    elif field.name == "at a time" and not (field.text.isdecimal() and 1 <= int(field.text) <= 100):
        return replace(field, problem=safe("a number from 1 to 100"))
    return replace(field, problem=Safe(""))


def next_choice(field: StartField, step: int) -> str:
    """Return the choice that follows what stands in the field; what was typed where there is nothing to choose."""
    if not field.choices:
        return field.text
    now = field.text or field.default
    place = field.choices.index(now) + step if now in field.choices else (0 if step > 0 else -1)
    return field.choices[place % len(field.choices)]


def _tidy(field: StartField, text: str) -> str:
    """Return the text without spaces around it, where these can mean nothing."""
    return text if field.parameter is not None and field.parameter.type == "string" else text.strip()


def _rule_words(parameter: Parameter) -> str:
    """Return type and rules, such as `integer, minimum 1`."""
    rules = [f"{name} {parameter.schema[name]}" for name in _RULES if name in parameter.schema]
    listed = parameter.schema.get("enum")
    kind = " | ".join(map(str, listed)) if isinstance(listed, (list, tuple)) else parameter.type
    kind += " as JSON" if parameter.type in ("array", "object") else ""
    kind += ", only a reference to the value" if parameter.sensitive else ""
    return ", ".join([kind, *rules])


_RULES = ("format", "pattern", "minimum", "maximum", "minLength", "maxLength")


def _default_words(default: Value) -> str:
    if default is None:
        return ""
    if any(isinstance(leaf, Expression) for leaf in leaves(default)):
        return as_json(default)
    return default if isinstance(default, str) else as_json(default)
