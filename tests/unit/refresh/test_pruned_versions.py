"""Versions of functions that machines call: what is gone differs, and no more is asked than a plan can afford."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pytest

from bunsui.kinds.lambda_function import FUNCTION, VERSION_IN_USE
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.comparison import difference
from bunsui.refresh.pruned_versions import FEW, find_pruned, with_pruned


@dataclass
class Published:
    """Knows which are gone, and what was asked."""

    missing: Collection[str] = ()
    asked: list[str] = field(default_factory=list)

    def find_gone(self, version_arns: Collection[str]) -> frozenset[str]:
        self.asked += sorted(version_arns)
        return frozenset(version_arns) & frozenset(self.missing)


def function(number: int, *, version: bool = True) -> AppliedResource:
    outputs = {"arn": f"arn:{number}", **({"version_arn": f"arn:{number}:7"} if version else {})}
    name = f"f{number}"
    return AppliedResource(address=Address(FUNCTION, name), physical_name=name, attributes={"memory_mb": 128}, outputs=outputs)


def applied(count: int) -> dict[Address, AppliedResource]:
    return {item.address: item for item in (function(number) for number in range(count))}


def seen(item: AppliedResource) -> ActualResource:
    return ActualResource(
        address=item.address, physical_name=item.physical_name, attributes=item.attributes, outputs=item.outputs, revision="r"
    )


def test_the_version_in_use_is_asked_for_and_nothing_else() -> None:
    known = applied(2) | {Address("role", "r"): replace(function(3), address=Address("role", "r"))}
    bare = function(4, version=False)
    published = Published(missing=["arn:1:7"])
    assert find_pruned(published, {**known, bare.address: bare}, asks_all=False) == {"arn:1:7"}
    assert published.asked == ["arn:0:7", "arn:1:7"]


@pytest.mark.parametrize(("count", "asks_all", "asks"), [(FEW, False, True), (FEW + 1, False, False), (FEW + 1, True, True)])
def test_a_plan_of_many_functions_leaves_it_to_who_asks_for_everything(count: int, asks_all: bool, asks: bool) -> None:
    published = Published()
    find_pruned(published, applied(count), asks_all=asks_all)
    assert bool(published.asked) is asks


def test_where_nobody_can_be_asked_nothing_is_gone() -> None:
    assert find_pruned(None, applied(1), asks_all=True) == frozenset()


def test_only_the_function_whose_version_is_gone_differs_and_its_revision_stays() -> None:
    kept, pruned = function(0), function(1)
    there, differing = with_pruned([seen(kept), seen(pruned)], frozenset({"arn:1:7"}))
    assert there == seen(kept)
    assert [item.attribute for item in difference(FUNCTION, pruned.attributes, differing.attributes).items] == [VERSION_IN_USE]
    assert differing.revision == "r"


@pytest.mark.parametrize("change", [{"is_assumed": True}, {"unreadable": "no"}, {"outputs": {"version_arn": "arn:1:8"}}])
def test_what_was_not_read_or_runs_another_version_by_now_does_not_differ(change: dict[str, object]) -> None:
    item = replace(seen(function(1)), **change)  # type: ignore[arg-type]
    assert with_pruned([item], frozenset({"arn:1:7"})) == (item,)
