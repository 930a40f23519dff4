"""When a job runs, is skipped or counts as handled, by the outcomes of the jobs before it; what is kept of a failure.

`decided` is the rule itself, on values; the conditions below are the same rule as JSONata. `tests/cases/run_if.json` holds
the truth table that both are tested against, and from which the documentation is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from bunsui.asl.expressions import string_literal, variables
from bunsui.compile.flow import ERRORS, job_status
from bunsui.compile.values import jsonata_object, path
from bunsui.model.failures import ERROR_PATTERNS, EVALUATION, OWN_ERROR, THROWN
from bunsui.model.outcomes import Outcome, RunIf
from bunsui.model.pipeline import Job, Pipeline, isolated_jobs
from bunsui.model.values import Expression

MOST_CHARACTERS = 1000
"""Of one cause."""
ALL_CHARACTERS = 60_000
"""Of all causes together, which leaves room in the 256 KiB that a state may hand on."""
_SUCCESSES = (Outcome.SUCCEEDED, Outcome.RECOVERED)
_FAILURES = frozenset({Outcome.FAILED, Outcome.NOT_RUN})
"""Outcomes by which what comes after does not run, unless it looks at failures."""


def decide_outcome(rule: RunIf, outcomes: Collection[Outcome]) -> Outcome | None:
    """Return what becomes of a job with this rule after dependencies with these outcomes: skipped, not_run where a failure
    before it is the reason; None when it runs."""
    match rule:
        case RunIf.ALL_DONE:
            return None
        case RunIf.ANY_FAILED:
            return None if Outcome.FAILED in outcomes else Outcome.SKIPPED
        case _ if _FAILURES.intersection(outcomes):
            return Outcome.NOT_RUN
        case RunIf.NONE_FAILED:
            return None
        case RunIf.ALL_SUCCEEDED:
            return Outcome.SKIPPED if Outcome.SKIPPED in outcomes else None
        case RunIf.NONE_FAILED_MIN_ONE_SUCCESS:
            has_one = not outcomes or any(outcome in _SUCCESSES for outcome in outcomes)
            return None if has_one else Outcome.SKIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A status with which a job is left without having run."""

    status: str
    """`skipped` or `not_run`."""
    condition: str
    """When, as JSONata."""


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What can become of each job of a pipeline."""

    pipeline: Pipeline
    skipping: frozenset[str] = frozenset()
    """Jobs with an operation that may skip its job."""

    @cached_property
    def caught(self) -> frozenset[str]:
        """Jobs whose failure is caught."""
        return isolated_jobs(self.pipeline.jobs)

    @cached_property
    def skippable(self) -> frozenset[str]:
        """Jobs that may be skipped."""
        found = {job.name for job in self.pipeline.jobs if job.when is not None} | self.skipping
        return self._close_over(found, lambda job, known: any(self._skipping(job, known)))

    @cached_property
    def stoppable(self) -> frozenset[str]:
        """Jobs that may not be run because of a failure before them that is caught."""
        return self._close_over(set(), lambda job, known: any(self._failing(job, known)))

    def _close_over(self, found: set[str], holds: Callable[[Job, Set[str]], bool]) -> frozenset[str]:
        """Return the jobs for which it holds, where whether it does may depend on those found."""
        changed = True
        while changed:
            more = {job.name for job in self.pipeline.jobs if holds(job, found)}
            changed = not more <= found
            found |= more
        return frozenset(found)

    def _failing(self, job: Job, stoppable: Set[str]) -> list[str]:
        """Return the conditions under which a failure is the reason that the job does not run."""
        if job.run_if.reacts:
            return []
        conditions = []
        for name in dict.fromkeys(job.depends_on):
            may = (("failed", name in self.caught), ("not_run", name in stoppable))
            statuses = tuple(status for status, is_possible in may if is_possible)
            if statuses:
                conditions.append(_is(name, statuses))
        return conditions

    def _skipping(self, job: Job, skippable: Set[str]) -> list[str]:
        """Return the conditions under which its dependencies skip the job, none of them having failed."""
        names = tuple(dict.fromkeys(job.depends_on))
        match job.run_if:
            case RunIf.ANY_FAILED:
                return [f"$not({_any(names, ('failed',))})" if names else "true"]
            case RunIf.ALL_SUCCEEDED:
                return [_is(name, ("skipped",)) for name in names if name in skippable]
            case RunIf.NONE_FAILED_MIN_ONE_SUCCESS if names and skippable >= set(names):
                return [f"$not({_any(names, ('succeeded', 'recovered'))})"]
            case _:
                return []

    def left_out(self, job: Job) -> tuple[LeftOut, ...]:
        """Return when the outcomes of its dependencies leave the job out, to be asked in this order; empty when they cannot."""
        ways = (("not_run", self._failing(job, self.stoppable)), ("skipped", self._skipping(job, self.skippable)))
        return tuple(LeftOut(status=status, condition=" or ".join(found)) for status, found in ways if found)

    def uncertain_end(self) -> tuple[str, ...]:
        """Return the last jobs where a session may succeed without any of them; empty where one of them always runs.

        Jobs that only tell of a failure are no work: who waits for them alone waits for the jobs before them.
        """
        working = [
            job for job in self.pipeline.jobs if job.closing is None and (job.handles or job.run_if is not RunIf.ANY_FAILED)
        ]
        needed = {name for job in working for name in job.depends_on}
        last = tuple(job.name for job in working if job.name not in needed)
        is_handled = any(job.handles for job in self.pipeline.jobs)
        uncertain = self.skippable | (self.stoppable if is_handled else frozenset())
        return last if uncertain >= set(last) else ()

    def unhandled(self) -> Sequence[tuple[str, str]]:
        """Return, for each job whose failure is caught, the condition under which nobody handled it, as JSONata.

        Handled means that a job with `handles: true` that depends on it ran to its end.
        """
        conditions = []
        for job in self.pipeline.jobs:
            if job.name not in self.caught:
                continue
            handlers = [other.name for other in self.pipeline.jobs if other.handles and job.name in other.depends_on]
            condition = _is(job.name, ("failed",))
            if handlers:
                done = " or ".join(_is(name, ("succeeded", "recovered")) for name in handlers)
                condition = f"({condition} and $not({done}))"
            conditions.append((job.name, condition))
        return conditions


def _any(jobs: tuple[str, ...], statuses: tuple[str, ...]) -> str:
    return " or ".join(_is(name, statuses) for name in jobs)


def _is(job: str, statuses: tuple[str, ...]) -> str:
    status = job_status(job)
    if len(statuses) == 1:
        return f"{status} = '{statuses[0]}'"
    return f"{status} in [" + ", ".join(f"'{name}'" for name in statuses) + "]"


def caught_error(job: str) -> str:
    """Return JSONata for what is kept of the failure of a caught job: `{error, cause, at}`, and `class` where it is read."""
    return path(ERRORS, job)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtRecord:
    """How the failure of a job is kept."""

    characters: int
    """The longest cause; what is longer is cut."""
    with_class: bool
    """True when somebody reads the class."""

    def record(self, caught: str, *, throws: bool) -> str:
        """Return `{error, cause, at}` and, where it is read, `class` as JSONata. `caught` is JSONata for Error and Cause as
        Step Functions gives them; `throws` says that the job's own outputs may have thrown an error of bunsui's own."""
        bound = f"$caught := {caught}; "
        error, cause = "$caught.Error", "$caught.Cause"
        if throws:
            thrown = f"$match($substringAfter($caught.Cause, {string_literal(THROWN)}), /{OWN_ERROR}/)"
            bound += f"$own := $caught.Error = {string_literal(EVALUATION)} ? {thrown} : []; "
            error = "$exists($own.match) ? $own.groups[0] : $caught.Error"
            cause = "$exists($own.match) ? $own.groups[1] : $caught.Cause"
        bound += f"$error := {error}; $cause := {cause}; "
        fields = {
            "error": "$error",
            "cause": f"$exists($cause) ? $substring($cause, 0, {self.characters}) : ''",
            "at": "$states.context.State.EnteredTime",
        }
        if self.with_class:
            fields["class"] = _class("$error")
        return f"({bound}{jsonata_object(fields)})"


def caught_record(expressions: Iterable[Expression], jobs: int) -> CaughtRecord:
    """Return how failures are kept in a pipeline with these expressions, in which so many jobs may have one."""
    uses = [use for expression in expressions for use in variables(expression.text) if use.name == "errors"]
    with_class = any(len(use.path) < 2 or use.path[1] == "class" for use in uses)
    return CaughtRecord(characters=max(100, min(MOST_CHARACTERS, ALL_CHARACTERS // max(jobs, 1))), with_class=with_class)


def _class(error: str) -> str:
    tests = [f"$contains({error}, /{pattern}/i) ? '{name}'" for name, pattern in ERROR_PATTERNS.items()]
    return " : ".join([*tests, "'code'"])
