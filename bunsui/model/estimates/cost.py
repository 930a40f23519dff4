"""What a run costs: an estimate from what it uses of what AWS bills, which names what it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from bunsui.model.estimates.prices import PRICED_ON, RegionPrices, prices_of

NEVER_COUNTED = ("logs", "storage", "data transfer", "free tiers and discounts")
"""What no estimate holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is billed of a run, or of several."""

    transitions: float = 0
    """States that were entered, and retries: what Step Functions bills of a standard workflow."""
    requests: float = 0
    """Invocations of functions."""
    gb_seconds_x86_64: float = 0
    """Memory in GB times how long functions were at work."""
    gb_seconds_arm64: float = 0
    vcpu_seconds: float = 0
    """Of tasks on Fargate."""
    task_gb_seconds: float = 0
    uncounted: tuple[str, ...] = ()
    """What is billed too and could not be told, such as `the Lambda time of load, of whose function no memory is known`."""

    def __add__(self, other: Usage) -> Usage:
        """Return both together."""
        return Usage(
            transitions=self.transitions + other.transitions,
            requests=self.requests + other.requests,
            gb_seconds_x86_64=self.gb_seconds_x86_64 + other.gb_seconds_x86_64,
            gb_seconds_arm64=self.gb_seconds_arm64 + other.gb_seconds_arm64,
            vcpu_seconds=self.vcpu_seconds + other.vcpu_seconds,
            task_gb_seconds=self.task_gb_seconds + other.task_gb_seconds,
            uncounted=tuple(dict.fromkeys((*self.uncounted, *other.uncounted))),
        )

    def times(self, count: float) -> Usage:
        """Return as much for that many runs."""
        return Usage(
            transitions=self.transitions * count,
            requests=self.requests * count,
            gb_seconds_x86_64=self.gb_seconds_x86_64 * count,
            gb_seconds_arm64=self.gb_seconds_arm64 * count,
            vcpu_seconds=self.vcpu_seconds * count,
            task_gb_seconds=self.task_gb_seconds * count,
            uncounted=self.uncounted,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPart:
    """What one service asks."""

    service: str
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """What something costs, by list prices."""

    usd: float | None
    """What could be counted; None where no price of the region is known."""
    region: str
    priced_on: str
    """The day on which the prices were read, `YYYY-MM-DD`."""
    parts: tuple[CostPart, ...]
    """Of the services that are used and whose prices are known."""
    uncounted: tuple[str, ...]
    """What is billed too and is not in it, beside `NEVER_COUNTED`."""
    runs: int = 0
    """From how many earlier runs the usage is known; 0 for one that was measured itself, or is foreseen from the definition."""
    is_local: bool = False
    """True on the embedded AWS, where nothing is paid: what it would be on AWS in the region."""
    is_foreseen: bool = False
    """True where no run was measured, so that the definition alone tells the usage: the most that one run enters."""

    def times(self, count: float) -> CostEstimate:
        """Return what that many cost."""
        return replace(
            self,
            usd=None if self.usd is None else self.usd * count,
            parts=tuple(CostPart(service=part.service, usd=part.usd * count) for part in self.parts),
        )


def estimate_cost(usage: Usage, region: str, *, is_local: bool = False) -> CostEstimate:
    """Return what the usage costs in a region, or would cost for what runs on the embedded AWS."""
    prices = prices_of(region)
    if prices is None:
        return CostEstimate(
            usd=None,
            is_local=is_local,
            region=region,
            priced_on=PRICED_ON.isoformat(),
            parts=(),
            uncounted=(f"everything: no prices of {region} are known", *usage.uncounted),
        )
    parts: list[CostPart] = []
    unknown: list[str] = []
    for service, price in _SERVICES:
        found = list(price(usage, prices))
        if any(one is None for one in found):
            unknown.append(f"{service}, whose prices in {region} are not known")
        elif found:
            parts.append(CostPart(service=service, usd=sum(one for one in found if one is not None)))
    return CostEstimate(
        usd=sum(part.usd for part in parts),
        is_local=is_local,
        region=region,
        priced_on=PRICED_ON.isoformat(),
        parts=tuple(parts),
        uncounted=(*unknown, *usage.uncounted),
    )


def middle_run(usages: Iterable[Usage], region: str) -> Usage | None:
    """Return the run whose cost is in the middle, the cheaper one of two, with all that was uncounted in any; None for none."""
    found = list(usages)
    if not found:
        return None
    by_cost = sorted(found, key=lambda usage: (estimate_cost(usage, region).usd or 0, usage.transitions))
    uncounted = dict.fromkeys(what for usage in found for what in usage.uncounted)
    return replace(by_cost[(len(by_cost) - 1) // 2], uncounted=tuple(uncounted))


def _transitions(usage: Usage, prices: RegionPrices) -> Iterator[float | None]:
    yield from _price_each((usage.transitions, prices.transition))


def _functions(usage: Usage, prices: RegionPrices) -> Iterator[float | None]:
    yield from _price_each(
        (usage.requests, prices.request),
        (usage.gb_seconds_x86_64, prices.gb_second_x86_64),
        (usage.gb_seconds_arm64, prices.gb_second_arm64),
    )


def _tasks(usage: Usage, prices: RegionPrices) -> Iterator[float | None]:
    yield from _price_each((usage.vcpu_seconds / 3600, prices.vcpu_hour), (usage.task_gb_seconds / 3600, prices.gb_hour))


def _price_each(*used: tuple[float, float | None]) -> Iterator[float | None]:
    """Return what each costs that is used at all, None where its price is not known."""
    for amount, price in used:
        if amount:
            yield None if price is None else amount * price


_SERVICES: tuple[tuple[str, Callable[[Usage, RegionPrices], Iterator[float | None]]], ...] = (
    ("Step Functions", _transitions),
    ("Lambda", _functions),
    ("Fargate", _tasks),
)
