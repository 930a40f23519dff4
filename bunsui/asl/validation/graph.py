"""How states follow each other.

Source: states-language.net, "Transitions". AWS asks for a terminal state in the outermost machine only, and then
does not look for unreachable ones.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from bunsui.asl.validation.finding import TARGET, DefinitionFinding, Path, error
from bunsui.asl.validation.views import FLOWING, MachineView, StateView, is_opaque
from bunsui.diagnostics import Severity

_COMPARED = 1_000
"""States that a wrong name is compared with."""


def transitions(machine: MachineView) -> Iterator[DefinitionFinding]:
    """Check StartAt and every Next and Default of one machine, and that all its states can be reached."""
    states = machine.states
    start = machine.fields.get("StartAt")
    if isinstance(start, str) and states and start not in states and not is_opaque(start):
        yield _no_target((*machine.path, "StartAt"), start, states)
    for state in machine.views():
        for target, path in targets(state.fields, state.path):
            if target not in states and not is_opaque(target):
                yield _no_target(path, target, states)
    if not states or not isinstance(start, str):
        return
    if machine.owner is None and not any(_ends(state) for state in machine.views()):
        words = "Workflow has no terminal state"
        yield DefinitionFinding(
            code="ASL012",
            severity=Severity.ERROR,
            message="no state ends the machine: it could only run until it times out",
            path=machine.path,
            hint="Give a state End: true, or add a Succeed or Fail state.",
            aws_code="MISSING_END_STATE",
            aws_message=words,
            aws_location=None,
        )
        return
    for name in _unreached_states(start, machine):
        words = f'State "{name}" is not reachable.'
        path = (*machine.path, "States", name)
        yield error("ASL011", path, f"the state {name} is never reached", aws=words, aws_code=TARGET, on_key=True)


def targets(state: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Path]]:
    """Return every state that this one names as a follower, with the place of the name."""
    for key in ("Next", "Default"):
        if isinstance(state.get(key), str):
            yield state[key], (*path, key)
    for key in ("Choices", "Catch"):
        rules = state.get(key)
        for index, rule in enumerate(rules if isinstance(rules, Sequence) and not isinstance(rules, str) else ()):
            target = rule.get("Next") if isinstance(rule, Mapping) else None
            if isinstance(target, str):
                yield target, (*path, key, index, "Next")


def ending(state: StateView) -> Iterator[DefinitionFinding]:
    """Check that the state either goes on or ends."""
    if state.type not in FLOWING or any(is_opaque(state.fields.get(key)) for key in ("Next", "End")):
        return
    follows, ends = "Next" in state.fields, state.fields.get("End") is True
    if follows and ends:
        words = "A state should have only one of the following fields: [Next, End]"
        yield error("ASL015", state.path, f"the state {state.name} has both Next and End", aws=words, on_key=True)
    elif not follows and not ends:
        words = "A state should have one of the following fields: [Next, End]"
        message = f"the state {state.name} has neither Next nor End"
        yield error("ASL015", state.path, message, aws=words, hint="Give it Next, or End: true.", on_key=True)


def _no_target(path: Path, name: str, states: Mapping[str, Any]) -> DefinitionFinding:
    near = difflib.get_close_matches(name, [str(state) for state in islice(states, _COMPARED)], n=1, cutoff=0.6)
    return error(
        "ASL010",
        path,
        f"{path[-1]} names {name}, which is no state here",
        aws=f"Missing 'Next' target: {name}",
        aws_code=TARGET,
        hint=f"Did you mean {near[0]}?" if near else "",
    )


def _ends(state: StateView) -> bool:
    return state.type in ("Succeed", "Fail") or state.fields.get("End") is True or is_opaque(state.fields.get("End"))


def _unreached_states(start: str, machine: MachineView) -> list[str]:
    states = machine.states
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        state = states.get(name)
        if isinstance(state, Mapping):
            followers = [target for target, _ in targets(state, ())]
            if any(is_opaque(target) for target in followers):
                return []  # a placeholder may lead anywhere
            waiting.extend(followers)
    return [str(name) for name in states if name not in reached]
