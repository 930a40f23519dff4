"""From the typed model to the JSON of a definition, in a key order that reads well: what, how, with what, then where to.

References to other resources may stand in the model as leaves (`bunsui.model.values.Reference`); they are passed through.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from bunsui.asl.model import (
    Branch,
    Catcher,
    Choice,
    Fail,
    Map,
    Parallel,
    Pass,
    RawState,
    Retrier,
    Rule,
    State,
    StateMachine,
    Succeed,
    Task,
    Wait,
)
from bunsui.model.json import Json

DEFINITION_LIMIT_BYTES = 1_048_576
"""The largest definition that CreateStateMachine takes (Step Functions quotas)."""


def printed(machine: StateMachine) -> dict[str, Any]:
    """Return the definition as JSON."""
    document: dict[str, Any] = {}
    if machine.comment:
        document["Comment"] = machine.comment
    document |= {"QueryLanguage": "JSONata", "StartAt": machine.start_at}
    if machine.timeout_seconds is not None:
        document["TimeoutSeconds"] = machine.timeout_seconds
    document["States"] = printed_states(machine.states)
    return document


def printed_states(states: Mapping[str, State]) -> dict[str, Any]:
    """Return states by name as JSON, in their order."""
    return {name: _state(state) for name, state in states.items()}


def definition_text(definition: Json) -> str:
    """Return the definition as compact text, the form in which it is sent and its size is counted."""
    return json.dumps(definition, ensure_ascii=False, separators=(",", ":"))


def definition_size(definition: Json) -> int:
    """Return the size of the definition as sent, in bytes; ARNs that are not known yet are counted by the caller."""
    return len(definition_text(definition).encode())


def nested_states(states: Mapping[str, State]) -> Iterator[tuple[str, State]]:
    """Return every state by name, also those inside of Parallel and Map; raw states are not opened."""
    for name, state in states.items():
        yield name, state
        if isinstance(state, Parallel):
            for branch in state.branches:
                yield from nested_states(branch.states)
        elif isinstance(state, Map):
            yield from nested_states(state.processor.states)


def reachable(states: Mapping[str, State], start_at: str) -> dict[str, State]:
    """Return the states of a scope that can be reached, in their order: Step Functions refuses a machine with any other."""
    seen: set[str] = set()
    front = [start_at]
    while front:
        name = front.pop()
        if name not in seen and name in states:
            seen.add(name)
            front += targets(states[name])
    return {name: state for name, state in states.items() if name in seen}


def targets(state: State) -> list[str]:
    """Return the names of the states that may follow."""
    document = state.fields if isinstance(state, RawState) else _state(state)
    found: list[Any] = [document.get("Next"), document.get("Default")]
    for key in ("Choices", "Catch"):
        entries = document.get(key)
        if isinstance(entries, (list, tuple)):
            found += [entry.get("Next") for entry in entries if isinstance(entry, Mapping)]
    return [name for name in found if isinstance(name, str)]


def _state(state: State) -> dict[str, Any]:
    match state:
        case RawState(fields=fields):
            return dict(fields)
        case Pass():
            body: dict[str, Any] = {}
        case Task():
            body = _task(state)
        case Wait():
            body = _without_absent({"Seconds": state.seconds, "Timestamp": state.timestamp})
        case Choice():
            return _choice(state)
        case Succeed():
            return _frame_state("Succeed", state.comment, _without_absent({"Output": state.output}))
        case Fail():
            return _frame_state("Fail", state.comment, {"Error": state.error, "Cause": state.cause})
        case Parallel():
            body = {"Branches": [_branch(branch) for branch in state.branches]} | _handlers(state)
        case Map():
            body = _map(state)
        case _:
            assert_never(state)
    body |= _without_absent({"Assign": state.assign, "Output": state.output})
    body |= {"End": True} if state.next is None else {"Next": state.next}
    return _frame_state(type(state).__name__, state.comment, body)


def _frame_state(kind: str, comment: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"Type": kind} | ({"Comment": comment} if comment else {}) | body


def _without_absent(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _task(state: Task) -> dict[str, Any]:
    body = {"Resource": state.resource}
    body |= _without_absent(
        {"Arguments": state.arguments, "TimeoutSeconds": state.timeout_seconds, "HeartbeatSeconds": state.heartbeat_seconds}
    )
    return body | _handlers(state)


def _map(state: Map) -> dict[str, Any]:
    distribution = state.distribution
    body: dict[str, Any] = {}
    if distribution is not None:
        body = {"Label": distribution.label} | _without_absent({"ItemReader": distribution.reader})
    body |= _without_absent({"Items": state.items, "ItemSelector": state.item_selector})
    config = {"Mode": "INLINE"}
    if distribution is not None:
        config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        body |= _without_absent(
            {
                "ItemBatcher": distribution.batcher,
                "ToleratedFailureCount": distribution.tolerated_count,
                "ToleratedFailurePercentage": distribution.tolerated_percentage,
            }
        )
    if state.max_concurrency:
        body["MaxConcurrency"] = state.max_concurrency
    body["ItemProcessor"] = {"ProcessorConfig": config} | _branch(state.processor)
    return body | _handlers(state)


def _branch(branch: Branch) -> dict[str, Any]:
    return {"StartAt": branch.start_at, "States": printed_states(branch.states)}


def _handlers(state: Task | Parallel | Map) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if state.retry:
        body["Retry"] = [_retrier(retrier) for retrier in state.retry]
    if state.catch:
        body["Catch"] = [_catcher(catcher) for catcher in state.catch]
    return body


def _retrier(retrier: Retrier) -> dict[str, Any]:
    body: dict[str, Any] = {"ErrorEquals": list(retrier.errors), "MaxAttempts": retrier.max_attempts}
    if retrier.max_attempts:
        body |= {"IntervalSeconds": retrier.interval_seconds, "BackoffRate": retrier.backoff_rate}
        if retrier.max_delay_seconds is not None:
            body["MaxDelaySeconds"] = retrier.max_delay_seconds
        if retrier.full_jitter:
            body["JitterStrategy"] = "FULL"
    return body


def _catcher(catcher: Catcher) -> dict[str, Any]:
    body: dict[str, Any] = {"ErrorEquals": list(catcher.errors)}
    body |= _without_absent({"Assign": catcher.assign, "Output": catcher.output})
    return body | {"Next": catcher.next}


def _choice(state: Choice) -> dict[str, Any]:
    body: dict[str, Any] = {"Choices": [_rule(rule) for rule in state.rules]}
    if state.default is not None:
        body["Default"] = state.default
    return _frame_state("Choice", state.comment, body | _without_absent({"Assign": state.assign, "Output": state.output}))


def _rule(rule: Rule) -> dict[str, Any]:
    body: dict[str, Any] = {"Comment": rule.comment} if rule.comment else {}
    body["Condition"] = rule.condition
    body |= _without_absent({"Assign": rule.assign, "Output": rule.output})
    return body | {"Next": rule.next}
