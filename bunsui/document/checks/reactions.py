"""How a job reacts to what happened before it, where that is hardly what its author means: to failures and to skips."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.job_graph import JobGraph
from bunsui.document.yaml.tree import Document
from bunsui.model.outcomes import ClosingPhase, RunIf


def check_reactions(document: Document, graph: JobGraph) -> Iterator[Diagnostic]:
    """Return the findings about rules that stay silent or leave out more than they seem to; the graph has no cycle."""
    for job in graph.entries:
        yield from _handles(document, graph, job)
        if job not in graph.closing:
            yield from _silent(document, graph, job)
            yield from _cascade(document, graph, job)
    if graph.closing and "timeout" in (data if isinstance(data := document.data, dict) else {}):
        phases = dict.fromkeys(phase.value for phase in graph.closing.values())
        yield document.finding(
            "BS333",
            f"{' and '.join(phases)} {'runs' if len(phases) == 1 else 'run'} neither when the session is stopped nor"
            " when the pipeline's timeout ends it",
            ("timeout",),
            severity=Severity.INFO,
            hint="Give the operations timeouts that end before it: those are failures like any other.",
        )


def _handles(document: Document, graph: JobGraph, job: str) -> Iterator[Diagnostic]:
    entry = graph.entries[job]
    if entry.get("handles") is True and not graph.rule(job).reacts:
        yield document.finding(
            "BS335",
            f"{job} runs only when nothing before it failed, so that it has nothing to handle",
            ("jobs", job, "handles"),
            on_key=True,
            hint="Write run_if: any_failed (or all_done), or remove handles.",
        )
    if entry.get("handles") is True and graph.closing.get(job) is ClosingPhase.FINALLY:
        yield document.finding(
            "BS335",
            "a job of finally would handle every failure there is",
            ("jobs", job, "handles"),
            on_key=True,
            hint="Remove handles; a job with run_if: any_failed handles the failure of the jobs that it depends on.",
        )


def _silent(document: Document, graph: JobGraph, job: str) -> Iterator[Diagnostic]:
    """A messenger on the last job: when an earlier one fails, the session ends at once, or what follows it did not fail."""
    if graph.rule(job) is not RunIf.ANY_FAILED:
        return
    heard = set(graph.depends_on[job])
    ancestors = graph.ancestors(job)
    unheard = [name for name in graph.entries if name in ancestors and name not in heard]
    unheard = [name for name in unheard if graph.rule(name) is not RunIf.ANY_FAILED]
    if unheard:
        yield document.finding(
            "BS330",
            f"{job} stays silent when {_listing(unheard)} fails: it looks at {_listing(sorted(heard))} alone",
            ("jobs", job, "depends_on"),
            on_key=True,
            severity=Severity.WARNING,
            hint=f"Add {_listing(unheard, 'and')} to its depends_on, or move the job to on_failure:, which looks at every job.",
        )


def _cascade(document: Document, graph: JobGraph, job: str) -> Iterator[Diagnostic]:
    """The default rule leaves a job out with any job before it that is skipped; whoever wrote the rule knows it."""
    if graph.rule(job) is not RunIf.ALL_SUCCEEDED or "run_if" in graph.entries[job]:
        return
    skipping = [name for name in graph.depends_on[job] if _skips_itself(graph, name)]
    if skipping:
        yield document.finding(
            "BS331",
            f"{job} is skipped whenever {_listing(skipping)} is",
            ("jobs", job, "depends_on"),
            on_key=True,
            # Of branches that shut each other out one is always skipped, and so is what follows both.
            severity=Severity.WARNING if len(skipping) > 1 else Severity.INFO,
            hint="Write run_if: none_failed to go on without it, or run_if: all_succeeded to say that this is meant."
            if len(skipping) == 1
            else "Write run_if: none_failed_min_one_success to go on behind the one that ran, or all_succeeded where all must.",
        )


def _skips_itself(graph: JobGraph, job: str) -> bool:
    """Tell whether the job may be skipped for a reason of its own, and not with one before it."""
    if not graph.may_be_skipped(job):
        return False
    return graph.rule(job) is not RunIf.ALL_SUCCEEDED or not any(graph.may_be_skipped(name) for name in graph.depends_on[job])


def _listing(names: list[str], word: str = "or") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
