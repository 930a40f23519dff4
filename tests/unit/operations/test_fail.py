"""`fail`, by itself and in a job that is isolated."""

from __future__ import annotations

import pytest

from bunsui.asl.model import Catcher, Fail, Parallel
from tests.unit.operations.harness import emitted, evaluated, needs, operation

NO_SALES = {"type": "fail", "error": "NoSales", "message": "{% 'no sales for ' & $params.date %}"}


def test_it_fails_with_its_error_and_message() -> None:
    (state,) = emitted(NO_SALES).values()
    assert isinstance(state, Fail)
    assert (state.error, evaluated(state.cause, params={"date": "d"})) == ("NoSales", "no sales for d")
    assert needs(NO_SALES) == ()


def test_the_failure_of_an_isolated_job_is_caught() -> None:
    catcher = Catcher(errors=("States.ALL",), next="caught")
    (state,) = emitted(NO_SALES, catch=(catcher,)).values()
    assert isinstance(state, Parallel)
    assert (state.catch, state.next) == ((catcher,), "after")
    (branch,) = state.branches
    assert isinstance(branch.states[branch.start_at], Fail)


@pytest.mark.parametrize("error", ["States.Timeout", "Bunsui.Mine", "two words", ""])
def test_an_error_that_means_something_else_is_refused(error: str) -> None:
    with pytest.raises(ValueError, match="error"):
        operation({**NO_SALES, "error": error})
