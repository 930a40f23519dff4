"""Destroy: removes what this project made in one environment, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.errors import NotFound, Refused
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Plan
from bunsui.services.edges import ReconcileEdges, Repository, frozen_words
from bunsui.services.reading import Progress, no_progress, read_actual


def plan_destroy(
    repository: Repository,
    edges: ReconcileEdges,
    *,
    select: Sequence[str] = (),
    progress: Progress = no_progress,
) -> Plan:
    """Give a plan that removes the pipelines named in `select`, or everything. The files are not looked at.

    Raises:
        Refused: `protected-environment`.
        NotFound: `unknown-pipeline`, when nothing was ever applied under that name.

    """
    environment = repository.project.environment
    if environment.protected:
        raise Refused(
            "protected-environment",
            "this environment is protected, so nothing in it is destroyed",
            hint="Whoever really wants this removes `protected: true` from bunsui.yaml first.",
            environment=environment.name,
        )
    edges.account_checked()
    mark = edges.ledger.log.mark()
    applied = edges.state.applied()
    actual = read_actual(edges.providers, repository.scope, (), applied=applied, progress=progress)
    known = {address.pipeline for address in applied} | {resource.address.pipeline for resource in actual}
    for name in select:
        if name not in known:
            hint = "See what there is:\n  bunsui status"
            raise NotFound("unknown-pipeline", "nothing is deployed under that name", hint=hint, pipeline=name)
    return build_plan(
        Facts(
            scope=repository.scope,
            as_of=edges.clock.now(),
            desired=(),
            actual=actual,
            applied=applied,
            commit=repository.commit,
            select=frozenset(select) if select else None,
            rules=repository.project.rules,
            pending=edges.ledger.journal.pending(),
            mark=mark,
            at_once=True,
            frozen=frozen_words(edges),
        )
    )
