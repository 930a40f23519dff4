"""The contract of channels (`bunsui.ports.notifications`): one suite for every implementation."""

from __future__ import annotations

import pytest

from bunsui.errors import NotSent
from tests.contracts.channels import Bench, memory_bench, notification


@pytest.fixture(params=["memory"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Each implementation with its other side."""
    return {"memory": memory_bench}[request.param]()


def test_what_is_told_arrives_once(bench: Bench) -> None:
    bench.notifier.send(notification())
    (seen,) = bench.seen()
    assert "orders failed: load, ValueError" in seen.text


def test_nothing_of_a_text_is_lost_that_fits(bench: Bench) -> None:
    told = notification()
    bench.notifier.send(told)
    (seen,) = bench.seen()
    for text in (*told.lines, *(value for _, value in told.facts)):
        assert text in seen.text


def test_a_key_is_handed_on(bench: Bench) -> None:
    bench.notifier.send(notification("a.1"))
    bench.notifier.send(notification("a.2"))
    assert [seen.key for seen in bench.seen()] == ["a.1", "a.2"]


def test_a_failure_says_whether_trying_again_helps(bench: Bench) -> None:
    for passes in bench.fails:
        bench.fail(passes)
        with pytest.raises(NotSent) as failed:
            bench.notifier.send(notification())
        assert failed.value.passes is passes
        bench.notifier.send(notification())
