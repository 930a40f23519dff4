"""The names that an expression at a place of a file may read: the same that the check of expressions goes by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.asl.expressions import FUNCTIONS, field_step
from bunsui.document.checks.expressions import SESSION_FIELDS, ExpressionChecker, ReadableNames
from bunsui.document.closing_jobs import with_closing_jobs
from bunsui.document.job_graph import find_cycle, job_graph
from bunsui.document.schema.check import job_form
from bunsui.document.short_forms import is_short, long_form
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.operations.contract import OperationType


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedName:
    """A name, and what it is."""

    text: str
    """As it is written, such as `$jobs.extract.rows` or `$count(`."""
    meaning: str
    is_function: bool = False


def expression_names(file: str, content: bytes, path: Path, registry: Mapping[str, OperationType]) -> tuple[OfferedName, ...]:
    """Return what an expression at a path of the file may read, the nearest first, functions last; nothing where none can
    stand, where the text cannot be read, and in states written by hand, whose names are Step Functions' own."""
    document = read_document(file, content).document
    if document is None:
        return ()
    whole = long_form(with_closing_jobs(document), job_form(registry))
    data = whole.data
    if not isinstance(data, Mapping) or not isinstance(data.get("jobs"), Mapping):
        return ()
    graph = job_graph(data, registry, whole.closing)
    if find_cycle(graph.depends_on) is not None:
        return ()
    checker = ExpressionChecker(document=whole, data=data, graph=graph, registry=registry)
    scope = checker.scope_at(_long_path(whole, path, registry))
    if scope is None or scope.is_foreign:
        return ()
    return (*_names(checker, scope), *_functions())


def _long_path(document: Document, path: Path, registry: Mapping[str, OperationType]) -> Path:
    """Return the path as it is once short forms are written out: a job's own keys may be those of its only operation."""
    form = job_form(registry)
    jobs = document.node(("jobs",)).children
    for name, node in jobs.items() if isinstance(jobs, Mapping) else ():
        own = node.origin or ("jobs", str(name))
        if path[: len(own)] != own or len(path) == len(own):
            continue
        rest = path[len(own) :]
        has_list = isinstance(node.children, Mapping) and "operations" in node.children
        if has_list and is_short(document, str(name)) and rest[0] not in form.job:
            rest = ("operations", 0, *rest)
        return ("jobs", str(name), *rest)
    return path


def _names(checker: ExpressionChecker, scope: ReadableNames) -> Iterator[OfferedName]:
    yield from _results(checker, scope)
    for name in sorted(scope.names - {"params", "session", "jobs", "errors", "status", "result", "ops"}):
        yield OfferedName(text=f"${name}", meaning="the item of foreach")
    if "params" in scope.names:
        yield from _parameters(checker.data.get("parameters"))
    if "jobs" in scope.names and scope.job:
        yield from _outputs(checker, scope)
    if "session" in scope.names:
        for field in SESSION_FIELDS:
            yield OfferedName(text=f"$session.{field}", meaning="of the session")


def _results(checker: ExpressionChecker, scope: ReadableNames) -> Iterator[OfferedName]:
    """Yield the results of operations that ran before, with the fields that their types are known to give."""
    if "result" in scope.names:
        kind = scope.types.get(scope.result_of, "")
        yield from _result_fields(checker, "$result", kind, f"what {kind} gave" if kind else "what the operation gave")
    if "ops" in scope.names:
        for name, kind in scope.types.items():
            yield from _result_fields(checker, f"$ops.{_step(name)}", kind, f"what {name} gave")


def _result_fields(checker: ExpressionChecker, text: str, kind: str, meaning: str) -> Iterator[OfferedName]:
    found = checker.registry.get(kind)
    fields = found.result_fields if found is not None else None
    if fields is None or fields:
        yield OfferedName(text=text, meaning=meaning)
    for field in sorted(fields or ()):
        yield OfferedName(text=f"{text}.{_step(field)}", meaning=meaning)


def _parameters(declared: Json) -> Iterator[OfferedName]:
    for name, entry in declared.items() if isinstance(declared, Mapping) else ():
        kind = entry.get("type") if isinstance(entry, Mapping) else None
        meaning = f"parameter, {kind}" if isinstance(kind, str) else "parameter"
        yield OfferedName(text=f"$params.{_step(name)}", meaning=meaning)


def _outputs(checker: ExpressionChecker, scope: ReadableNames) -> Iterator[OfferedName]:
    """Yield the outputs of the jobs that this one depends on, and how those ended that it survives."""
    graph = checker.graph
    before = graph.ancestors(scope.job)
    sure = graph.surely_ran(scope.job)
    for name in (one for one in graph.entries if one in before):
        outputs = graph.entries[name].get("outputs")
        meaning = f"output of {name}" if name in sure else f"output of {name}, which may not have run"
        for output in outputs if isinstance(outputs, Mapping) else ():
            yield OfferedName(text=f"$jobs.{_step(name)}.{_step(output)}", meaning=meaning)
    for name in (one for one in graph.entries if one in before):
        if name not in sure:
            yield OfferedName(text=f"$status.{_step(name)}", meaning=f"how {name} ended")
        if graph.is_caught(name):
            yield OfferedName(text=f"$errors.{_step(name)}", meaning=f"why {name} failed, if it did")


def _functions() -> Iterator[OfferedName]:
    for name in sorted(FUNCTIONS):
        yield OfferedName(text=f"${name}(", meaning="function", is_function=True)


def _step(name: str) -> str:
    """Return a name as a step of a path; one that no path can hold is told by its check."""
    return name if "`" in name else field_step(name)
