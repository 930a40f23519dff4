"""One job as states: a guard that restores, skips or starts it, its operations, and the exit that records it.

The guard is one transition. Where the last operation's own Output can record the job, there is no exit state of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Catcher, Choice, Fail, Map, Parallel, Pass, RawState, Rule, State, Task, Wait, code
from bunsui.asl.printing import reachable
from bunsui.compile.context import (
    Before,
    OperationContext,
    Setting,
    Site,
    emit_operation,
    emit_operations,
    operation_names,
    with_result,
)
from bunsui.compile.flow import INPUT, JOBS, OPS, Flow, merged, restored
from bunsui.compile.polling import Repeated
from bunsui.compile.reads import uses_variable
from bunsui.compile.values import jsonata, jsonata_object, path
from bunsui.model.names import STATE_NAME_LIMIT, fitted
from bunsui.model.pipeline import Job
from bunsui.model.values import Json

CAUGHT = code(f"$merge([{INPUT}, {{'error': $states.errorOutput}}])")
"""Output of a catch: the data with the error beside it."""


def guard_name(job: str) -> str:
    """Give the name of the state in which every job begins."""
    return fitted(f"{job}.guard", STATE_NAME_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlan:
    """Everything that is decided about a job before its states are written."""

    setting: Setting
    job: Job
    flow: Flow
    next: str
    skips: str | None
    """The condition under which its dependencies skip it, as JSONata."""
    caught: bool
    """True when its failure is caught."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStates:
    """A job's states, its guard first."""

    states: Mapping[str, State]
    can_skip_itself: bool
    """True when an operation may skip the job."""
    repeats: Mapping[str, Repeated] = field(default_factory=dict)
    """The states that polls repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
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
            "exit",
            "failed",
            "skipped",
            "item-failed",
            "item-skipped",
            "item-exit",
            "too-many",
            "counted",
            "tolerate",
            "items-failed",
        )
        self.taken = {self.state(suffix) for suffix in reserved}
        catch = Catcher(errors=("States.ALL",), next=self.state("failed"), output=CAUGHT)
        self.site = Site(
            setting=plan.setting,
            job=self.name,
            catch=(catch,) if plan.caught else (),
            skip_state=self.state("skipped"),
            taken=self.taken,
        )

    def state(self, suffix: str) -> str:
        """Give the name of one of the job's own states."""
        return fitted(f"{self.name}.{suffix}", STATE_NAME_LIMIT)

    def rename(self, name: str) -> str | None:
        """Give what stands for a name in `when`, `foreach` and `outputs`; `$result` and `$ops` are bound at their use."""
        return JOBS if name == "jobs" else None

    def guard(self, entry: str, extra: tuple[Rule, ...] = ()) -> Choice:
        """Give the state in which the job begins; `entry` is its first operation."""
        plan, job = self.plan, self.plan.job
        before = restored(self.name)
        kept = {"jobs": plan.flow.jobs(self.name, None), "own": f"{{{string_literal(self.name)}: {before['outputs']}}}"}
        again = f"$exists({before['outputs']}) ? {kept['own']} : {{}}"
        output = plan.flow.carried(job=self.name, status=before["status"]) | {"jobs": code(merged((kept["jobs"], again)))}
        rules = [Rule(condition=code(before["when"]), next=plan.next, output=output, comment="Done in an earlier attempt")]
        skipped = plan.flow.carried(job=self.name, status="'skipped'")
        if plan.skips is not None:
            comment = f"run_if: {job.run_if.value} does not hold"
            rules.append(Rule(condition=code(plan.skips), next=plan.next, output=skipped, comment=comment))
        if job.when is not None:
            condition = f"({jsonata(job.when, self.rename)}) ? false : true"
            rules.append(Rule(condition=code(condition), next=plan.next, output=skipped, comment="when: does not hold"))
        return Choice(rules=(*rules, *extra), default=entry, comment=f"Restores, skips or starts the job {self.name}")

    def recorded(self, result: str, *, before: Before, operation: str) -> Json:
        """Give the Output that records the job as succeeded, `result` being the JSONata of its last result."""
        outputs = self.plan.job.outputs
        bound = ""
        if uses_variable(outputs, "result"):
            bound += f"$result := {result}; "
        if uses_variable(outputs, "ops"):
            bound += f"$ops := {with_result(before, operation, result)}; "
        body = jsonata_object({name: jsonata(value, self.rename) for name, value in outputs.items()})
        return self.plan.flow.carried(job=self.name, status="'succeeded'", outputs=f"({bound}{body})" if bound else body)

    def closing_states(self) -> dict[str, State]:
        """Give the states that end the job as failed or skipped, as far as they are needed."""
        states: dict[str, State] = {}
        flow, following = self.plan.flow, self.plan.next
        if self.plan.caught:
            output = flow.carried(job=self.name, status="'failed'", error=f"{INPUT}.error")
            comment = f"The job {self.name} failed, and its siblings go on"
            states[self.state("failed")] = Pass(output=output, next=following, comment=comment)
        if self.site.skips:
            output = flow.carried(job=self.name, status="'skipped'")
            comment = f"An operation skipped the job {self.name}"
            states[self.state("skipped")] = Pass(output=output, next=following, comment=comment)
        return states

    def failure(self, suffix: str, *, error: str, cause: str) -> Failure:
        """Give the way to fail the job with an error of bunsui's own; `cause` is JSONata."""
        if self.plan.caught:
            found = f"{{'Error': '{error}', 'Cause': {cause}}}"
            output = code(f"$merge([{INPUT}, {{'error': {found}}}])")
            return Failure(next=self.state("failed"), output=output, states={})
        name = self.state(suffix)
        return Failure(next=name, output=None, states={name: Fail(error=error, cause=code(cause))})


