"""What a run costs: pure sums over list prices, and never a price that is not known."""

from __future__ import annotations

import pytest

from bunsui.model.estimates.cost import Usage, estimate_cost, middle_run
from bunsui.model.estimates.prices import prices_of

USED = Usage(transitions=40, requests=2, gb_seconds_x86_64=30, vcpu_seconds=1800, task_gb_seconds=3600)


def test_each_service_is_priced_by_the_region() -> None:
    found = estimate_cost(USED, "us-east-1")
    assert [(part.service, round(part.usd, 7)) for part in found.parts] == [
        ("Step Functions", 0.001),
        ("Lambda", 0.0005004),
        ("Fargate", 0.024685),
    ]
    assert found.usd == pytest.approx(0.0261854)
    assert found.uncounted == ()


def test_a_service_without_a_known_price_is_named_and_not_guessed() -> None:
    found = estimate_cost(USED, "eu-central-1")
    assert [part.service for part in found.parts] == ["Step Functions", "Lambda"]
    assert found.uncounted == ("Fargate, whose prices in eu-central-1 are not known",)


def test_of_a_region_without_prices_nothing_is_known() -> None:
    found = estimate_cost(Usage(transitions=40, uncounted=("glue in load",)), "xx-nowhere-1")
    assert prices_of("xx-nowhere-1") is None
    assert (found.usd, found.parts) == (None, ())
    assert found.uncounted == ("everything: no prices of xx-nowhere-1 are known", "glue in load")
    assert found.times(7).usd is None


def test_several_runs_cost_as_much_together() -> None:
    twice = estimate_cost(USED.times(2), "us-east-1")
    assert twice.usd == pytest.approx(estimate_cost(USED + USED, "us-east-1").usd)
    assert twice.usd == pytest.approx(estimate_cost(USED, "us-east-1").times(2).usd)


def test_the_middle_run_names_what_was_uncounted_in_any() -> None:
    runs = [Usage(transitions=count, uncounted=(f"x{count}",)) for count in (9, 5, 7, 100)]
    middle = middle_run(runs, "us-east-1")
    assert middle is not None
    assert (middle.transitions, middle.uncounted) == (7, ("x9", "x5", "x7", "x100"))
    assert middle_run([], "us-east-1") is None
