"""What a pipeline means, without any state machine: jobs in order of their dependencies, each by the outcomes before it.

Written from the words of the documentation (`docs/reference/run-if.md`), not from the compiler, which is tested against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.model.outcomes import RunIf
from bunsui.model.pipeline import Job, Pipeline

OUTPUT = "Bunsui.OutputMissing"
CONDITION = "Bunsui.ConditionNotBoolean"


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What the world has in store for a job."""

    fails: bool = False
    wanted: bool | None = True
    """What `when` gives; None for nothing at all."""
    number: int = 0
    """The result of its operation."""
    is_silent: bool = False
    """The result lacks the number."""
    items: int | None = None
    """How many there are; None for a job without foreach."""
    questions: int = 0
    """How often its operation must be asked until it has the result, or fails; 0 for a job that does not poll."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """How a session ends."""

    statuses: Mapping[str, str]
    """succeeded, skipped, failed or not_run, for every job; as if no failure ended the session before its end."""
    errors: Mapping[str, str]
    """By which error each job failed that did."""
    fatal: frozenset[str]
    """Jobs whose failure nobody catches: any of them ends the session."""
    unhandled: frozenset[str]
    """Jobs whose failure is caught and not handled: the session fails at its end."""
    numbers: Mapping[str, int]
    """The number of each job that succeeded."""

    @property
    def status(self) -> str:
        return "failed" if self.fatal or self.unhandled else "succeeded"


def meaning(pipeline: Pipeline, fates: Mapping[str, Fate]) -> Meaning:
    """Return the meaning. After a fatal failure the later jobs count as reached through it, which nobody looks at."""
    reacting = {job.name for job in pipeline.jobs if job.run_if in (RunIf.ALL_DONE, RunIf.ANY_FAILED)}
    watched = {name for job in pipeline.jobs if job.name in reacting for name in job.depends_on}
    statuses: dict[str, str] = {}
    errors: dict[str, str] = {}
    numbers: dict[str, int] = {}
    fatal: set[str] = set()
    for job in pipeline.jobs:
        fate = fates[job.name]
        if any(name not in statuses for name in job.depends_on):
            continue  # after a fatal failure
        left = _left_out(job, [statuses[name] for name in job.depends_on])
        error = "" if left else _error(job, fate)
        if left or (not error and job.when is not None and not fate.wanted):
            statuses[job.name] = left or "skipped"
        elif not error:
            statuses[job.name] = "succeeded"
            numbers[job.name] = _own(job, fate)
        else:
            errors[job.name] = error
            if job.isolate or job.name in watched or job.name in reacting:
                statuses[job.name] = "failed"
            else:
                fatal.add(job.name)
    handled = {
        name for job in pipeline.jobs if job.handles and statuses.get(job.name) == "succeeded" for name in job.depends_on
    }
    failed = {name for name, status in statuses.items() if status == "failed"}
    return Meaning(
        statuses=statuses, errors=errors, fatal=frozenset(fatal), unhandled=frozenset(failed - handled), numbers=numbers
    )


def _left_out(job: Job, before: list[str]) -> str:
    """Return the status of a job that its dependencies leave out; empty when they let it run."""
    if job.run_if is RunIf.ALL_DONE:
        return ""
    if job.run_if is RunIf.ANY_FAILED:
        return "" if "failed" in before else "skipped"
    if "failed" in before or "not_run" in before:
        return "not_run"
    if job.run_if is RunIf.NONE_FAILED:
        return ""
    if job.run_if is RunIf.NONE_FAILED_MIN_ONE_SUCCESS:
        return "" if not before or "succeeded" in before else "skipped"
    return "skipped" if "skipped" in before else ""


def _error(job: Job, fate: Fate) -> str:
    """Return the error by which the job fails once it may run; empty when it does not, or does not want to run."""
    if job.when is not None and not fate.wanted:
        return CONDITION if fate.wanted is None else ""
    if fate.fails and fate.items != 0:
        return f"Broken.{job.name}"
    return OUTPUT if fate.is_silent and not job.output_rules else ""


def _own(job: Job, fate: Fate) -> int:
    """Return the job's own number: that of each item together; the default where the result lacks it."""
    if fate.is_silent:
        default = job.output_rules["n"].default
        assert isinstance(default, int)
        return default
    return fate.number * (1 if fate.items is None else fate.items)
