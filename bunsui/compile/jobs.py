"""One job as states: a guard that restores, skips or starts it, its operations, and the exit that records it.

The guard is one transition. Where the last operation's own Output can record the job, there is no exit state of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Catcher, Choice, Fail, Map, Parallel, Pass, RawState, Rule, State, Task, Wait, code
from bunsui.asl.printing import reachable
from bunsui.asl.truth import condition_cause, no_truth
from bunsui.compile.context import (
    CompilerSettings,
    EmitScope,
    OperationContext,
    PriorOperations,
    Repeated,
    operation_names,
    with_result,
)
from bunsui.compile.emission import emit_operation, emit_operations
from bunsui.compile.flow import ERRORS, INPUT, JOBS, OPS, STATUS, Flow, merged, restored_values
from bunsui.compile.outcomes import CaughtRecord, LeftOut
from bunsui.compile.reads import uses_variable
from bunsui.compile.restoring import SUFFIX, can_restore, restore_name, restoring
from bunsui.compile.values import DeclaredOutputs, jsonata, path
from bunsui.model.failures import CONDITION
from bunsui.model.json import Json
from bunsui.model.names import STATE_NAME_LIMIT, fitted
from bunsui.model.pipeline import Job

CAUGHT = code(f"$merge([{INPUT}, {{'error': $states.errorOutput}}])")
"""Output of a catch: the data with the error beside it."""


def guard_name(job: str) -> str:
    """Return the name of the state in which every job begins."""
    return fitted(f"{job}.guard", STATE_NAME_LIMIT)


def skipped_name(job: str) -> str:
    """Return the name of the state that records a job which one of its operations skipped; there is none where none may."""
    return fitted(f"{job}.skipped", STATE_NAME_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlan:
    """Everything that is decided about a job before its states are written."""

    setting: CompilerSettings
    job: Job
    flow: Flow
    next: str
    left_out: tuple[LeftOut, ...]
    """When its dependencies leave it out."""
    caught: CaughtRecord | None
    """What is kept of its failure; None when nobody catches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStates:
    """A job's states, its guard first."""

    states: Mapping[str, State]
    can_skip_itself: bool
    """True when an operation may skip the job."""
    repeats: Mapping[str, Repeated] = field(default_factory=dict)
    """The states that polls repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureExit:
    """Where a job goes when bunsui itself finds that it failed."""

    next: str
    output: Json
    states: Mapping[str, State]


class JobWriter:
    """Writes the states of one job."""

    def __init__(self, plan: JobPlan) -> None:
        """Write what `plan` says."""
        self.plan = plan
        self.name = plan.job.name
        reserved = (
            "guard",
            "no-truth",
            "no-list",
            "exit",
            "failed",
            "skipped",
            "item-failed",
            "item-skipped",
            "item-exit",
            "item-known",
            "item-kept",
            "too-many",
            "counted",
            "tolerate",
            "items-failed",
        )
        scope = plan.setting.scope
        self.taken = {self.state(suffix) for suffix in (*reserved, *((SUFFIX,) if can_restore(plan.job, scope) else ()))}
        catch = Catcher(errors=("States.ALL",), next=self.state("failed"), output=CAUGHT)
        self.site = EmitScope(
            setting=plan.setting,
            job=self.name,
            catch=(catch,) if plan.caught is not None else (),
            skip_state=skipped_name(self.name),
            taken=self.taken,
        )
        self.more: dict[str, State] = {}
        """States to which the guard leads."""

    def state(self, suffix: str) -> str:
        """Return the name of one of the job's own states."""
        return fitted(f"{self.name}.{suffix}", STATE_NAME_LIMIT)

    def rename(self, name: str) -> str | None:
        """Return what stands for a name in `when`, `foreach` and `outputs`; `$result` and `$ops` are bound at their use."""
        return {"jobs": JOBS, "errors": ERRORS, "status": STATUS}.get(name)

    def guard(self, entry: str, extra: tuple[Rule, ...] = ()) -> Choice:
        """Return the state in which the job begins; `entry` is its first operation."""
        plan, job = self.plan, self.plan.job
        before = restored_values(self.name)
        kept = {"jobs": plan.flow.jobs(self.name, None), "own": f"{{{string_literal(self.name)}: {before['outputs']}}}"}
        again = f"$exists({before['outputs']}) ? {kept['own']} : {{}}"
        output = plan.flow.carried(job=self.name, status=before["status"]) | {"jobs": code(merged((kept["jobs"], again)))}
        rules = [*self._restoring_rules()]
        rules += [Rule(condition=code(before["when"]), next=plan.next, output=output, comment="Done in an earlier attempt")]
        skipped = plan.flow.carried(job=self.name, status="'skipped'")
        for way in plan.left_out:
            output = plan.flow.carried(job=self.name, status=f"'{way.status}'")
            why = "something before it failed" if way.status == "not_run" else f"{job.run_if.value} does not hold"
            rules.append(Rule(condition=code(way.condition), next=plan.next, output=output, comment=f"run_if: {why}"))
        if job.when is not None:
            condition = jsonata(job.when, self.rename)
            neither = no_truth(job.when.text, condition)
            if neither is not None:
                cause = condition_cause(f"when of job {self.name}", condition)
                failure = self.failure("no-truth", error=CONDITION, cause=cause)
                self.more |= failure.states
                comment = "when: gives neither true nor false"
                rules.append(Rule(condition=code(neither), next=failure.next, output=failure.output, comment=comment))
            rules.append(
                Rule(condition=code(f"$not({condition})"), next=plan.next, output=skipped, comment="when: does not hold")
            )
        return Choice(rules=(*rules, *extra), default=entry, comment=f"Restores, skips or starts the job {self.name}")

    def _restoring_rules(self) -> tuple[Rule, ...]:
        """Return the guard's way to what an earlier attempt left in the bucket; nothing where that cannot be."""
        plan = self.plan
        if not can_restore(plan.job, plan.setting.scope):
            return ()
        rule, state = restoring(
            self.name,
            pipeline=plan.setting.pipeline,
            scope=plan.setting.scope,
            flow=plan.flow,
            following=plan.next,
            catch=self.site.catch,
        )
        self.more[restore_name(self.name)] = state
        return (rule,)

    def recorded(self, result: str, *, before: PriorOperations, operation: str) -> Json:
        """Return the Output that records the job as succeeded, `result` being the JSONata of its last result."""
        bound = self._bind_reads(result, before, operation)
        body = self.outputs.strict()
        return self.plan.flow.carried(job=self.name, status="'succeeded'", outputs=f"({bound}{body})" if bound else body)

    @property
    def outputs(self) -> DeclaredOutputs:
        """The job's outputs."""
        return DeclaredOutputs(job=self.plan.job, rename=self.rename)

    def _bind_reads(self, result: str, before: PriorOperations, operation: str) -> str:
        """Return the JSONata that binds what the outputs read."""
        outputs = self.plan.job.outputs
        bound = f"$result := {result}; " if uses_variable(outputs, "result") else ""
        return bound + (f"$ops := {with_result(before, operation, result)}; " if uses_variable(outputs, "ops") else "")

    def exit(self, result: str, *, before: PriorOperations, operation: str) -> State:
        """Return the state that records the job by itself. A Pass cannot catch what its Output throws: where somebody catches
        the job's failure, a Choice looks at the outputs first."""
        output, following = self.recorded(result, before=before, operation=operation), self.plan.next
        comment = f"Records the job {self.name}"
        problem = self.outputs.problem() if self.plan.caught is not None else None
        if problem is None:
            return Pass(output=output, next=following, comment=comment)
        found = f"({self._bind_reads(result, before, operation)}{problem})"
        failing = Rule(
            condition=code(f"$exists({found})"),
            next=self.state("failed"),
            output=code(f"$merge([{INPUT}, {{'error': {found}}}])"),
            comment="An output gave nothing, or something else than it says",
        )
        return Choice(rules=(failing,), default=following, output=output, comment=comment)

    def closing_states(self) -> dict[str, State]:
        """Return the states that end the job as failed or skipped, as far as they are needed."""
        states: dict[str, State] = dict(self.more)
        flow, following = self.plan.flow, self.plan.next
        if self.plan.caught is not None:
            record = self.plan.caught.record(f"{INPUT}.error", throws=bool(self.plan.job.outputs))
            output = flow.carried(job=self.name, status="'failed'", error=record)
            comment = f"The job {self.name} failed, and its siblings go on"
            states[self.state("failed")] = Pass(output=output, next=following, comment=comment)
        if self.site.skips:
            output = flow.carried(job=self.name, status="'skipped'")
            comment = f"An operation skipped the job {self.name}"
            states[skipped_name(self.name)] = Pass(output=output, next=following, comment=comment)
        return states

    def failure(self, suffix: str, *, error: str, cause: str) -> FailureExit:
        """Return the way to fail the job with an error of bunsui's own; `cause` is JSONata."""
        if self.plan.caught is not None:
            found = f"{{'Error': '{error}', 'Cause': {cause}}}"
            output = code(f"$merge([{INPUT}, {{'error': {found}}}])")
            return FailureExit(next=self.state("failed"), output=output, states={})
        name = self.state(suffix)
        return FailureExit(next=name, output=None, states={name: Fail(error=error, cause=code(cause))})


