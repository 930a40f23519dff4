"""When a job runs, is skipped or counts as handled, by the outcomes of the jobs that it depends on.

`runs` is the rule itself, on values; the conditions below are the same rule as JSONata. `tests/cases/run_if.json` holds
the truth table that both are tested against, and from which the documentation is made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from bunsui.compile.flow import job_status
from bunsui.compile.values import path
from bunsui.model.pipeline import Job, Outcome, Pipeline, RunIf, isolated_jobs


def runs(rule: RunIf, outcomes: Collection[Outcome]) -> bool:
    """Tell whether a job with this rule runs after dependencies with these outcomes; it is skipped otherwise."""
    match rule:
        case RunIf.NONE_FAILED_OR_SKIPPED:
            return not any(outcome in (Outcome.FAILED, Outcome.SKIPPED) for outcome in outcomes)
        case RunIf.NONE_FAILED:
            return Outcome.FAILED not in outcomes
        case RunIf.ALL_DONE:
            return True
        case RunIf.ANY_FAILED:
            return Outcome.FAILED in outcomes


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
        changed = True
        while changed:
            more = {
                job.name for job in self.pipeline.jobs if self._bad(job, frozenset(found)) or job.run_if is RunIf.ANY_FAILED
            }
            changed = not more <= found
            found |= more
        return frozenset(found)

    def _bad(self, job: Job, skippable: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """Give, by dependency, the statuses that it may have and that skip the job."""
        bad: dict[str, tuple[str, ...]] = {}
        for name in dict.fromkeys(job.depends_on):
            statuses = []
            if job.run_if is RunIf.NONE_FAILED_OR_SKIPPED and name in skippable:
                statuses.append("skipped")
            if job.run_if in (RunIf.NONE_FAILED_OR_SKIPPED, RunIf.NONE_FAILED) and name in self.caught:
                statuses.append("failed")
            if statuses:
                bad[name] = tuple(statuses)
        return bad

    def skips(self, job: Job) -> str | None:
        """Give the condition under which the outcomes of its dependencies skip the job, as JSONata; None when they cannot."""
        if job.run_if is RunIf.ANY_FAILED:
            failed = " or ".join(_is(name, ("failed",)) for name in dict.fromkeys(job.depends_on))
            return f"$not({failed})" if failed else "true"
        bad = self._bad(job, self.skippable)
        return " or ".join(_is(name, statuses) for name, statuses in bad.items()) if bad else None

    def unhandled(self) -> Sequence[tuple[str, str]]:
        """Give, for each job whose failure is caught, the condition under which nobody handled it, as JSONata.

        Handled means that a job with `run_if: any_failed` that depends on it ran to its end.
        """
        conditions = []
        for job in self.pipeline.jobs:
            if job.name not in self.caught:
                continue
            handlers = [
                other.name for other in self.pipeline.jobs if other.run_if is RunIf.ANY_FAILED and job.name in other.depends_on
            ]
            condition = _is(job.name, ("failed",))
            if handlers:
                done = " or ".join(_is(name, ("succeeded", "recovered")) for name in handlers)
                condition = f"({condition} and $not({done}))"
            conditions.append((job.name, condition))
        return conditions


def _is(job: str, statuses: tuple[str, ...]) -> str:
    status = job_status(job)
    if len(statuses) == 1:
        return f"{status} = '{statuses[0]}'"
    return f"{status} in [" + ", ".join(f"'{name}'" for name in statuses) + "]"


def caught_error(job: str) -> str:
    """Give JSONata for the name of the error that a caught job failed with."""
    return path("$states.input.errors", job, "Error")
