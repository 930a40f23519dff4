"""What is asked about the changes of a plan only: running sessions, concurrency, given roles and bucket, quotas of the account,
roles of tasks, commits behind."""

from __future__ import annotations

from bunsui.document.rules import Rules
from bunsui.kinds.bucket import BUCKET
from bunsui.kinds.role import ROLE
from bunsui.plan.build import with_looked_up
from bunsui.plan.model import Plan
from bunsui.project.repository import Repository
from bunsui.refresh.account_usage import account_room
from bunsui.refresh.external_roles import trusted_services
from bunsui.refresh.given_bucket import look_at_given_bucket
from bunsui.refresh.ports import ReconcilePorts
from bunsui.refresh.reserved_concurrency import reserved_concurrency
from bunsui.refresh.running_sessions import running_sessions
from bunsui.refresh.stale_branch import behind
from bunsui.refresh.task_roles import task_roles


def looked_up(plan: Plan, rules: Rules, repository: Repository, ports: ReconcilePorts) -> Plan:
    """Return the plan with what is known beside its changes, and what the checks find in that. Nothing is decided by it."""
    return with_looked_up(
        plan,
        rules,
        running=running_sessions(plan, ports.execution),
        reserved=reserved_concurrency(plan, ports.limits),
        given_roles=trusted_services(plan, ports.providers.get(ROLE)),
        given_bucket=look_at_given_bucket(plan, ports.providers.get(BUCKET)),
        account=account_room(plan, ports.account),
        task_roles=task_roles(plan, ports.task_definitions),
        behind=behind(plan, repository),
    )
