"""A plan for code that nobody vouches for: the repository compared with itself, without an account.

No call to AWS, no look-up, no plugin, no code of the repository: the compiled pull request against the compiled merge base.
What comes out are changes to the repository, not to AWS, and can never be applied.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bunsui import __version__
from bunsui.diagnostics import Diagnostic, Severity, has_errors
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Reference, Value, leaves, map_leaves
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.edits import with_author_edits
from bunsui.plan.model import UNTOLD, Basis
from bunsui.plan.references import as_written
from bunsui.project.branch_diff import ComparedBranch
from bunsui.project.code_files import with_code_files, with_former_code_files
from bunsui.project.compile import CompiledProject, compile_project
from bunsui.project.repository import Repository
from bunsui.project.selectors import TOUCHED
from bunsui.services.plan import PlanOutcome

Outputs = Mapping[Address, Mapping[str, str]]


def plan_untrusted(
    repository: Repository, branch: ComparedBranch, basis: Basis, *, as_of: datetime, select: Sequence[str] = ()
) -> PlanOutcome:
    """Compare what the checkout compiles to with what the merge base compiles to.

    `select` names or describes pipelines of the checkout.
    """
    base = branch.base
    names = [name for name in select if name != TOUCHED]  # every change here is one that the branch makes
    now = compile_project(repository, select=names)
    if has_errors(now.diagnostics):
        return PlanOutcome(plan=None, diagnostics=now.diagnostics)
    then = compile_project(base) if base is not None else None
    before = then.resources if then is not None else ()
    outputs = _outputs((*now.resources, *before))
    applied = {item.address: _as_applied(item, outputs) for item in before}
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
            pipelines=now.facts(as_of, repository.registry),
            refresh="none",
            basis=basis,
        )
    )
    plan = with_author_edits(with_code_files(plan, repository.source), _texts(then, as_of))
    if base is not None:
        plan = with_former_code_files(plan, before, base.source)
    untold = _report_untold(then.diagnostics, basis) if then is not None else ()
    plan = replace(plan, diagnostics=(*plan.diagnostics, *branch.unread, *untold))  # no rule of the checkout silences these
    return PlanOutcome(plan=plan, diagnostics=plan.diagnostics)


def _texts(then: CompiledProject | None, at: datetime) -> dict[str, AppliedText]:
    """Return what the files said at the merge base, compiled by this very bunsui."""
    return {
        pipeline.name: AppliedText(pipeline=pipeline.name, text=pipeline.text, kept_at=at, written_by=__version__)
        for pipeline in (then.documents.pipelines if then is not None else ())
        if pipeline.text
    }


def _report_untold(before: Iterable[Diagnostic], basis: Basis) -> Iterator[Diagnostic]:
    """Name each file with errors at the merge base: what it made is not known, so a removal of it would not be seen."""
    errors = [found for found in before if found.is_error]
    firsts = {found.position.file if found.position else "": found for found in reversed(errors)}
    for file, first in sorted(firsts.items()):
        yield Diagnostic(
            code=UNTOLD,
            severity=Severity.WARNING,
            summary=f"{file or 'the project'} has errors at the commit that is compared with: its changes cannot be told",
            detail=first.summary,
            hint=f"Correct it there first, or read the diff:\n  git diff {basis.commit[:12]} -- {shlex.quote(file or '.')}",
        )


def _outputs(resources: Iterable[DesiredResource]) -> Outputs:
    """Return a stand-in for every output that anything refers to, the same on both sides."""
    result: dict[Address, dict[str, str]] = {}
    for item in resources:
        for leaf in leaves(item.attributes):
            if isinstance(leaf, Reference):
                result.setdefault(leaf.address, {})[leaf.attribute] = _stand_in(leaf)
    return result


def _stand_in(reference: Reference) -> str:
    return f"({reference.attribute} of {reference.address})"


def _as_applied(item: DesiredResource, outputs: Outputs) -> AppliedResource:
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
