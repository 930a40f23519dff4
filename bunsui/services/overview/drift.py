"""Drift: what somebody changed outside bunsui, and what others put beside ours. The files are not looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from bunsui.command_line import command_line
from bunsui.diagnostics import Diagnostic
from bunsui.model.address import Address
from bunsui.model.lifecycle import fits_tag
from bunsui.model.resource import OWN_PREFIX, Scope
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.checks import beside_ours
from bunsui.plan.ignore_rules import left_to_others
from bunsui.plan.model import Plan, Reason, ResourceChange
from bunsui.ports.beside import Depth
from bunsui.project.repository import Repository
from bunsui.project.unknown_names import unknown_name
from bunsui.refresh.actual import believe_once_consistent
from bunsui.refresh.beside import find_beside, with_beside
from bunsui.refresh.full import Progress, no_progress, read_actual
from bunsui.refresh.ports import ReconcilePorts
from bunsui.refresh.pruned_versions import find_pruned, with_pruned


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """What differs from what was applied last."""

    scope: Scope
    taken_at: datetime
    resources: int
    """How many were compared."""
    drifted: tuple[ResourceChange, ...] = ()
    """Each with its `drift`, by pipeline; what was deleted has none."""
    unreadable: tuple[ResourceChange, ...] = ()
    """What could not be read, so that nobody knows."""
    interrupted: tuple[ResourceChange, ...] = ()
    """What an apply was writing when it died: the next one finishes it."""
    beside: tuple[Diagnostic, ...] = ()
    """What others put beside ours, the riskiest first. It is no drift."""
    ignored_tags: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    """The names of the tags that are there and that the project leaves to others (`ignore.tags`)."""


def find_drift(
    repository: Repository, ports: ReconcilePorts, *, names: Sequence[str] = (), progress: Progress = no_progress
) -> DriftReport:
    """Read everything that was applied, and compare it with that; of some pipelines only where they are named.

    Raises:
        NotFound: `unknown-pipeline`, when nothing was ever applied under a name.

    """
    ports.account_checked()
    mark, ignored = ports.ledger.log.mark(), repository.project.ignored_tags
    applied = {one.address: one for one in left_to_others(ports.state.applied().values(), ignored)}
    _check_names(names, applied)
    scope, wanted = repository.scope, tuple(item.as_desired() for item in applied.values())
    with ports.reading(), ThreadPoolExecutor(max_workers=2, thread_name_prefix="beside") as pool:
        looking = pool.submit(copy_context().run, find_beside, ports.beside, applied, Depth.DRIFT)
        asking = pool.submit(copy_context().run, partial(find_pruned, ports.published, applied, asks_all=True))
        actual = read_actual(ports.providers, scope, wanted, applied=applied, progress=progress)
        found = with_beside(with_pruned(actual, asking.result()), looking.result(), scope)
    facts = Facts(
        scope=scope,
        as_of=ports.clock.now(),
        desired=wanted,
        actual=found,
        applied=applied,
        select=frozenset(names) if names else None,
        pending=ports.ledger.journal.pending(),
        mark=mark,
        interventions=ports.ledger.deployed.interventions(),
    )
    if not repository.reads_what_it_wrote:
        facts = replace(facts, actual=believe_once_consistent(found, facts, ports, progress))
    return _report(build_plan(facts), repository)


def _check_names(names: Sequence[str], applied: Iterable[Address]) -> None:
    known = {address.pipeline for address in applied}
    for name in names:
        if name not in known:
            summary, see = "nothing is deployed under that name", command_line("state", "list")
            raise unknown_name("unknown-pipeline", summary, what="pipeline", name=name, known=known, see=see)


def _report(plan: Plan, repository: Repository) -> DriftReport:
    compared = [change for change in plan.changes if change.applied is not None]
    unread = [change for change in compared if change.reason is Reason.UNREADABLE]
    died = [change for change in compared if change.reason is Reason.INTERRUPTED]
    aside = {change.address for change in (*unread, *died)}
    return DriftReport(
        scope=plan.scope,
        taken_at=plan.as_of,
        resources=len(compared),
        drifted=tuple(change for change in compared if change.is_change and change.address not in aside),
        unreadable=tuple(unread),
        interrupted=tuple(died),
        beside=repository.project.rules.applied(tuple(beside_ours.check(plan))),
        ignored_tags={change.address: names for change in compared if (names := _find_ignored(change, repository))},
    )


def _find_ignored(change: ResourceChange, repository: Repository) -> tuple[str, ...]:
    names = change.actual.tags if change.actual is not None else ()
    theirs = (name for name in names if not name.startswith(OWN_PREFIX))
    patterns = repository.project.ignored_tags
    return tuple(sorted(name for name in theirs if any(fits_tag(pattern, name) for pattern in patterns)))
