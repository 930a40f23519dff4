"""The jobs of a file as a graph, from data of any shape: who depends on whom, what is wrong with it, who surely ran."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.diagnostics import Diagnostic
from bunsui.document.tree import Document
from bunsui.model.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class JobGraph:
    """Names and dependencies as they stand in the file; dependencies on jobs that do not exist are left out."""

    entries: Mapping[str, Mapping[str, Json]]
    depends_on: Mapping[str, tuple[str, ...]]
    _sure: dict[str, frozenset[str]] = field(default_factory=dict)
    _skippable: dict[str, bool] = field(default_factory=dict)
    _caught: dict[str, bool] = field(default_factory=dict)

    def ancestors(self, job: str) -> frozenset[str]:
        """Give the jobs that the job depends on, directly or not."""
        found: set[str] = set()
        waiting = list(self.depends_on.get(job, ()))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.depends_on.get(name, ()))
        return frozenset(found)

    def surely_ran(self, job: str) -> frozenset[str]:
        """Give the ancestors that succeeded whenever the job runs, so that their outputs are there. The graph has no cycle."""
        self._answer(job)
        return self._sure[job]

    def may_be_absent(self, job: str) -> bool:
        """Tell whether the session can go on without the job having succeeded: it may be skipped, or its failure is caught."""
        self._answer(job)
        return self._skippable[job] or self._is_caught(job)

    def _answer(self, job: str) -> None:
        """Note the answers for all that come before and then for the job: each is asked once, and none from deep inside."""
        waiting = [(job, False)]
        while waiting:
            name, is_next = waiting.pop()
            if name in self._sure:
                continue
            if is_next:
                self._skippable[name] = self._may_be_skipped(name)
                self._sure[name] = frozenset(self._sure_of(name))
            else:
                waiting.append((name, True))
                waiting.extend((before, False) for before in self.depends_on[name])

    def _sure_of(self, job: str) -> Iterator[str]:
        rule = self.entries[job].get("run_if", "none_failed_or_skipped")
        for name in self.depends_on[job]:
            if rule == "none_failed_or_skipped" or (rule == "none_failed" and not self._skippable[name]):
                yield name
                yield from self._sure[name]

    def _may_be_skipped(self, job: str) -> bool:
        entry, before = self.entries[job], self.depends_on[job]
        if "when" in entry or _has_skipping_check(entry):
            return True
        rule = entry.get("run_if", "none_failed_or_skipped")
        if rule == "none_failed_or_skipped":
            return any(self._skippable[name] or self._is_caught(name) for name in before)
        # A caught failure, or none at all, leaves out the jobs with the two other rules.
        return rule == "any_failed" or (rule == "none_failed" and any(self._is_caught(name) for name in before))

    def _is_caught(self, job: str) -> bool:
        if not self._caught:
            followed = {
                name
                for follower, before in self.depends_on.items()
                if self.entries[follower].get("run_if") in ("all_done", "any_failed")
                for name in before
            }
            self._caught.update(
                (name, name in followed or entry.get("isolate") is True) for name, entry in self.entries.items()
            )
        return self._caught[job]


def job_graph(data: Json) -> JobGraph:
    """Give the graph of the file's jobs; what is no job or no name is left out."""
    jobs = data.get("jobs") if isinstance(data, Mapping) else None
    entries = {name: job for name, job in jobs.items() if isinstance(job, Mapping)} if isinstance(jobs, Mapping) else {}
    return JobGraph(
        entries=entries,
        depends_on={name: tuple(other for other in _names(job) if other in entries) for name, job in entries.items()},
    )


def check_graph(document: Document, graph: JobGraph) -> Iterator[Diagnostic]:
    """Give unknown dependencies with what was probably meant, and each cycle once, as a path."""
    yield from _unknown(document, graph)
    yield from _cycles(document, graph)


def find_cycle(edges: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Give a cycle as a path whose last name is its first; None when there is none. The same for the same edges in order."""
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


def _unknown(document: Document, graph: JobGraph) -> Iterator[Diagnostic]:
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


def _has_skipping_check(entry: Mapping[str, Json]) -> bool:
    return "foreach" not in entry and _skips(entry.get("operations"))


def _skips(value: Json) -> bool:
    """Tell whether a check that skips the job stands in the operations, or in operations inside them."""
    if isinstance(value, Mapping):
        return (value.get("type") == "check" and value.get("else") == "skip") or any(_skips(item) for item in value.values())
    return isinstance(value, list) and any(_skips(item) for item in value)
