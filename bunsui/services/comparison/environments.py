"""Two environments compared: what one's files compile to, as if it were called and lay where the other does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bunsui.diagnostics import has_errors
from bunsui.document.project import ProjectDocument
from bunsui.model.alerts import Channel
from bunsui.model.pipeline import GivenRoles
from bunsui.model.resource import Scope
from bunsui.plan.model import Basis
from bunsui.project.branch_diff import ComparedBranch
from bunsui.project.compile import compile_project
from bunsui.project.repository import Repository
from bunsui.services.plan import PlanOutcome
from bunsui.services.plan_fork import plan_untrusted

T = TypeVar("T")
_ARN = re.compile(r"(?P<service>arn:[a-z-]+:[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}|):")


def compare_environments(before: Repository, after: Repository, *, as_of: datetime, select: Sequence[str] = ()) -> PlanOutcome:
    """Say what makes the environment of `before` into that of `after`. What differs only by the environment's name, account or
    region is the same: names of resources, what `${environment.…}` gives, ARNs in what the project file says of the two."""
    there = _Elsewhere(before=before.scope, after=after.scope)
    then = replace(before, scope=there.scope(), project=there.project(before.project, after.project))
    if has_errors(found := compile_project(then).diagnostics):
        return PlanOutcome(plan=None, diagnostics=found)
    basis = Basis(revision="", commit="", environment=before.scope.environment)
    outcome = plan_untrusted(after, ComparedBranch(base=then), basis, as_of=as_of, select=select)
    if outcome.plan is None:
        return outcome
    # What a check says of a change is about a change to AWS, and here nothing changes.
    return replace(outcome, plan=replace(outcome.plan, diagnostics=()))


class _Elsewhere:
    """Lays what is said of one environment where the other is, wherever that makes both the same."""

    def __init__(self, *, before: Scope, after: Scope) -> None:
        self._before, self._after = before, after

    def scope(self) -> Scope:
        """Return the scope of the second with what is no name of the first: whose bucket, key and boundary it has."""
        before, after = self._before, self._after
        return replace(
            after,
            permissions_boundary=self._same(before.permissions_boundary, after.permissions_boundary),
            bucket=before.bucket,
            bucket_kms_key=self._same(before.bucket_kms_key, after.bucket_kms_key),
        )

    def project(self, before: ProjectDocument, after: ProjectDocument) -> ProjectDocument:
        """Return the first project with variables, channels and roles that are the second's but for where they lie."""
        return replace(
            before,
            variables={name: self._same(value, after.variables.get(name)) for name, value in before.variables.items()},
            channels=self._channels(before.channels, after.channels),
            environment=replace(before.environment, roles=self._roles(before.environment.roles, after.environment.roles)),
        )

    def _channels(self, before: Mapping[str, Channel], after: Mapping[str, Channel]) -> dict[str, Channel]:
        others = {name: after.get(name, Channel(name=name)) for name in before}
        return {
            name: replace(one, topic=self._same(one.topic, others[name].topic), key=self._same(one.key, others[name].key))
            for name, one in before.items()
        }

    def _roles(self, before: GivenRoles, after: GivenRoles) -> GivenRoles:
        return GivenRoles(
            machine=self._same(before.machine, after.machine),
            function=self._same(before.function, after.function),
            scheduler=self._same(before.scheduler, after.scheduler),
        )

    def _same(self, value: T, other: T) -> T:
        """Return the other value where both are the same but for the place in their ARNs, else the value as it is."""
        return other if self._move(value) == other else value

    def _move(self, value: object) -> object:
        if isinstance(value, str):
            return self._arn(value)
        if isinstance(value, Mapping):
            return {key: self._move(item) for key, item in value.items()}
        return [self._move(item) for item in value] if isinstance(value, list) else value

    def _arn(self, text: str) -> str:
        before, after = self._before, self._after

        def there(found: re.Match[str]) -> str:
            region = after.region if found["region"] == before.region else found["region"]
            account = after.account if found["account"] == before.account else found["account"]
            return f"{found['service']}:{region}:{account}:"

        return _ARN.sub(there, text)
