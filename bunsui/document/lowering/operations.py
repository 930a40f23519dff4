"""Operations: common keys to `Operation`, the type's own keys to its params dataclass, code folders to digests."""

from __future__ import annotations

import dataclasses
import posixpath
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.document.code import CodeDigests, read_code
from bunsui.document.handlers import handler_problem
from bunsui.document.lowering.permissions import lower_permissions
from bunsui.document.lowering.polls import lower_poll
from bunsui.document.lowering.retries import lower_retry
from bunsui.document.lowering.values import Lowering
from bunsui.document.operation_tree import nested_lists, operation_spots
from bunsui.document.python.imports import MissingImport
from bunsui.document.yaml.tree import Path
from bunsui.errors import InvalidInput
from bunsui.model.pipeline import CodeFolder, Operation
from bunsui.model.values import Value
from bunsui.operations.contract import FunctionCode, OperationType

if TYPE_CHECKING:
    from pydantic import ValidationError

_SHOWN_FILES = 3
_KEY = re.compile(r"^([a-z_]+): ")
_RETRY_TIMEOUTS = frozenset({"timeout", "any", "States.ALL"})
"""What `errors` holds when a timeout is among them, if the operation is idempotent."""
COMMON_KEYS = frozenset({"id", "type", "timeout", "heartbeat", "retry", "idempotent", "poll", "permissions"})


