"""Items of a foreach that succeeded in an attempt that ended badly, read from its history.

Only the newest attempt counts: what it was told to keep (`resume.items`), and what it finished itself. An attempt that was not
told of earlier results ran its items again, so that these count no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from bunsui.compile.fingerprints import read_fingerprints
from bunsui.compile.foreach.kept import RESUMED, batch_size
from bunsui.compile.foreach.recognized import items_in
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent
from bunsui.sessions.items.source import ItemSource
from bunsui.sessions.payload import json_bytes
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.trace import StateVisit, Trace, parsed, read_trace, text_of

UNTOLD_RESULTS = "its history does not tell what they gave"
_NOTHING: Mapping[int, Json] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCheckpoints:
    """The items of one job, as the newest attempt left them."""

    total: int
    """0 where they have executions of their own and the attempt kept none of an earlier one."""
    results: Mapping[int, Json]
    """By index: what each gave that succeeded, `{label, status, output}`; `{}` where nobody read it."""
    fingerprint: str = ""
    """What the job did then; empty when its machine does not say."""
    is_foreign: bool = False
    """True when its machine says that in another version."""
    untold: int = 0
    """Items that succeeded, of which the history does not tell what they gave."""
    run: str = ""
    """The ARN of the map run whose executions tell what the others gave; empty where items have none of their own."""
    run_at: datetime | None = None
    """When that began."""
    digests: Mapping[int, str] = field(default_factory=dict)
    """By what the items of `results` are recognized, where all items start; a batch stands at the place of its first item."""
    source: ItemSource | None = None
    """Where these were read."""
    batch: int | None = None
    """How many items a batch had at most; None for no batches, and where nothing ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadItems:
    """Items that have executions of their own, before these are read."""

    run: str
    """The ARN of their map run."""
    run_at: datetime
    """When it began."""
    needs_results: bool
    """False where it is enough to know which items are done."""
    is_recognized: bool = False
    """True where all of them start in the new attempt, and their executions tell by what they are recognized."""
    batch: int = 1
    """How many items one execution has at most."""
    most_listed: int = 0
    """Where they are the objects of a listing: how many are read at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlan:
    """What becomes of the items of a job that runs."""

    total: int
    done: int
    """How many succeeded before."""
    results: Mapping[int, Json] = field(default_factory=dict)
    """Of the kept ones, by index, as the new attempt is told them; of a batch at the index of its first item."""
    digests: Mapping[int, str] = field(default_factory=dict)
    """By what these are recognized, where all items start."""
    source: ItemSource | None = None
    """Where they were read."""
    why_again: str = ""
    """Why those run again that succeeded; empty where they are kept."""
    may_be_kept: bool = False
    """True where they are kept when a person says so."""
    is_kept_anyway: bool = False
    """True where a person said so, whatever became of the object from which they come."""
    unread: UnreadItems | None = None
    """Where executions of items are still to be read (`bunsui.sessions.items.runs`)."""
    executions_read: int = 0
    """How many executions told what their items gave, one call each."""

    @property
    def kept(self) -> int:
        """How many items are kept."""
        return count_items(self.results, self.digests)

    @property
    def to_run(self) -> int:
        """How many items run."""
        return self.total - self.kept

    def without_kept(self, why: str) -> ItemPlan:
        """Return it with all items to run, for this reason."""
        return replace(self, results={}, digests={}, why_again=why)

    @property
    def payload(self) -> dict[str, Json]:
        """What the compiled Map is told. Results that nobody reads are left out where there are digests."""
        ordered = sorted(self.results.items())
        if not self.digests:
            return {"count": self.total, "kept": {str(index): result for index, result in ordered}}
        told: dict[str, Json] = {
            "count": self.total,
            "kept": {str(index): result for index, result in ordered if result},
            "digests": {str(index): self.digests[index] for index, _ in ordered},
        }
        if self.source is not None:
            told |= {"source": self.source.address, "since": self.source.since.isoformat()}
        return told

    @property
    def size(self) -> int:
        """Bytes of the payload."""
        return json_bytes(self.payload)


def read_items(definition: Mapping[str, Json], events: Sequence[HistoryEvent]) -> dict[str, ItemCheckpoints]:
    """Return the items that succeeded, by job, from the newest attempt's definition and history; without jobs of which none
    did."""
    trace, shape = read_trace(events), machine_shape(definition)
    if shape.is_raw:
        return {}
    fingerprints, told = read_fingerprints(definition), told_kept(trace.input)
    found = {}
    for job in shape.jobs:
        read = _job_items(job, definition, shape, trace, told.get(job))
        if read is not None and (read.results or read.untold or read.run):
            found[job] = replace(read, fingerprint=fingerprints.jobs.get(job, ""), is_foreign=fingerprints.is_foreign)
    return found


def told_kept(payload: Json) -> dict[str, ItemPlan]:
    """Return the items that an execution's input tells to keep, by job; what is malformed is left out."""
    resume = payload.get("resume") if isinstance(payload, Mapping) else None
    items = resume.get("items") if isinstance(resume, Mapping) else None
    found = {}
    for job, told in items.items() if isinstance(items, Mapping) else ():
        plan = _told_plan(told) if isinstance(told, Mapping) else None
        if plan is not None:
            found[job] = plan
    return found


