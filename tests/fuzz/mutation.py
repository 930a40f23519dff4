"""Recorded definitions, damaged with an eye for their structure."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[1] / "conformance" / "cases"
VALUES: list[Any] = [
    *[None, True, 0, -1, 1.5, 10**12, 1e308, "", [], {}, [1, 2], {"a": 1}, {"a.$": "$.b"}, [{"ErrorEquals": ["States.ALL"]}]],
    *["$", "$.x", "$.a[0]", "$$", "$$.Task.Token", "$[?(@.a > 1)]", "$..a", "$x", "States.Format('{}', $.a)", "States.UUID()"],
    *["2026-01-01T00:00:00Z", "{% $states.input %}", "{% $x %}", "{% $number('x') %}", "{% function($x){$x} %}", "{% {} %}"],
    *[
        "{% $states.context %}",
        "{% $range(0, 1e9, 1) %}",
        "{% ($f := function($n) {$f($n + 1)}; $f(0)) %}",
        "\ud800",
        "a" * 300,
    ],
]
FIELDS = [
    *["Output", "Assign", "Arguments", "Parameters", "ResultPath", "OutputPath", "InputPath", "Retry", "Catch", "Next", "End"],
    *["TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "MaxConcurrency", "MaxConcurrencyPath", "Items", "ItemsPath"],
    *["ItemSelector", "ResultSelector", "Seconds", "SecondsPath", "Timestamp", "TimestampPath", "QueryLanguage", "Credentials"],
    *["ItemReader", "ResultWriter", "ItemBatcher", "Label", "ToleratedFailureCount", "ToleratedFailurePercentage", "Result"],
    *["Error", "ErrorPath", "Cause", "CausePath", "Choices", "Default", "Type", "Branches", "ItemProcessor", "Iterator"],
    *["ProcessorConfig", "ReaderConfig", "WriterConfig", "StartAt", "States", "Variable", "And", "Not", "Condition", "Comment"],
]
KINDS = ["Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"]
LOOPS = 0.01
CHARACTERS = "$.[]()'\"?@*:,{}%\\ 1aé&|=<>~^#`/\n"


@cache
def recorded() -> tuple[dict[str, Any], ...]:
    """Return the recorded cases."""
    return tuple(json.loads(file.read_text(encoding="utf-8")) for file in sorted(CASES.rglob("*.json")))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the way to everything inside."""
    if path:
        yield path
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return what is there."""
    for key in path:
        value = value[key]
    return value


def scopes(definition: Any) -> list[dict[str, Any]]:
    """Return the groups of states, the outermost first."""
    found = [definition] if isinstance(definition, dict) else []
    found += [at(definition, path) for path in places(definition)]
    return [one["States"] for one in found if isinstance(one, dict) and isinstance(one.get("States"), dict)]


class Mutator:
    """Damages definitions, always the same for a seed."""

    def __init__(self, seed: int) -> None:
        """Begin with a seed."""
        self.chance = random.Random(seed)

    def definition(self) -> Any:
        """Return a recorded definition with one to four things wrong, or only different."""
        made = copy.deepcopy(self.chance.choice(recorded())["definition"])
        for _ in range(self.chance.randint(1, 4)):
            often = [self._cut, self._add, self._put, self._put, self._text, self._text, self._graft]
            # Loops run until a history is full, which takes its time.
            damage = self._lead if self.chance.random() < LOOPS else self.chance.choice(often)
            if next(places(made), None) is not None:
                damage(made)
        return made

    def payload(self) -> Any:
        """Return an input: a recorded one, possibly damaged, or anything."""
        chance = self.chance
        if chance.random() < 0.3:
            return chance.choice(
                [{}, {"items": [1, 2], "a": 1, "b": "x"}, [1, 2], [], "x", "\ud800", None, 3, 2**70, 1e300, [[[]] * 3]]
            )
        made = copy.deepcopy(chance.choice(recorded())["input"])
        if chance.random() < 0.5 and next(places(made), None) is not None:
            chance.choice([self._cut, self._put, self._text])(made)
        return made

    def _place(self, root: Any) -> tuple[Any, Any]:
        """Choose a holder and a key in it."""
        *outer, last = self.chance.choice(list(places(root)))
        return at(root, tuple(outer)), last

    def _cut(self, root: Any) -> None:
        holder, last = self._place(root)
        del holder[last]

    def _add(self, root: Any) -> None:
        holder, last = self._place(root)
        if isinstance(holder, dict):
            holder[self.chance.choice(FIELDS)] = copy.deepcopy(self.chance.choice(VALUES))
        else:
            holder.insert(last, copy.deepcopy(self.chance.choice(VALUES)))

    def _put(self, root: Any) -> None:
        holder, last = self._place(root)
        holder[last] = copy.deepcopy(self.chance.choice(KINDS if last == "Type" else VALUES))

    def _text(self, root: Any) -> None:
        """Damage a text character by character: a path, a call, an expression."""
        texts = [path for path in places(root) if isinstance(at(root, path), str)]
        if not texts:
            return
        *outer, last = self.chance.choice(texts)
        holder = at(root, tuple(outer))
        letters = list(holder[last])
        for _ in range(self.chance.randint(1, 3)):
            if letters and self.chance.random() < 0.5:
                del letters[self.chance.randrange(len(letters))]
            else:
                letters.insert(self.chance.randint(0, len(letters)), self.chance.choice(CHARACTERS))
        holder[last] = "".join(letters)

    def _lead(self, root: Any) -> None:
        """Lead a state somewhere else in its scope, also back."""
        for states in self._some(scopes(root)):
            for state in self._some([one for one in states.values() if isinstance(one, dict)]):
                state.pop("End", None)
                state["Next"] = self.chance.choice(list(states))

    def _graft(self, root: Any) -> None:
        """Put a state of another definition in the place of one."""
        other = scopes(self.chance.choice(recorded())["definition"])
        for states in self._some(scopes(root)):
            if not states:
                continue
            name = self.chance.choice(list(states))
            state = copy.deepcopy(self.chance.choice(list(self.chance.choice(other).values())))
            old = states[name] if isinstance(states[name], dict) else {}
            if "Next" in state or "End" in state:
                state.pop("End", None)
                state.pop("Next", None)
                state |= {key: old[key] for key in ("Next", "End") if key in old} or {"End": True}
            states[name] = state

    def _some(self, found: list[Any]) -> list[Any]:
        """Choose one, if there is one."""
        return [self.chance.choice(found)] if found else []
