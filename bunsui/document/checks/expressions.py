"""Every expression of a file: its syntax, and whether each name that it reads exists where it stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bunsui.asl.expressions import (
    FUNCTIONS,
    LIMIT_CHARACTERS,
    LIST,
    VariableUse,
    field_step,
    fields_read,
    problem,
    texts_in_brackets,
    variables,
)
from bunsui.asl.foreign_methods import jsonata_for
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.checks.foreign_names import variable_hint
from bunsui.document.checks.pointing import point_into
from bunsui.document.checks.result_reads import ReadResults
from bunsui.document.checks.results import ResultModels, unknown_of_object
from bunsui.document.expression_hints import syntax_hint
from bunsui.document.job_graph import JobGraph
from bunsui.document.operation_tree import Spot, assigned_variables, operation_spots
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.model.values import Expression
from bunsui.operations.contract import OperationType

SESSION_FIELDS = ("id", "attempt", "slot", "date", "weekday", "month", "scheduled_at", "started_by")
_ITEMS = "*"
"""Instead of the id of an operation: the results of a foreach, item by item."""
_CLOCKS = frozenset({"now", "millis"})
_ERROR_FIELDS = ("error", "cause", "class", "at")
_ALWAYS = frozenset({"params", "session", "jobs", "errors", "status"})
"""What can be read wherever a job is described."""
_ASSIGNED = frozenset({"contract", "params", "session", "resume"})
"""The variables of a compiled machine."""
_CLOCK_PLACES = frozenset({"default", "payload", "when"})


class FoundName(Protocol):
    """Makes a finding at the use of a name."""

    def __call__(self, code: str, summary: str, hint: str = "", severity: Severity = Severity.ERROR) -> Diagnostic:
        """Return the finding."""
        ...


TOO_LONG = f"the expression is longer than {LIMIT_CHARACTERS:,} characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadableNames:
    """Which names an expression may read."""

    names: frozenset[str]
    job: str = ""
    result_of: str = ""
    """The id of the operation behind `$result`; empty when it is not one operation's."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Id -> type of the operations whose results can be read."""
    place: str = ""
    """The key under which the expression stands, for findings that depend on it."""
    is_foreign: bool = False
    """True in Amazon States Language written by hand, where names are Step Functions' own."""


