"""Damaged paths, calls, rules and expressions fail the state; nothing else ever comes out of them."""

import contextlib
import json
import random
from typing import Any

from bunsui.engine.context import ExpressionScope, Sources
from bunsui.engine.failures import StateFailure
from bunsui.engine.jsonata import evaluate as jsonata
from bunsui.engine.jsonpath import choices, templates

DATA: tuple[Any, ...] = (None, 1, "x", {}, [], {"a": {"b": [1, None, "x"]}, "items": [{"v": 1}, {"v": "q"}]}, [1, {"x": None}])
PATHS = (
    "$.a.b[0]",
    "$.items[*].v",
    "$..v",
    "$['a']['b'][-1]",
    "$.items[?(@.v == 'q' && @.v)].v",
    "$$.Execution.Input",
    "$v.a",
    "$[1:]",
    "States.Format('{} {}', $.a, $v)",
    "States.ArrayGetItem($.items, 1)",
    "States.JsonMerge($.a, $v, false)",
    "States.UUID()",
    "States.StringToJson('{\"a\": 1}')",
    "States.MathAdd(States.ArrayLength($.items), -1)",
    "States.StringSplit('a,b', ',')",
)
EXPRESSIONS = (
    " $states.input.items[v = 1].v ",
    " $sum([1, 2]) + $v ",
    " $map($states.input.items, function($x) { $x.v & '!' }) ",
    " {'a': $v} ",
    " $exists($v) ? 'yes' : 'no' ",
    " $merge([$states.input, {'b': null}]) ",
    " $parse('{}') ~> $keys() ",
    " $range(1, 5, 2)[0] ",
)
CHARACTERS = "$.[]()'\"?@*:,{}%\\ 1aé&|=<>~^#`/"


def damaged(text: str, chance: random.Random) -> str:
    letters = list(text)
    for _ in range(chance.randint(0, 3)):
        if letters and chance.random() < 0.5:
            del letters[chance.randrange(len(letters))]
        else:
            letters.insert(chance.randint(0, len(letters)), chance.choice(CHARACTERS))
    return "".join(letters)


def test_damaged_paths_and_calls_fail_the_state_at_most() -> None:
    chance = random.Random(1)
    for _ in range(3_000):
        data, text = chance.choice(DATA), damaged(chance.choice(PATHS), chance)
        scope = ExpressionScope(data=data, context={"Execution": {"Input": data}}, variables={"v": data})
        with contextlib.suppress(StateFailure):
            json.dumps(templates.fill({"x.$": text}, scope))
        with contextlib.suppress(StateFailure):
            json.dumps(templates.select(text, scope))
        with contextlib.suppress(StateFailure):
            json.dumps(templates.write(text, 1, data))
        for test in ({"Variable": text, "IsPresent": True}, {"Variable": text, "NumericEqualsPath": text}):
            with contextlib.suppress(StateFailure):
                assert choices.holds(test, scope) in (True, False)


def test_damaged_expressions_fail_the_state_at_most() -> None:
    chance = random.Random(2)
    for _ in range(1_500):
        data, text = chance.choice(DATA), damaged(chance.choice(EXPRESSIONS), chance)
        with contextlib.suppress(StateFailure):
            found = jsonata.evaluate(f"{{%{text}%}}", {"states": {"input": data}, "v": data}, field="x", sources=Sources())
            json.dumps(found)
