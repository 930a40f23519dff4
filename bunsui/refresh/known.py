"""What is known before AWS is looked at: what the files want, what the state says, what still needs what is retired."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from bunsui.diagnostics import Diagnostic
from bunsui.plan.build import Facts
from bunsui.plan.checks import under_way
from bunsui.plan.interventions import with_pauses, with_wanted_schedules
from bunsui.project.compile import CompiledProject
from bunsui.project.repository import Repository
from bunsui.refresh.modes import Refresh, touched_pipelines
from bunsui.refresh.ports import ReconcilePorts, frozen_words
from bunsui.refresh.prefetch import Remembered
from bunsui.refresh.retirement_blockers import holds, with_former_names


def known_facts(
    repository: Repository,
    ports: ReconcilePorts,
    compiled: CompiledProject,
    known: Remembered,
    *,
    refresh: Refresh,
    at_once: bool,
) -> Facts:
    """Return the facts of a plan without what AWS has.

    What runs on retired resources is asked of Step Functions, unless nothing is read, or nothing waits for it.
    """
    as_of = ports.clock.now()
    facts = Facts(
        scope=repository.scope,
        as_of=as_of,
        desired=with_pauses(compiled.resources, known.interventions.pauses, as_of),
        actual=(),
        applied=known.applied,
        commit=repository.commit,
        select=with_former_names(compiled.selected, compiled.moved) if compiled.selected is not None else None,
        frozen=frozen_words(ports),
        kept_for=timedelta(seconds=repository.project.environment.retire_seconds),
        moved=compiled.moved,
        rules=compiled.documents.rules,
        diagnostics=(*compiled.diagnostics, *_under_way(ports, known, as_of)),
        pending=known.pending,
        interventions=with_wanted_schedules(known.interventions, compiled.resources, as_of),
        mark=known.mark,
        refresh=refresh.value,
        at_once=at_once,
    )
    return facts if at_once or refresh is Refresh.NONE else _with_blockers(facts, ports)


def narrow_facts(
    facts: Facts, refresh: Refresh, *, asks_for_touched: bool, exactly: Collection[str] | None
) -> tuple[Facts, frozenset[str]]:
    """Return the facts with what is compared, and the names of the pipelines to read when not all are."""
    touched = touched_pipelines(facts) if refresh is Refresh.TOUCHED or asks_for_touched else frozenset()
    if asks_for_touched:
        return replace(facts, select=with_former_names(touched, facts.moved)), touched
    if exactly is None:
        return facts, touched
    chosen = replace(facts, select=with_former_names(exactly, facts.moved))
    return chosen, frozenset(exactly) if refresh is Refresh.TOUCHED else touched


def _with_blockers(facts: Facts, ports: ReconcilePorts) -> Facts:
    wanted = {item.address for item in facts.desired}
    seen = {
        address: item for address, item in facts.applied.items() if facts.select is None or address.pipeline in facts.select
    }
    return replace(facts, holds=holds(seen, wanted, ports.execution, as_of=facts.as_of, kept_for=facts.kept_for))


def _under_way(ports: ReconcilePorts, known: Remembered, as_of: datetime) -> tuple[Diagnostic, ...]:
    """Say that somebody is at work, or died at it: then the plan shows his unfinished resources as interrupted."""
    record = ports.ledger.locks.read() if known.pending else None
    return () if record is None or not record.held else (under_way.finding(record, as_of),)
