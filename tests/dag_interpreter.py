"""What a pipeline means, without any state machine: jobs in order of their dependencies, each by the outcomes before it.

Written from the words of the documentation (`docs/reference/run-if.md`), not from the compiler, which is tested against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.model.pipeline import Job, Pipeline, RunIf


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What the world has in store for a job."""

    fails: bool = False
    is_wanted: bool = True
    """What `when` says."""
    number: int = 0
    """The result of its operation."""
    questions: int = 0
    """How often its operation must be asked until it has the result, or fails; 0 for a job that does not poll."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """How a session ends."""

    statuses: Mapping[str, str]
    """succeeded, skipped or failed, for every job; as if no failure ended the session before its end."""
    fatal: frozenset[str]
    """Jobs whose failure nobody catches: any of them ends the session."""
    unhandled: frozenset[str]
    """Jobs whose failure is caught and not handled: the session fails at its end."""
    outputs: Mapping[str, int]
    """The number that each job that succeeded hands on: its own, and those of the jobs that it depends on."""

    @property
    def status(self) -> str:
        return "failed" if self.fatal or self.unhandled else "succeeded"


def meaning(pipeline: Pipeline, fates: Mapping[str, Fate]) -> Meaning:
    """Give the meaning. After a fatal failure the later jobs count as reached through it, which nobody looks at."""
    catching = {name for job in pipeline.jobs if job.run_if in (RunIf.ALL_DONE, RunIf.ANY_FAILED) for name in job.depends_on}
    statuses: dict[str, str] = {}
    outputs: dict[str, int] = {}
    fatal: set[str] = set()
    for job in pipeline.jobs:
        fate = fates[job.name]
        before = [statuses[name] for name in job.depends_on if name in statuses]
        if any(name not in statuses for name in job.depends_on):
            continue  # after a fatal failure
        if not (_may_run(job, before) and (job.when is None or fate.is_wanted)):
            statuses[job.name] = "skipped"
        elif not fate.fails:
            statuses[job.name] = "succeeded"
            outputs[job.name] = fate.number + sum(outputs.get(name, 0) for name in job.depends_on)
        elif job.isolate or job.name in catching:
            statuses[job.name] = "failed"
        else:
            fatal.add(job.name)
    handled = {
        name
        for job in pipeline.jobs
        if job.run_if is RunIf.ANY_FAILED and statuses.get(job.name) == "succeeded"
        for name in job.depends_on
    }
    failed = {name for name, status in statuses.items() if status == "failed"}
    return Meaning(statuses=statuses, fatal=frozenset(fatal), unhandled=frozenset(failed - handled), outputs=outputs)


def _may_run(job: Job, before: list[str]) -> bool:
    if job.run_if is RunIf.ALL_DONE:
        return True
    if job.run_if is RunIf.ANY_FAILED:
        return "failed" in before
    if job.run_if is RunIf.NONE_FAILED:
        return "failed" not in before
    return all(status == "succeeded" for status in before)
