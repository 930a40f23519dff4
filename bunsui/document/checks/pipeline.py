"""References inside one pipeline file: everything that a schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from bunsui.asl.expressions import LIMIT_CHARACTERS
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.checks.expressions import ExpressionChecker
from bunsui.document.checks.foreign_texts import check_texts
from bunsui.document.checks.function_environments import check_environments
from bunsui.document.checks.given_values import check_given
from bunsui.document.checks.reactions import check_reactions
from bunsui.document.checks.recovery import check_recovery
from bunsui.document.checks.rules import check_acceptances
from bunsui.document.checks.sensitive import check_sensitive
from bunsui.document.checks.service_calls import ServiceAnswers, check_service_calls
from bunsui.document.checks.tags import check_own_tags, check_tags
from bunsui.document.checks.times import TimeProblem, at_problem, cron_problem, numbered_weekday, rate_problem, timezone_problem
from bunsui.document.checks.typed_expressions import DeclaredTypes, check_types
from bunsui.document.checks.value_uses import check_uses
from bunsui.document.closing_jobs import check_closing
from bunsui.document.error_limit import at_most
from bunsui.document.interpolation import Filled
from bunsui.document.job_graph import JobGraph, check_graph, find_cycle, job_graph
from bunsui.document.named_functions import check_functions
from bunsui.document.operation_tree import operation_spots
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.durations import parse_duration
from bunsui.model.json import Json
from bunsui.model.names import is_id
from bunsui.operations.contract import OperationType
from bunsui.ports.service_models import ServiceModels

_TIMES = {"cron": cron_problem, "rate": rate_problem, "at": at_problem}
_OUTPUT_NAMES_TAKEN = frozenset(
    {"contract", "errors", "jobs", "list", "ops", "params", "resume", "result", "session", "states", "status"}
)
"""What a foreach variable may not be called, since these names mean something else."""


def check_pipeline(
    document: Document,
    filled: Filled,
    registry: Mapping[str, OperationType],
    services: ServiceModels | None = None,
    ignored_tags: Sequence[str] = (),
) -> tuple[Diagnostic, ...]:
    """Return every finding about references; the data may be of any shape. Without `services` nothing is said of calls of AWS's
    API; `ignored_tags` are the patterns of those that the project leaves to others."""
    data = _mapping(filled.data)
    answers = None if services is None else ServiceAnswers(models=services, registry=registry)
    types = DeclaredTypes(data=data, registry=registry, results=answers)
    graph = job_graph(data, registry, document.closing)
    findings = chain(
        _ids(document, data, registry),
        _times(document, data),
        _inputs(document, data),
        check_sensitive(document, data),
        check_acceptances(document, data.get("accept")),
        check_functions(document, data),
        check_tags(document, data.get("tags"), scheduled=bool(data.get("schedules"))),
        check_own_tags(document, data.get("tags"), ignored_tags),
        check_environments(document, data, registry),
        check_texts(document, data, registry),
        check_graph(document, graph),
        check_recovery(document, data, graph),
        check_closing(document),
        _reactions(document, graph),
        _expressions(document, filled, graph, types, answers),
        () if services is None else check_service_calls(document, types, services),
    )
    return tuple(at_most(document, findings))


def _reactions(document: Document, graph: JobGraph) -> Iterator[Diagnostic]:
    if find_cycle(graph.depends_on) is None:
        yield from check_reactions(document, graph)


def _expressions(
    document: Document, filled: Filled, graph: JobGraph, types: DeclaredTypes, answers: ServiceAnswers | None
) -> Iterator[Diagnostic]:
    if find_cycle(graph.depends_on) is None:
        checker = ExpressionChecker(document=document, data=types.data, graph=graph, registry=types.registry, results=answers)
        yield from checker.check(filled.expressions)
        yield from check_types(document, types, filled.expressions)
        for path, expression in filled.expressions:
            if path[:1] == ("jobs",) and len(path) > 2 and len(expression.text) <= LIMIT_CHARACTERS:
                yield from check_uses(document, types, path, expression)


def _ids(document: Document, data: Mapping[str, Json], registry: Mapping[str, OperationType]) -> Iterator[Diagnostic]:
    name = data.get("name")
    if isinstance(name, str):
        yield from _separator(document, name, ("name",))
    for job, entry in _mapping(data.get("jobs")).items():
        yield from _separator(document, job, ("jobs", job))
        if isinstance(entry, Mapping):
            named = [spot for spot in operation_spots(entry.get("operations"), registry) if spot.is_named]
            places = [(spot.id, ("jobs", job, "operations", *spot.path, "id")) for spot in named]
            yield from _unique(document, places, "operation")
            yield from _foreach_name(document, entry, ("jobs", job, "foreach", "as"))
    yield from _unique(document, list(_schedule_ids(data)), "schedule")


def _schedule_ids(data: Mapping[str, Json]) -> Iterator[tuple[str, Path]]:
    schedules = data.get("schedules")
    for index, entry in enumerate(schedules if isinstance(schedules, list) else ()):
        name = entry.get("id") if isinstance(entry, Mapping) else None
        if isinstance(name, str):
            yield name, ("schedules", index, "id")


def _unique(document: Document, places: Sequence[tuple[str, Path]], what: str) -> Iterator[Diagnostic]:
    first: dict[str, Path] = {}
    for name, path in places:
        yield from _separator(document, name, path)
        if name in first:
            line = document.at(first[name]).line
            yield document.finding(
                "BS203", f"the {what} {name} stands here for the second time; the first is at line {line}", path
            )
        first.setdefault(name, path)


def _separator(document: Document, name: str, path: Path) -> Iterator[Diagnostic]:
    # The schema has said what it has to say about other characters.
    if not is_id(name) and ("--" in name or name.endswith("-")) and is_id(name.replace("--", "-").rstrip("-") or "-"):
        yield document.finding(
            "BS105",
            f"{name} cannot be an id: -- joins names in AWS, and an id does not end with -",
            path,
            on_key=path[-1] not in ("id", "name"),
        )


def _foreach_name(document: Document, entry: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    foreach = entry.get("foreach")
    variable = foreach.get("as") if isinstance(foreach, Mapping) else None
    if isinstance(variable, str) and variable in _OUTPUT_NAMES_TAKEN:
        yield document.finding(
            "BS203", f"${variable} means something else already", path, hint="Choose another name for the item."
        )


def _times(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    yield from _timezone(document, data, ("timezone",))
    schedules = data.get("schedules")
    for index, entry in enumerate(schedules if isinstance(schedules, list) else ()):
        if not isinstance(entry, Mapping):
            continue
        path = ("schedules", index)
        yield from _timezone(document, entry, (*path, "timezone"))
        for kind, check in _TIMES.items():
            said = entry.get(kind)
            if isinstance(said, str) and "${" not in said and "{%" not in said:
                yield from _time(document, check(said), (*path, kind), "BS110")
                if kind == "cron" and (numbered := numbered_weekday(said)) is not None:
                    yield document.finding(
                        "BS120", numbered.summary, (*path, kind), severity=Severity.WARNING, hint=numbered.hint
                    )
    for key in ("timeout",):
        said = data.get(key)
        if isinstance(said, str) and _seconds(said) is not None and (_seconds(said) or 0) <= 0:
            yield document.finding("BS113", f"{key} must be longer than nothing", (key,))


def _seconds(text: str) -> int | None:
    try:
        return parse_duration(text)
    except ValueError:
        return None


def _timezone(document: Document, entry: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    name = entry.get("timezone")
    if isinstance(name, str) and "${" not in name:
        yield from _time(document, timezone_problem(name), path, "BS111")


def _time(document: Document, problem: TimeProblem | None, path: Path, code: str) -> Iterator[Diagnostic]:
    if problem is not None:
        yield document.finding(code, problem.summary, path, hint=problem.hint)


def _inputs(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Schedules give values for parameters that exist, and for all that have no default."""
    parameters = _mapping(data.get("parameters"))
    needed = [name for name, entry in parameters.items() if isinstance(entry, Mapping) and "default" not in entry]
    schedules = data.get("schedules")
    for index, schedule in enumerate(schedules if isinstance(schedules, list) else ()):
        if not isinstance(schedule, Mapping):
            continue
        given = _mapping(schedule.get("input"))
        for name in given:
            if name not in parameters:
                path = ("schedules", index, "input", name)
                yield document.finding(
                    "BS306", f"the pipeline has no parameter {name}", path, on_key=True, hint=_known(parameters)
                )
        for name in needed:
            if name not in given:
                yield document.finding(
                    "BS216",
                    f"the schedule gives no value for the parameter {name}, which has no default",
                    ("schedules", index),
                    hint=f"Add input: {{{name}: …}} here, or a default at the parameter.",
                )
    yield from _smoke_run(document, data, parameters, needed)
    yield from check_given(document, data)


def _smoke_run(
    document: Document, data: Mapping[str, Json], parameters: Mapping[str, Json], needed: Sequence[str]
) -> Iterator[Diagnostic]:
    given = _mapping(data.get("verify")).get("run")
    if not isinstance(given, Mapping):
        return
    for name in given:
        if name not in parameters:
            path = ("verify", "run", name)
            yield document.finding("BS306", f"the pipeline has no parameter {name}", path, on_key=True, hint=_known(parameters))
    for name in needed:
        if name not in given:
            summary = f"the smoke run gives no value for the parameter {name}, which has no default"
            hint = f"Add {name}: … to it, or a default at the parameter."
            yield document.finding("BS216", summary, ("verify", "run"), hint=hint)
    if data.get("enabled") is False:
        summary = "the pipeline is switched off, so that its smoke run cannot start and proves nothing"
        yield document.finding(
            "BS560", summary, ("verify",), severity=Severity.WARNING, hint="Remove verify, or enabled: false."
        )


def _known(parameters: Mapping[str, Json]) -> str:
    return "It has " + ", ".join(parameters) + "." if parameters else "It has none."


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
