"""Destroy: removes what this project made in one environment, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from bunsui.command_line import command_line
from bunsui.errors import Refused
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Plan
from bunsui.project.repository import Repository
from bunsui.project.unknown_names import unknown_name
from bunsui.refresh.actual import believe_once_consistent
from bunsui.refresh.full import Progress, no_progress, read_actual
from bunsui.refresh.ports import ReconcilePorts, frozen_words
from bunsui.services.plan_request import PlanRequest


def plan_destroy(
    repository: Repository,
    ports: ReconcilePorts,
    request: PlanRequest,
    *,
    progress: Progress = no_progress,
) -> Plan:
    """Return a plan that removes the pipelines that the request selects by name, or everything. The files are not looked at.

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
    ports.account_checked()
    mark = ports.ledger.log.mark()
    applied = ports.state.applied()
    actual = read_actual(ports.providers, repository.scope, (), applied=applied, progress=progress)
    known = {address.pipeline for address in applied} | {resource.address.pipeline for resource in actual}
    for name in request.select:
        if name not in known:
            summary, see = "nothing is deployed under that name", command_line("state", "list")
            raise unknown_name("unknown-pipeline", summary, what="pipeline", name=name, known=known, see=see)
    facts = Facts(
        scope=repository.scope,
        as_of=ports.clock.now(),
        desired=(),
        actual=actual,
        applied=applied,
        commit=repository.commit,
        select=frozenset(request.select) if request.select else None,
        rules=repository.project.rules,
        pending=ports.ledger.journal.pending(),
        mark=mark,
        at_once=request.at_once,
        frozen=frozen_words(ports),
    )
    if not repository.reads_what_it_wrote:  # else what was made a moment ago would be forgotten, and stay in AWS
        facts = replace(facts, actual=believe_once_consistent(actual, facts, ports, progress), as_of=ports.clock.now())
    return build_plan(facts)
