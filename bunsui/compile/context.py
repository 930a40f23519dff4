"""The compiler's side of `operations.contract.EmitContext`: names, values and outputs for one operation of one job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Catcher, Retrier, State, code
from bunsui.compile.flow import ERRORS, JOBS, OPS, STATUS
from bunsui.compile.retries import retriers
from bunsui.compile.values import asl_value, jsonata, path
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.model.address import Address
from bunsui.model.alerts import Channel
from bunsui.model.json import Json
from bunsui.model.names import STATE_MACHINE_NAME_LIMIT, STATE_NAME_LIMIT, fitted, resource_name
from bunsui.model.pipeline import Operation
from bunsui.model.resource import Scope
from bunsui.model.values import Reference, Value
from bunsui.operations.contract import OperationType

ALIAS = "live"
"""The alias of every machine that bunsui makes; sessions start on it."""


_DATA = {"jobs": JOBS, "ops": OPS, "errors": ERRORS, "status": STATUS}
"""Names that stand for a part of what travels between states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilerSettings:
    """What all operations of a pipeline share."""

    pipeline: str
    scope: Scope
    registry: Mapping[str, OperationType]
    machine_names: Mapping[str, str] = field(default_factory=dict)
    """Names of other pipelines' machines, where they are not the usual ones."""
    raw_inputs: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """The defaults of raw pipelines' parameters, by pipeline."""
    channels: Mapping[str, Channel] = field(default_factory=dict)
    """Where alerts are told, by name."""
    has_resident: bool = False
    """True where the environment's resident tells alerts, but for those of raw pipelines."""

    def machine_name(self, pipeline: str) -> str:
        """Return the state machine name of a pipeline of this project."""
        usual = resource_name(self.scope.project, self.scope.environment, pipeline, limit=STATE_MACHINE_NAME_LIMIT)
        return self.machine_names.get(pipeline, usual)

    def machine_arn(self, pipeline: str) -> str:
        """Return the state machine ARN of a pipeline of this project."""
        scope = self.scope
        return f"arn:{scope.partition}:states:{scope.region}:{scope.account}:stateMachine:{self.machine_name(pipeline)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A state that one poll repeats, or several around each other."""

    times: int
    """How often it is entered at most."""
    every_seconds: int
    """The shortest time between two entries."""
    within_seconds: int
    """The longest time between the first entry and the last."""


@dataclass(slots=True, kw_only=True)
class EmitScope:
    """Where operations are emitted: one job, or the items of a job's foreach."""

    setting: CompilerSettings
    job: str
    names: Mapping[str, str] = field(default_factory=dict)
    """What bunsui's names mean inside the items of a foreach, where that is another thing than elsewhere: the foreach variable
    and, where no variable can be read, all others."""
    read: set[str] = field(default_factory=set)
    """Those of `names` that were read."""
    catch: tuple[Catcher, ...] = ()
    skip_state: str
    """The state that ends the job, or the item, as skipped."""
    taken: set[str]
    """State names of the job, so that none is given twice."""
    skips: bool = False
    """True once an operation asked for `skip_state`."""
    repeats: dict[str, Repeated] = field(default_factory=dict)
    """The states that polls repeat."""

    def rename(self, name: str) -> str | None:
        """Return what stands for a name of `names`, and note that it was read."""
        if name in self.names:
            self.read.add(name)
        return self.names.get(name)

    def begin_again(self, taken: set[str], repeats: dict[str, Repeated]) -> None:
        """Forget what was emitted since the site held these."""
        self.taken.intersection_update(taken)
        self.repeats.clear()
        self.repeats.update(repeats)

    def name(self, wanted: str) -> str:
        """Return a state name that nobody has yet, within the limit."""
        name = fitted(wanted, STATE_NAME_LIMIT)
        number = 2
        while name in self.taken:
            name = fitted(f"{wanted}-{number}", STATE_NAME_LIMIT)
            number += 1
        self.taken.add(name)
        return name


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorOperations:
    """The operations of the job that ran before."""

    recorded: tuple[str, ...] = ()
    """Ids whose results are in `ops`."""
    last: str | None = None
    """The id whose result is `$result`."""

    def then(self, operation: str) -> PriorOperations:
        """Return what the operation after that one sees."""
        return PriorOperations(recorded=(*self.recorded, operation), last=operation)


def with_result(before: PriorOperations, operation: str, result: str) -> str:
    """Return JSONata for `ops` with one more result."""
    own = f"{{{string_literal(operation)}: {result}}}"
    return f"$merge([{OPS}, {own}])" if before.recorded else own


class EmitOperations(Protocol):
    """Emits operations in sequence, `bunsui.compile.emission.emit_operations`: an operation may hold others."""

    def __call__(
        self,
        site: EmitScope,
        operations: Sequence[Operation],
        *,
        names: Sequence[str],
        next_state: str | None,
        before: PriorOperations,
        finish: Callable[[str], Json] | None,
    ) -> tuple[str, dict[str, State]]:
        """Return the entry's name and the states."""
        ...


