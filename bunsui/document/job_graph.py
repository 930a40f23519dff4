"""The jobs of a file as a graph, from data of any shape: who depends on whom, what is wrong with it, who surely ran."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from bunsui.diagnostics import Diagnostic
from bunsui.document.closing_jobs import RULES
from bunsui.document.yaml.tree import Document
from bunsui.model.json import Json
from bunsui.model.outcomes import RUN_IF_SPELLINGS, ClosingPhase, RunIf
from bunsui.operations.contract import OperationType


@dataclass(slots=True)
class JobSets:
    """Sets of jobs as the bits of a number, so that a chain of a thousand jobs needs no million names."""

    order: list[str] = field(default_factory=list)
    bits: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    """By job, those that it depends on, directly or not."""
    fine: dict[str, int] = field(default_factory=dict)
    """By job, those that did not fail when it did not fail and was not stopped by a failure."""
    sure: dict[str, int] = field(default_factory=dict)
    """By job, those that succeeded whenever it runs."""
    skippable: int = 0
    absent: int = 0
    """Those without which the session can go on."""

    def add(self, job: str, before: Sequence[str], *, is_skippable: bool, is_absent: bool, reacts: bool) -> None:
        """Note a job; those that it depends on are there."""
        bit = 1 << len(self.order)
        self.order.append(job)
        self.bits[job] = bit
        self.before[job] = _union(self.bits[name] | self.before[name] for name in before)
        self.fine[job] = 0 if reacts else _union(self.bits[name] | self.fine[name] for name in before)
        # Whatever nothing skips, and whose failure ends the session, succeeded before anything after it runs. Neither did what
        # leads to the job fail, unless it looks at failures.
        self.sure[job] = self.before[job] & ~self.absent | self.fine[job] & ~self.skippable
        self.skippable |= bit if is_skippable else 0
        self.absent |= bit if is_absent else 0

    def needs(self, job: str, before: Sequence[str]) -> None:
        """Note that the job runs only where these succeeded."""
        self.sure[job] |= _union(self.bits[name] | self.sure[name] for name in before)

    def names(self, members: int) -> frozenset[str]:
        """Return the names of a set."""
        return frozenset(name for number, name in enumerate(self.order) if members >> number & 1)


def _union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobGraph:
    """Names and dependencies as they stand in the file; dependencies on jobs that do not exist are left out."""

    entries: Mapping[str, Mapping[str, Json]]
    depends_on: Mapping[str, tuple[str, ...]]
    skipping: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Operation type -> the parameter, and its value, with which it may skip its job."""
    closing: Mapping[str, ClosingPhase] = field(default_factory=dict)
    """The jobs that depend on all others."""
    _sets: JobSets = field(default_factory=JobSets)
    _skippable: dict[str, bool] = field(default_factory=dict)
    _stoppable: dict[str, bool] = field(default_factory=dict)
    _caught: dict[str, bool] = field(default_factory=dict)

    def rule(self, job: str) -> RunIf:
        """Return the job's rule; the default where it has none, or one that does not exist."""
        if job in self.closing:
            return RULES[self.closing[job]]
        return RUN_IF_SPELLINGS.get(str(self.entries[job].get("run_if")), RunIf.ALL_SUCCEEDED)

    def ancestors(self, job: str) -> frozenset[str]:
        """Return the jobs that the job depends on, directly or not. The graph may have cycles."""
        found: set[str] = set()
        waiting = list(self.depends_on.get(job, ()))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.depends_on.get(name, ()))
        return frozenset(found)

    def surely_ran(self, job: str) -> frozenset[str]:
        """Return the ancestors that succeeded whenever the job runs, so that their outputs are there. The graph has no
        cycle."""
        self._answer(job)
        return self._sets.names(self._sets.sure[job])

    def may_be_absent(self, job: str) -> bool:
        """Tell whether the session can go on without the job having succeeded: it may be skipped, or a failure is caught."""
        self._answer(job)
        return self._skippable[job] or self._stoppable[job] or self.is_caught(job)

    def may_be_skipped(self, job: str) -> bool:
        """Tell whether the job may be skipped though nothing failed."""
        self._answer(job)
        return self._skippable[job]

    def surely_failed(self, job: str) -> frozenset[str]:
        """Return the jobs that failed whenever the job runs."""
        before = self.depends_on[job]
        return frozenset(before) if self.rule(job) is RunIf.ANY_FAILED and len(set(before)) == 1 else frozenset()

    def _answer(self, job: str) -> None:
        """Note the answers for all that come before and then for the job: each is asked once, and none from deep inside."""
        waiting = [(job, False)]
        while waiting:
            name, is_next = waiting.pop()
            if name in self._sets.sure:
                continue
            if is_next:
                self._note(name)
            else:
                waiting.append((name, True))
                waiting.extend((before, False) for before in self.depends_on[name])

    def _note(self, job: str) -> None:
        before, rule, sets = self.depends_on[job], self.rule(job), self._sets
        self._skippable[job] = self._may_be_skipped(job)
        self._stoppable[job] = not rule.reacts and any(self._stoppable[name] or self.is_caught(name) for name in before)
        is_absent = self._skippable[job] or self._stoppable[job] or self.is_caught(job)
        sets.add(job, before, is_skippable=self._skippable[job], is_absent=is_absent, reacts=rule.reacts)
        if rule is RunIf.ALL_SUCCEEDED:
            sets.needs(job, before)

    def _may_be_skipped(self, job: str) -> bool:
        entry, before = self.entries[job], self.depends_on[job]
        if "when" in entry or self._may_skip_itself(entry):
            return True
        match self.rule(job):
            case RunIf.ALL_SUCCEEDED:
                return any(self._skippable[name] for name in before)
            case RunIf.NONE_FAILED_MIN_ONE_SUCCESS:
                return bool(before) and all(self._skippable[name] for name in before)
            case rule:
                return rule is RunIf.ANY_FAILED

    def _may_skip_itself(self, entry: Mapping[str, Json]) -> bool:
        return "foreach" not in entry and self._skips(entry.get("operations"))

    def _skips(self, value: Json) -> bool:
        """Tell whether an operation that skips the job stands in the operations, or in operations inside them."""
        if isinstance(value, Mapping):
            key, text = self.skipping.get(str(value.get("type")), ("", ""))
            return bool(key and value.get(key) == text) or any(self._skips(item) for item in value.values())
        return isinstance(value, list) and any(self._skips(item) for item in value)

    def is_caught(self, job: str) -> bool:
        """Tell whether the job's failure lets the session go on."""
        if not self._caught:
            reacting = {name for name in self.entries if self.rule(name).reacts}
            watched = reacting | {name for follower in reacting for name in self.depends_on[follower]}
            self._caught.update((name, name in watched or entry.get("isolate") is True) for name, entry in self.entries.items())
        return self._caught[job]


