"""How every compiled machine begins: session, parameters and earlier results become variables, and the parameters are checked.

The input is `{params, session, resume}`, all of it optional: a session manager fills everything, a schedule gives the scheduled
time, and somebody in the console may start with `{}`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.asl.expressions import string_literal, variables
from bunsui.asl.model import Choice, Fail, Pass, Rule, State, code
from bunsui.compile.reads import expressions_in, uses_variable
from bunsui.compile.values import jsonata, jsonata_object, names_list, path
from bunsui.model.failures import CONTRACT, CONTRACT_KEY, START_STATE
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Parameter, Pipeline
from bunsui.model.references import REFERENCE_NEEDED, REFERENCE_PATTERN, SENSITIVE_KEY
from bunsui.model.remarks import LAST_KEY
from bunsui.model.time_zones import DAY_SECONDS, slot_in, transitions

START = START_STATE
PARAMS = "_params"
CHECK = "_check"
INVALID = "_invalid"

_JSONATA_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "array": "array"}
_WEEKDAYS = ("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday")
"""From 1970-01-01 on."""
_DAY = 86_400_000
_DATE = "/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/"


def start_states(
    pipeline: Pipeline, *, first: str, errors: bool, last: Sequence[str] = (), remarks: str = ""
) -> dict[str, State]:
    """Return the states before the first job, `_start` first; `first` follows them. `errors` says whether the data carries
    caught errors, `last` names the last jobs where a session may succeed without any of them, `remarks` is what the
    first state says for whoever reads the definition."""
    data: dict[str, Json] = {"jobs": {}, "status": {}}
    if errors:
        data["errors"] = {}
    assign: dict[str, Json] = {
        CONTRACT_KEY: CONTRACT,
        "session": code(session_expression(pipeline)),
        "resume": code("$exists($states.input.resume) ? $states.input.resume : {}"),
    }
    hidden: dict[str, Json] = {job.name: list(names) for job in pipeline.jobs if (names := sensitive_names(job))}
    if hidden:
        assign[SENSITIVE_KEY] = hidden
    if last:
        assign[LAST_KEY] = list(last)
    after = CHECK if pipeline.parameters else first
    states: dict[str, State] = {}
    comment = f"Session, parameters and what an earlier attempt finished, readable everywhere. {remarks}".rstrip()
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


def sensitive_names(job: Job) -> tuple[str, ...]:
    """Return the names of the job's outputs that are shown nowhere, sorted."""
    return tuple(sorted(name for name in job.outputs if name in job.output_rules and job.output_rules[name].sensitive))


def session_expression(pipeline: Pipeline) -> str:
    """Return `$session` as JSONata: what was given, completed from the execution itself.

    The scheduled time counts only when it is one: EventBridge Scheduler puts it in place of a placeholder in angle brackets,
    and an emulator that does not know the placeholder leaves it there. What a pipeline does not use is not in its machine:
    weekdays, time zones of schedules, days of the calendar.
    """
    started = "$states.context.Execution.StartTime"
    date = "$text($given.date) ? $given.date : $fromMillis($millis + 60000 * $offset, '[Y0001]-[M01]-[D01]')"
    is_read = _reads_day(pipeline)
    days = f"'date': $date, 'weekday': {_weekday()}, 'month': $substring($date, 0, 7), " if is_read else f"'date': {date}, "
    return (
        "("
        "$given := $exists($states.input.session) ? $states.input.session : {}; "
        "$text := function($v) { $type($v) = 'string' and $substring($v, 0, 1) != '<' }; "
        f"$at := $text($given.scheduled_at) ? $given.scheduled_at : {started}; "
        f"{_times(pipeline)}"
        f"{f'$date := {date}; ' if is_read else ''}"
        "{"
        "'id': $text($given.id) ? $given.id : $states.context.Execution.Name, "
        "'attempt': $type($given.attempt) = 'number' ? $given.attempt : 1, "
        "'slot': $slot, "
        f"{days}"
        "'scheduled_at': $at, "
        "'started_by': $text($given.started_by) ? $given.started_by : "
        "$text($given.schedule) ? 'schedule ' & $given.schedule : 'console'"
        "})"
    )