@dataclass(slots=True, kw_only=True)
class OperationContext:
    """Implements `EmitContext` for one operation."""

    site: EmitScope
    operation: Operation
    state: str
    next: str | None
    before: PriorOperations
    finish: Callable[[str], Json] | None
    """Returns the Output of the job's last operation; None for the others, which record their result."""
    emit: EmitOperations
    """Emits the operations that this one holds."""
    produced: list[Json] = field(default_factory=list)
    """Every Output given out, to recognise the states that carry one."""

    @property
    def scope(self) -> Scope:
        """Project, environment, account, region."""
        return self.site.setting.scope

    @property
    def pipeline(self) -> str:
        """The name of the pipeline that is compiled."""
        return self.site.setting.pipeline

    @property
    def retry(self) -> tuple[Retrier, ...]:
        """The operation's retries, for a state to hand on: classes become names once it is known what the state calls."""
        return retriers(self.operation)

    @property
    def catch(self) -> tuple[Catcher, ...]:
        """Catches for an isolated job; empty otherwise."""
        return self.site.catch

    def sub(self, suffix: str) -> str:
        """Return the unique name of a further state of this operation."""
        return self.site.name(f"{self.state}.{suffix}")

    def rename(self, name: str) -> str | None:
        """Return what stands for a bunsui name in the compiled machine."""
        if name in self.site.names:
            return self.site.rename(name)
        if name in _DATA:
            return _DATA[name]
        if name == "result" and self.before.last is not None:
            return path(OPS, self.before.last)
        return None

    def value(self, value: Value) -> Json:
        """Return a parameter's value as ASL."""
        return asl_value(value, self.rename)

    def expression(self, value: Value) -> str:
        """Return a parameter's value as JSONata."""
        return jsonata(value, self.rename)

    def output(self, result: str) -> str:
        """Return the Output field that carries on the data and records the result."""
        if self.finish is not None:
            output = self.finish(result)
        else:
            output = code(f"$merge([$states.input, {{'ops': {with_result(self.before, self.operation.id, result)}}}])")
        self.produced.append(output)
        # An object of expressions where the job is left at once; Output takes any JSON, and operations only pass it on.
        return output  # type: ignore[return-value]

    def nested(self, operations: Sequence[Operation], *, suffix: str) -> tuple[str, Mapping[str, State]]:
        """Emit operations inside this one; the last one's result becomes this one's."""
        return self.emit(
            self.site,
            operations,
            names=operation_names(self.site, f"{self.state}.{suffix}", operations),
            next_state=self.next,
            before=self.before,
            finish=self.output,
        )

    def function(self) -> Json | Reference:
        """Return the version ARN of the function that the operation brings along."""
        code = self.site.setting.registry[self.operation.type].function(self.operation.params)
        named = code.name if code is not None else ""
        address = function_address(self.site.setting.pipeline, self.site.job, self.operation.id, named=named)
        return Reference(address, "version_arn")

    def pipeline_arn(self, pipeline: str) -> str:
        """Return the alias ARN of another pipeline of this project."""
        return f"{self.site.setting.machine_arn(pipeline)}:{ALIAS}"

    @property
    def machine_arn(self) -> str:
        """The ARN of the machine itself, without version or alias."""
        return self.site.setting.machine_arn(self.site.setting.pipeline)

    def raw_input(self, pipeline: str) -> Mapping[str, Value] | None:
        """Return the defaults of the parameters of a raw pipeline of this project; None for any other."""
        return self.site.setting.raw_inputs.get(pipeline)

    def child_resume(self, pipeline: str, params: Value) -> Json:
        """Return what an earlier attempt left in the other pipeline; None where items, or a poll, start it more than once."""
        if self.site.names or self.operation.poll is not None:
            return None
        left = path("$resume.children", self.state)
        same = f"{left}.pipeline = {string_literal(pipeline)} and {left}.params = {self.expression(params)}"
        return code(f"$exists({left}) and {same} ? {left}.resume : {{}}")

    def skip_job(self) -> str:
        """Return the name of the state that ends the surrounding job as skipped."""
        self.site.skips = True
        return self.site.skip_state


def function_address(pipeline: str, job: str, operation: str, *, named: str = "") -> Address:
    """Return the address of the function that an operation brings along, or of the pipeline's that it has by name."""
    return Address(FUNCTION, pipeline, f"functions.{named}" if named else f"{job}.{operation}")


def operation_names(site: EmitScope, base: str, operations: Sequence[Operation]) -> list[str]:
    """Return the entry states' names: the base itself for a single operation, else with the operation's id."""
    if len(operations) == 1:
        return [site.name(base)]
    return [site.name(f"{base}.{operation.id}") for operation in operations]
