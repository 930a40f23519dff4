"""A plan for code that nobody vouches for: the repository compared with itself, without an account.

No call to AWS, no look-up, no plugin, no code of the repository: the compiled pull request against the compiled merge base.
What comes out are changes to the repository, not to AWS, and can never be applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bunsui.diagnostics import has_errors
from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Json, Reference, Value, leaves, map_leaves
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Basis
from bunsui.plan.references import as_written
from bunsui.services.compiled import compile_project
from bunsui.services.edges import Repository
from bunsui.services.plan import PlanOutcome
from bunsui.services.selecting import TOUCHED

Outputs = Mapping[Address, Mapping[str, str]]


def plan_untrusted(
    repository: Repository, base: Repository | None, basis: Basis, *, as_of: datetime, select: Sequence[str] = ()
) -> PlanOutcome:
    """Compare what the checkout compiles to with what the merge base compiles to; None stands for a base without a project.

    `select` names or describes pipelines of the checkout.
    """
    names = [name for name in select if name != TOUCHED]  # every change here is one that the branch makes
    now = compile_project(repository, select=names)
    if has_errors(now.diagnostics):
        return PlanOutcome(plan=None, diagnostics=now.diagnostics)
    before = compile_project(base).resources if base is not None else ()
    outputs = _outputs((*now.resources, *before))
    applied = {item.address: _applied(item, outputs) for item in before}
    plan = build_plan(
        Facts(
            scope=repository.scope,
            as_of=as_of,
            desired=now.resources,
            actual=tuple(_actual(item, repository.scope) for item in applied.values()),
            applied=applied,
            commit=repository.commit,
            select=now.selected,
            rules=now.documents.rules,
            diagnostics=now.diagnostics,
            pipelines=now.facts(as_of),
            refresh="none",
            basis=basis,
        )
    )
    return PlanOutcome(plan=plan, diagnostics=plan.diagnostics)


def _outputs(resources: Iterable[DesiredResource]) -> Outputs:
    """Give a stand-in for every output that anything refers to, the same on both sides."""
    result: dict[Address, dict[str, str]] = {}
    for item in resources:
        for leaf in leaves(item.attributes):
            if isinstance(leaf, Reference):
                result.setdefault(leaf.address, {})[leaf.attribute] = _stand_in(leaf)
    return result


def _stand_in(reference: Reference) -> str:
    return f"({reference.attribute} of {reference.address})"


def _applied(item: DesiredResource, outputs: Outputs) -> AppliedResource:
    return AppliedResource(
        address=item.address,
        physical_name=item.physical_name,
        attributes={name: _plain(value) for name, value in item.attributes.items()},
        outputs=outputs.get(item.address, {}),
        depends_on=item.depends_on,
    )


def _actual(item: AppliedResource, scope: Scope) -> ActualResource:
    return ActualResource(
        address=item.address,
        physical_name=item.physical_name,
        attributes=item.attributes,
        outputs=item.outputs,
        tags=scope.tags(item.address),
    )


def _plain(value: Value) -> Json:
    return as_written(map_leaves(value, lambda leaf: _stand_in(leaf) if isinstance(leaf, Reference) else leaf))
