"""How every compiled machine begins: session, parameters and earlier results become variables, and the parameters are checked.

The input is `{params, session, resume}`, all of it optional: a session manager fills everything, a schedule gives the scheduled
time, and somebody in the console may start with `{}`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Choice, Fail, Pass, Rule, State, code
from bunsui.compile.reads import uses_variable
from bunsui.compile.values import jsonata, jsonata_object, names_list, path
from bunsui.model.pipeline import Parameter, Pipeline
from bunsui.model.values import Json

START = "_start"
PARAMS = "_params"
CHECK = "_check"
INVALID = "_invalid"

_JSONATA_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "array": "array"}
_DATE = "/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/"
_FIRST_YEAR, _LAST_YEAR = 2020, 2040


def start_states(pipeline: Pipeline, *, first: str, errors: bool) -> dict[str, State]:
    """Give the states before the first job, `_start` first; `first` follows them. `errors` says whether the data carries caught
    errors."""
    data: dict[str, Json] = {"jobs": {}, "status": {}}
    if errors:
        data["errors"] = {}
    assign: dict[str, Json] = {
        "session": code(_session(pipeline.timezone)),
        "resume": code("$exists($states.input.resume) ? $states.input.resume : {}"),
    }
    after = CHECK if pipeline.parameters else first
    states: dict[str, State] = {}
    comment = "Session, parameters and what an earlier attempt finished, readable everywhere"
    if any(uses_variable(parameter.default, "session") for parameter in pipeline.parameters):
        # A variable can be read from the next state on, and these defaults read $session.
        states[START] = Pass(assign=assign, next=PARAMS, comment=comment)
        states[PARAMS] = Pass(
            assign={"params": code(_params(pipeline.parameters))},
            output=data,
            next=after,
            comment="Defaults, then what was given",
        )
    else:
        assign["params"] = code(_params(pipeline.parameters))
        states[START] = Pass(assign=assign, output=data, next=after, comment=comment)
    if pipeline.parameters:
        states[CHECK] = Choice(rules=tuple(_checks(pipeline.parameters)), default=first, comment="Are the parameters right?")
        states[INVALID] = Fail(error="Bunsui.InvalidInput", cause=code("$states.input.problem"))
    return states


def _session(timezone: str) -> str:
    """Give `$session` as JSONata: what was given, completed from the execution itself.

    The scheduled time counts only when it is one: EventBridge Scheduler puts it in place of a placeholder in angle brackets,
    and an emulator that does not know the placeholder leaves it there.
    """
    started = "$states.context.Execution.StartTime"
    return (
        "("
        "$given := $exists($states.input.session) ? $states.input.session : {}; "
        "$text := function($v) { $type($v) = 'string' and $substring($v, 0, 1) != '<' }; "
        f"$at := $text($given.scheduled_at) ? $given.scheduled_at : {started}; "
        "$shift := $type($given.slot_offset_seconds) = 'number' ? $given.slot_offset_seconds : 0; "
        "$slot := $text($given.slot) ? $given.slot : $fromMillis($toMillis($at) + 1000 * $shift); "
        "$millis := $toMillis($slot); "
        f"$offset := {_offset(timezone)}; "
        "{"
        "'id': $text($given.id) ? $given.id : $states.context.Execution.Name, "
        "'attempt': $type($given.attempt) = 'number' ? $given.attempt : 1, "
        "'slot': $slot, "
        "'date': $text($given.date) ? $given.date : $fromMillis($millis + 60000 * $offset, '[Y0001]-[M01]-[D01]'), "
        "'scheduled_at': $at, "
        "'started_by': $text($given.started_by) ? $given.started_by : "
        "$text($given.schedule) ? 'schedule ' & $given.schedule : 'console'"
        "})"
    )


def _offset(timezone: str) -> str:
    """Give the time zone's minutes east of UTC at `$millis`, as JSONata: a number, or a table of the changes."""
    changes = transitions(timezone)
    first = changes[0][1]
    if len(changes) == 1:
        return str(first)
    table = ", ".join(f"[{at}, {minutes}]" for at, minutes in changes[1:])
    return f"$reduce([{table}], function($minutes, $change) {{ $change[0] <= $millis ? $change[1] : $minutes }}, {first})"


