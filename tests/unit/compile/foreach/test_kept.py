"""Whether a machine can be told which items of a job are done."""

from __future__ import annotations

from bunsui.compile.foreach.kept import reads_kept_items, told_items
from bunsui.compile.jobs import guard_name
from bunsui.model.json import Json


def guard(condition: str) -> dict[str, Json]:
    return {guard_name("each"): {"Type": "Choice", "Choices": [{"Condition": condition}]}}


def test_it_is_looked_for_in_branches_too_and_nowhere_else() -> None:
    asks: dict[str, Json] = {"States": guard(f"{{% $exists({told_items('each')}) %}}")}
    asks_not: dict[str, Json] = {"States": guard("{% true %}")}
    inner: dict[str, Json] = {"States": {"P": {"Type": "Parallel", "Branches": [{"States": {}}, asks]}}}
    outer: dict[str, Json] = {"States": {"Q": {"Type": "Parallel", "Branches": [inner]}}}
    assert [reads_kept_items(one, "each") for one in (asks, inner, outer)] == [True, True, True]
    assert not reads_kept_items(asks_not, "each")
    assert not reads_kept_items(outer, "other")
    assert not reads_kept_items({"States": {"P": {"Branches": "none"}, "Q": "nothing"}}, "each")
