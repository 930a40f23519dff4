"""What is to be said of operations whose calls would be refused, or whose errors would never be tried again.

Rights that nobody can derive and nobody says; resources of another region, where Step Functions calls nobody; names under
`retry` that the operation cannot fail with. All of it would be seen at the first run on AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bunsui.asl.printing import printed_states
from bunsui.compile.context import CompilerSettings, OperationContext
from bunsui.compile.raw import unmet_finding
from bunsui.compile.resources import operation_contexts, said_permissions
from bunsui.compile.retries import is_class, names_of
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.pipeline import Operation, Pipeline
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.service_errors import TaskErrors, all_errors
from bunsui.operations.integrations.state_needs import every_state, is_met

NOBODY = "000000000000"
"""The account as long as nobody asked AWS: names of regions and accounts in files are then right or wrong for another one."""


def role_findings(pipeline: Pipeline, setting: CompilerSettings) -> Iterator[Diagnostic]:
    """Return the findings about all operations of a pipeline of jobs."""
    whole = said_permissions(pipeline.permissions)
    named: list[tuple[Operation, TaskErrors]] = []
    for operation, context in operation_contexts(pipeline, setting):
        kind = setting.registry[operation.type]
        said = (*said_permissions(operation.permissions), *whole)
        for needs in kind.unmet(operation.params, context):
            if not is_met(needs.unmet, said):
                yield unmet_finding(needs, operation.position)
        if setting.scope.account != NOBODY:
            yield from _elsewhere(operation, kind.permissions(operation.params, context), setting)
        if operation.retry is not None and set(operation.retry.errors) != {"any"}:
            named.append((operation, _errors_of(operation, context, setting)))
    yield from _never_raised(named)


def _elsewhere(operation: Operation, permissions: Iterable[Permission], setting: CompilerSettings) -> Iterator[Diagnostic]:
    """Report resources in another region than the machine's, and machines of another account."""
    scope = setting.scope
    told: set[str] = set()
    for permission in permissions:
        for resource in permission.resources:
            parts = resource.split(":", 5) if isinstance(resource, str) else []
            if len(parts) < 6 or resource in told:
                continue
            told.add(str(resource))
            service, region, account = parts[2:5]
            if region not in ("", "*", scope.region):
                yield Diagnostic(
                    code="BS432",
                    severity=Severity.WARNING,
                    summary=f"{resource} lies in {region}, and Step Functions calls {service} in {scope.region}",
                    position=operation.position,
                    hint=f"Name what lies in {scope.region}, or let a function call the other region.",
                )
            elif service == "states" and account not in ("", "*", scope.account, *told):
                told.add(account)
                yield Diagnostic(
                    code="BS433",
                    severity=Severity.WARNING,
                    summary=f"{resource} belongs to the account {account}, and no machine is started from another account",
                    position=operation.position,
                    hint="State machines have no policy of their own: let a function start it, with a role of that account.",
                )


def _errors_of(operation: Operation, context: OperationContext, setting: CompilerSettings) -> TaskErrors:
    """Return what the operation's own Tasks can fail with."""
    once = replace(operation, poll=None)
    states = setting.registry[operation.type].emit(operation.params, once, context)
    definition = {"States": printed_states(states)}
    resources = [str(one["Resource"]) for _, one in every_state(definition, "") if one.get("Type") == "Task"]
    found = all_errors(resources)
    return found if resources else replace(found, is_open=True)


def _never_raised(named: Sequence[tuple[Operation, TaskErrors]]) -> Iterator[Diagnostic]:
    """Report names and classes that the operation cannot fail with; such as are right for another that says the same are a
    default."""
    for operation, known in named:
        assert operation.retry is not None, "only those with retries are asked"
        errors = operation.retry.errors
        alike = [other for one, other in named if one.retry is not None and one.retry.errors == errors]
        for name in errors:
            if is_class(name):
                if not any(names_of([name], other) for other in alike):
                    yield _no_such_class(name, operation, known)
                continue
            if any(_is_possible(name, other) for other in alike):
                continue
            near = known.nearest(name)
            yield Diagnostic(
                code="BS434",
                severity=Severity.WARNING,
                summary=f"retry names {name}, with which {operation.type} never fails",
                position=operation.position,
                hint=f"Did you mean {near}?" if near else "Write a class: throttling, infrastructure, timeout; or any.",
            )


def _no_such_class(name: str, operation: Operation, known: TaskErrors) -> Diagnostic:
    """Report a class without a single name for the operation: nothing of it would stand in the Retry of its Task."""
    return Diagnostic(
        code="BS434",
        severity=Severity.WARNING,
        summary=f"retry names the class {name}, and {operation.type} fails with no error of it that is known",
        position=operation.position,
        detail="Nothing is tried again for it.",
        hint="Name the errors that its work fails with, or write any." if known.is_open else "Write another class, or any.",
    )


def _is_possible(name: str, known: TaskErrors) -> bool:
    """A name of the service's own that its model has not is misspelt: what a model has not comes under another name."""
    if name.startswith("States.") and not name.startswith("States.Http."):
        return True
    prefix = name.rpartition(".")[0]
    if prefix in known.prefixes:
        return name in known.all or prefix in ("Runtime", "Sandbox")
    return known.is_open or known.can_be(name)
