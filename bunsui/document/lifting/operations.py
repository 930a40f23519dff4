"""States as the operations of one job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.document.lifting.calls import AskingOperation, call_of
from bunsui.document.lifting.conditions import condition
from bunsui.document.lifting.naming import Names
from bunsui.document.lifting.paths import PathReader
from bunsui.document.lifting.paths_of_states import input_of_state, output_of_state, parameters_of_state
from bunsui.document.lifting.refusals import StaysRawError
from bunsui.document.lifting.rendering import Renderer
from bunsui.document.lifting.routes import Loop, Scope, State, loop_at, meeting, next_of, rules_of, state_of
from bunsui.document.lifting.values import Computed, Handed, Literal, Referred, ValueOrigin
from bunsui.model.json import Json

_MOST_OPERATIONS = 200
_MOST_QUESTIONS = 2000
"""As many fit into the history of an execution, which ends at 25,000 events."""

Entry = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Operations, what they hand on, and the state that comes next."""

    entries: tuple[Entry, ...] = ()
    document: Handed | None
    """None where it fails for sure."""
    next: str | None = None
    origin: ValueOrigin | None = None
    """What the last operation gives."""
    choice: tuple[tuple[Mapping[str, Json], ...], str | None] | None = None
    """Of a loop that ended: the rules that are left for its Choice, with what comes where none holds."""


