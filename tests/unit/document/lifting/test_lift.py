"""What a definition becomes in jobs, and why one stays as it is."""

from __future__ import annotations

import pytest

from bunsui.document.lifting.lift import Lifted, lift
from bunsui.document.lifting.refusals import StaysRawError
from bunsui.model.json import Json

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:{}:live"


def task(name: str, **more: Json) -> dict[str, Json]:
    return {"Type": "Task", "Resource": FUNCTION.format(name), **({} if "Next" in more else {"End": True}), **more}


def lifted(**states: Json) -> Lifted:
    return lift({"StartAt": next(iter(states)), "States": states}, {})


def test_each_task_is_a_job_that_is_given_what_its_state_was() -> None:
    found = lifted(A=task("a", Next="B"), B=task("b"))
    assert found.jobs["A"] == {
        "type": "lambda",
        "function": FUNCTION.format("a"),
        "payload": "{% $params.input %}",
        "retry": 1,
        "outputs": {"result": "{% $result %}"},
    }
    assert isinstance(found.jobs["B"], dict)
    assert (found.jobs["B"]["depends_on"], found.jobs["B"]["payload"]) == (["A"], "{% $jobs.A.result %}")
    assert (found.reads_input, found.results) == (True, ("B",))


def test_a_result_laid_beside_the_input_is_read_where_it_came_from() -> None:
    found = lifted(
        A=task("a", ResultPath="$.a", Next="B"),
        B=task("b", Parameters={"n.$": "$.a.n", "id.$": "$.id", "fixed": 1, "text.$": "States.Format('n is {}', $.a.n)"}),
    )
    assert isinstance(found.jobs["B"], dict)
    assert found.jobs["B"]["payload"] == {
        "n": "{% $jobs.A.result.n %}",
        "id": "{% $params.input.id %}",
        "fixed": 1,
        "text": "{% ('n is ' & $jobs.A.result.n) %}",
    }


def test_branches_are_jobs_side_by_side() -> None:
    branches: list[Json] = [{"StartAt": name, "States": {name: task(name)}} for name in ("L", "R")]
    found = lifted(P={"Type": "Parallel", "Branches": branches, "Next": "Z"}, Z=task("z"))
    assert isinstance(found.jobs["Z"], dict)
    assert found.jobs["Z"]["depends_on"] == ["L", "R"]
    assert found.jobs["Z"]["payload"] == ["{% $jobs.L.result %}", "{% $jobs.R.result %}"]
    last = lifted(P={"Type": "Parallel", "Branches": branches, "End": True})
    assert last.results == ("L", "R")


def test_a_loop_that_asks_again_after_a_wait_is_a_poll() -> None:
    found = lifted(
        Ask=task("ask", Parameters={"id.$": "$.id"}, ResultPath="$.seen", Next="Done?"),
        **{  # type: ignore[arg-type]
            "Done?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.seen.s", "StringEquals": "ok", "Next": "End"}],
                "Default": "W",
            },
            "W": {"Type": "Wait", "Seconds": 30, "Next": "Ask"},
            "End": {"Type": "Succeed"},
        },
    )
    assert isinstance(found.jobs["Ask"], dict)
    assert found.jobs["Ask"]["poll"] == {
        "every": "30s",
        "timeout": "60000s",
        "until": "{% ($result.s = 'ok') ? true : false %}",
    }


def test_texts_that_look_like_the_pipelines_own_language_stay_texts() -> None:
    found = lifted(A=task("a", Parameters={"shell": "echo ${HOME}"}))
    assert isinstance(found.jobs["A"], dict)
    assert found.jobs["A"]["payload"] == {"shell": "echo $${HOME}"}


@pytest.mark.parametrize(
    ("state", "place", "why"),
    [
        ({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A"}]}, ("A", "Catch"), "after a failure"),
        ({"Assign": {"x": 1}}, ("A", "Assign"), "variables"),
        ({"QueryLanguage": "JSONata"}, ("A", "QueryLanguage"), "JSONata"),
        ({"Parameters": {"x.$": "$$.Execution.StartTime"}}, ("A", "x.$"), "context"),
        ({"Parameters": {"x.$": "$.a[*].b"}}, ("A", "x.$"), "several values"),
        ({"Parameters": {"x.$": "States.UUID()"}}, ("A", "x.$"), "States.UUID"),
        ({"Parameters": {"x": "{% $now() %}"}}, ("A",), "looks like an expression"),
        ({"TimeoutSecondsPath": "$.t"}, ("A", "TimeoutSecondsPath"), "TimeoutSecondsPath"),
        ({"Retry": [{"ErrorEquals": ["X"]}, {"ErrorEquals": ["Y"]}]}, ("A", "Retry"), "several retriers"),
        ({"Resource": {"Sub": "x"}}, ("A", "Resource"), "no text"),
    ],
)
def test_what_no_job_says_is_refused_with_its_place(state: dict[str, Json], place: tuple[str, ...], why: str) -> None:
    with pytest.raises(StaysRawError, match=why) as refused:
        lifted(A=task("a", **state))
    assert refused.value.place[0] == place[0]
    assert refused.value.place[-1] == place[-1]


def test_a_loop_of_another_kind_is_refused() -> None:
    states: dict[str, Json] = {
        "A": task("a", Next="More?"),
        "More?": {"Type": "Choice", "Choices": [{"Variable": "$.more", "BooleanEquals": True, "Next": "A"}], "Default": "E"},
        "E": {"Type": "Succeed"},
    }
    with pytest.raises(StaysRawError, match="a loop"):
        lifted(**states)
