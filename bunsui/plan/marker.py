"""The hidden head of a pull request's comment: which plan it shows, and the digest that stands for what was reviewed.

::

    <!-- bunsui:plan project=sales environment=prod -->
    <!-- bunsui:digest 4f0c… select=orders,fresh -->
    <!-- bunsui:head 1b2c… order=17.1 -->

The first line tells one comment from another, the second is what an apply asks for, the third (written by whoever posts the
comment) is the commit that was planned. All are read from the first lines alone, in this order: no text of a plan comes before
them, so that no name in it can pass for one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from bunsui.model.names import is_id
from bunsui.plan.digest import whole_digest
from bunsui.plan.model import Plan
from bunsui.plan.partial import can_apply

WITHDRAWN = "withdrawn"
"""Stands for the digest of what nobody can apply."""
MOST_DIGESTS = 100
"""Changed pipelines beyond which only the whole has its digest in the comment: 6,500 characters."""

_MOST_SELECTED = 100
"""Selected pipelines beyond which none is named: an apply of all then leaves what was not reviewed."""

_SHA = "[0-9a-f]{40}(?:[0-9a-f]{24})?"
_VALUE = r"[A-Za-z0-9_.%-]*"
_PLAN = re.compile(rf"<!-- bunsui:plan project=({_VALUE}) environment=({_VALUE}) -->")
_DIGEST = re.compile(r"<!-- bunsui:digest (withdrawn|[0-9a-f]{64}(?:,[0-9a-f]{64})*)(?: select=([A-Za-z0-9_,-]+))? -->")
_HEAD = re.compile(rf"<!-- bunsui:head ({_SHA}) order=([0-9]+)\.([0-9]+) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead:
    """The commit that a comment's plan is of, and the run that made it."""

    commit: str
    """The head of the pull request's branch, 40 or 64 hex digits."""
    order: tuple[int, int] = (0, 0)
    """Of two runs the later one has the larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMarker:
    """What the hidden lines of a comment say."""

    project: str
    environment: str
    digest: str = WITHDRAWN
    """As `bunsui apply --digest` takes it, or `withdrawn`."""
    select: tuple[str, ...] = ()
    """The pipelines that were planned; empty when all were."""
    head: PlanHead | None = None
    """None as long as nobody posted it."""

    @property
    def is_withdrawn(self) -> bool:
        """True when nothing of it can be applied."""
        return self.digest == WITHDRAWN

    @property
    def plan(self) -> tuple[str, str]:
        """What has one comment: the project and the environment."""
        return self.project, self.environment

    @property
    def text(self) -> str:
        """The hidden lines."""
        select = f" select={','.join(self.select)}" if self.select else ""
        lines = [
            f"<!-- bunsui:plan project={_write_value(self.project)} environment={_write_value(self.environment)} -->",
            f"<!-- bunsui:digest {self.digest}{select} -->",
        ]
        if self.head is not None:
            lines.append(f"<!-- bunsui:head {self.head.commit} order={self.head.order[0]}.{self.head.order[1]} -->")
        return "".join(f"{line}\n" for line in lines)


def marker_of(plan: Plan, digests: Sequence[str]) -> PlanMarker:
    """Return the marker of a plan's comment, `digests` being those of the pipelines that change.

    A plan without a change has the digest of nothing, which lets nothing else be applied.
    """
    marker = PlanMarker(project=plan.scope.project, environment=plan.scope.environment)
    is_settled = not plan.pending and not any(found.is_error for found in plan.diagnostics)
    if plan.basis is not None or not (is_settled or can_apply(plan)):
        return marker
    named = digests if 1 < len(digests) <= MOST_DIGESTS else ()
    select = tuple(plan.select or ())
    is_named = len(select) <= _MOST_SELECTED and all(map(is_id, select))
    return replace(marker, digest=",".join((whole_digest(digests), *named)), select=select if is_named else ())


def read_marker(text: str) -> PlanMarker | None:
    """Return what the first lines of a comment say; None when it is no comment of a plan."""
    lines = text.replace("\r\n", "\n").split("\n", 3)
    plan = _PLAN.fullmatch(lines[0])
    digest = _DIGEST.fullmatch(lines[1]) if len(lines) > 1 else None
    if plan is None or digest is None:
        return None
    head = _HEAD.fullmatch(lines[2]) if len(lines) > 2 else None
    return PlanMarker(
        project=unquote(plan[1]),
        environment=unquote(plan[2]),
        digest=digest[1],
        select=tuple(digest[2].split(",")) if digest[2] else (),
        head=PlanHead(commit=head[1], order=(int(head[2]), int(head[3]))) if head is not None else None,
    )


def without_marker(text: str) -> str:
    """Return the comment behind its hidden lines."""
    lines = text.replace("\r\n", "\n").split("\n")
    hidden = 0
    for line, pattern in zip(lines, (_PLAN, _DIGEST, _HEAD), strict=False):
        if pattern.fullmatch(line) is None:
            break
        hidden += 1
    return "\n".join(lines[hidden:])


def _write_value(value: str) -> str:
    """Return the value so that it ends neither itself nor the comment; two hyphens together would."""
    return quote(value, safe="").replace("~", "%7E").replace("--", "%2D%2D")
