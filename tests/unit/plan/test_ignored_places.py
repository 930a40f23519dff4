"""Laws of `lifecycle.ignore`, for definitions of any shape: what is ours stays, what belongs to others is as they have it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.lifecycle import IgnoredPlace
from bunsui.plan.ignore_rules import with_ignored_places, without

NAMES, FIELDS = ("a", "b", "c"), ("Comment", "Retry")
SCRAPS: st.SearchStrategy[Any] = (
    st.none() | st.integers(0, 3) | st.sampled_from(["x", "y"]) | st.lists(st.integers(0, 2), max_size=2)
)


def scopes(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return scopes whose states hold scopes, and here and there something that is neither."""
    branches = st.lists(inside | SCRAPS, max_size=2)
    fields: dict[str, Any] = {"Type": st.sampled_from(["Pass", "Map"]), "Comment": SCRAPS, "Retry": SCRAPS}
    nested: dict[str, Any] = {"Branches": branches, "ItemProcessor": inside | SCRAPS, "Iterator": inside}
    state = st.fixed_dictionaries({}, optional=fields | nested)
    return st.fixed_dictionaries(
        {}, optional={"StartAt": st.just("a"), "States": st.dictionaries(st.sampled_from(NAMES), state | SCRAPS)}
    )


DEFINITIONS: st.SearchStrategy[Any] = st.recursive(st.just({}), scopes, max_leaves=6)
TAGS = st.dictionaries(st.sampled_from(["team", "cost"]), st.sampled_from(["x", "y"]))
MACHINES = st.fixed_dictionaries({"definition": DEFINITIONS, "tags": TAGS})
PLACES = st.one_of(
    st.builds(IgnoredPlace, attribute=st.just("tags"), path=st.sampled_from([(), ("team",), ("cost",), ("cost", "x")])),
    st.builds(IgnoredPlace, attribute=st.just("definition"), path=st.tuples(st.sampled_from(NAMES), st.sampled_from(FIELDS))),
    st.builds(IgnoredPlace, attribute=st.just("definition"), path=st.tuples(st.sampled_from(NAMES)) | st.just(())),
)


@given(ours=MACHINES, theirs=MACHINES, place=PLACES)
def test_taking_a_place_of_others_again_changes_nothing(ours: Any, theirs: Any, place: IgnoredPlace) -> None:
    once = with_ignored_places("state_machine", ours, theirs, (place,))
    assert with_ignored_places("state_machine", once, theirs, (place,)) == once


@given(machine=MACHINES, places=st.lists(PLACES, max_size=3))
def test_without_any_difference_nothing_changes(machine: Any, places: list[IgnoredPlace]) -> None:
    assert with_ignored_places("state_machine", machine, {}, ()) == machine
    gone = without("state_machine", machine, places)
    assert without("state_machine", gone, places) == gone
    assert without("state_machine", machine, ()) == machine


@given(ours=MACHINES, theirs=MACHINES, key=st.sampled_from(["team", "cost"]))
def test_a_key_of_others_is_as_they_have_it_and_the_other_keys_are_ours(ours: Any, theirs: Any, key: str) -> None:
    place = IgnoredPlace(attribute="tags", path=(key,))
    kept: Any = with_ignored_places("state_machine", ours, theirs, (place,))
    assert kept["tags"].get(key) == theirs["tags"].get(key)
    assert (key in kept["tags"]) is (key in theirs["tags"])
    others = ({"team", "cost"} - {key}).pop()
    assert kept["tags"].get(others) == ours["tags"].get(others)
    assert kept["definition"] == ours["definition"]
    whole: Any = with_ignored_places("state_machine", ours, theirs, (IgnoredPlace(attribute="tags", path=()),))
    assert whole["tags"] == theirs["tags"]
    definition = IgnoredPlace(attribute="definition", path=())
    assert with_ignored_places("state_machine", ours, theirs, (definition,)) == {**ours, "definition": theirs["definition"]}
    assert without("state_machine", ours, (definition,)) == {**ours, "definition": None}


@given(ours=MACHINES, theirs=MACHINES, place=PLACES)
def test_what_is_left_without_the_places_of_others_is_ours(ours: Any, theirs: Any, place: IgnoredPlace) -> None:
    kept = with_ignored_places("state_machine", ours, theirs, (place,))
    mine, left = (without("state_machine", one, (place,)) for one in (ours, kept))
    assert left == mine
    assert set(kept) == {"definition", "tags"}


def states_of(scope: Any) -> list[tuple[str, Any]]:
    """Return every state with its name, whatever it is nested in."""
    found: list[tuple[str, Any]] = []
    states = scope.get("States") if isinstance(scope, dict) else None
    for name, state in states.items() if isinstance(states, dict) else ():
        if isinstance(state, dict):
            found.append((name, state))
            inner = [state.get("ItemProcessor"), state.get("Iterator")]
            branches = state.get("Branches")
            for one in [*(branches if isinstance(branches, list) else ()), *inner]:
                found.extend(states_of(one))
    return found


@given(ours=MACHINES, theirs=MACHINES, name=st.sampled_from(NAMES), field=st.sampled_from(FIELDS))
def test_a_field_of_a_state_is_as_others_have_it_wherever_our_state_is_nested(
    ours: Any, theirs: Any, name: str, field: str
) -> None:
    place = IgnoredPlace(attribute="definition", path=(name, field))
    kept: Any = with_ignored_places("state_machine", ours, theirs, (place,))
    other = next((state for found, state in states_of(theirs["definition"]) if found == name), None)
    before, after = states_of(ours["definition"]), states_of(kept["definition"])
    if other is None:
        assert kept == ours
    outermost = {found for found, _ in states_of({"States": ours["definition"].get("States", {})})}
    if other is not None and name in outermost:
        touched = [state for found, state in after if found == name]
        assert touched
        assert all((field in state) is (field in other) and state.get(field) == other.get(field) for state in touched[:1])
    if name not in outermost:
        assert before == after
