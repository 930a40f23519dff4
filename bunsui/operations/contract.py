"""The interface of an operation type: what it is, and what it is handed when a pipeline is compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bunsui.asl.model import Catcher, Retrier, State
from bunsui.diagnostics import Diagnostic
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.pipeline import CodeFolder, Operation
from bunsui.model.resource import Scope
from bunsui.model.values import Expression, Reference, Value


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
    subnets: Value = ()
    """Ids of subnets of the VPC that it reaches into; empty for none."""
    security_groups: Value = ()
    layers: Value = ()
    """ARNs of versions of layers."""
    ephemeral_storage_mb: int = 512
    reserved_concurrency: int | None = None
    tracing: bool = False
    dead_letter: Value = None
    """ARN of a queue or topic for what failed asynchronously."""
    kms_key: Value = None
    """ARN of the key that encrypts the environment."""
    name: str = ""
    """Of a function of the pipeline's, which several operations may have; empty for an operation's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLocation:
    """Where the work of an operation logs."""

    group: str
    """CloudWatch Logs group name."""
    contains: str = ""
    """A text that the run's own lines hold, such as a request id; empty when none is known before the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNeeds:
    """What one state needs, or one of what a distributed Map does itself."""

    pointer: str
    """JSON pointer, from the definition or the operation."""
    permissions: tuple[Permission, ...] = ()
    unmet: tuple[str, ...] = ()
    """IAM actions that it needs on what nobody knows."""
    called: str = ""
    """What they are needed for: the Resource of a Task, reader or writer."""


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
    def pipeline(self) -> str:
        """The name of the pipeline that is compiled."""
        ...

    @property
    def retry(self) -> tuple[Retrier, ...]:
        """The operation's retries, for a state to hand on: classes become names once it is known what the state calls."""
        ...

    @property
    def catch(self) -> tuple[Catcher, ...]:
        """Catches for an isolated job; empty otherwise."""
        ...

    def sub(self, suffix: str) -> str:
        """Return the unique name of a further state of this operation."""
        ...

    def value(self, value: Value) -> Json:
        """Return a parameter's value as ASL: expressions rewritten into the compiled names and wrapped in `{% %}`."""
        ...

    def expression(self, value: Value) -> str:
        """Return a parameter's value as a JSONata expression text, without `{% %}`, to stand inside a larger one."""
        ...

    def output(self, result: str) -> str:
        """Return the Output field that carries on the data and records `result` (JSONata over `$states.result`) as the
        operation's result."""
        ...

    def nested(self, operations: Sequence[Operation], *, suffix: str) -> tuple[str, Mapping[str, State]]:
        """Emit operations inside this one, each ending where this one ends; give the entry's name and the states."""
        ...

    def function(self) -> Json | Reference:
        """Return the version ARN of the function that the operation brings along, when it brings one."""
        ...

    def pipeline_arn(self, pipeline: str) -> str:
        """Return the alias ARN of another pipeline of this project."""
        ...

    @property
    def machine_arn(self) -> str:
        """The ARN of the machine itself, without version or alias."""
        ...

    def raw_input(self, pipeline: str) -> Mapping[str, Value] | None:
        """Return the defaults of the parameters of a raw pipeline of this project, whose input is the parameters themselves;
        None for a pipeline that bunsui compiles."""
        ...

    def child_resume(self, pipeline: str, params: Value) -> Json:
        """Return what an earlier attempt completed in another pipeline, for that one's input: where it was given the
        same parameters, an empty object otherwise. None where nobody can tell one start of it from another."""
        ...

    def skip_job(self) -> str:
        """Return the name of the state that ends the surrounding job as skipped: the job's remaining operations do not run, it
        declares no outputs, and its status becomes `skipped`. The compiler adds that state once it was asked for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCall:
    """One call of a Task that a test double answers."""

    resource: str
    """The Task's resource without its ARN's beginning, such as `athena:startQueryExecution.sync`."""
    arguments: Json
    """Arguments, evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCallKeys:
    """The keys of an operation that say which call of AWS's API it makes, for types that leave that to the author."""

    arguments: str
    action: str = ""
    """The key of service and call, such as `glue:startJobRun`; empty where the type always makes `call`."""
    call: str = ""
    """The call of a type that makes no other: its arguments stand beside those that other keys say, and `$result` is not its
    answer."""
    wait: str = ""
    """`$result` is the call's answer where this is absent or `response`."""
    into: str = ""
    """Where in the arguments something is put that does not stand there: names with dots between them."""
    allow: str = ""
    """The IAM actions that the call needs, where the author says them."""
    own_arguments: frozenset[str] = frozenset()
    """Calls whose arguments are other ones than those of the API."""

    def call_of(self, operation: Mapping[str, object]) -> str:
        """Return the call that an operation makes; empty where it names none."""
        named = self.call or operation.get(self.action, "")
        return named if isinstance(named, str) else ""


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
    unmet: Callable[[Any, EmitContext], Sequence[StateNeeds]] = lambda params, context: ()
    """(P, context) -> what it needs on what nobody knows: told where no `permissions` say it."""
    result_fields: frozenset[str] | None = None
    """The only fields that `$result` can have; None when they cannot be known; an empty set means no result at all."""
    result_entries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By field the only names that the entries of its list have."""
    result_lists: frozenset[str] = frozenset()
    """Those of the fields that hold a list whatever the service answers."""
    writes_result: Callable[[Any], bool] = lambda params: False
    """(P) -> True when its work writes its result to the environment's bucket itself."""
    open_result_with: tuple[str, str] | tuple[()] = ()
    """The parameter, and its value in the YAML, with which `$result` may have other fields than `result_fields`, since the work
    itself writes them."""
    default_timeout_seconds: int | None = 3600
    """Given to Tasks whose operation says none; None for types that wait for nothing."""
    function: Callable[[Any], FunctionCode | None] = lambda params: None
    """(P) -> the function that the operation brings along."""
    with_digest: Callable[[Any, str], Any] = lambda params, digest: params
    """(P, content digest of the code folder) -> P that knows it. Whoever loads the files calls it for types whose `function`
    gives one, since P itself only knows the folder's path; until then `FunctionCode.code.digest` is empty."""
    with_reached: Callable[[Any, str], Any] = lambda params, reached: params
    """(P, digest of what the handler can reach of the folder) -> P that knows it. For types with `with_digest`; without it a
    change anywhere in the folder counts as one of the function."""
    findings: Callable[[Any, Operation], Sequence[Diagnostic]] = lambda params, operation: ()
    """(P, operation) -> what is doubtful or refused in parameters that are well-formed. Without a position: the caller puts in
    the operation's, or that of the key to which `Diagnostic.pointer` leads from it, such as `/code/timeout`."""
    calls_pipelines: Callable[[Any], tuple[str, ...]] = lambda params: ()
    """(P) -> names of other pipelines that it starts."""
    service_call: ServiceCallKeys | None = None
    """What says which call of AWS's API it makes, to be checked against the published models."""
    child_params: tuple[str, str] | tuple[()] = ()
    """The key that names the pipeline it starts, and the key with that pipeline's parameters by name."""
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
    skips_with: tuple[str, str] | tuple[()] = ()
    """The parameter, and its value in the YAML, with which it may end its job as skipped (`EmitContext.skip_job`)."""
    logs: Callable[[Any, Address, Scope], LogLocation | None] = lambda params, address, scope: None
    """(P, address of its function, scope) -> where it logs."""
    beats: Callable[[Any], bool] = lambda params: False
    """(P) -> True when somebody can report that its work is alive: `heartbeat` ends all other work, however well it is."""
    opens_gate: bool = False
    """True when it waits for people, with a task token among its arguments: execution data of such a machine is not logged."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """Error name -> what to look at, shown by `bunsui show`."""
    alternatives: tuple[tuple[str, ...], ...] = ()
    """Groups of keys that stand for the same, so that a default for one gives way where an operation says another."""
    no_poll: str = ""
    """Why `poll` makes no sense on it, as the end of a sentence; empty when it does."""
    ends_job: bool = False
    """True when no operation ever runs after it."""
    poll_until: str = ""
    """The condition of a `poll` that has none, JSONata over `$result`; empty when `until` must be written."""
    no_timeout: str = ""
    """Why `timeout` and `heartbeat` do nothing on it, as the end of a sentence; empty when they do, or it waits for nothing."""
    no_retry: str = ""
    """Why `retry` does nothing on it, as the end of a sentence; empty when it does."""
    not_local: str = ""
    """Why the embedded AWS cannot run it yet; empty when it can."""
    never_local: Callable[[Any], str] = lambda params: ""
    """(P) -> why the embedded AWS does not run it with these parameters; empty where it does."""
    local_setting: str = ""
    """What in bunsui.yaml makes the embedded AWS run it all the same; empty when nothing does."""
    answer: Callable[[Any, Json], Json] = lambda params, result: result
    """(P, `$result` as a test tells it) -> what the service would have answered: the type's test double."""
    answer_call: Callable[[Any, Json, ServiceCall], Json] | None = None
    """(P, `$result` as a test tells it, the call) -> what the service would have answered, for types whose answer depends on
    what was asked, or that call more than once; instead of `answer`."""
    sample: Callable[[Any], Json] = lambda params: None
    """(P) -> a result as these parameters make it, by which a test's mocks begin; None where it is not known, or has the same
    fields whatever the parameters say."""
    example: str = ""
    """A YAML operation, shown in the docs and compiled by a test."""
