"""The first route that takes a pipeline counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.environment.alert_routes import AlertRoute, channels_by_route

ROUTES = (
    AlertRoute(owner="data", tags={"tier": "gold"}, notify=("pager",)),
    AlertRoute(owner="data", events=("late",), notify=("mail",)),
    AlertRoute(tags={"tier": "gold"}, notify=("gold",)),
    AlertRoute(notify=("all",)),
)
WORDS = st.sampled_from(["a", "b"])
TAGS = st.dictionaries(WORDS, WORDS)
ANY = st.builds(
    AlertRoute,
    notify=st.just(("x",)),
    owner=st.none() | WORDS,
    tags=TAGS,
    events=st.lists(st.sampled_from(["failed", "late"]), unique=True).map(tuple),
)


def test_all_that_a_route_says_must_be_so() -> None:
    assert channels_by_route(ROUTES, "failed", "data", {"tier": "gold", "x": "y"}) == ("pager",)
    assert channels_by_route(ROUTES, "late", "data", {"tier": "silver"}) == ("mail",)
    assert channels_by_route(ROUTES, "failed", "data", {}) == ("all",)
    assert channels_by_route(ROUTES, "late", "sales", {"tier": "gold"}) == ("gold",)
    assert channels_by_route(ROUTES[:3], "failed", "sales", {}) == ()


@given(ANY, ANY, st.sampled_from(["failed", "late", "slower"]), WORDS, TAGS)
def test_a_route_that_covers_another_takes_all_that_it_takes(
    one: AlertRoute, other: AlertRoute, event: str, owner: str, tags: dict[str, str]
) -> None:
    if one.covers(other) and other.takes(event, owner, tags):
        assert one.takes(event, owner, tags)
