"""Damage to state machine definitions that knows their fields: states of each type, right or nearly, in both languages."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.faults.phrases import ADDRESSES, ERRORS, TIMES, Lot, Names, expression, intrinsic, json_path
from tests.faults.phrases import text as any_text

Grow = Callable[[Lot, Names], Any]

_ODD: tuple[Any, ...] = (None, True, 0, -1, 1.5, "", "x", [], {}, [1], {"a": 1}, 10**30, "${function}", {"Fn::Sub": "x"}, " ")
TYPES = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")


def wounded_machine(definition: Any, lot: Lot) -> Any:
    """Return the definition with one of its objects damaged; the definition itself may be changed."""
    held = list(_objects(definition))
    if not held or lot.random() < 0.02:
        return copy.deepcopy(lot.choice(_ODD))
    states = [value for value in held if "Type" in value]
    names = Names(states=[str(name) for value in held for name in _names(value)] or ["First"], others=("x", "a"))
    victim = lot.choice(states if states and lot.random() < 0.8 else held)
    chance = lot.random()
    if chance < 0.55:
        key = lot.choice(list(FIELDS))
        victim[key] = FIELDS[key](lot, names)
    elif chance < 0.65 and victim:
        del victim[lot.choice(list(victim))]
    elif chance < 0.75 and victim:
        victim[lot.choice(list(victim))] = copy.deepcopy(lot.choice(_ODD))
    elif chance < 0.95:
        grown = _grown_state(lot, names)
        victim.clear()
        victim.update(grown)
    else:
        holder = next((value["States"] for value in held if isinstance(value.get("States"), dict)), victim)
        holder[lot.choice(("New", "x" * 81, "", "a\x01b", *names.states))] = _grown_state(lot, names)
    return definition


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


def _names(value: Mapping[str, Any]) -> Iterator[str]:
    states = value.get("States")
    yield from states if isinstance(states, dict) else ()


def _grown_state(lot: Lot, names: Names) -> dict[str, Any]:
    kind = lot.choice(TYPES)
    state: dict[str, Any] = {"Type": kind}
    if lot.random() < 0.4:
        state["QueryLanguage"] = lot.choice(("JSONata", "JSONata", "JSONPath", "jsonata"))
    for key in _OF[kind]:
        if lot.random() < 0.55:
            state[key] = FIELDS[key](lot, names)
    for key in lot.sample(_OF_ALL, k=lot.randint(0, 3)):
        state[key] = FIELDS[key](lot, names)
    return state


def _machine(lot: Lot, names: Names) -> Any:
    inner: dict[str, Any] = {"Type": lot.choice(("Pass", "Succeed", "Fail", "Task", "Nothing"))}
    if lot.random() < 0.6:
        inner |= {"End": True, "Resource": lot.choice(ADDRESSES), "Assign": _assign(lot, names), "Output": _leaf(lot, names)}
    machine: dict[str, Any] = {"StartAt": "In", "States": {lot.choice(("In", "In", *names.states)): inner}}
    if lot.random() < 0.5:
        machine["ProcessorConfig"] = lot.choice(
            (
                {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                {"Mode": "DISTRIBUTED"}, {"Mode": "INLINE"}, {"Mode": "x", "ExecutionType": "y"}, [], "${config}",
            )
        )  # fmt: skip
    return lot.choice((machine, machine, machine, machine, [], 5))


def _path(lot: Lot, names: Names) -> Any:
    return lot.choice((json_path(lot), json_path(lot), json_path(lot, "$"), intrinsic(lot), None, expression(lot, names), 5))


def _state(lot: Lot, names: Names) -> Any:
    return lot.choice((*names.states, "Nowhere", 5, None, ""))


def _leaf(lot: Lot, names: Names) -> Any:
    return lot.choice(
        (expression(lot, names), expression(lot, names), any_text(lot, names), json_path(lot), copy.deepcopy(lot.choice(_ODD)))
    )


def _tree(lot: Lot, names: Names) -> Any:
    return lot.choice(
        (
            {"a": _leaf(lot, names), "b": [_leaf(lot, names)]},
            {"a.$": json_path(lot), "b.$": intrinsic(lot)},
            {"a": 1, "a.$": json_path(lot)},
            {"a.$": 5},
            {"Token.$": "$$.Task.Token"},
            {"token": "{% $states.context.Task.Token %}"},
            _leaf(lot, names),
            [_leaf(lot, names)],
        )
    )


def _assign(lot: Lot, names: Names) -> Any:
    name = lot.choice(("x", "x", "a", "states", "1x", "a b", "x" * 90, "x.$", "é"))
    return lot.choice(({name: _leaf(lot, names)}, {name: _leaf(lot, names), "y": "{% $x %}"}, [], {}))


def _number(lot: Lot, names: Names) -> Any:
    return lot.choice((0, 1, 5, 100, 101, -1, 1.5, 2.0, 10**9, "5", True, "{% $x %}", "${n}", None))


def _rule(lot: Lot, names: Names, depth: int = 0) -> Any:
    if depth < 3 and lot.random() < 0.3:
        inner = [_rule(lot, names, depth + 1) for _ in range(lot.randint(0, 2))]
        combined: dict[str, Any] = {lot.choice(("And", "Or")): inner}
        negated: dict[str, Any] = {"Not": _rule(lot, names, depth + 1)}
        rule = lot.choice((combined, negated))
    else:
        kind = lot.choice(("String", "Numeric", "Timestamp", "Boolean"))
        relation = lot.choice(("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals", "Like"))
        operator = lot.choice(
            (
                f"{kind}{relation}",
                f"{kind}{relation}",
                f"{kind}{relation}Path",
                "IsNull",
                "IsPresent",
                "IsTimestamp",
                "StringMatches",
            )
        )
        value = lot.choice(
            ("x", "a*", 5, True, "$.b", "2026-03-14T01:59:00Z", "2026-99-14T01:59:00Z", None, "${x}", json_path(lot))
        )
        rule = {"Variable": lot.choice(("$.a", "$.rows[0]", json_path(lot), 5)), operator: value}
        if lot.random() < 0.15:
            rule[lot.choice(("IsNull", "Variabel", "Condition", "Comment"))] = lot.choice((True, "{% true %}"))
    if depth == 0 or lot.random() < 0.1:
        rule["Next"] = _state(lot, names)
    if depth == 0 and lot.random() < 0.3:
        rule["Assign"] = _assign(lot, names)
    return lot.choice((rule, rule, rule, rule, 5)) if depth == 0 else rule


def _deep_rule() -> Any:
    rule: dict[str, Any] = {"Variable": "$.a", "IsPresent": True}
    for _ in range(54):
        rule = {"Not": rule}
    return {**rule, "Next": "First"}


def _condition(lot: Lot, names: Names) -> Any:
    return {
        "Condition": lot.choice((expression(lot, names), True, "true", 5, None, "${x}")),
        "Next": _state(lot, names),
        **lot.choice(({}, {}, {"Variable": "$.a"}, {"Output": _leaf(lot, names)}, {"Assign": _assign(lot, names)})),
    }


def _choices(lot: Lot, names: Names) -> Any:
    grow = lot.choice((_rule, _condition))
    return lot.choice(([grow(lot, names) for _ in range(lot.randint(1, 3))],) * 6 + ([_deep_rule()], [{}], ["${rule}"], [[]]))


def _handler(lot: Lot, names: Names) -> dict[str, Any]:
    errors = lot.choice(
        (["States.ALL"], [lot.choice(ERRORS), lot.choice(ERRORS)], ["MyError"], [], "States.ALL", [5], ["${error}"])
    )
    return {"ErrorEquals": errors}


def _retry(lot: Lot, names: Names) -> Any:
    def one() -> Any:
        entry = _handler(lot, names)
        for key in lot.sample(("IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds"), k=lot.randint(0, 4)):
            entry[key] = _number(lot, names)
        if lot.random() < 0.4:
            entry["JitterStrategy"] = lot.choice(("FULL", "NONE", "HALF", 5))
        if lot.random() < 0.1:
            entry["Next"] = "First"
        return entry

    return [lot.choice((one(), one(), one(), one(), 5, "${retry}")) for _ in range(lot.randint(1, 2))]


def _catch(lot: Lot, names: Names) -> Any:
    def one() -> Any:
        entry: dict[str, Any] = {**_handler(lot, names), "Next": _state(lot, names)}
        grown = {"ResultPath": _path, "Output": _leaf, "Assign": _assign, "Retry": _leaf, "Comment": _leaf}
        for key in lot.sample(tuple(grown), k=lot.randint(0, 2)):
            entry[key] = grown[key](lot, names)
        if lot.random() < 0.15:
            del entry["Next"]
        return entry

    return [lot.choice((one(), one(), one(), one(), 5)) for _ in range(lot.randint(1, 2))]


def _reader(lot: Lot, names: Names) -> Any:
    config = {
        "InputType": lot.choice(("CSV", "JSON", "XML", "${type}")),
        "CSVHeaderLocation": lot.choice(("FIRST_ROW", "GIVEN", "LAST")),
        "MaxItems": _number(lot, names),
    }
    if lot.random() < 0.6:
        config["CSVHeaders"] = lot.choice((["a", "b"], "a", [5]))
    if lot.random() < 0.3:
        config["MaxItemsPath"] = "$.n"
    parameters = lot.choice(("Parameters", "Arguments"))
    entry = {
        "Resource": lot.choice(("arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2", *ADDRESSES)),
        "ReaderConfig": config,
        parameters: _tree(lot, names),
    }
    return lot.choice(
        (entry, entry, entry, {"Resource": 5}, {"ReaderConfig": 5}, {}, [], "${reader}", {"ReaderConfig": config})
    )


def _writer(lot: Lot, names: Names) -> Any:
    config = {"Transformation": lot.choice(("NONE", "FLATTEN", "x")), "OutputType": lot.choice(("JSON", "XML"))}
    target = {lot.choice(("Parameters", "Arguments")): _tree(lot, names)}
    resource = lot.choice(("arn:aws:states:::s3:putObject", *ADDRESSES, 5))
    return lot.choice(
        (
            {"Resource": resource, **target},
            {"Resource": resource},
            {"WriterConfig": config},
            {"Resource": resource, **target, "WriterConfig": config},
            {},
            {"WriterConfig": 5},
            [],
        )
    )


def _batcher(lot: Lot, names: Names) -> Any:
    entry = {
        lot.choice(("MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch")): _number(lot, names),
        "BatchInput": _tree(lot, names),
    }
    return lot.choice((entry, entry, {"BatchInput": {}}, {"MaxItemsPerBatch": 5, "MaxItemsPerBatchPath": "$.n"}, {}, []))


FIELDS: Mapping[str, Grow] = {
    "Type": lambda lot, names: lot.choice((*TYPES, "task", "Nothing", 5)),
    "QueryLanguage": lambda lot, names: lot.choice(("JSONata", "JSONPath", "jsonata", 5)),
    "Comment": lambda lot, names: lot.choice(
        ("x", "bunsui: accept ASL011 kept", "bunsui: accept ASL011, ASL024 ASL031 why", "bunsui: accept ASL011", 5)
    ),
    "Next": _state,
    "End": lambda lot, names: lot.choice((True, True, False, "true", 5)),
    "Default": _state,
    "StartAt": _state,
    "States": lambda lot, names: lot.choice(({}, {"First": _grown_state(lot, names)}, [], {"A": 5})),
    "InputPath": _path,
    "OutputPath": _path,
    "ResultPath": _path,
    "ItemsPath": _path,
    "SecondsPath": _path,
    "TimestampPath": _path,
    "TimeoutSecondsPath": _path,
    "HeartbeatSecondsPath": _path,
    "MaxConcurrencyPath": _path,
    "ToleratedFailureCountPath": _path,
    "ToleratedFailurePercentagePath": _path,
    "ErrorPath": _path,
    "CausePath": _path,
    "Parameters": _tree,
    "Arguments": _tree,
    "ResultSelector": _tree,
    "ItemSelector": _tree,
    "Result": _tree,
    "Output": _tree,
    "Assign": _assign,
    "Retry": _retry,
    "Catch": _catch,
    "Resource": lambda lot, names: lot.choice((*ADDRESSES, *ADDRESSES, expression(lot, names), 5)),
    "Credentials": lambda lot, names: lot.choice(
        ({"RoleArn": "arn:aws:iam::111122223333:role/x"}, {"RoleArn.$": "$.r"}, {}, 5, "${c}")
    ),
    "TimeoutSeconds": _number,
    "HeartbeatSeconds": _number,
    "Seconds": _number,
    "MaxConcurrency": _number,
    "ToleratedFailureCount": _number,
    "ToleratedFailurePercentage": _number,
    "Timestamp": lambda lot, names: lot.choice((*TIMES, expression(lot, names), 5)),
    "Choices": _choices,
    "Branches": lambda lot, names: lot.choice(([_machine(lot, names), _machine(lot, names)], [], [5], [_machine(lot, names)])),
    "ItemProcessor": _machine,
    "Iterator": _machine,
    "Items": lambda lot, names: lot.choice(([1], {"a": 1}, expression(lot, names), "x", 5, "${items}")),
    "ItemReader": _reader,
    "ItemBatcher": _batcher,
    "ResultWriter": _writer,
    "Label": lambda lot, names: lot.choice(("L", "", "x" * 41, "a b", "${l}", 5)),
    "Error": _leaf,
    "Cause": _leaf,
    "ProcessorConfig": lambda lot, names: lot.choice(
        ({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, {"Mode": "x"}, {"Mode": "DISTRIBUTED"}, 5)
    ),
    "Foo": _leaf,
    "Typ": _leaf,
}
"""Field -> what may stand there, right or nearly."""

_OF_ALL = ("Comment", "InputPath", "OutputPath", "Output", "Next", "End", "Assign")
_WORK = ("Next", "Retry", "Catch", "ResultSelector", "ResultPath", "Parameters", "Arguments")
_OF: Mapping[str, tuple[str, ...]] = {
    "Task": (
        *_WORK,
        "Resource",
        "Credentials",
        "TimeoutSeconds",
        "TimeoutSecondsPath",
        "HeartbeatSeconds",
        "HeartbeatSecondsPath",
    ),
    "Pass": ("Next", "Result", "Parameters", "ResultPath"),
    "Choice": ("Choices", "Choices", "Default"),
    "Wait": ("Next", "Seconds", "Timestamp", "SecondsPath", "TimestampPath"),
    "Succeed": (),
    "Fail": ("Error", "Cause", "ErrorPath", "CausePath"),
    "Parallel": (*_WORK, "Branches"),
    "Map": (
        *_WORK,
        "ItemProcessor",
        "ItemSelector",
        "ItemsPath",
        "Items",
        "ItemReader",
        "ItemBatcher",
        "ResultWriter",
        "Label",
        "MaxConcurrency",
        "ToleratedFailurePercentage",
        "ToleratedFailureCount",
    ),
}
