"""A definition as jobs: each Task a job, Parallel as jobs side by side, Map as a foreach, Choice as a choice of operations.

The definition is followed from its first state with what each state hands on (`values`). What no job says refuses the whole.
Whether the jobs behave as the definition does is not decided here: that is shown by running both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.document.lifting.naming import Names
from bunsui.document.lifting.operations import Followed, OperationLifter, check_plain
from bunsui.document.lifting.paths import PathReader, Read
from bunsui.document.lifting.paths_of_states import input_of_state, output_of_state, parameters_of_state
from bunsui.document.lifting.refusals import AnswerReadError, StaysRawError
from bunsui.document.lifting.rendering import Renderer
from bunsui.document.lifting.routes import Scope, State, first_of, next_of, state_of
from bunsui.document.lifting.values import INPUT, ITEM, Computed, Handed, ListOfValues, Referred, ValueOrigin
from bunsui.model.json import Json

_MOST_ITEMS = 10_000
_NO_ITEMS = ("ItemReader", "ItemBatcher", "ResultWriter", "ToleratedFailurePercentage", "ToleratedFailureCount", "Retry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """Jobs that say what a definition does."""

    jobs: Mapping[str, Json]
    """As they stand in a pipeline's file."""
    timeout_seconds: int | None
    """Of the definition as a whole."""
    reads_input: bool
    results: tuple[str, ...]
    """The jobs whose `result` is the execution's; of several, the result is the list of theirs."""
    reads: tuple[Read, ...]
    """What the definition reads of its input and of answers."""


def lift(definition: Mapping[str, Json], placeholders: Mapping[str, Json]) -> Lifted:
    """Return the definition as jobs; `placeholders` by the names that stand in marks (`rendering.PLACEHOLDER`).

    Raises:
        StaysRawError: no jobs say what it does, with the place that is why.

    """
    whole: set[str] = set()
    while True:
        try:
            return _JobLifter(placeholders=placeholders, whole=frozenset(whole)).lift(definition)
        except AnswerReadError as error:
            if error.state in whole:
                raise
            whole.add(error.state)


@dataclass(slots=True)
class _Draft:
    """A job while it is made."""

    entry: dict[str, Json]
    result: Handed
    renderer: Renderer


@dataclass(frozen=True, slots=True)
class _Reached:
    """How far the definition was followed."""

    document: Handed | None
    ends: tuple[str, ...]
    """The jobs that what comes next depends on."""


