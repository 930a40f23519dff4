"""Which items of a foreach a new attempt keeps: those that succeeded, while nothing says that they would be others now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.compile.fingerprints import ToldFingerprints, what_changed
from bunsui.compile.foreach.kept import needs_results, reads_kept_items, why_never_kept
from bunsui.compile.reads import job_reads
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job
from bunsui.operations.contract import OperationType
from bunsui.sessions.items.reading import (
    UNTOLD_RESULTS,
    ItemCheckpoints,
    ItemPlan,
    UnreadItems,
    count_items,
    told_results,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHistory:
    """What decides about the items of jobs, beside what decides about the jobs."""

    found: Mapping[str, ItemCheckpoints] = field(default_factory=dict)
    definition: Mapping[str, Json] = field(default_factory=dict)
    """Of the machine that is to run."""


NO_ITEMS = ItemHistory()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChoice:
    """What is decided about the jobs by the time that their items are asked for."""

    same: frozenset[str]
    """Jobs whose outputs are those that the items were given."""
    begin: frozenset[str]
    """Jobs that a person wants to run again."""
    keep: frozenset[str]
    """Jobs whose results a person wants to keep."""
    nested: Mapping[str, str]
    """Jobs that run a pipeline which is another one now -> why."""
    applied: ToldFingerprints
    every: frozenset[str]
    """All jobs."""


def choose_items(
    jobs: Sequence[Job], choice: ItemChoice, items: ItemHistory, registry: Mapping[str, OperationType], *, carry_all: bool
) -> dict[str, ItemPlan]:
    """Return what becomes of the items of the jobs, which run: of those some of whose items succeeded before."""
    found = {}
    for job in jobs:
        done = items.found.get(job.name)
        if job.foreach is None or done is None or job.name in choice.begin:
            continue
        why = _why_never(job, choice, items, registry) or _why_unlike(job.foreach, done)
        doubt = "" if why or job.name in choice.keep else _why_in_doubt(job, done, choice)
        is_read = carry_all or needs_results(job)
        results = {} if why or doubt else told_results(done.results, is_read=is_read)
        if not (why or doubt or results or done.run):
            why = UNTOLD_RESULTS
        most_listed = _most_listed(job.foreach)
        found[job.name] = ItemPlan(
            total=done.total,
            done=count_items(done.results, done.digests) + done.untold,
            results=results,
            digests={at: done.digests[at] for at in results} if done.digests else {},
            source=None if done.source is None else replace(done.source, most_listed=most_listed),
            why_again=why or doubt,
            may_be_kept=bool(doubt),
            is_kept_anyway=job.foreach.source is not None and job.name in choice.keep,
            unread=_unread_items(job.foreach, done, is_read=is_read, most_listed=most_listed),
        )
    return found


def _unread_items(foreach: Foreach, done: ItemCheckpoints, *, is_read: bool, most_listed: int) -> UnreadItems | None:
    if not done.run or done.run_at is None:
        return None
    return UnreadItems(
        run=done.run,
        run_at=done.run_at,
        needs_results=is_read,
        is_recognized=foreach.is_recognized,
        batch=foreach.batch or 1,
        most_listed=most_listed,
    )


def _most_listed(foreach: Foreach) -> int:
    # One more than there may be is read, by which too many are seen.
    return foreach.max_items + 1 if foreach.source is not None and foreach.source.is_listed else 0


def _why_unlike(foreach: Foreach, done: ItemCheckpoints) -> str:
    """Return why what is told of items that ran fits none of those that would run: empty when it does."""
    if done.run and done.batch != foreach.batch:
        then, now = (f"in batches of {size:,}" if size is not None else "one by one" for size in (done.batch, foreach.batch))
        return f"its items ran {then}, and would now run {now}"
    if done.results and bool(done.digests) != foreach.is_recognized:
        return "its items were given in another way then"
    return ""


def _why_never(job: Job, choice: ItemChoice, items: ItemHistory, registry: Mapping[str, OperationType]) -> str:
    """Return why all items of a job run, whatever a person says; empty when some may be kept."""
    before = {*job.depends_on, *(job_reads(job, registry, choice.every) - {job.name})}
    if not before <= choice.same:
        return "something that it depends on runs again, or is given"
    if why := why_never_kept(job):
        return why
    if not reads_kept_items(items.definition, job.name):
        return "an earlier bunsui compiled what is applied: after an apply its items can be kept"
    return ""


def _why_in_doubt(job: Job, done: ItemCheckpoints, choice: ItemChoice) -> str:
    """Return why what the items gave may be wrong now; empty when it is not."""
    if done.is_foreign or choice.applied.is_foreign:
        return "another version of bunsui compiled it, so that nobody can tell whether it changed"
    now = choice.applied.jobs.get(job.name, "")
    if not done.fingerprint or not now:
        return "nobody can tell whether it changed"
    return what_changed(done.fingerprint, now) or choice.nested.get(job.name, "")
