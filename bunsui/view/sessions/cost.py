"""What something costs, in words: always an estimate, with what is not in it."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.model.estimates.cost import NEVER_COUNTED, CostEstimate
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role

_NAMED = 6
"""Uncounted things that are named; of more, how many there are."""


def cost_lines(cost: CostEstimate, *, name: str = "cost", indent: str = "  ", of: str = "") -> Iterator[Line]:
    """Return what it costs, by what that is known, and what is not counted. `name` begins the line, and `of` stands behind the
    sum, such as ` each`."""
    where = f"{name} if this ran on AWS in {safe(cost.region)}" if cost.is_local else name
    if cost.usd is None:
        yield Line.of(f"{indent}{where}: not known", ("; no prices of this region are known", Role.MUTED))
        return
    parts = ", ".join(f"{part.service} {usd_words(part.usd)}" for part in cost.parts)
    told = f"{indent}{where}: an estimate of {usd_words(cost.usd)} USD{of}"
    yield Line.of(told, (f" ({parts})" if len(cost.parts) > 1 else "", Role.MUTED))
    yield Line.of((f"{indent}  {_source(cost)}", Role.MUTED))
    yield Line.of((f"{indent}  not counted: {uncounted_words(cost)}", Role.MUTED))


def usd_words(usd: float) -> str:
    """Return an amount with as many digits as say something."""
    if usd == 0:
        return "0"
    if usd < 0.00005:
        return "less than 0.0001"
    return f"{usd:,.4f}" if usd < 0.1 else f"{usd:,.2f}"


def uncounted_words(cost: CostEstimate) -> str:
    """Return what is not in the estimate."""
    more = len(cost.uncounted) - _NAMED
    named = [safe(what) for what in cost.uncounted[:_NAMED]] + ([f"{more} more"] if more > 0 else [])
    return ", ".join((*named, *NEVER_COUNTED))


def _source(cost: CostEstimate) -> str:
    prices = f"list prices of {safe(cost.region)}, {cost.priced_on}"
    if cost.runs:
        return f"by the last {f'{cost.runs} runs' if cost.runs != 1 else 'run'}; {prices}"
    return f"by the definition, at most; {prices}" if cost.is_foreseen else f"by its history; {prices}"