def job_graph(data: Json, registry: Mapping[str, OperationType], closing: Mapping[str, ClosingPhase] | None = None) -> JobGraph:
    """Return the graph of the file's jobs, `closing` among them; what is no job or no name is left out."""
    jobs = data.get("jobs") if isinstance(data, Mapping) else None
    entries = {name: job for name, job in jobs.items() if isinstance(job, Mapping)} if isinstance(jobs, Mapping) else {}
    return JobGraph(
        entries=entries,
        depends_on={name: tuple(other for other in _names(job) if other in entries) for name, job in entries.items()},
        skipping={
            name: found.skips_with for name in _types(entries) if name in registry and (found := registry[name]).skips_with
        },
        closing={name: phase for name, phase in (closing or {}).items() if name in entries},
    )


def _types(value: object) -> set[str]:
    """Return the texts of all keys `type`, so that only the types of the file are asked."""
    if isinstance(value, Mapping):
        named = {value["type"]} if isinstance(value.get("type"), str) else set()
        return named.union(*(_types(item) for item in value.values()))
    return set().union(*(_types(item) for item in value)) if isinstance(value, list) else set()


def check_graph(document: Document, graph: JobGraph) -> Iterator[Diagnostic]:
    """Return unknown dependencies with what was probably meant, and each cycle once, as a path."""
    yield from _report_unknown_jobs(document, graph)
    yield from _cycles(document, graph)


def find_cycle(edges: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Return a cycle as a path whose last name is its first; None when there is none. The same for the same edges in order."""
    done: set[str] = set()
    for start in edges:
        trail: list[str] = []
        waiting: list[tuple[str, int]] = [(start, 0)]
        while waiting:
            name, step = waiting.pop()
            if step == 0:
                if name in trail:
                    return [*trail[trail.index(name) :], name]
                if name in done:
                    continue
                trail.append(name)
            followers = edges.get(name, ())
            if step < len(followers):
                waiting += [(name, step + 1), (followers[step], 0)]
            else:
                trail.pop()
                done.add(name)
    return None


def _names(job: Mapping[str, Json]) -> list[str]:
    names = job.get("depends_on")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _report_unknown_jobs(document: Document, graph: JobGraph) -> Iterator[Diagnostic]:
    for job, entry in graph.entries.items():
        listed = entry.get("depends_on")
        for index, name in enumerate(listed if isinstance(listed, list) else ()):
            path = ("jobs", job, "depends_on", index)
            if isinstance(name, str) and name not in graph.entries:
                near = difflib.get_close_matches(name, list(graph.entries), n=1, cutoff=0.6)
                hint = f"Did you mean {near[0]}?" if near else "The jobs here are " + ", ".join(graph.entries) + "."
                yield document.finding("BS201", f"{job} depends on {name}, and there is no such job", path, hint=hint)


def _cycles(document: Document, graph: JobGraph) -> Iterator[Diagnostic]:
    remaining = {name: list(dependencies) for name, dependencies in graph.depends_on.items()}
    while cycle := find_cycle(remaining):
        first, second = cycle[0], cycle[1]
        listed = graph.entries[first].get("depends_on")
        assert isinstance(listed, list)
        path = ("jobs", first, "depends_on", listed.index(second))
        summary = f"{first} depends on itself" if len(cycle) == 2 else f"jobs depend on each other: {' -> '.join(cycle)}"
        yield document.finding("BS202", summary, path, hint="Remove one of these dependencies.")
        # Without this edge the other cycles, if any, show as well.
        remaining[first] = [name for name in remaining[first] if name != second]