def plain_job(plan: JobPlan) -> JobStates:
    """Return the states of a job without foreach."""
    writer = JobWriter(plan)
    operations = plan.job.operations
    names = operation_names(writer.site, writer.name, operations)
    first = operations[:-1]
    states: dict[str, State] = {}
    before = PriorOperations()
    if first:
        _, states = emit_operations(writer.site, first, names=names[:-1], next_state=names[-1], before=before, finish=None)
        for operation in first:
            before = before.then(operation.id)
    states |= _last_operation(writer, last_context(writer, names[-1], before))
    commented = _comment_entry(states, names[0], plan.job.description)
    start = guard_name(writer.name)
    all_states = {start: writer.guard(names[0]), **commented, **writer.closing_states()}
    site = writer.site
    return JobStates(states=reachable(all_states, start), can_skip_itself=site.skips, repeats=site.repeats)


def last_context(writer: JobWriter, name: str, before: PriorOperations) -> OperationContext:
    """Return the context of the job's last operation, which records the job itself."""
    operation = writer.plan.job.operations[-1]
    finish: Callable[[str], Json] = lambda result: writer.recorded(result, before=before, operation=operation.id)  # noqa: E731
    return OperationContext(
        site=writer.site,
        operation=operation,
        state=name,
        next=writer.plan.next,
        before=before,
        finish=finish,
        emit=emit_operations,
    )