def lower_operations(lowering: Lowering, path: Path, value: Value) -> tuple[Operation, ...]:
    """Return the operations of a job; one that cannot be lowered is left out, with findings. `path` leads to the list."""
    names = {spot.path: spot.id for spot in operation_spots(value, lowering.registry)}
    return _OperationList(lowering=lowering, names=names, root=path).lower(value, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class _OperationList:
    """The operations of one job, by their paths from the job's list."""

    lowering: Lowering
    names: Mapping[Path, str]
    root: Path

    def lower(self, value: Value, path: Path) -> tuple[Operation, ...]:
        operations = []
        for index, entry in enumerate(value if isinstance(value, (list, tuple)) else ()):
            if isinstance(entry, Mapping):
                operation = self._one(entry, (*path, index))
                if operation is not None:
                    operations.append(operation)
        self._check_order(value, path)
        return tuple(operations)

    def _check_order(self, value: Value, path: Path) -> None:
        """Report operations that stand behind one that ends the job."""
        entries = value if isinstance(value, (list, tuple)) else ()
        for index, entry in enumerate(entries[:-1]):
            name = str(entry.get("type")) if isinstance(entry, Mapping) else ""
            operation_type = self.lowering.registry.get(name)
            if operation_type is not None and operation_type.ends_job:
                self.lowering.report(
                    "BS230",
                    f"no operation runs after {name}",
                    (*self.root, *path, index + 1),
                    hint=f"Put {name} last, or into a choice: when: says whether the job fails.",
                )
                return

    def _one(self, entry: Mapping[str, Value], path: Path) -> Operation | None:
        operation_type = self.lowering.registry.get(str(entry.get("type")))
        if operation_type is None:
            return None
        own: Any = entry
        for inner, listed in nested_lists(operation_type, entry):
            own = _replace_part(own, inner, self.lower(listed, (*path, *inner)))
        return _operation(self.lowering, (*self.root, *path), own, self.names[path])


def _replace_part(value: Any, path: Path, new: object) -> Any:
    """Return the value with the part at the path replaced, the original left as it is."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    copied: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copied[step] = _replace_part(copied[step], rest, new)
    return copied


def _operation(lowering: Lowering, path: Path, entry: Mapping[str, Value], name: str) -> Operation | None:
    operation_type = lowering.registry[str(entry["type"])]
    fields = {field.name for field in dataclasses.fields(operation_type.params)}
    own = {key: item for key, item in entry.items() if key not in COMMON_KEYS or (key in fields and key != "type")}
    params = _params(lowering, path, operation_type, own)
    if params is None:
        return None
    timeout = None if "timeout" in fields else lowering.duration((*path, "timeout"), entry.get("timeout"))
    if timeout is None and operation_type.default_timeout_seconds is not None:
        timeout = lowering.default_timeout
    is_idempotent = lowering.flag((*path, "idempotent"), entry.get("idempotent"), default=False)
    operation = Operation(
        id=name,
        type=operation_type.name,
        params=params,
        timeout_seconds=timeout,
        heartbeat_seconds=lowering.duration((*path, "heartbeat"), entry.get("heartbeat")),
        retry=lower_retry(lowering, path, entry.get("retry")),
        idempotent=is_idempotent,
        poll=lower_poll(lowering, (*path, "poll"), entry.get("poll"), operation_type),
        permissions=()
        if "permissions" in fields
        else lower_permissions(lowering, (*path, "permissions"), entry.get("permissions")),
        position=lowering.document.at(path),
    )
    for found in operation_type.findings(params, operation):
        lowering.findings.append(_place_finding(lowering, found, path))
    _check_times(lowering, path, operation, operation_type)
    _check_idle(lowering, path, entry, operation, operation_type)
    return operation


def _params(lowering: Lowering, path: Path, operation_type: OperationType, own: Mapping[str, Value]) -> Any:
    from pydantic import ValidationError  # deferred: the operation types bring it anyway

    from bunsui.document.lowering.unknown_values import with_forms  # deferred: it needs pydantic

    name = own.get("code")
    is_named = isinstance(name, str) and operation_type.name == "lambda"
    if is_named:
        function = lowering.functions.get(str(name))
        if not isinstance(function, Mapping):
            return None  # there is a finding about it
        own = {**own, "code": {**function, "name": name}}
    adapter = _adapter(cast("Hashable", operation_type.params))
    try:
        params = adapter.validate_python(dict(own))
    except ValidationError:
        stood_for = with_forms(adapter.validate_python, own, _places)
        try:
            params = adapter.validate_python(dict(stood_for))
        except ValidationError as error:
            for steps, message in _refusals(stood_for, error):
                at = ("functions", str(name), *steps[1:]) if is_named and steps[:1] == ("code",) else (*path, *steps)
                lowering.report("BS109", f"{message[:1].lower()}{message[1:]}", at)
            return None
    except Exception as error:  # noqa: BLE001 (a plugin's dataclass may raise anything on a value that it did not expect)
        lowering.report("BS109", f"the operation cannot be read: {type(error).__name__}: {error}", path)
        return None
    code = operation_type.function(params)
    if code is None:
        return params
    digests = _digests(lowering, ("functions", code.name) if code.name else (*path, "code"), code)
    if digests is None:
        return None
    return operation_type.with_reached(operation_type.with_digest(params, digests.whole), digests.reached)


def _refusals(own: Mapping[str, Value], error: ValidationError) -> Iterator[tuple[Path, str]]:
    """Yield where each refusal lies in the document, with its sentence."""
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        steps = tuple(step for step in problem["loc"] if _exists(own, problem["loc"], step))
        message = str(problem["msg"]).removeprefix("Value error, ")
        yield (*steps, *_named_key(own, steps, message)), message


def _places(own: Mapping[str, Value], error: ValidationError) -> Sequence[Path]:
    return [steps for steps, _ in _refusals(own, error)]


def _named_key(own: Mapping[str, Value], steps: Path, message: str) -> Path:
    """Return the key by which the message of a check of several keys begins, where it stands there: `group: …`."""
    where: object = own
    for step in steps:
        where = where[step] if isinstance(where, (Mapping, list, tuple)) else None  # type: ignore[index]  # `_exists` looked
    named = _KEY.match(message)
    return (named[1],) if named is not None and isinstance(where, Mapping) and named[1] in where else ()


def _place_finding(lowering: Lowering, found: Any, path: Path) -> Any:
    if found.position is not None:
        return found
    steps = tuple(step for step in found.pointer.split("/")[1:])
    placed = lowering.document.finding(
        found.code, found.summary, (*path, *steps), severity=found.severity, detail=found.detail, hint=found.hint
    )
    return dataclasses.replace(placed, subject=found.subject)


def _exists(own: object, steps: Sequence[int | str], step: int | str) -> bool:
    """Tell whether a step of pydantic's location is one of the document's, not the name of a union's branch."""
    current = own
    for candidate in steps:
        if isinstance(current, Mapping) and candidate in current:
            current = current[str(candidate)]
        elif isinstance(current, (list, tuple)) and isinstance(candidate, int) and candidate < len(current):
            current = current[candidate]
        elif candidate is step:
            return False
        if candidate is step:
            return True
    return False


def _digests(lowering: Lowering, at: Path, function: FunctionCode) -> CodeDigests | None:
    try:
        digests = read_code(
            lowering.source,
            function.code.path,
            handler=function.handler,
            requirements=function.code.requirements,
            runtime=function.runtime,
            architecture=function.architecture,
            exclude=function.code.exclude,
            include=function.code.include,
        )
        _tell_withheld(lowering, at, function.code)
        _tell_unused(lowering, at, function.code)
        _check_handler(lowering, at, function)
        _check_imports(lowering, function, digests.missing)
        return digests
    except InvalidInput as error:
        shown = error.facts.get("path", "")
        is_lock = bool(shown) and shown == function.code.requirements
        lowering.report(
            "BS212" if is_lock else "BS211",
            f"{error.summary}: {shown}",
            (*at, "requirements" if is_lock else "path"),
            hint=error.hint or "Paths are relative to the folder of bunsui.yaml.",
        )
        return None


def _check_handler(lowering: Lowering, at: Path, function: FunctionCode) -> None:
    if function.runtime.startswith("python"):
        wrong = handler_problem(lowering.source, function.code.path, function.handler)
        # A package of the lock file may bring a handler along.
        if wrong is not None and function.code.requirements is None:
            lowering.report("BS121", wrong.summary, (*at, "handler"), hint=wrong.hint)


def _check_imports(lowering: Lowering, function: FunctionCode, missing: Sequence[MissingImport]) -> None:
    """Report what the code imports and does not bring, at its line of the code."""
    lock = function.code.requirements
    for one in missing:
        told = f"{one.module} is in no file of {function.code.path}, and Lambda's {function.runtime} does not have it"
        if lock is not None:
            told = f"{one.module} is in no file of {function.code.path}, and no package of {lock} is called so"
        if function.layers:
            told += ", unless a layer brings it"
        remedy = f"Lock {one.package} in {lock or 'a file, and name it as requirements'}, or lay it beside the code"
        if one.removed is not None:
            told += f"; Python 3.{one.removed} removed it from the standard library"
            remedy = f"Do without it, or choose a runtime before python3.{one.removed}"
        lowering.findings.append(
            Diagnostic(
                code="BS125",
                severity=Severity.ERROR if one.is_certain and not function.layers else Severity.WARNING,
                summary=told,
                position=Position(posixpath.join(function.code.path, one.path), one.line, one.column),
                hint=f"{remedy}; what may be missing is imported in try … except ImportError.",
                excerpt=one.excerpt,
            )
        )


def _tell_withheld(lowering: Lowering, at: Path, code: CodeFolder) -> None:
    """Say once for a folder what is not shipped since it looks like a credential: the function may need it, or it lies there by
    mistake."""
    found = lowering.source.withheld(code.path, exclude=code.exclude, include=code.include)
    if found:
        shown = ", ".join(found[:_SHOWN_FILES]) + (
            f" and {len(found) - _SHOWN_FILES} more" if len(found) > _SHOWN_FILES else ""
        )
        lowering.report(
            "BS228",
            f"what looks like a secret lies beside the code, and is left out of the function: {shown}",
            (*at, "path"),
            severity=Severity.WARNING,
            hint=f"Move it away, or say what is meant:  exclude: [{found[0]}]  or, to ship it,  include: [{found[0]}]",
        )


def _tell_unused(lowering: Lowering, at: Path, code: CodeFolder) -> None:
    """Report each pattern that names nothing: misspelt, it leaves out nothing, or does not bring what the function needs."""
    patterns = {"exclude": code.exclude, "include": code.include}
    if not any(patterns.values()):
        return
    for found in lowering.source.unused(code.path, **patterns):
        lowering.report(
            "BS229",
            f"{found.key} changes nothing: nothing in {code.path} matches {found.pattern}",
            (*at, found.key, patterns[found.key].index(found.pattern)),
            severity=Severity.WARNING,
            hint="Correct it, or remove it. Without `/` it is a name at any depth, else a path from that folder.",
        )


def _check_times(lowering: Lowering, path: Path, operation: Operation, operation_type: OperationType) -> None:
    limit = operation.timeout_seconds or operation_type.default_timeout_seconds
    if operation.timeout_seconds is not None and operation.timeout_seconds <= 0:
        lowering.report("BS113", "timeout must be longer than nothing", (*path, "timeout"))
    if operation.heartbeat_seconds is not None and limit is not None and operation.heartbeat_seconds >= limit:
        lowering.report("BS113", "heartbeat must be shorter than timeout", (*path, "heartbeat"))
    if operation.heartbeat_seconds is not None and limit is not None and not operation_type.beats(operation.params):
        lowering.report(
            "BS122",
            f"nobody can send a heartbeat for this {operation.type}: Step Functions would end it while it is at work",
            (*path, "heartbeat"),
            hint="Remove heartbeat, and say timeout; only holders of a task token report: type: aws with wait: token.",
        )
    retry = operation.retry
    if retry is not None and "timeout" in retry.errors and not operation.idempotent:
        at: Path = (*path, "retry") if lowering.document.node((*path, "retry")) is not lowering.document.node(path) else path
        lowering.report(
            "BS114",
            "a timeout is retried only when the operation is idempotent",
            at,
            hint="Add idempotent: true when running it twice does no harm; else take timeout out of errors.",
        )


def _check_idle(
    lowering: Lowering, path: Path, entry: Mapping[str, Value], operation: Operation, operation_type: OperationType
) -> None:
    """Report keys of the operation itself that change nothing on its type; as a default they are right for other types."""
    own = {key for key in entry if lowering.document.origin((*path, key))[:1] != ("defaults",)}
    fields = {field.name for field in dataclasses.fields(operation_type.params)}
    if operation_type.default_timeout_seconds is None:
        why = operation_type.no_timeout or f"{operation.type} waits for no answer"
        for key in ("timeout", "heartbeat"):
            if key in own - fields:
                _report_idle(lowering, (*path, key), f"{key} changes nothing here: {why}")
    if operation_type.no_retry:
        for key in ("retry", "idempotent"):
            if key in own - fields:
                _report_idle(lowering, (*path, key), f"{key} changes nothing here: {operation_type.no_retry}")
        return
    retry = operation.retry
    retried = retry is not None and retry.attempts > 1 and not _RETRY_TIMEOUTS.isdisjoint(retry.errors)
    if operation.idempotent and "idempotent" in own and not retried:
        add = "Add retry: {attempts: 3}" if retry is None else "Give retry more attempts than one, and errors with timeout,"
        hint = f"{add} to have one tried again; else remove the key."
        _report_idle(lowering, (*path, "idempotent"), "idempotent: true changes nothing here: no timeout is retried", hint=hint)


def _report_idle(lowering: Lowering, at: Path, summary: str, *, hint: str = "Remove the key.") -> None:
    lowering.report("BS118", summary, at, severity=Severity.WARNING, hint=hint)


@cache
def _adapter(params: Hashable) -> Any:
    from pydantic import TypeAdapter  # deferred: the operation types bring it anyway

    return TypeAdapter(cast("type[Any]", params))
