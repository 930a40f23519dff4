"""How much the hidden lines of a comment name, and how exactly they are read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.plan.digest import whole_digest
from bunsui.plan.marker import PlanHead, PlanMarker, marker_of, read_marker, without_marker
from tests.unit.plan.test_checks import a_plan
from tests.unit.plan.test_digest import update

MARKER = PlanMarker(project="sales", environment="prod", digest="a" * 64)
PLAN, DIGEST = MARKER.text.splitlines()
HEAD = f"<!-- bunsui:head {'1' * 40} order=17.2 -->"


@pytest.mark.parametrize(("count", "named"), [(1, 0), (2, 2), (100, 100), (101, 0)])
def test_up_to_a_hundred_pipelines_have_digests_of_their_own(count: int, named: int) -> None:
    digests = [f"{number:064x}" for number in range(count)]
    found = marker_of(a_plan(update()), digests).digest.split(",")
    assert found == [whole_digest(digests), *digests[:named]]


@pytest.mark.parametrize(("count", "named"), [(1, 1), (100, 100), (101, 0)])
def test_up_to_a_hundred_selected_pipelines_are_named(count: int, named: int) -> None:
    select = tuple(f"p{number}" for number in range(count))
    marker = marker_of(replace(a_plan(update()), select=select), ["a" * 64])
    assert (marker.select, marker.plan) == (select[:named], ("sales", "dev"))


def test_the_lines_are_read_exactly_and_in_their_order() -> None:
    whole = f"{PLAN}\n{DIGEST}\n{HEAD}\nrest"
    read = read_marker(whole)
    assert read == replace(MARKER, head=PlanHead(commit="1" * 40, order=(17, 2)))
    assert read is not None
    assert read.text + "rest" == whole
    assert read_marker(whole.replace("\n", "\r\n")) == read
    assert read_marker(f"{PLAN}\n{DIGEST}") == read_marker(f"{PLAN}\n{DIGEST}\nrest\n{HEAD}") == MARKER
    long = "2" * 64
    assert getattr(read_marker(f"{PLAN}\n{DIGEST}\n{HEAD.replace('1' * 40, long)}"), "head", None) == PlanHead(
        commit=long, order=(17, 2)
    )
    for broken in (PLAN, f"{DIGEST}\n{PLAN}", f" {PLAN}\n{DIGEST}", f"{PLAN}\n{DIGEST}x", f"{PLAN} \n{DIGEST}", ""):
        assert read_marker(broken) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (f"{PLAN}\n{DIGEST}\n{HEAD}\nrest\n", "rest\n"),
        (f"{PLAN}\r\n{DIGEST}\r\nrest", "rest"),
        (f"{PLAN}\nrest\n{DIGEST}", f"rest\n{DIGEST}"),
        ("rest", "rest"),
        (f"{PLAN}\n{DIGEST}\n{HEAD}\n{HEAD}", HEAD),
    ],
)
def test_only_the_hidden_lines_at_the_beginning_are_taken_away(text: str, rest: str) -> None:
    assert without_marker(text) == rest


def test_a_withdrawn_plan_has_no_digest_and_says_so() -> None:
    withdrawn = PlanMarker(project="sales", environment="prod")
    assert withdrawn.is_withdrawn
    assert not MARKER.is_withdrawn
    assert read_marker(withdrawn.text) == withdrawn
    assert read_marker(replace(MARKER, select=("a", "b")).text) == replace(MARKER, select=("a", "b"))


def test_no_name_ends_the_comment_or_its_own_place() -> None:
    marker = PlanMarker(project="a--b~c -->", environment="é/1", digest="a" * 64, select=("x", "y"))
    plan, digest = marker.text.splitlines()
    assert plan == "<!-- bunsui:plan project=a%2D%2Db%7Ec%20%2D%2D%3E environment=%C3%A9%2F1 -->"
    assert digest == f"<!-- bunsui:digest {'a' * 64} select=x,y -->"
    assert read_marker(marker.text) == marker
    headed = replace(MARKER, head=PlanHead(commit="1" * 40, order=(17, 2)))
    assert headed.text == f"{PLAN}\n{DIGEST}\n{HEAD}\n"
    assert MARKER.text == f"{PLAN}\n{DIGEST}\n"
    assert headed.plan == ("sales", "prod")
