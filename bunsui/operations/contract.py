"""What an operation type is, and what it is handed when a pipeline is compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bunsui.asl.model import Catcher, Retrier, State
from bunsui.diagnostics import Diagnostic
from bunsui.model.pipeline import CodeFolder, Operation
from bunsui.model.resource import Address, Scope
from bunsui.model.values import Expression, Json, Reference, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What a machine's role must be allowed to do."""

    actions: tuple[str, ...]
    """IAM actions such as `lambda:InvokeFunction`; never `*` by itself."""
    resources: tuple[Value, ...]
    """ARNs, with IAM wildcards only where the service has no finer resource."""
    condition: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCode:
    """A Lambda function that an operation brings along, to become resources of its pipeline."""

    code: CodeFolder
    handler: str
    runtime: str
    memory_mb: int
    timeout_seconds: int
    """The function's own; the compiler lowers it to the operation's when that is shorter."""
    architecture: str
    environment: Mapping[str, Value]
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLocation:
    """Where the work of an operation logs."""

    group: str
    """CloudWatch Logs group name."""
    contains: str = ""
    """A text that the run's own lines hold, such as a request id; empty when none is known before the run."""


class EmitContext(Protocol):
    """The compiler's side, handed to `OperationType.emit`. An operation is emitted with its successor already known."""

    @property
    def state(self) -> str:
        """The name of the operation's entry state, unique in the machine."""
        ...

    @property
    def next(self) -> str | None:
        """The state that follows, None when the operation ends its scope."""
        ...

    @property
    def scope(self) -> Scope:
        """Project, environment, account, region."""
        ...

    @property
    def retry(self) -> tuple[Retrier, ...]:
        """The operation's retries, classes already turned into error names."""
        ...

    @property
    def catch(self) -> tuple[Catcher, ...]:
        """Catches for an isolated job; empty otherwise."""
        ...

    def sub(self, suffix: str) -> str:
        """Give the unique name of a further state of this operation."""
        ...

    def value(self, value: Value) -> Json:
        """Give a parameter's value as ASL: expressions rewritten into the compiled names and wrapped in `{% %}`."""
        ...

    def expression(self, value: Value) -> str:
        """Give a parameter's value as a JSONata expression text, without `{% %}`, to stand inside a larger one."""
        ...

    def output(self, result: str) -> str:
        """Give the Output field that carries on the data and records `result` (JSONata over `$states.result`) as the
        operation's result."""
        ...

    def nested(self, operations: Sequence[Operation], *, suffix: str) -> tuple[str, Mapping[str, State]]:
        """Emit operations inside this one, each ending where this one ends; give the entry's name and the states."""
        ...

    def function(self) -> Json | Reference:
        """Give the version ARN of the function that the operation brings along, when it brings one."""
        ...

    def pipeline_arn(self, pipeline: str) -> str:
        """Give the alias ARN of another pipeline of this project."""
        ...

    def raw_input(self, pipeline: str) -> Mapping[str, Value] | None:
        """Give the defaults of the parameters of a raw pipeline of this project, whose input is the parameters themselves; None
        for a pipeline that bunsui compiles."""
        ...

    def skip_job(self) -> str:
        """Give the name of the state that ends the surrounding job as skipped: the job's remaining operations do not run, it
        declares no outputs, and its status becomes `skipped`. The compiler adds that state once it was asked for."""
        ...


Emitted = Mapping[str, State]
"""States of one operation in order; the first is the entry, named `context.state`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationType:
    """One kind of operation. `P` below is its frozen params dataclass, which pydantic validates at the boundary."""

    name: str
    """As the YAML says it: `lambda`."""
    summary: str
    """One line for the schema, the docs and editors."""
    params: type[Any]
    """P: a frozen, keyword-only dataclass with a `__pydantic_config__` that forbids extras; field docs become the schema's."""
    emit: Callable[[Any, Operation, EmitContext], Emitted]
    """(P, operation, context) -> states. Pure."""
    permissions: Callable[[Any, EmitContext], tuple[Permission, ...]]
    """(P, context) -> what the machine's role needs."""
    result: str
    """What `$result` holds, in words, for the docs."""
    result_fields: frozenset[str] | None = None
    """The only fields that `$result` can have; None when they cannot be known; an empty set means no result at all."""
    default_timeout_seconds: int | None = 3600
    """Given to Tasks whose operation says none; None for types that wait for nothing."""
    function: Callable[[Any], FunctionCode | None] = lambda params: None
    """(P) -> the function that the operation brings along."""
    with_digest: Callable[[Any, str], Any] = lambda params, digest: params
    """(P, content digest of the code folder) -> P that knows it. Whoever loads the files calls it for types whose `function`
    gives one, since P itself only knows the folder's path; until then `FunctionCode.code.digest` is empty."""
    findings: Callable[[Any, Operation], Sequence[Diagnostic]] = lambda params, operation: ()
    """(P, operation) -> what is doubtful or refused in parameters that are well-formed. Without a position: the caller puts in
    the operation's, or that of the key to which `Diagnostic.pointer` leads from it, such as `/code/timeout`."""
    calls_pipelines: Callable[[Any], tuple[str, ...]] = lambda params: ()
    """(P) -> names of other pipelines that it starts."""
    expressions: Callable[[Any], Sequence[Expression]] | None = None
    """(P) -> all expressions in it; None means: walk the dataclass."""
    operations: Callable[[Any], Sequence[Operation]] = lambda params: ()
    """(P) -> operations nested inside."""
    foreign: tuple[str, ...] = ()
    """Keys whose values are Amazon States Language: their expressions are in Step Functions' own names (`$states`), so
    bunsui's rules for names do not hold in them, and nobody rewrites them."""
    operation_lists: tuple[tuple[str, ...], ...] = ()
    """Where the YAML holds operations inside the parameters, as paths of keys with `*` for every entry of a list, such as
    `("cases", "*", "operations")`. Whoever loads the files lowers these lists first, so that P is validated with tuples of
    `Operation` there. In P's JSON Schema these lists have the keyword `x-operations`, for the document's schema to fill in."""
    logs: Callable[[Any, Address, Scope], LogLocation | None] = lambda params, address, scope: None
    """(P, address of its function, scope) -> where it logs."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """Error name -> what to look at, shown by `bunsui show`."""
    no_poll: str = ""
    """Why `poll` makes no sense on it, as the end of a sentence; empty when it does."""
    not_local: str = ""
    """Why the embedded AWS cannot run it yet; empty when it can."""
    local_setting: str = ""
    """What in bunsui.yaml makes the embedded AWS run it all the same; empty when nothing does."""
    answer: Callable[[Any, Json], Json] = lambda params, result: result
    """(P, `$result` as a test tells it) -> what the service would have answered: the type's test double."""
    example: str = ""
    """A YAML operation, shown in the docs and compiled by a test."""