@dataclass(slots=True, kw_only=True)
class OperationLifter:
    """Makes the operations of one job."""

    job: str
    renderer: Renderer
    reader: PathReader
    whole: frozenset[str]
    """States whose whole answers are read."""
    names: Names = field(default_factory=Names)
    made: int = 0
    around: list[str] = field(default_factory=list)
    """The Choice states whose branches are being followed."""

    def step(self, scope: Scope, name: str, document: Handed) -> Followed:
        """Return what one state does. Raises StaysRawError."""
        state = state_of(scope, name)
        try:
            return self._step(scope, name, state, document)
        except StaysRawError as error:
            raise error if error.place and error.place[0] in _names(scope) else error.within(name) from error

    def _step(self, scope: Scope, name: str, state: State, document: Handed) -> Followed:
        check_plain(state)
        kind = state.get("Type")
        if kind == "Task":
            return self._task_operation(scope, name, state, document)
        if kind == "Choice":
            if {"InputPath", "OutputPath"} & set(state):
                raise StaysRawError("a Choice with paths of its own")
            default = state.get("Default")
            return self.choose_branches(scope, name, document, rules_of(state), default if isinstance(default, str) else None)
        entered = input_of_state(state, document, self.reader)
        if kind == "Pass":
            given = parameters_of_state(state, entered, self.reader)
            result = Literal(state["Result"]) if "Result" in state else given
            return Followed(document=output_of_state(state, entered, result, self.reader), next=next_of(state))
        if kind == "Succeed":
            return Followed(document=output_of_state({**state, "ResultPath": None}, entered, entered, self.reader))
        if kind == "Wait":
            entry = self._entry(name, {"type": "wait", **self._time(state, entered)})
            passed = output_of_state({**state, "ResultPath": None}, entered, entered, self.reader)
            return Followed(entries=(entry,), document=passed, next=next_of(state), origin=self._origin("", entry))
        if kind == "Fail":
            return Followed(entries=(self._entry(name, self._failure(state, document)),), document=None)
        raise StaysRawError(f"a {kind} inside an item or a branch of a Choice")

    def _entry(self, name: str, keys: Mapping[str, Json]) -> Entry:
        self.made += 1
        if self.made > _MOST_OPERATIONS:
            raise StaysRawError("its branches share so many states that a job would be too long")
        return {"id": self.names.free(name), **keys}

    def _origin(self, state: str, entry: Entry) -> ValueOrigin:
        return ValueOrigin(state=state, job=self.job, operation=str(entry["id"]))

    def _time(self, state: State, document: Handed) -> dict[str, Json]:
        if isinstance(seconds := state.get("Seconds"), int):
            return {"for": f"{seconds}s"}
        if isinstance(path := state.get("SecondsPath"), str):
            found = self.reader.value(path, document)
            self.reader.note(found, values=(7,))
            return {"for": self.renderer.yaml(found)}
        raise StaysRawError("it waits until a moment")

    def _failure(self, state: State, document: Handed) -> dict[str, Json]:
        keys: dict[str, Json] = {"type": "fail"}
        error, cause = state.get("Error"), state.get("Cause")
        if not isinstance(error, str) or not isinstance(cause, str):
            raise StaysRawError("a failure of a job says an error and a cause")
        return {**keys, "error": self.renderer.literal(error), "message": self.renderer.literal(cause)}

    def _task_operation(self, scope: Scope, name: str, state: State, document: Handed) -> Followed:
        loop = loop_at(scope, name)
        first, after = self._call_intrinsic(name, state, document, self.names.free(name))
        if loop is None:
            return Followed(entries=(first,), document=after, next=next_of(state), origin=self._origin(name, first))
        again, later = self._call_intrinsic(name, state, after, str(first["id"]))
        if again != first or later != after:
            raise StaysRawError("what it is asked with changes from one round of its loop to the next")
        return self._poll_operation(scope, name, first, after, loop)

    def _call_intrinsic(self, name: str, state: State, document: Handed, ident: str) -> tuple[Entry, Handed]:
        entered = input_of_state(state, document, self.reader)
        given = parameters_of_state(state, entered, self.reader)
        origin = ValueOrigin(state=name, job=self.job, operation=ident)
        call: AskingOperation = call_of(name, state, given, origin, self.renderer, answers_whole=name in self.whole)
        self.made += 1
        return {"id": ident, **call.entry}, output_of_state(state, entered, call.result, self.reader)

    def _poll_operation(self, scope: Scope, name: str, entry: Entry, document: Handed, loop: Loop) -> Followed:
        choice = state_of(scope, loop.choice)
        check_plain(choice)
        asking = Renderer(self.job, self.renderer.placeholders, self.renderer.needed, str(entry["id"]))
        rules, default = rules_of(choice), choice.get("Default")
        parts: list[str | Handed] = []
        for rule in rules:
            goes_on = "false" if rule.get("Next") == loop.wait else "true"
            parts += ["(", condition(rule, document, self.reader), f") ? {goes_on} : "]
        parts.append("false" if default == loop.wait else "true")
        entry["poll"] = {
            "every": f"{loop.seconds}s",
            "timeout": f"{min(loop.seconds * _MOST_QUESTIONS, 31_536_000)}s",
            "until": asking.yaml(Computed(tuple(parts))),
        }
        left = tuple(rule for rule in rules if rule.get("Next") != loop.wait)
        other = default if isinstance(default, str) and default != loop.wait else None
        if other is None and left and default == loop.wait:
            left, other = left[:-1], str(left[-1].get("Next"))
        return Followed(
            entries=(entry,),
            document=document,
            next=loop.choice if left else other,
            origin=self._origin(name, entry),
            choice=(left, other) if left else None,
        )

    def choose_branches(
        self, scope: Scope, name: str, document: Handed, rules: tuple[Mapping[str, Json], ...], default: str | None
    ) -> Followed:
        """Return a choice of operations, up to where its branches meet. Raises StaysRawError."""
        if default is None:
            raise StaysRawError("it fails where no rule holds: it has no Default", name)
        targets = (*(str(rule.get("Next")) for rule in rules), default)
        meets = meeting(scope, targets)
        ident = self.names.free(name)
        self.around.append(name)
        branches = [self.follow(scope, target, document, meets) for target in targets]
        self.around.pop()
        going_on = [one for one in branches if one.document is not None]
        is_kept = all(one.document == document for one in going_on)
        lists = [self._branch_operations(one, is_kept=is_kept) for one in branches]
        cases: list[Json] = [
            {"when": self.renderer.yaml(condition(rule, document, self.reader)), "operations": operations}
            for rule, operations in zip(rules, lists, strict=False)
        ]
        entry: Entry = {"id": ident, "type": "choice", "cases": cases, "default": lists[-1]}
        origin = ValueOrigin(state=name, job=self.job, operation=ident)
        after: Handed | None = (document if is_kept else Referred(origin)) if going_on else None
        return Followed(entries=(entry,), document=after, next=meets if going_on else None, origin=origin)

    def _branch_operations(self, one: Followed, *, is_kept: bool) -> list[Json]:
        """Return the operations of a branch; the last one gives what the branch hands on, where that is read."""
        if one.document is None or (is_kept and one.entries):
            return [*one.entries]
        if one.origin is not None and one.document == Referred(one.origin):
            return [*one.entries]
        return [*one.entries, self.give(Literal({}) if is_kept else one.document)]

    def give(self, document: Handed) -> Entry:
        """Return an operation whose result is the document."""
        keys = {"type": "asl", "input": self.renderer.yaml(document), "start_at": "give"}
        return self._entry("give", {**keys, "states": {"give": {"Type": "Pass", "End": True}}})

    def follow(self, scope: Scope, start: str, document: Handed, stop: str | None) -> Followed:
        """Return the operations of all states from `start` to `stop`, or to the end. Raises StaysRawError."""
        entries: list[Entry] = []
        seen: set[str] = set()
        name: str | None = start
        origin: ValueOrigin | None = None
        after: Handed | None = document
        while name is not None and name != stop and after is not None:
            if name in seen or name in self.around:
                raise StaysRawError("a loop that is no question asked again after a wait", name)
            seen.add(name)
            done = self.step(scope, name, after)
            if done.choice is not None and done.next is not None:
                entries += done.entries
                assert done.document is not None, "an answer"
                done = self.choose_branches(scope, done.next, done.document, *done.choice)
            entries += done.entries
            origin = done.origin if done.entries else origin
            after, name = done.document, done.next
        return Followed(entries=tuple(entries), document=after, origin=origin)


def _names(scope: Scope) -> frozenset[str]:
    states = scope.get("States")
    return frozenset(states) if isinstance(states, Mapping) else frozenset()


def check_plain(state: State) -> None:
    """Refuse what no job has, whatever the state does."""
    for key, why in _NEVER.items():
        if key in state:
            raise StaysRawError(why, key)
    if state.get("QueryLanguage", "JSONPath") != "JSONPath":
        raise StaysRawError("it is JSONata, whose expressions read what states hand on", "QueryLanguage")


_NEVER = {
    "Catch": "it goes on elsewhere after a failure, and another state's error would be the session's",
    "Assign": "it assigns variables",
    "Arguments": "it is JSONata, whose expressions read what states hand on",
    "Output": "it is JSONata, whose expressions read what states hand on",
}
