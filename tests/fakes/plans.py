"""Plans that a test asks for in one line."""

from __future__ import annotations

from bunsui.plan.model import Plan
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest, Removal


def destroy_plan(repository: Repository, ports: ReconcilePorts, *pipelines: str) -> Plan:
    """Return the plan that removes these pipelines, or everything."""
    plan = plan_project(repository, ports, PlanRequest(select=pipelines, removal=Removal.DESTROY)).plan
    assert plan is not None
    return plan