@dataclass(slots=True, kw_only=True)
class ExpressionChecker:
    """Checks the expressions of one file, whose jobs have no cycle."""

    document: Document
    data: Mapping[str, Json]
    graph: JobGraph
    registry: Mapping[str, OperationType]
    results: ResultModels | None = None
    read: set[tuple[str, str]] = field(default_factory=set)
    """Job and output, for all outputs that some expression reads."""
    read_whole: set[str] = field(default_factory=set)
    """Jobs whose outputs are read as a whole."""
    spots: dict[str, tuple[Spot, ...]] = field(default_factory=dict)
    """The operations of each job, found so far."""

    def check(self, expressions: Sequence[tuple[Path, Expression]]) -> Iterator[Diagnostic]:
        """Return the findings about all expressions, then about outputs that nobody reads."""
        for path, expression in expressions:
            yield from self._one(path, expression)
        yield from self._unread()

    def _one(self, path: Path, expression: Expression) -> Iterator[Diagnostic]:
        if len(path) > 1 and path[0] == "defaults" and path[1] in self.registry:
            return  # looked at where it lies under an operation
        scope = self.scope_at(path)
        if scope is None:
            if path[-1] not in ("description", "title", "runbook", "owner"):
                yield self.document.finding(
                    "BS312",
                    f"{path[-1]} is needed at plan time and cannot be an expression",
                    path,
                    hint="Write the value itself, or ${var.NAME} for one that differs between environments.",
                )
            return
        if len(expression.text) > LIMIT_CHARACTERS:
            yield self.document.finding("BS301", TOO_LONG, path, hint="Let a function do it.")
            return
        wrong = problem(expression.text)
        if wrong is not None:
            known = syntax_hint(expression.text, scope.names)
            offset = wrong.offset if known.offset is None else known.offset
            yield self._teller(path, expression, offset)("BS301", str(wrong.message), known.hint)
        if scope.is_foreign:
            yield from self._foreign(scope.job, path, expression)
            return
        if brackets := texts_in_brackets(expression.text):
            for name, offset in brackets:
                told = f"['{name}'] is a condition that always holds, and picks no field"
                yield self._teller(path, expression, offset)("BS357", told, f"Write .{field_step(name)}.")
            return
        for use in variables(expression.text):
            yield from self._use(use, scope, path, expression)
        yield from self._fields(scope, path, expression)

    def _fields(self, scope: ReadableNames, path: Path, expression: Expression) -> Iterator[Diagnostic]:
        """Fields of results that are read in predicates and functions, or behind them."""
        uses = [(use.name, *use.path) for use in variables(expression.text)]
        told = list[tuple[str, ...]]()
        for names, offset in fields_read(expression.text).items():
            if any(names == use[: len(names)] for use in uses) or any(names[: len(one)] == one for one in told):
                continue

            found, problems = self._teller(path, expression, offset), list[Diagnostic]()
            if names[0] == "result" and "result" in scope.names and scope.result_of:
                problems = list(self._result(scope, scope.result_of, names[1:], "$result", found))
            elif names[0] == "ops" and names[1:2] and names[1] in scope.types:
                problems = list(self._result(scope, names[1], names[2:], f"$ops.{names[1]}", found))
            told += [names for _ in problems]
            yield from problems

    def _foreign(self, job: str, path: Path, expression: Expression) -> Iterator[Diagnostic]:
        """The variables of a session can be read in states written by hand, but not in items that run apart."""
        entry = self.graph.entries.get(job, {})
        foreach = entry.get("foreach")
        if not isinstance(foreach, Mapping) or foreach.get("mode") != "distributed":
            return
        for use in variables(expression.text):
            if use.name in _ASSIGNED and use.name not in assigned_variables(entry.get("operations")):
                summary = f"there is no ${use.name} here: items of a distributed foreach see no variables of the session"
                hint = f'Give the operation an input: {{x: "{{% ${use.name}.… %}}"}}, and read $states.input.x.'
                yield self._teller(path, expression, use.start)("BS302", summary, hint)

    def scope_at(self, path: Path) -> ReadableNames | None:
        """Return what may be read at the path; None where no expression can stand."""
        match path:
            case ("parameters", _, "default", *_) if "definition" not in self.data:
                return ReadableNames(names=frozenset({"session"}), place="default")
            case ("jobs", str(job), "when"):
                return ReadableNames(names=_ALWAYS, job=job, place="when")
            case ("jobs", str(job), "foreach", "items", *_):
                return ReadableNames(names=_ALWAYS, job=job)
            case ("jobs", str(job), "foreach", "label"):
                return ReadableNames(names=_ALWAYS | {self._variable(job)}, job=job)
            case ("jobs", str(job), "outputs", *_):
                return self._in_outputs(job)
            case ("jobs", str(job), "operations", *rest):
                return self._in_operation(job, tuple(rest))
        return None

    def _in_outputs(self, job: str) -> ReadableNames:
        names = {*_ALWAYS, "result"}
        if "foreach" in self.graph.entries.get(job, {}):
            return ReadableNames(names=frozenset(names), job=job, result_of=_ITEMS)
        spots = [spot for spot in self._spots(job) if len(spot.path) == 1]
        types = {spot.id: spot.type for spot in spots}
        return ReadableNames(names=frozenset({*names, "ops"}), job=job, types=types, result_of=spots[-1].id if spots else "")

    def _in_operation(self, job: str, path: Path) -> ReadableNames:
        """`path` leads from the job's operations to the expression."""
        spots = [spot for spot in self._spots(job) if path[: len(spot.path)] == spot.path]
        names = {*_ALWAYS, "ops"}
        if "foreach" in self.graph.entries.get(job, {}):
            names.add(self._variable(job))
        if not spots:
            return ReadableNames(names=frozenset(names), job=job)
        spot = max(spots, key=lambda spot: len(spot.path))
        if spot.before:
            names.add("result")
        key = path[len(spot.path)] if len(path) > len(spot.path) else ""
        if key == "poll":
            types = {**dict(spot.before), spot.id: spot.type}
            return ReadableNames(names=frozenset({*names, "result"}), job=job, types=types, result_of=spot.id, place="poll")
        operation_type = self.registry.get(spot.type)
        is_foreign = operation_type is not None and key in operation_type.foreign
        return ReadableNames(
            names=frozenset(names),
            job=job,
            types=dict(spot.before),
            result_of=spot.before[-1][0] if spot.before else "",
            place=str(key),
            is_foreign=is_foreign,
        )

    def _spots(self, job: str) -> tuple[Spot, ...]:
        if job not in self.spots:
            self.spots[job] = operation_spots(self.graph.entries.get(job, {}).get("operations"), self.registry)
        return self.spots[job]

    def _variable(self, job: str) -> str:
        foreach = self.graph.entries.get(job, {}).get("foreach")
        name = foreach.get("as", "item") if isinstance(foreach, Mapping) else "item"
        return str(name)

    def _goes_over_objects(self, job: str) -> bool:
        foreach = self.graph.entries.get(job, {}).get("foreach")
        items = foreach.get("items") if isinstance(foreach, Mapping) and "batch" not in foreach else None
        return isinstance(items, Mapping) and items.get("format") == "objects"

    def _use(self, use: VariableUse, scope: ReadableNames, path: Path, expression: Expression) -> Iterator[Diagnostic]:
        found = self._teller(path, expression, use.start)
        if (use.called or use.name == LIST) and use.name not in scope.names:
            yield from self._call(use, scope, found)
        elif use.name not in scope.names:
            yield found(
                "BS302",
                f"there is no ${use.name} here",
                variable_hint(use, scope.names, at_operation=bool(scope.place), item=self._variable(scope.job)),
            )
        else:
            match use.name:
                case "jobs":
                    yield from self._job(use, scope, found)
                case "errors" | "status" if use.path:
                    yield from self._outcome(use, scope, found)
                case "ops":
                    yield from self._operation(use, scope, found)
                case "params":
                    yield from self._parameter(use, found)
                case "session":
                    yield from self._session(use, found)
                case "result" if scope.result_of and use.path:
                    yield from self._result(scope, scope.result_of, use.path, "$result", found)
                case name if self._goes_over_objects(scope.job) and name == self._variable(scope.job):
                    unknown = unknown_of_object(use.path)
                    if unknown is not None:
                        yield found("BS309", f"${name} has no field {unknown[0]}", unknown[1])

    def _call(self, use: VariableUse, scope: ReadableNames, found: FoundName) -> Iterator[Diagnostic]:
        if use.name in FUNCTIONS or use.name == LIST:
            if use.name in _CLOCKS and scope.place in _CLOCK_PLACES:
                yield found(
                    "BS311",
                    f"${use.name}() gives another value in every attempt",
                    "Read $session.slot or $session.date, which stay with the session.",
                    Severity.WARNING,
                )
        elif use.name != "eval":
            near = difflib.get_close_matches(use.name, sorted({*FUNCTIONS, LIST}), n=1, cutoff=0.6)
            meant = jsonata_for(use.name)
            hint = f"Write {meant}." if meant else f"Did you mean ${near[0]}?" if near else ""
            yield found("BS302", f"Step Functions has no function ${use.name}", hint)

    def _job(self, use: VariableUse, scope: ReadableNames, found: FoundName) -> Iterator[Diagnostic]:
        if not use.path:
            yield found("BS303", "$jobs alone says not which job", "Write $jobs.NAME.OUTPUT.")
            return
        name = use.path[0]
        if name not in self.graph.entries:
            yield self._no_job(use, found)
            return
        if len(use.path) > 1:
            self.read.add((name, use.path[1]))
        else:
            self.read_whole.add(name)
        if name == scope.job:
            yield found("BS304", f"{name} cannot read its own outputs", "Read $ops.ID or $result.")
            return
        if name not in self.graph.ancestors(scope.job):
            yield found(
                "BS304", f"{scope.job} reads {name} without depending on it", f"Add {name} to depends_on of {scope.job}."
            )  # fmt: skip
            return
        yield from self._output(use, name, found)
        if not use.guarded and name not in self.graph.surely_ran(scope.job):
            shown = "$" + ".".join(("jobs", *use.path))
            yield found(
                "BS310",
                f"{name} may have been skipped or have failed when {scope.job} runs, and then {shown} does not exist",
                f"Write $exists({shown}) ? {shown} : (a default).",
            )

    def _no_job(self, use: VariableUse, found: FoundName) -> Diagnostic:
        name = use.path[0]
        near = difflib.get_close_matches(name, list(self.graph.entries), n=1, cutoff=0.6)
        hint = f"Did you mean ${use.name}.{near[0]}?" if near else ""
        if not hint and name.split("-")[0] in {job.split("-")[0] for job in self.graph.entries}:
            hint = f"Put a name with - into backticks: ${use.name}.`a-b`."
        return found("BS303", f"there is no job {name}", hint)

    def _outcome(self, use: VariableUse, scope: ReadableNames, found: FoundName) -> Iterator[Diagnostic]:
        """`$errors.JOB` and `$status.JOB`: of jobs before this one, and errors only where there may be one."""
        name, shown = use.path[0], "$" + ".".join((use.name, *use.path))
        if name not in self.graph.entries:
            yield self._no_job(use, found)
        elif name not in self.graph.ancestors(scope.job):
            yield found(
                "BS304", f"{scope.job} reads {shown} without depending on {name}", f"Add {name} to depends_on of {scope.job}."
            )
        elif use.name == "errors" and not self.graph.is_caught(name):
            hint = f"Depend on {name} with run_if: any_failed or all_done, or write isolate: true at {name}."
            yield found("BS332", f"the failure of {name} ends the session, so that {shown} never exists here", hint)
        elif use.name == "errors" and len(use.path) > 1 and use.path[1] not in _ERROR_FIELDS:
            near = difflib.get_close_matches(use.path[1], _ERROR_FIELDS, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(_ERROR_FIELDS)}."
            yield found("BS332", f"an error has no {use.path[1]}", hint)
        elif use.name == "errors" and not use.guarded and name not in self.graph.surely_failed(scope.job):
            yield found(
                "BS332",
                f"{name} may not have failed when {scope.job} runs, and then {shown} does not exist",
                f"Write $exists({shown}) ? {shown} : '', or read all of them: $string($errors).",
                Severity.WARNING,
            )

    def _output(self, use: VariableUse, name: str, found: FoundName) -> Iterator[Diagnostic]:
        outputs = self.graph.entries[name].get("outputs")
        declared = list(outputs) if isinstance(outputs, Mapping) else []
        if len(use.path) > 1 and use.path[1] not in declared:
            near = difflib.get_close_matches(use.path[1], declared, n=1, cutoff=0.6)
            hint = f"Did you mean $jobs.{name}.{near[0]}?" if near else f"Add it to outputs: of {name}."
            yield found("BS305", f"{name} declares no output {use.path[1]}", hint)

    def _operation(self, use: VariableUse, scope: ReadableNames, found: FoundName) -> Iterator[Diagnostic]:
        if not use.path:
            yield found("BS308", "$ops alone says not which operation", "Write $ops.ID.")
            return
        name = use.path[0]
        if name not in scope.types:
            near = difflib.get_close_matches(name, list(scope.types), n=1, cutoff=0.6)
            if any(spot.id == name for spot in self._spots(scope.job)):
                hint = "An operation can read those before it."
            else:
                hint = f"Did you mean $ops.{near[0]}?" if near else f"Give the operation its id: {name}."
            yield found("BS308", f"there is no earlier operation {name} in this job", hint)
        elif len(use.path) > 1:
            yield from self._result(scope, name, use.path[1:], f"$ops.{name}", found)

    def _result(
        self, scope: ReadableNames, name: str, path: tuple[str, ...], shown: str, found: FoundName
    ) -> Iterator[Diagnostic]:
        """`path` goes on from the result of the operation of that id."""
        reads = ReadResults(registry=self.registry, results=self.results, spots=self._spots(scope.job))
        foreach = self.graph.entries.get(scope.job, {}).get("foreach")
        items = foreach if isinstance(foreach, Mapping) else {}
        unknown = reads.unknown_of_items(path, items, shown) if name == _ITEMS else reads.find_unknown(name, path, shown)
        if unknown:
            yield found("BS309", *unknown)

    def _parameter(self, use: VariableUse, found: FoundName) -> Iterator[Diagnostic]:
        parameters = self.data.get("parameters")
        declared = list(parameters) if isinstance(parameters, Mapping) else []
        if use.path and use.path[0] not in declared:
            near = difflib.get_close_matches(use.path[0], declared, n=1, cutoff=0.6)
            hint = f"Did you mean $params.{near[0]}?" if near else f"Declare it under parameters: {use.path[0]}."
            yield found("BS306", f"the pipeline has no parameter {use.path[0]}", hint)

    def _session(self, use: VariableUse, found: FoundName) -> Iterator[Diagnostic]:
        if use.path and use.path[0] not in SESSION_FIELDS:
            near = difflib.get_close_matches(use.path[0], SESSION_FIELDS, n=1, cutoff=0.5)
            hint = f"Did you mean $session.{near[0]}?" if near else f"There are {', '.join(SESSION_FIELDS)}."
            yield found("BS307", f"a session has no {use.path[0]}", hint)

    def _unread(self) -> Iterator[Diagnostic]:
        graph = self.graph
        needed = {name for job, before in graph.depends_on.items() if job not in graph.closing for name in before}
        for job in needed & set(self.graph.entries):
            outputs = self.graph.entries[job].get("outputs")
            for name in outputs if isinstance(outputs, Mapping) and job not in self.read_whole else ():
                if (job, name) not in self.read:
                    yield self.document.finding(
                        "BS210",
                        f"nobody reads the output {name} of {job}",
                        ("jobs", job, "outputs", name),
                        on_key=True,
                        severity=Severity.INFO,
                        hint="Remove it, unless it is there for people who look at the session.",
                    )

    def _teller(self, path: Path, expression: Expression, offset: int) -> FoundName:
        """Return what makes findings at a place inside the expression."""

        def found(code: str, summary: str, hint: str = "", severity: Severity = Severity.ERROR) -> Diagnostic:
            plain = self.document.finding(code, summary, path, hint=hint, severity=severity)
            return point_into(plain, expression, offset)

        return found
