"""How many times at once a machine calls each function, from its definition alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.model.values import Reference, Value
from bunsui.plan.definitions import is_function

INLINE_LIMIT = 40
"""As many items at once Step Functions works on in an inline Map that sets no limit.
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html"""
DISTRIBUTED_LIMIT = 10_000
"""As many child executions at once a distributed Map has that sets no limit.
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """One Task inside of Maps that calls a function."""

    map: str
    """The innermost Map's name."""
    state: str
    function: str | Reference
    """A name or ARN as the definition has it, or the version of a function of this project."""
    at_once: int


def fan_outs(definition: Value) -> Iterator[FanOut]:
    """Return every call of a function inside of a Map whose width and function stand in the definition."""
    yield from _inside(definition, around="", at_once=1)


def _inside(definition: Value, *, around: str, at_once: int) -> Iterator[FanOut]:
    states = definition.get("States") if isinstance(definition, Mapping) else None
    for name, state in states.items() if isinstance(states, Mapping) else ():
        if not isinstance(state, Mapping):
            continue
        for branch in branches if isinstance(branches := state.get("Branches"), (list, tuple)) else ():
            yield from _inside(branch, around=around, at_once=at_once)
        processor = state.get("ItemProcessor", state.get("Iterator"))
        width = _width(state, processor)
        if width is not None:
            yield from _inside(processor, around=name, at_once=at_once * width)
        function = _function(state) if around else None
        if function is not None:
            yield FanOut(map=around, state=name, function=function, at_once=at_once)


def _width(state: Mapping[str, Value], processor: Value) -> int | None:
    """Return the most items that a Map works on at once; None for another state, or when only a run can tell."""
    if state.get("Type") != "Map" or not isinstance(processor, Mapping):
        return None
    config = processor.get("ProcessorConfig")
    is_distributed = isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"
    written = state.get("MaxConcurrency", 0)
    if "MaxConcurrencyPath" in state or not isinstance(written, int):
        return None
    return written or (DISTRIBUTED_LIMIT if is_distributed else INLINE_LIMIT)


def _function(state: Mapping[str, Value]) -> str | Reference | None:
    resource, arguments = state.get("Resource"), state.get("Arguments", state.get("Parameters"))
    called = resource.partition(".")[0] if isinstance(resource, str) else ""  # with a token it is called just as often
    if state.get("Type") != "Task" or not is_function(called):
        return None
    if ":states:" not in called:
        return called
    named = arguments.get("FunctionName") if isinstance(arguments, Mapping) else None
    if isinstance(named, Reference):
        return named
    return named if isinstance(named, str) and not named.startswith(("{%", "$")) else None
