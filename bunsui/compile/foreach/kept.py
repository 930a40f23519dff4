"""Items of a foreach that an earlier attempt finished: how a compiled Map leaves them out, and puts their results back.

Inline and distributed Maps do so alike; a child of a distributed one is told its item's index, by which its result is found.

A new attempt may be told `$resume.items.JOB`, `{count, kept: {INDEX: RESULT}}`: how many items there were, and what those gave
that succeeded, by their place. The job's guard marks its data when there are as many items as then; the Map then runs the
others, each as `{index, value}`, and its result is joined by index. Without the mark all items run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.asl.expressions import variables
from bunsui.asl.model import Rule, code
from bunsui.compile.flow import INPUT
from bunsui.compile.jobs import guard_name
from bunsui.compile.reads import expressions_in, uses_variable
from bunsui.compile.values import Renaming, as_list, jsonata, path
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job
from bunsui.model.values import Reference, Unknown, leaves

RESUMED = "resumed"
"""What the guard adds to the data of a job some of whose items are kept."""
MARK = f"{INPUT}.{RESUMED}"
ITEM_VALUE = "$states.context.Map.Item.Value"
ITEM_INDEX = "$states.context.Map.Item.Index"
_COMMENT = "Some items were done in an earlier attempt"
_CHANGING = frozenset({"now", "millis", "random", "shuffle", "uuid"})
"""Functions that give something else each time."""
_SAME_IN_EVERY_ATTEMPT = frozenset({"slot", "date", "weekday", "month"})
"""Of the session; a schedule tells the other fields otherwise than a resume does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItems:
    """JSONata over the items of one job."""

    job: str
    items: str
    """The list of all."""
    label: str | None
    """Of one item, over the foreach variable; None for its index."""
    variable: str

    @property
    def rule(self) -> Rule:
        """The guard's last rule, without its target: marks the data where items are kept."""
        same = f"$count({self.items}) = {self._told}.count"
        return Rule(
            condition=code(f"$exists({self._told}) ? {same} : false"),
            next="",
            output=code(f"$merge([{INPUT}, {{'{RESUMED}': true}}])"),
            comment=_COMMENT,
        )

    @property
    def chosen(self) -> str:
        """The Items of the Map."""
        pairs = f"$map({self.items}, function($v, $i) {{ {{'index': $i, 'value': $v}} }})"
        rest = f"$filter({pairs}, function($p) {{ {self._is_new('$p.index')} }})"
        return f"$exists({MARK}) ? $append([], {rest}) : {self.items}"

    @property
    def item(self) -> str:
        """One item, in the ItemSelector."""
        return f"$exists({MARK}) ? {ITEM_VALUE}.value : {ITEM_VALUE}"

    @property
    def index(self) -> str:
        """Its place among all items, in the ItemSelector."""
        return f"$exists({MARK}) ? {ITEM_VALUE}.index : {ITEM_INDEX}"

    @property
    def item_label(self) -> str:
        """Its label, a text."""
        if self.label is None:
            return f"$string({self.index})"
        return f"(${self.variable} := {self.item}; $string({self.label}))"

    def place(self, at: str) -> str:
        """Return the place among all items of one that runs; `at` is the JSONata of its place among these."""
        return f"($exists({MARK}) ? {self._ran}[{at}] : {at})"

    def join_results(self, result: str) -> str:
        """Return the results of all items in their order; `result` is the JSONata of what those gave that ran."""
        new = f"$map($zip({self._ran}, {result}), function($p) {{ {{$string($p[0]): $p[1]}} }})"
        found = f"$found := $merge($append({self._told}.kept, {new}))"
        whole = f"$append([], $map({self._every}, function($i) {{ $lookup($found, $string($i)) }}))"
        return f"($exists({MARK}) ? ({found}; {whole}) : {result})"

    @property
    def _every(self) -> str:
        return f"[0..{self._told}.count - 1]"

    @property
    def _ran(self) -> str:
        """The places of those that run."""
        return f"$append([], $filter({self._every}, function($i) {{ {self._is_new('$i')} }}))"

    @property
    def _told(self) -> str:
        return told_items(self.job)

    def _is_new(self, index: str) -> str:
        return f"$not($exists($lookup({self._told}.kept, $string({index}))))"


def told_items(job: str) -> str:
    """Return JSONata for what an earlier attempt left of a job's items."""
    return path("$resume.items", job)


def kept_items(job: Job, rename: Renaming) -> KeptItems | None:
    """Return how the job's items are left out and put back; None where all of them always run, and where they all start
    (`bunsui.compile.foreach.recognized`)."""
    foreach = job.foreach
    if foreach is None or foreach.is_recognized or why_never_kept(job):
        return None

    def rename_label(name: str) -> str | None:
        return None if name == foreach.variable else rename(name)

    label = None if foreach.label is None else jsonata(foreach.label, rename_label)
    return KeptItems(job=job.name, items=as_list(foreach.items, rename), label=label, variable=foreach.variable)


def why_never_kept(job: Job) -> str:
    """Return why a job with foreach always runs all its items; empty when some may be kept."""
    foreach = job.foreach
    assert foreach is not None, "only asked of a job with foreach"
    if any(isinstance(leaf, (Reference, Unknown)) for leaf in leaves(foreach.items)):
        return "one of its items is known only after apply"
    return _why_other_items(foreach)


def _why_other_items(foreach: Foreach) -> str:
    """Return why the items may be others in another attempt; empty when the same inputs give the same."""
    made_of: object = foreach.items if foreach.source is None else foreach.source.key
    what = "items read" if foreach.source is None else "object's key reads"
    for use in (use for expression in expressions_in(made_of) for use in variables(expression.text)):
        if use.name in _CHANGING:
            return f"its {what} ${use.name}, which gives something else each time"
        if use.name == "session" and (not use.path or use.path[0] not in _SAME_IN_EVERY_ATTEMPT):
            return f"its {what} ${'.'.join(('session', *use.path))}, which may differ between attempts"
        if use.name in ("errors", "status"):
            return f"its {what} ${use.name}, which tells of one attempt"
    return ""


def reads_kept_items(definition: Mapping[str, Json], job: str) -> bool:
    """Tell whether a machine can be told of the job's kept items: one that an earlier bunsui compiled cannot."""
    told = told_items(job)
    for name, state in top_level_states(definition):
        if name == guard_name(job) and told in str(state.get("Choices")):
            return True
        if state.get("Type") == "Map" and f"{told}.digests" in str(state.get("ItemSelector")):
            return True
    return False


def batch_size(definition: Mapping[str, Json], map_name: str) -> int | None:
    """Return how many items a batch of this Map has at most; None where it has no batches."""
    for name, state in top_level_states(definition):
        batcher = state.get("ItemBatcher") if name == map_name else None
        if isinstance(batcher, Mapping) and isinstance(size := batcher.get("MaxItemsPerBatch"), int):
            return size
    return None


def top_level_states(scope: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Return the states of a definition with those of Parallel branches, but without those of Maps, which run for items."""
    states = scope.get("States")
    for name, state in (states if isinstance(states, Mapping) else {}).items():
        if not isinstance(state, Mapping):
            continue
        yield name, state
        branches = state.get("Branches")
        for branch in branches if isinstance(branches, (list, tuple)) else ():
            if isinstance(branch, Mapping):
                yield from top_level_states(branch)


def needs_results(job: Job) -> bool:
    """Tell whether the results of the job's items are read: otherwise it is enough to know which are done."""
    return uses_variable(job.outputs, "result") or uses_variable(job.outputs, "ops")