@lru_cache(maxsize=64)
def transitions(timezone: str) -> tuple[tuple[int, int], ...]:
    """Give the changes of a time zone from 2020 to 2040 as (milliseconds since 1970, minutes east of UTC), the first at 0.

    AWS evaluates JSONata, which knows no time zones by name.
    """
    zone = _zone(timezone)
    instant = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
    end = datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    current = _minutes(zone, instant)
    found = [(0, current)]
    while instant < end:
        following = instant + timedelta(days=1)
        minutes = _minutes(zone, following)
        if minutes != current:
            low, high = instant, following
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if _minutes(zone, middle) == current else (low, middle)
            exact = high.replace(second=0, microsecond=0)
            found.append((int(exact.timestamp() * 1000), minutes))
            current = minutes
        instant = following
    return tuple(found)


def _zone(timezone: str) -> ZoneInfo:
    """Give the time zone from the package that bunsui depends on, not from the machine: every machine compiles the same
    table."""
    file = files("tzdata").joinpath("zoneinfo", *timezone.split("/"))
    if not file.is_file():
        return ZoneInfo(timezone)
    with file.open("rb") as opened:
        return ZoneInfo.from_file(opened, key=timezone)


def _minutes(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None, "a zone always has an offset"
    return round(offset.total_seconds() / 60)


def _params(parameters: tuple[Parameter, ...]) -> str:
    given = "$exists($states.input.params) ? $states.input.params : {}"
    defaults = {
        parameter.name: jsonata(parameter.default, lambda _: None) for parameter in parameters if not parameter.required
    }
    return f"$merge([{jsonata_object(defaults)}, {given}])" if defaults else given


def _checks(parameters: tuple[Parameter, ...]) -> list[Rule]:
    known = names_list(tuple(parameter.name for parameter in parameters))
    unknown = f"$filter($keys($params), function($name) {{ $not($name in {known}) }})"
    rules = [_rule(f"$count({unknown}) > 0", f"'unknown parameter ' & $join($append([], {unknown}), ', ')", "Unknown names")]
    for parameter in parameters:
        value = path("$params", parameter.name)
        problem = f"parameter {parameter.name} "
        if parameter.required:
            rules.append(_rule(f"$not($exists({value}))", string_literal(problem + "is required"), problem + "is required"))
        for condition, words in _schema_checks(parameter, value):
            rules.append(_rule(f"$exists({value}) and ({condition})", string_literal(problem + words), problem + words))
    return rules


def _rule(condition: str, problem: str, comment: str) -> Rule:
    return Rule(condition=code(condition), next=INVALID, output={"problem": code(problem)}, comment=comment)


def _schema_checks(parameter: Parameter, value: str) -> list[tuple[str, str]]:
    """Give conditions that hold when the value is wrong, with what to say."""
    checks: list[tuple[str, str]] = []
    kind = _JSONATA_TYPES.get(parameter.type, "object")
    # A default of null is a value of its own, whatever the type.
    wrong = f"$not($type({value}) in ['{kind}', 'null'])" if _may_be_null(parameter) else f"$type({value}) != '{kind}'"
    if parameter.type == "integer":
        wrong += f" or $floor({value}) != {value}"
    article = "an" if parameter.type[0] in "aeiou" else "a"
    checks.append((wrong, f"must be {article} {parameter.type}"))
    if parameter.schema.get("format") == "date":
        checks.append((f"$type({value}) = 'string' and $not($contains({value}, {_DATE}))", "must be a date such as 2026-01-31"))
    allowed = parameter.schema.get("enum")
    if isinstance(allowed, (list, tuple)):
        listed = jsonata(allowed, lambda _: None)
        words = ", ".join(str(item) for item in allowed)
        given = f"$type({value}) != 'null' and " if _may_be_null(parameter) else ""
        checks.append((f"{given}$not({value} in {listed})", f"must be one of {words}"))
    for key, sign, words in (("minimum", "<", "at least"), ("maximum", ">", "at most")):
        bound = parameter.schema.get(key)
        if isinstance(bound, (int, float)) and not isinstance(bound, bool):
            checks.append((f"$type({value}) = 'number' and {value} {sign} {bound}", f"must be {words} {bound}"))
    return checks


def _may_be_null(parameter: Parameter) -> bool:
    return not parameter.required and parameter.default is None
