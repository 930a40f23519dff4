"""Compile one pipeline, whose structure is known, to the whole state machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import assert_never

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Branch, Choice, Fail, Parallel, Pass, Rule, State, StateMachine, code
from bunsui.compile.context import CompilerSettings, Repeated
from bunsui.compile.environment.told_alerts import alerts_comment
from bunsui.compile.fingerprints import fingerprint_comment, job_fingerprints
from bunsui.compile.flow import ERRORS, JOBS, STATUS, Flow, kept_keys, merged
from bunsui.compile.foreach.distributed import distributed_job
from bunsui.compile.foreach.items import foreach_job
from bunsui.compile.jobs import JobPlan, JobStates, guard_name, plain_job
from bunsui.compile.outcomes import CaughtRecord, Outcomes, caught_error, caught_record
from bunsui.compile.policies import policy_comment
from bunsui.compile.reads import job_expressions, job_reads
from bunsui.compile.start import START, sensitive_names, start_states
from bunsui.compile.start_limits import concurrency_comment
from bunsui.compile.structure.decompose import Structure
from bunsui.compile.structure.order import JobOrder
from bunsui.compile.structure.tree import Leaf, Par, Seq, Tree, members
from bunsui.compile.values import jsonata_object, names_list, path
from bunsui.model.json import Json
from bunsui.model.names import digest8
from bunsui.model.pipeline import Pipeline, leaf_jobs

OUTCOME = "_outcome"
END = "_end"
FAILED = "_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMachine:
    """The state machine of a pipeline of jobs, and what its states do not tell."""

    machine: StateMachine
    repeats: Mapping[str, Repeated]
    """The states that polls repeat."""


def state_machine(pipeline: Pipeline, structure: Structure, setting: CompilerSettings) -> WrittenMachine:
    """Write the state machine of a pipeline of jobs."""
    outcomes = Outcomes(pipeline=pipeline)
    fingerprints = fingerprint_comment(job_fingerprints(pipeline, structure.order, setting.registry))
    alerts = alerts_comment(pipeline.alerts) if setting.has_resident else ""
    told = " ".join(part for part in (alerts, concurrency_comment(pipeline), policy_comment(pipeline), fingerprints) if part)
    writer = _MachineWriter(pipeline=pipeline, structure=structure, setting=setting, outcomes=outcomes, remarks=told)
    states = writer.all_states()
    if writer.skipping - outcomes.skippable:
        # Which operations may skip their job is known once they were emitted; their dependants then need a rule more.
        outcomes = Outcomes(pipeline=pipeline, skipping=frozenset(writer.skipping))
        writer = _MachineWriter(pipeline=pipeline, structure=structure, setting=setting, outcomes=outcomes, remarks=told)
        states = writer.all_states()
    comment = " - ".join(part for part in (pipeline.name, pipeline.title or pipeline.description) if part)
    machine = StateMachine(start_at=START, states=states, comment=comment[:256], timeout_seconds=pipeline.timeout_seconds)
    return WrittenMachine(machine=machine, repeats=writer.repeats)


def parallel_name(order: JobOrder, jobs: int) -> str:
    """Return the name of the Parallel that runs these jobs; it only depends on which jobs they are."""
    return f"_par-{members_digest(order, jobs)}"


def members_digest(order: JobOrder, jobs: int) -> str:
    """Return 8 hex digits that stand for the set of jobs."""
    return digest8("\n".join(sorted(order.names_of(jobs))))


@dataclass(kw_only=True)
class _MachineWriter:
    pipeline: Pipeline
    structure: Structure
    setting: CompilerSettings
    outcomes: Outcomes
    remarks: str
    """What the first state says for those who read the definition: policies, fingerprints of the jobs."""
    skipping: set[str] = field(default_factory=set)
    """Jobs that turned out to hold an operation that may skip them."""
    reads: dict[str, frozenset[str]] = field(default_factory=dict)
    repeats: dict[str, Repeated] = field(default_factory=dict)
    """The states that polls repeat."""

    @property
    def order(self) -> JobOrder:
        return self.structure.order

    @property
    def errors(self) -> bool:
        return bool(self.outcomes.caught)

    @cached_property
    def caught(self) -> CaughtRecord:
        expressions = (found for job in self.pipeline.jobs for found in job_expressions(job, self.setting.registry))
        return caught_record(expressions, len(self.outcomes.caught))

    def all_states(self) -> dict[str, State]:
        tree = self.structure.tree
        assert tree is not None, "a pipeline without jobs is a finding, and is not compiled"
        everything = frozenset(self.order.names)
        for job in self.pipeline.jobs:
            self.reads[job.name] = job_reads(job, self.setting.registry, everything)
        last = frozenset(leaf_jobs(self.pipeline.jobs))
        after = OUTCOME if self.errors else END
        states: dict[str, State] = start_states(
            self.pipeline,
            first=self.entry(tree),
            errors=self.errors,
            last=self.outcomes.uncertain_end(),
            remarks=self.remarks,
        )
        found, available = self.write(tree, available=frozenset(), live=last, following=after)
        states |= found
        if self.errors:
            states |= self.outcome()
        output = merged((kept_keys(JOBS, available, last), *self.hidden(available & last)))
        states[END] = Pass(output=code(output), comment="The outputs of the jobs that nobody depends on")
        return states

    def hidden(self, jobs: frozenset[str]) -> Iterator[str]:
        """Return JSONata for the outputs of jobs that have sensitive ones, without these; an empty object for a skipped job."""
        for job in self.pipeline.jobs:
            names = sensitive_names(job)
            if job.name in jobs and names:
                own = path(JOBS, job.name)
                shown = f"$merge([{{}}, $sift({own}, function($v, $k) {{ $not($k in {names_list(names)}) }})])"
                yield f"($exists({own}) ? {jsonata_object({job.name: shown})} : {{}})"

    def entry(self, tree: Tree) -> str:
        match tree:
            case Leaf(job):
                return guard_name(self.order.names[job])
            case Seq(parts):
                return self.entry(parts[0])
            case Par():
                return parallel_name(self.order, members(tree))
            case _:
                assert_never(tree)

    def write(
        self, tree: Tree, *, available: frozenset[str], live: frozenset[str], following: str
    ) -> tuple[dict[str, State], frozenset[str]]:
        """Return the states of a tree, and the jobs whose outputs may be in the data after it.

        `available` are those before it, `live` those that are read after it.
        """
        match tree:
            case Leaf(job):
                return self.leaf(self.order.names[job], available=available, live=live, following=following)
            case Seq(parts):
                return self.sequence(parts, available=available, live=live, following=following)
            case Par():
                return self.parallel(tree, available=available, live=live, following=following)
            case _:
                assert_never(tree)

    def leaf(
        self, name: str, *, available: frozenset[str], live: frozenset[str], following: str
    ) -> tuple[dict[str, State], frozenset[str]]:
        job = self.pipeline.job(name)
        plan = JobPlan(
            setting=self.setting,
            job=job,
            flow=Flow(available=available, live=live, errors=self.errors),
            next=following,
            left_out=self.outcomes.left_out(job),
            caught=self.caught if name in self.outcomes.caught else None,
        )
        written = _job_states(plan)
        if written.can_skip_itself:
            self.skipping.add(name)
        self.repeats |= written.repeats
        return dict(written.states), (available & live) | {name}

    def sequence(
        self, parts: tuple[Tree, ...], *, available: frozenset[str], live: frozenset[str], following: str
    ) -> tuple[dict[str, State], frozenset[str]]:
        states: dict[str, State] = {}
        read_later = [frozenset[str]()]
        for part in reversed(parts[1:]):
            read_later.append(read_later[-1] | self.read_in(part))
        targets = (*(self.entry(part) for part in parts[1:]), following)
        for part, read, target in zip(parts, reversed(read_later), targets, strict=True):
            found, available = self.write(part, available=available, live=live | read, following=target)
            states |= found
        return states, available

    def read_in(self, tree: Tree) -> frozenset[str]:
        return frozenset().union(*(self.reads[name] for name in self.order.names_of(members(tree))))

    def parallel(
        self, tree: Par, *, available: frozenset[str], live: frozenset[str], following: str
    ) -> tuple[dict[str, State], frozenset[str]]:
        """Write branches that each hand on what they made themselves; the Parallel joins them per key with what was there."""
        names = self.order.names_of(members(tree))
        branches: list[Branch] = []
        made: set[str] = set()
        for part in tree.parts:
            branch, left = self.branch(part, available=available, live=live - available)
            branches.append(branch)
            made |= left
        output: dict[str, Json] = {
            "jobs": code(_join_outputs(kept_keys(JOBS, available, live), "jobs")),
            "status": code(_join_outputs(STATUS, "status")),
        }
        if self.errors:
            output["errors"] = code(_join_outputs(ERRORS, "errors"))
        runs = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        name = parallel_name(self.order, members(tree))
        parallel = Parallel(branches=tuple(branches), output=output, next=following, comment=f"Side by side: {runs}")
        return {name: parallel}, frozenset(made) | (available & live)

    def branch(self, part: Tree, *, available: frozenset[str], live: frozenset[str]) -> tuple[Branch, frozenset[str]]:
        mask = members(part)
        out = f"_out-{members_digest(self.order, mask)}"
        states, left = self.write(part, available=available, live=live, following=out)
        own = frozenset(self.order.names_of(mask))
        everyone = frozenset(self.order.names)
        kept = kept_keys(JOBS, left, live)
        output: dict[str, Json] = {
            "jobs": code(kept if kept == JOBS else merged((kept,))),
            "status": code(merged((kept_keys(STATUS, everyone, own),))),
        }
        if self.errors:
            caught = self.outcomes.caught
            output["errors"] = code(merged((kept_keys(ERRORS, everyone, own & caught),)))
        states[out] = Pass(output=output, comment="What leaves this branch")
        return Branch(start_at=self.entry(part), states=states), left & live

    def outcome(self) -> dict[str, State]:
        """Return the states that fail the execution when a caught failure was handled by nobody. The cause names the failures
        in the order in which they came: the first is where to look."""
        unhandled = self.outcomes.unhandled()
        condition = " or ".join(text for _, text in unhandled)
        named = ", ".join(f"{text} ? {_failure(job, caught_error(job))} : []" for job, text in unhandled)
        ordered = f"$sort([{named}], function($one, $other) {{ $one.at > $other.at }})"
        cause = f"'failed: ' & $join($append([], {ordered}.told), ', ')"
        rule = Rule(condition=code(condition), next=FAILED, comment="A job failed, and nothing handled it")
        return {
            OUTCOME: Choice(rules=(rule,), default=END, comment="Did every caught failure have a job that handled it?"),
            FAILED: Fail(error="Bunsui.JobsFailed", cause=code(cause)),
        }


def _job_states(plan: JobPlan) -> JobStates:
    foreach = plan.job.foreach
    if foreach is None:
        return plain_job(plan)
    return distributed_job(plan) if foreach.is_distributed else foreach_job(plan)


def _failure(job: str, kept: str) -> str:
    return f"{{'at': {kept}.at, 'told': {string_literal(job)} & ' (' & {kept}.error & ')'}}"


def _join_outputs(before: str | None, key: str) -> str:
    """Return JSONata for what was there and what each branch made, merged one level deep."""
    results = f"$states.result.{key}"
    return f"$merge({results})" if before is None else f"$merge($append([{before}], {results}))"
