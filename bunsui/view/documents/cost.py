"""What something costs, as a part of JSON documents."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.model.cost import NEVER_COUNTED, CostEstimate, CostPart


class ServiceCostPart(ShapeOf[CostPart]):
    """What one service asks."""

    service: str = member("The service.")
    usd: float = member("USD.")


class CostEstimatePart(ShapeOf[CostEstimate]):
    """An estimate by list prices."""

    usd: float | None = member("USD of what could be counted; null where no price of the region is known.")
    region: str = member("The region whose prices these are; of the embedded AWS the one that it stands for.")
    priced_on: str = member("The day on which the prices were read, YYYY-MM-DD.")
    is_local: bool = member("True on the embedded AWS, where nothing is paid: what it would be on AWS in the region.")
    parts: tuple[ServiceCostPart, ...] = member("By service.")
    uncounted: tuple[str, ...] = member(
        "What is billed too and could not be counted. Never counted are " + ", ".join(NEVER_COUNTED) + "."
    )
    runs: int = member("From how many earlier runs this is known; 0 where it is told from a history of its own or foreseen.")
    is_foreseen: bool = member("True where the definition alone tells it, since no run was measured: the most states entered.")