def _times(pipeline: Pipeline) -> str:
    """Return the definitions of `$slot`, `$millis` and `$offset`."""
    zones = tuple(dict.fromkeys((pipeline.timezone, *(schedule.timezone for schedule in pipeline.schedules))))
    own = slot_in(pipeline.timezone, pipeline.slot)
    offsets = [own, *(slot_in(one.timezone, one.slot) for one in pipeline.schedules if one.slot is not None)]
    shift = f"$shift := $type($given.slot_offset_seconds) = 'number' ? $given.slot_offset_seconds : {own.seconds}; "
    if len(zones) == 1 and not any(offset.days for offset in offsets):
        return (
            f"{shift}"
            "$slot := $text($given.slot) ? $given.slot : $fromMillis($toMillis($at) + 1000 * $shift); "
            "$millis := $toMillis($slot); "
            f"$offset := {_offset(pipeline.timezone)}; "
        )
    return (
        f"{_offset_function(zones)}"
        # A schedule of the first contract says days of the calendar in seconds, and nothing of days.
        "$old := $exists($given.slot_offset_days) ? false "
        f": $type($given.slot_offset_seconds) = 'number' ? $given.slot_offset_seconds % {DAY_SECONDS} = 0 : false; "
        f"$days := $type($given.slot_offset_days) = 'number' ? $given.slot_offset_days "
        f": $old ? $given.slot_offset_seconds / {DAY_SECONDS} : {own.days}; "
        f"{shift}"
        "$shift := $old ? 0 : $shift; "
        # Days are those of the calendar where the start is, the rest is time that passes.
        f"$local := $toMillis($at) + 60000 * $east($toMillis($at), false) + {_DAY} * $days; "
        "$from := $days = 0 ? $toMillis($at) : $local - 60000 * $east($local, true); "
        "$slot := $text($given.slot) ? $given.slot : $fromMillis($from + 1000 * $shift); "
        "$millis := $toMillis($slot); "
        "$offset := $east($millis, false); "
    )


def _reads_day(pipeline: Pipeline) -> bool:
    """Tell whether anything reads the weekday or the month, or the session as a whole."""
    uses = (use for expression in expressions_in(pipeline) for use in variables(expression.text))
    return any(use.name == "session" and (not use.path or use.path[0] in ("weekday", "month")) for use in uses)


def _weekday() -> str:
    """Return the English name of `$date`'s day, without the names that a locale has."""
    names = ", ".join(string_literal(name) for name in _WEEKDAYS)
    return f"[{names}][$floor($toMillis($date & 'T00:00:00Z') / {_DAY}) % 7]"


def _offset_function(zones: Sequence[str]) -> str:
    """Return the definition of `$east`, which gives the minutes east of UTC at an instant, in milliseconds since 1970, or at a
    local time counted in the same way. Of a local time that comes twice the first is meant, and one that daylight saving skips
    counts from before the change.

    A schedule says its time zone where it is another one than the pipeline's, the first.
    """
    body = _offset_at(zones[0])
    for zone in zones[1:]:
        body = f"$given.timezone = {string_literal(zone)} ? {_offset_at(zone)} : {body}"
    return f"$east := function($when, $is_local) {{ {body} }}; "


def _offset_at(timezone: str) -> str:
    begins = "$change[0] + ($is_local ? 60000 * $max([$minutes, $change[1]]) : 0) <= $when"
    return _offset(timezone, begins=begins)


def _offset(timezone: str, *, begins: str = "$change[0] <= $millis") -> str:
    """Return the time zone's minutes east of UTC as JSONata: a number, or a table of the changes. `begins` tells whether one
    of them, `$change` after `$minutes`, has come."""
    changes = transitions(timezone)
    first = changes[0][1]
    if len(changes) == 1:
        return str(first)
    table = ", ".join(f"[{at}, {minutes}]" for at, minutes in changes[1:])
    return f"$reduce([{table}], function($minutes, $change) {{ {begins} ? $change[1] : $minutes }}, {first})"


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
    """Return conditions that hold when the value is wrong, with what to say."""
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
    if parameter.sensitive:
        checks.append((f"$type({value}) = 'string' and $not($contains({value}, /{REFERENCE_PATTERN}/))", REFERENCE_NEEDED))
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
