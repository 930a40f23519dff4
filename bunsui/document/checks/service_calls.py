"""Calls of AWS's API that operations make, against the published models: names, arguments, and what is read of answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bunsui.asl.expressions import form_of
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.checks.results import Operation
from bunsui.document.checks.service_arguments import ArgumentCheck, nearest
from bunsui.document.checks.typed_expressions import DeclaredTypes
from bunsui.document.operation_tree import operation_spots
from bunsui.document.yaml.tree import Document, Path
from bunsui.operations.contract import OperationType, ServiceCallKeys
from bunsui.operations.integrations.iam_names import iam_actions, is_action, nearest_action
from bunsui.operations.integrations.optimised import UNOFFERED, is_optimised, optimised_calls, sdk_action
from bunsui.ports.service_models import ServiceCallModel, ServiceModels

UNKNOWN_CALL, UNKNOWN_ACTION = "BS350", "BS281"
_NEWER = "If AWS has it by now, a newer botocore knows it: pip install --upgrade botocore."


class MadeCall(NamedTuple):
    """A call whose model is known."""

    service: str
    """As the SDK integration of Step Functions has it."""
    model: ServiceCallModel
    is_optimised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswers:
    """What is known of the answers of calls that operations make."""

    models: ServiceModels
    registry: Mapping[str, OperationType]

    def kind_of(self, operation: Operation, path: tuple[str, ...]) -> str:
        """Return the JSONata type of what a path of names leads to in the operation's result; empty when nothing is known."""
        found = self._walk(operation, path)
        kind = found if isinstance(found, str) else ""
        return {"structure": "object", "map": "object", "list": "array", "integer": "number", "other": ""}.get(kind, kind)

    def unknown_member(self, operation: Operation, path: tuple[str, ...]) -> tuple[str, str] | None:
        """Return what a path reads that the operation's result has not, and a hint; None where it has all, or nothing is
        known of it."""
        found = self._walk(operation, path)
        return found if isinstance(found, tuple) else None

    def _walk(self, operation: Operation, path: tuple[str, ...]) -> str | tuple[str, str]:
        made = self._made_call(operation)
        if made is None or not made.model.gives:
            return ""
        shape = self.models.shape(made.service, made.model.gives)
        for at, name in enumerate(path):
            while shape.kind == "list":
                shape = self.models.shape(made.service, shape.entries)
            if shape.kind != "structure":
                return ""
            known = {member.lower(): member for member in shape.members}
            member = name if name in shape.members else known.get(name.lower() if made.is_optimised else "")
            if member is None:
                near = nearest(name, shape.members)
                listed = ", ".join(sorted(shape.members)) or "nothing"
                read = f"{'.'.join(path[: at + 1])}: it is the answer of {operation.get('action')}"
                return read, f"Did you mean {near}?" if near else f"It has {listed}."
            shape = self.models.shape(made.service, shape.members[member])
        return shape.kind

    def _made_call(self, operation: Operation) -> MadeCall | None:
        """Return the call whose answer is the operation's result as it is."""
        keys = call_keys(operation, self.registry)
        if keys is None or keys.call or operation.get(keys.wait, "response") != "response":
            return None
        return made_call(self.models, keys.call_of(operation))


def call_keys(operation: Operation, registry: Mapping[str, OperationType]) -> ServiceCallKeys | None:
    """Return the keys that tell the call of an operation; None when its type makes none that is written out."""
    kind = operation.get("type")
    return registry[kind].service_call if isinstance(kind, str) and kind in registry else None


def made_call(models: ServiceModels, action: str) -> MadeCall | None:
    """Return the call of that name; None when there is no such service or call."""
    optimised = is_optimised(action)
    service, _, name = sdk_action(action).partition(":")
    try:
        model = models.calls(service).get(name)
    except KeyError:
        return None
    return None if model is None else MadeCall(service, model, optimised)


def check_service_calls(document: Document, types: DeclaredTypes, models: ServiceModels) -> Iterator[Diagnostic]:
    """Return the findings about the calls of all jobs; the data may be of any shape."""
    jobs, registry = types.data.get("jobs"), types.registry
    for job, entry in (jobs if isinstance(jobs, Mapping) else {}).items():
        operations = entry.get("operations") if isinstance(entry, Mapping) else None
        for spot in operation_spots(operations, registry):
            keys = call_keys(spot.entry, registry)
            action = keys.call_of(spot.entry) if keys is not None else ""
            if keys is not None and "${" not in action and ":" in action:
                path: Path = ("jobs", job, "operations", *spot.path)
                found = list(_call_problems(document, models, action, (*path, keys.action)))
                yield from found
                if not found:
                    yield from _unknown_actions(document, action, spot.entry.get(keys.allow), keys, path)
                    yield from _arguments(document, models, types, job, spot.entry, keys, path)


