"""A Task state as the operation that makes the same call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.document.lifting.refusals import StaysRawError
from bunsui.document.lifting.rendering import Renderer
from bunsui.document.lifting.values import Built, Handed, Literal, Referred, TaskToken, ValueOrigin, object_of
from bunsui.model.json import Json

_FUNCTION = re.compile(r"arn:[^:]*:lambda:[^:]*:[^:]*:function:.+")
_SERVICE = re.compile(r"arn:[^:]*:states:::(aws-sdk:)?([a-z0-9-]+):([A-Za-z0-9]+)(\.sync|\.waitForTaskToken)?")
_WAITS = {None: "response", ".sync": "job", ".waitForTaskToken": "token"}
_ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[^:]*:[^:]*:.+")
_INVOKED = frozenset({"FunctionName", "Payload", "InvocationType"})
_YEAR = "365d"
"""No execution of Step Functions takes longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingOperation:
    """An operation, and what its state's result is."""

    entry: dict[str, Json]
    result: Handed


def call_of(
    name: str, state: Mapping[str, Json], given: Handed, origin: ValueOrigin, renderer: Renderer, *, answers_whole: bool
) -> AskingOperation:
    """Return the operation of a Task that was given `given`. Raises StaysRawError.

    `answers_whole` where more of a function's answer is read than what the function returned.
    """
    resource = state.get("Resource")
    for key in ("Credentials", "TimeoutSecondsPath", "HeartbeatSecondsPath"):
        if key in state:
            raise StaysRawError(f"no operation has {key}", key)
    if not isinstance(resource, str):
        raise StaysRawError("its Resource is no text", "Resource")
    found = Referred(origin)
    bare = renderer.literal(resource)
    if _FUNCTION.fullmatch(resource) or not (isinstance(bare, str) and (service := _SERVICE.fullmatch(bare))):
        call = _function(Literal(resource), given, renderer)
        return AskingOperation(entry={**call, **_times(state, is_function=True)}, result=found)
    sdk, which, action, pattern = service.groups()
    if which == "lambda" and action == "invoke" and sdk is None and pattern is None and not answers_whole:
        parts = _invocation_parts(given)
        if parts is not None:
            result = Built((("Payload", found), ("StatusCode", Literal(200))), None, name)
            return AskingOperation(entry={**_function(*parts, renderer), **_times(state, is_function=True)}, result=result)
    entry = _service_call(f"{which}:{action}", _WAITS[pattern], given, renderer)
    return AskingOperation(entry={**entry, **_times(state, is_function=False)}, result=found)


def _function(function: Handed, payload: Handed, renderer: Renderer) -> dict[str, Json]:
    return {"type": "lambda", "function": renderer.yaml(function), "payload": renderer.yaml(payload)}


def _invocation_parts(given: Handed) -> tuple[Handed, Handed] | None:
    """Return the function and its payload, where the call says nothing else."""
    if isinstance(given, Literal) and isinstance(given.value, Mapping):
        given = object_of({key: Literal(value) for key, value in given.value.items()})
    if not isinstance(given, Built) or given.base is not None:
        return None
    said = dict(given.fields)
    function, payload = said.get("FunctionName"), said.get("Payload")
    is_plain = said.get("InvocationType", Literal("RequestResponse")) == Literal("RequestResponse")
    if set(said) - _INVOKED or not is_plain or not isinstance(function, Literal) or payload is None:
        return None
    return function, payload


def _service_call(action: str, wait: str, given: Handed, renderer: Renderer) -> dict[str, Json]:
    entry: dict[str, Json] = {"type": "aws", "action": action}
    if wait != "response":
        entry["wait"] = wait
    if wait == "token":
        place, given = _take_token(given)
        if not place:
            raise StaysRawError("its task token does not stand in a field of its own", "Parameters")
        entry["token_at"] = place
    arguments = renderer.yaml(given)
    if not isinstance(arguments, Mapping):
        raise StaysRawError("the parameters of its call are only known in the run", "Parameters")
    entry["arguments"] = arguments
    arns = dict.fromkeys(one for one in arguments.values() if isinstance(one, str) and _ARN.fullmatch(one) and "{%" not in one)
    entry["resources"] = [*arns] or ["*"]
    return entry


def _take_token(given: Handed) -> tuple[str, Handed]:
    """Return where the token stands, and the parameters without it."""
    if not isinstance(given, Built) or given.base is not None:
        return "", given
    for name, value in given.fields:
        if isinstance(value, TaskToken):
            return name, object_of({key: one for key, one in given.fields if key != name})
        inner, rest = _take_token(value)
        if inner:
            return f"{name}.{inner}", object_of({key: rest if key == name else one for key, one in given.fields})
    return "", given


def _times(state: Mapping[str, Json], *, is_function: bool) -> dict[str, Json]:
    """Return timeout, heartbeat and retries. Raises StaysRawError."""
    found: dict[str, Json] = {}
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if isinstance(timeout, int):
        found["timeout"] = f"{min(timeout, 31_536_000)}s"
    elif not is_function:
        found["timeout"] = _YEAR
    if isinstance(heartbeat, int):
        found["heartbeat"] = f"{heartbeat}s"
    return {**found, **_retries(state.get("Retry"))}


def _retries(said: Json) -> dict[str, Json]:
    if not said:
        return {"retry": 1}
    if not isinstance(said, (list, tuple)) or len(said) != 1 or not isinstance(said[0], Mapping):
        raise StaysRawError("it has several retriers, each with a count of its own; an operation has one", "Retry")
    one = said[0]
    attempts, errors = one.get("MaxAttempts", 3), one.get("ErrorEquals")
    if not isinstance(attempts, int) or not isinstance(errors, (list, tuple)):
        raise StaysRawError("its retrier is incomplete", "Retry")
    if attempts == 0:
        return {"retry": 1}
    retry: dict[str, Json] = {
        "attempts": attempts + 1,
        "delay": f"{one.get('IntervalSeconds', 1)}s",
        "backoff": one.get("BackoffRate", 2.0),
        "jitter": one.get("JitterStrategy") == "FULL",
        "errors": list(errors),
    }
    if isinstance(longest := one.get("MaxDelaySeconds"), int):
        retry["max_delay"] = f"{longest}s"
    is_wide = not {"States.ALL", "States.TaskFailed", "States.Timeout"}.isdisjoint(map(str, errors))
    return {"retry": retry, **({"idempotent": True} if is_wide else {})}
