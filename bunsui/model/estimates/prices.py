"""What AWS asks for what a run uses, by region: list prices in USD, without free tiers, discounts and savings plans.

The one place that knows prices. What is not in the table is not known: no region stands in for another.

Read on 30 November 2026. Step Functions, standard workflows: a stored copy of the table of
https://aws.amazon.com/step-functions/pricing/, which may be older; of af-south-1, ap-east-1, eu-south-1 and me-south-1 what
https://github.com/alexcasalboni/aws-lambda-power-tuning has of it. Lambda (first tier, requests and GB-seconds) and Fargate
(Linux on x86): AWS's own pages, https://aws.amazon.com/lambda/pricing/ and https://aws.amazon.com/fargate/pricing/, show their
tables by script and could not be read; the figures are those that public pages and repositories cite of them. Hold them against
AWS's pages before a decision rests on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

PRICED_ON = date(2026, 11, 30)
"""The day on which the prices were read."""
SOURCES: Mapping[str, str] = {
    "Step Functions": "https://aws.amazon.com/step-functions/pricing/",
    "Lambda": "https://aws.amazon.com/lambda/pricing/",
    "Fargate": "https://aws.amazon.com/fargate/pricing/",
}
"""AWS's pages for them, by service: where to hold a figure against what AWS asks today."""

_TABLE = """
region         | 1,000 transitions | 1M requests | GB-second x86_64 | GB-second arm64 | vCPU-hour | GB-hour
us-east-1      | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | 0.04048   | 0.004445
us-east-2      | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | 0.04048   | 0.004445
us-west-1      | 0.0279            | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
us-west-2      | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | 0.04048   | 0.004445
ca-central-1   | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
sa-east-1      | 0.0375            | 0.20        | 0.0000166667     | 0.0000133334    | 0.0696    | 0.0076
eu-west-1      | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | 0.04048   | 0.004445
eu-west-2      | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
eu-west-3      | 0.0297            | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
eu-central-1   | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
eu-north-1     | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
eu-south-1     | 0.02625           | 0.23        | 0.0000195172     | 0.0000156138    | -         | -
ap-northeast-1 | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | 0.05056   | 0.00553
ap-northeast-2 | 0.0271            | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
ap-southeast-1 | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
ap-southeast-2 | 0.025             | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
ap-south-1     | 0.0285            | 0.20        | 0.0000166667     | 0.0000133334    | -         | -
ap-east-1      | 0.0275            | -           | 0.00002292       | 0.0000183       | -         | -
af-south-1     | 0.02975           | -           | 0.0000221        | 0.00001768      | -         | -
me-south-1     | 0.0275            | -           | 0.0000206667     | 0.0000165334    | -         | -
us-gov-east-1  | 0.030             | -           | -                | -               | -         | -
us-gov-west-1  | 0.030             | -           | -                | -               | -         | -
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPrices:
    """USD for one of each; None where the price is not known."""

    transition: float | None
    """Of a standard workflow."""
    request: float | None
    """An invocation of a function."""
    gb_second_x86_64: float | None
    gb_second_arm64: float | None
    vcpu_hour: float | None
    gb_hour: float | None


def prices_of(region: str) -> RegionPrices | None:
    """Return the prices of a region; None when none of them is known."""
    return _PRICES.get(region)


def _read(table: str) -> dict[str, RegionPrices]:
    found = {}
    for row in table.strip().splitlines()[1:]:
        region, *cells = (cell.strip() for cell in row.split("|"))
        transitions, requests, x86, arm, vcpu, gigabyte = (None if cell == "-" else float(cell) for cell in cells)
        found[region] = RegionPrices(
            transition=None if transitions is None else transitions / 1_000,
            request=None if requests is None else requests / 1_000_000,
            gb_second_x86_64=x86,
            gb_second_arm64=arm,
            vcpu_hour=vcpu,
            gb_hour=gigabyte,
        )
    return found


_PRICES = _read(_TABLE)