def _call_problems(document: Document, models: ServiceModels, action: str, path: Path) -> Iterator[Diagnostic]:
    service, _, name = action.partition(":")
    made = made_call(models, action)
    if made is not None:
        reason = "it is a stream" if made.model.is_stream else UNOFFERED.get(f"{made.service}:{name}", "")
        if reason:
            severity = Severity.ERROR if made.model.is_stream else Severity.WARNING
            yield document.finding(
                UNKNOWN_CALL, f"Step Functions does not offer {action}: {reason}", path, severity=severity,
                hint="Call it from the code of a lambda or a container.",
            )  # fmt: skip
        return
    if is_optimised(action):
        return  # no call of an API stands behind it
    if service not in models.services() and not models.renamed(service) and optimised_calls(service):
        known = nearest(name, sorted(optimised_calls(service)))
        summary = f"{service} has no optimised integration {name}"
        hint = f"Did you mean {service}:{known}?" if known else f"It has {', '.join(sorted(optimised_calls(service)))}."
    elif service not in models.services():
        known = models.renamed(service) or nearest(service, sorted(models.services()))
        summary = f"Step Functions has no service {service}"
        hint = f"Did you mean {known}:{name}?" if known else _NEWER
    else:
        calls = models.calls(service)
        known = nearest(name, calls)
        summary, hint = f"{service} has no call {name}", f"Did you mean {service}:{known}?" if known else _NEWER
    yield document.finding(UNKNOWN_CALL, summary, path, severity=Severity.ERROR if known else Severity.WARNING, hint=hint)


def _unknown_actions(document: Document, action: str, allow: Any, keys: ServiceCallKeys, path: Path) -> Iterator[Diagnostic]:
    """Report what IAM has no action for: the role would allow nothing by it."""
    if allow is None:
        for name in (name for name in iam_actions(action) if not is_action(name)):
            yield document.finding(
                UNKNOWN_ACTION,
                f"it is not known which IAM action {action} needs: {name} is in no reference",
                (*path, keys.action),
                severity=Severity.WARNING,
                detail="Where that is not its name, the call is refused with an access error.",
                hint="Say it: allow: [PREFIX:ACTION], as the service authorization reference has it.",
            )
    for index, name in enumerate(allow if isinstance(allow, (list, tuple)) else ()):
        if isinstance(name, str) and "${" not in name and not is_action(name):
            yield unknown_action(document, name, (*path, keys.allow, index))


def unknown_action(document: Document, name: str, path: Path) -> Diagnostic:
    """Return the finding about an IAM action that is in no reference."""
    near = nearest_action(name)
    hint = f"Did you mean {near}?" if near else "See the service authorization reference."
    words = f"IAM has no action {name}, as far as is known"
    return document.finding(UNKNOWN_ACTION, words, path, severity=Severity.WARNING, hint=hint)


def _arguments(
    document: Document,
    models: ServiceModels,
    types: DeclaredTypes,
    job: str,
    operation: Operation,
    keys: ServiceCallKeys,
    path: Path,
) -> Iterator[Diagnostic]:
    action = keys.call_of(operation)
    made = made_call(models, action)
    value = operation.get(keys.arguments, {})
    if made is None or not isinstance(value, Mapping) or action in keys.own_arguments:
        return
    if not made.model.takes:
        if value:
            yield document.finding("BS351", f"{action} takes no arguments", (*path, keys.arguments), hint="Remove them.")
        return
    token = operation.get(keys.into)

    def type_of(text: str) -> str:
        form = form_of(text)
        return types.type_of(form.root, job) if form.kind == "field" and form.root[:1] != ("result",) else ""

    check = ArgumentCheck(
        models=models,
        service=made.service,
        call=action,
        type_of=type_of,
        given_apart=tuple(token.split(".")) if isinstance(token, str) else (),
        any_spelling=made.is_optimised or bool(keys.call),
        is_part=bool(keys.call),
    )
    for problem in check.problems(made.model.takes, value):
        yield document.finding(
            problem.code,
            problem.summary,
            (*path, keys.arguments, *problem.path),
            hint=problem.hint,
            on_key=problem.on_key,
            severity=problem.severity,
        )
