"""Plans of one edited pipeline: what was applied against what the files say now, and what each face says of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bunsui import __version__
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Reference, map_leaves
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.edits import with_author_edits
from bunsui.plan.model import PipelineFacts, Plan
from bunsui.plan.references import as_written
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.review.details import pipeline_lines
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain

AT = datetime(2026, 1, 1, tzinfo=UTC)
MADE = re.compile(r"_par|_start|_out-|choices\[|Condition|-[0-9a-f]{8}\b|\.guard|\bstate \S+: ")
"""What the compiler makes and no author wrote."""


def edited_plan(
    scope: Scope,
    before: Sequence[DesiredResource],
    after: Sequence[DesiredResource],
    *,
    kept: AppliedText,
    facts: PipelineFacts,
    outside: Callable[[ActualResource], ActualResource] = lambda actual: actual,
) -> Plan:
    """Plan `after` with its `facts` where `before` was applied, whose text was `kept`; `outside` is what somebody did to each
    resource since."""
    applied = {item.address: _applied(item) for item in before}
    plan = build_plan(
        Facts(
            scope=scope,
            as_of=AT,
            desired=tuple(after),
            actual=tuple(outside(replace(item.as_actual(scope), is_assumed=False)) for item in applied.values()),
            applied=applied,
            pipelines={"p": facts},
        )
    )
    return with_author_edits(plan, {"p": kept})


def kept_text(text: str) -> AppliedText:
    """Return the text as this bunsui keeps it at an apply."""
    return AppliedText(pipeline="p", text=text, kept_at=AT, written_by=__version__)


def faces(plan: Plan) -> Mapping[str, str]:
    """Return what each face says of the pipeline."""
    view = plan_view(plan)
    [node] = view.pipelines
    comment = plan_markdown(view)
    return {
        "text": plain(plan_lines(view)),
        "comment": "".join(re.findall(r"(?s)```text\n.*?```", comment)),
        "pane": plain(pipeline_lines(node, ())),
    }


def _applied(item: DesiredResource) -> AppliedResource:
    def known(leaf: Any) -> Any:
        return _output(leaf.address, leaf.attribute) if isinstance(leaf, Reference) else leaf

    attributes = {name: as_written(map_leaves(value, known)) for name, value in item.attributes.items()}
    outputs = {name: _output(item.address, name) for name in ("arn", "version_arn", "alias_arn")}
    return AppliedResource(
        address=item.address, physical_name=item.physical_name, attributes=attributes, outputs=outputs, written_at=AT
    )


def _output(address: Address, name: str) -> str:
    if address.kind == FUNCTION and name == "version_arn":
        return f"arn:aws:lambda:eu-west-1:111111111111:function:shop--dev--p--{address.name.replace('.', '--')}:1"
    return f"arn:{name} of {address}"
