"""The proof of a lift: both machines run in the same situations, and ask, give and fail alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.asl.validation.views import machines, whole
from bunsui.document.lifting.lift import Lifted
from bunsui.engine.clock import VirtualClock
from bunsui.engine.program import Program, prepare
from bunsui.engine.run import ExecutionResult, run, simulated_names
from bunsui.model.json import Json
from bunsui.services.adoption.lifting.answers import SituationRunner
from bunsui.services.adoption.lifting.situations import Failure, Place, Situation, calm_situations, places_of
from bunsui.services.testing.machine_under_test import START

_MOST_CALLS_FAILED = 40
_NEVER_CAUGHT = "Outage"
_WIDE = frozenset({"States.ALL", "States.TaskFailed", "States.Timeout"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftComparison:
    """What came of running both."""

    situations: int
    rules_taken: int
    """Of the definition's Choice states, those that a situation took."""
    rules: int
    difference: str = ""
    """How they differ; empty where they never did."""


@dataclass(frozen=True, slots=True)
class _Both:
    original: Program
    lifted: Program
    found: Lifted
    errors: tuple[str, ...]
    """Names of errors that its retriers say."""


def compare(original: Mapping[str, Json], jobs: Mapping[str, Json], found: Lifted) -> LiftComparison:
    """Run the definition and what was compiled of its jobs, wherever they could differ."""
    plain, said = _without_jitter(original), _without_jitter(jobs)
    both = _Both(prepare(plain), prepare(said), found, tuple(dict.fromkeys(_errors_said(original))))
    places = places_of(found.reads, _targets(original))
    taken: set[tuple[str, int | None]] = set()
    count = 0
    for situation in _situations(both, places):
        count += 1
        result, difference = _differ(both, situation)
        taken |= result.decisions
        if difference:
            return LiftComparison(situations=count, rules_taken=len(taken), rules=_rules(original), difference=difference)
    return LiftComparison(situations=count, rules_taken=len(taken), rules=_rules(original))


def _situations(both: _Both, places: tuple[Place, ...]) -> Iterator[Situation]:
    calls: dict[str, Situation] = {}
    for situation in calm_situations(places, seed=17):
        yield situation
        _, runner = _run(both.original, _payload(situation), situation)
        for call, request in runner.first_of.items():
            if call in calls or len(calls) >= _MOST_CALLS_FAILED:
                continue
            calls[call] = situation
            errors = (*both.errors, _NEVER_CAUGHT, *([""] if request.timeout_seconds is not None else []))
            for error in errors:
                for always in (True, False):
                    failure = Failure(call=call, error=error, always=always)
                    yield Situation(places=places, chosen=situation.chosen, failure=failure)


def _payload(situation: Situation) -> Json:
    return situation.value("", 0, {"given": "input"})


def _run(program: Program, payload: Json, situation: Situation) -> tuple[ExecutionResult, SituationRunner]:
    clock = VirtualClock(START)
    runner = SituationRunner(clock=clock, situation=situation, begun=START)
    return run(program, payload, runner=runner, clock=clock, names=simulated_names()), runner


def _differ(both: _Both, situation: Situation) -> tuple[ExecutionResult, str]:
    """Return how the definition's run ended, and how the jobs' differed; empty where it did not."""
    payload = _payload(situation)
    left, asked = _run(both.original, payload, situation)
    given = {"params": {"input": payload}} if both.found.reads_input else {}
    right, answered = _run(both.lifted, given, situation)
    return left, _differences(both, (left, asked), (right, answered))


def _differences(
    both: _Both, left: tuple[ExecutionResult, SituationRunner], right: tuple[ExecutionResult, SituationRunner]
) -> str:
    (was, asked), (became, answered) = left, right
    before, after = sorted(asked.log), sorted(answered.log)
    if (was.status, was.error) != (became.status, became.error):
        return f"it ends as {_ending(was)}, the jobs as {_ending(became)}"
    if [call for _, call in before] != [call for _, call in after]:
        return "its calls, and what they are given, are not those of the jobs"
    if before != after:
        return "its calls do not come when those of the jobs do"
    if was.error is not None and was.cause != became.cause:
        return "the cause of its failure is not that of the jobs"
    if was.error is None and was.output != _result(both.found, became.output):
        return "its result is not that of the jobs"
    return ""


def _ending(result: ExecutionResult) -> str:
    return f"{result.status.value} ({result.error})" if result.error else result.status.value


def _result(found: Lifted, output: Json) -> Json:
    held = [_member(_member(output, job), "result") for job in found.results]
    return held[0] if len(held) == 1 else held


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, Mapping) else None


def _targets(definition: Mapping[str, Json]) -> dict[str, str]:
    """Return what each Task calls, marked where the answer has a Payload."""
    found: dict[str, str] = {}
    for scope in machines(whole(definition, "STANDARD")):
        for state in scope.views():
            resource = str(state.fields.get("Resource", ""))
            given = state.fields.get("Parameters")
            function = given.get("FunctionName") if isinstance(given, Mapping) else None
            is_invoked = resource.endswith(":states:::lambda:invoke")
            is_plain = is_invoked and isinstance(given, Mapping) and bool({"Payload", "Payload.$"} & set(given))
            target = str(function) if is_plain and function is not None else resource
            found[state.name] = target + ("\ue013" if is_invoked else "")
    return found


def _errors_said(value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key == "ErrorEquals" and isinstance(one, (list, tuple)):
                yield from (str(name) for name in one if name not in _WIDE)
            else:
                yield from _errors_said(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _errors_said(one)


def _without_jitter(value: Json) -> Json:
    """Return the definition with waits that nothing spreads: two machines would draw different ones."""
    if isinstance(value, Mapping):
        return {key: _without_jitter(one) for key, one in value.items() if key != "JitterStrategy"}
    return [_without_jitter(one) for one in value] if isinstance(value, (list, tuple)) else value


def _rules(definition: Mapping[str, Json]) -> int:
    views = [state for scope in machines(whole(definition, "STANDARD")) for state in scope.views()]
    choices = [state.fields for state in views if state.fields.get("Type") == "Choice"]
    return sum(len(rules) + ("Default" in one) for one in choices if isinstance(rules := one.get("Choices"), (list, tuple)))