def _last_operation(writer: JobWriter, context: OperationContext) -> dict[str, State]:
    """Emit the last operation so that it leaves the job by itself; with an exit state where its own states cannot."""
    site = writer.site
    names, repeats = set(site.taken), dict(site.repeats)
    states = emit_operation(context)
    may_throw = writer.plan.caught is not None and writer.outputs.problem() is not None
    if all(
        leaves_well(state, writer.plan.next, context.produced) and not (may_throw and _throws(state, context.produced))
        for state in states.values()
    ):
        return states
    site.begin_again(names, repeats)
    operation = context.operation
    apart = replace(context, next=writer.state("exit"), finish=None, produced=[])
    states = emit_operation(apart)
    before = context.before.then(operation.id)
    states[writer.state("exit")] = writer.exit(path(OPS, operation.id), before=before, operation=operation.id)
    return states


def _throws(state: State, produced: list[Json]) -> bool:
    """Tell whether the state makes the job's outputs and cannot catch what they throw."""
    match state:
        case Task() | Parallel() | Map():
            return state.output in produced and not state.catch
        case Choice():
            return state.output in produced or any(rule.output in produced for rule in state.rules)
        case Pass() | Wait():
            return state.output in produced
        case _:
            return False


def leaves_well(state: State, following: str | None, produced: list[Json]) -> bool:
    """Tell whether the state, where it goes on to `following`, hands over data that the context shaped."""
    match state:
        case Choice():
            ways: list[tuple[str | None, Json]] = [(rule.next, rule.output) for rule in state.rules]
            ways.append((state.default, state.output))
        case Pass() | Wait():
            ways = [(state.next, state.output)]
        case Task() | Parallel() | Map():
            ways = [(state.next, state.output), *((catcher.next, catcher.output) for catcher in state.catch)]
        case RawState(fields=fields):
            return not (fields.get("Next") == following or fields.get("End"))
        case _:
            return True
    return all(target not in (following, None) or output in produced for target, output in ways)


def _comment_entry(states: Mapping[str, State], entry: str, description: str) -> dict[str, State]:
    found = states[entry]
    if not description or isinstance(found, RawState) or found.comment:
        return dict(states)
    return {name: replace(found, comment=description) if name == entry else state for name, state in states.items()}