@dataclass(slots=True, kw_only=True)
class _JobLifter:
    placeholders: Mapping[str, Json]
    whole: frozenset[str]
    drafts: dict[str, _Draft] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    needed: set[str] = field(default_factory=set)
    reader: PathReader = field(default_factory=lambda: PathReader(Referred(INPUT)))

    def lift(self, definition: Mapping[str, Json]) -> Lifted:
        if definition.get("QueryLanguage", "JSONPath") != "JSONPath":
            raise StaysRawError("it is JSONata, whose expressions read what states hand on", "QueryLanguage")
        timeout = definition.get("TimeoutSeconds")
        results = self._results(self._follow(definition, _Reached(Referred(INPUT), ())))
        self.needed.update(results)
        for name in reversed(self.drafts):  # a job's outputs may need jobs before it
            draft = self.drafts[name]
            if name in self.needed:
                draft.entry["outputs"] = {"result": draft.renderer.yaml(draft.result)}
        jobs: dict[str, Json] = {name: draft.entry for name, draft in self.drafts.items()}
        return Lifted(
            jobs=jobs,
            timeout_seconds=timeout if isinstance(timeout, int) else None,
            reads_input="$params.input" in repr(jobs),
            results=results,
            reads=tuple(self.reader.reads),
        )

    def _results(self, states_after: _Reached) -> tuple[str, ...]:
        """Return the jobs that hold the execution's result, which may take one more."""
        document, ends = states_after.document, states_after.ends
        if not self.drafts:
            raise StaysRawError("it calls nothing")
        if document is None:
            return ()
        if isinstance(document, ListOfValues):
            jobs = tuple(one.origin.job for one in document.items if isinstance(one, Referred) and not one.steps)
            if len(jobs) == len(document.items) and sorted(jobs) == sorted(ends):
                return jobs
        if len(ends) == 1:
            draft = self.drafts[ends[0]]
            if not (isinstance(document, Referred) and not document.steps and document.origin.job == ends[0]):
                draft.result = document
            return ends
        maker = self._maker("result")
        self._add(maker, ends, (maker.give(document),), ValueOrigin(job=maker.job, operation="give"))
        return (maker.job,)

    def _maker(self, state: str) -> OperationLifter:
        job = self.names.free(state)
        renderer = Renderer(job, self.placeholders, self.needed)
        return OperationLifter(job=job, renderer=renderer, reader=self.reader, whole=self.whole)

    def _add(
        self, maker: OperationLifter, ends: tuple[str, ...], entries: tuple[dict[str, Json], ...], origin: ValueOrigin | None
    ) -> None:
        entry: dict[str, Json] = {"depends_on": [*ends]} if ends else {}
        if len(entries) == 1:
            entry |= {key: value for key, value in entries[0].items() if key != "id"}
        else:
            entry["operations"] = [*entries]
        shown = Renderer(maker.job, self.placeholders, self.needed, origin.operation if origin else "")
        self.drafts[maker.job] = _Draft(entry, Referred(origin or INPUT), shown)

    def _follow(self, scope: Scope, states_after: _Reached) -> _Reached:
        name: str | None = first_of(scope)
        seen: set[str] = set()
        while name is not None and states_after.document is not None:
            if name in seen:
                raise StaysRawError("a loop that is no question asked again after a wait", name)
            seen.add(name)
            state = state_of(scope, name)
            if state.get("Type") in ("Parallel", "Map"):
                try:
                    check_plain(state)
                    states_after = (self._parallel if state["Type"] == "Parallel" else self._map)(name, state, states_after)
                except StaysRawError as error:
                    raise error.within(name) from error
                name = next_of(state)
                continue
            states_after, name = self._take_step(scope, name, states_after)
        return states_after

    def _take_step(self, scope: Scope, name: str, states_after: _Reached) -> tuple[_Reached, str | None]:
        assert states_after.document is not None, "there is something to go on with"
        kept = set(self.names.taken)
        maker = self._maker(name)
        done = maker.step(scope, name, states_after.document)
        if not done.entries:
            self.names.taken = kept
            return _Reached(done.document, states_after.ends), done.next
        self._add(maker, states_after.ends, done.entries, done.origin)
        states_after = _Reached(done.document, (maker.job,))
        if done.choice is None or done.next is None:
            return states_after, done.next
        return self._add_choice(scope, done, states_after)

    def _add_choice(self, scope: Scope, done: Followed, states_after: _Reached) -> tuple[_Reached, str | None]:
        """Add the Choice after a loop that ended."""
        assert done.next is not None, "a loop's end"
        assert done.choice is not None, "a loop's end"
        assert states_after.document is not None, "a loop's end"
        maker = self._maker(done.next)
        after = maker.choose_branches(scope, done.next, states_after.document, *done.choice)
        self._add(maker, states_after.ends, after.entries, after.origin)
        return _Reached(after.document, (maker.job,)), after.next

    def _parallel(self, name: str, state: State, states_after: _Reached) -> _Reached:
        if "Retry" in state:
            raise StaysRawError("all its branches are tried again together", "Retry")
        assert states_after.document is not None, "there is something to go on with"
        entered = input_of_state(state, states_after.document, self.reader)
        given = parameters_of_state(state, entered, self.reader)
        branches = state.get("Branches")
        documents: list[Handed] = []
        ends: dict[str, None] = {}
        for branch in branches if isinstance(branches, (list, tuple)) else ():
            assert isinstance(branch, Mapping), "the validator saw to it"
            done = self._follow(branch, _Reached(given, states_after.ends))
            if done.document is None:
                raise StaysRawError("one of its branches always fails")
            documents.append(done.document)
            ends |= dict.fromkeys(done.ends)
        new = tuple(one for one in ends if one not in states_after.ends) or states_after.ends
        return _Reached(output_of_state(state, entered, ListOfValues(tuple(documents)), self.reader), new)

    def _map(self, name: str, state: State, states_after: _Reached) -> _Reached:
        if found := next((key for key in _NO_ITEMS if key in state), None):
            raise StaysRawError("a Map with more than a list of items", found)
        scope = state.get("ItemProcessor", state.get("Iterator"))
        config = scope.get("ProcessorConfig") if isinstance(scope, Mapping) else None
        if not isinstance(scope, Mapping) or (isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"):
            raise StaysRawError("its items run in executions of their own", "ItemProcessor")
        assert states_after.document is not None, "there is something to go on with"
        entered = input_of_state(state, states_after.document, self.reader)
        items = self.reader.value(str(state.get("ItemsPath", "$")), entered, is_list=True)
        selector = state.get("ItemSelector", state.get("Parameters"))
        item: Handed = Referred(ITEM) if selector is None else self.reader.template(selector, entered)
        maker = self._maker(name)
        done = maker.follow(scope, first_of(scope), item, None)
        if done.document is None or not done.entries:
            raise StaysRawError("its items call nothing, or always fail")
        entries = done.entries
        if done.origin is None or done.document != Referred(done.origin):
            entries = (*entries, maker.give(done.document))
        foreach: dict[str, Json] = {"items": maker.renderer.yaml(items), "max_items": _MOST_ITEMS}
        if isinstance(most := state.get("MaxConcurrency"), int) and most:
            foreach["max_concurrency"] = most
        self._add(maker, states_after.ends, entries, ValueOrigin(job=maker.job))
        draft = self.drafts[maker.job]
        draft.entry = {**_leading(draft.entry), "foreach": foreach, **draft.entry}
        draft.result = Computed(("$map($result, function($one) { $one.output })",))
        given = Referred(ValueOrigin(job=maker.job))
        return _Reached(output_of_state(state, entered, given, self.reader), (maker.job,))


def _leading(entry: Mapping[str, Json]) -> dict[str, Json]:
    return {key: entry[key] for key in ("depends_on",) if key in entry}