def plain_job(plan: JobPlan) -> JobStates:
    """Give the states of a job without foreach."""
    writer = JobWriter(plan)
    operations = plan.job.operations
    names = operation_names(writer.site, writer.name, operations)
    first = operations[:-1]
    states: dict[str, State] = {}
    before = Before()
    if first:
        _, states = emit_operations(writer.site, first, names=names[:-1], next_state=names[-1], before=before, finish=None)
        for operation in first:
            before = before.then(operation.id)
    states |= _last_operation(writer, last_context(writer, names[-1], before))
    commented = _commented(states, names[0], plan.job.description)
    start = guard_name(writer.name)
    all_states = {start: writer.guard(names[0]), **commented, **writer.closing_states()}
    site = writer.site
    return JobStates(states=reachable(all_states, start), can_skip_itself=site.skips, repeats=site.repeats)


def last_context(writer: JobWriter, name: str, before: Before) -> OperationContext:
    """Give the context of the job's last operation, which records the job itself."""
    operation = writer.plan.job.operations[-1]
    finish: Callable[[str], Json] = lambda result: writer.recorded(result, before=before, operation=operation.id)  # noqa: E731
    return OperationContext(
        site=writer.site, operation=operation, state=name, next=writer.plan.next, before=before, finish=finish
    )


def _last_operation(writer: JobWriter, context: OperationContext) -> dict[str, State]:
    """Emit the last operation so that it leaves the job by itself; with an exit state where its own states cannot."""
    site = writer.site
    names, repeats = set(site.taken), dict(site.repeats)
    states = emit_operation(context)
    if all(leaves_well(state, writer.plan.next, context.produced) for state in states.values()):
        return states
    site.begin_again(names, repeats)
    operation = context.operation
    apart = replace(context, next=writer.state("exit"), finish=None, produced=[])
    states = emit_operation(apart)
    output = writer.recorded(path(OPS, operation.id), before=context.before.then(operation.id), operation=operation.id)
    states[writer.state("exit")] = Pass(output=output, next=writer.plan.next, comment=f"Records the job {writer.name}")
    return states


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


def _commented(states: Mapping[str, State], entry: str, description: str) -> dict[str, State]:
    found = states[entry]
    if not description or isinstance(found, RawState) or found.comment:
        return dict(states)
    return {name: replace(found, comment=description) if name == entry else state for name, state in states.items()}
