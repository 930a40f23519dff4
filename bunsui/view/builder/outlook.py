"""What writing a draft changes, on one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bunsui.model.address import Address
from bunsui.model.estimates.cost import CostEstimate
from bunsui.services.drafting.outlook import DraftOutlook
from bunsui.view.plan.wording import kind_words
from bunsui.view.sessions.cost import usd_words
from bunsui.view.spans import Line, Role, Span, line, span

_NAMED = 3
"""Resources of an action that are named."""


def outlook_line(outlook: DraftOutlook) -> Line:
    """Return the line: `beside the file  + function load.lambda  ~ state machine   a run: at most 0.0002 → 0.0003 USD`."""
    parts = [span("beside the file  ", Role.MUTED)]
    if outlook.is_same:
        parts.append(span("compiles to the same  ", Role.MUTED))
    for mark, role, addresses in (
        ("+", Role.CREATE, outlook.created),
        ("~", Role.UPDATE, outlook.updated),
        ("-", Role.DELETE, outlook.removed),
    ):
        parts += _named_spans(mark, role, addresses)
    return line(*parts, *_cost_spans(outlook.cost_before, outlook.cost_after))


def _named_spans(mark: str, role: Role, addresses: Sequence[Address]) -> Iterator[Span]:
    if not addresses:
        return
    names = [f"{kind_words(one.kind)} {one.name}".rstrip() for one in addresses]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    yield span(f"{mark} ", role)
    yield span(f"{', '.join(names[:_NAMED])}{more}  ")


def _cost_spans(before: CostEstimate | None, after: CostEstimate | None) -> Iterator[Span]:
    if after is None or after.usd is None:
        return
    former = before.usd if before is not None else None
    now = usd_words(after.usd)
    changed = f"{usd_words(former)} → {now}" if former is not None and usd_words(former) != now else now
    most = "" if changed.startswith("less") else "at most "
    yield span(f" a run: {most}{changed} USD, prices of {after.priced_on}", Role.MUTED)
    if after.uncounted:
        yield span(f", without {'; '.join(after.uncounted[:2])}", Role.MUTED)