def _told_plan(told: Mapping[str, Json]) -> ItemPlan | None:
    count, kept = told.get("count"), told.get("kept")
    if not isinstance(count, int) or not isinstance(kept, Mapping):
        return None
    results = {int(index): result for index, result in kept.items() if index.isdecimal() and int(index) < count}
    digests, source = told.get("digests"), None
    if isinstance(digests, Mapping):
        known = {int(at): one for at, one in digests.items() if at.isdecimal() and isinstance(one, str)}
        address, since = told.get("source"), told.get("since")
        if isinstance(address, str) and isinstance(since, str):
            source = ItemSource(address=address, since=datetime.fromisoformat(since))
        results = {index: results.get(index, {}) for index in known}
        done = count_items(results, known)
        return ItemPlan(total=count, done=done, results=results, digests=known, source=source)
    return ItemPlan(total=count, done=len(results), results=results)


def count_items(places: Iterable[int], digests: Mapping[int, str]) -> int:
    """Return how many items stand at these places, those of a batch at the place of its first."""
    return sum(items_in(digests.get(place, "")) for place in places)


def told_results(results: Mapping[int, Json], *, is_read: bool) -> dict[int, Json]:
    """Return the results as the new attempt is told them: nothing of what nobody reads."""
    if not is_read:
        return {index: {} for index in results}
    return {index: result for index, result in results.items() if result}


def kept_before(visit: StateVisit, trace: Trace, told: ItemPlan | None) -> ItemPlan | None:
    """Return what a visit to a job's Map kept of earlier attempts; None when it ran all items, whatever it was told. Where all
    items start, that is what it was told: what became of each, its own execution tells."""
    if told is not None and told.digests:
        return told
    given = parsed(text_of(trace.events[visit.entered_id], "input")) if told is not None else None
    return told if isinstance(given, Mapping) and given.get(RESUMED) is True else None


def outer_map(shape: MachineShape, job: str) -> str:
    """Return the name of the job's outermost Map; empty for a job without foreach."""
    own = shape.states_of(job)
    names = {state.name for state in own}
    return next((state.name for state in own if state.type == "Map" and names.isdisjoint(state.containers)), "")


def _job_items(
    job: str, definition: Mapping[str, Json], shape: MachineShape, trace: Trace, told: ItemPlan | None
) -> ItemCheckpoints | None:
    """Return the items that succeeded of one job; None where nothing is known of any."""
    name = outer_map(shape, job)
    visits = trace.visits_to(name) if name else []
    if not visits:
        return _told_before(told)
    visit = visits[-1]
    before = kept_before(visit, trace, told)
    if visit.map_run_arn:
        found = _told_before(before) or ItemCheckpoints(total=0, results=_NOTHING)
        return replace(found, run=visit.map_run_arn, run_at=visit.entered_at, batch=batch_size(definition, name))
    if visit.items_total is None:  # it did not come to its items
        return _told_before(before)
    total, kept = (before.total, before.results) if before is not None else (visit.items_total, _NOTHING)
    places = [index for index in range(total) if index not in kept]
    gave, untold = _read_results(name, visit, trace)
    new = {places[at]: result for at, result in gave.items() if at < len(places)}
    return ItemCheckpoints(total=total, results={**kept, **new}, untold=untold)


def _told_before(told: ItemPlan | None) -> ItemCheckpoints | None:
    """Return what an attempt was told to keep."""
    if told is None:
        return None
    return ItemCheckpoints(total=told.total, results=told.results, digests=told.digests, source=told.source)


def _read_results(name: str, visit: StateVisit, trace: Trace) -> tuple[dict[int, Json], int]:
    """Return what the items of a Map gave that succeeded, by their place in it, and how many ended of which the history does
    not tell that: events that do not name the one before them, or whose output was cut."""
    found: dict[int, Json] = {}
    untold = 0
    for event in trace.events.values():
        if event.type != "MapIterationSucceeded" or event.id < visit.entered_id or text_of(event, "name") != name:
            continue
        index, last = event.details.get("index"), trace.events.get(event.previous_id)
        result = parsed(text_of(last, "output")) if last is not None else None
        if not isinstance(index, int) or not isinstance(result, Mapping):
            untold += 1
        elif result.get("status") == "succeeded":
            found[index] = result
    return found, untold
