"""Verdicts of tests as people and programs read them: what differs place by place, where the test stands, what was covered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bunsui.diff.generic import Change
from bunsui.diff.model import Operation
from bunsui.model.values import Json
from bunsui.testing.coverage import Coverage
from bunsui.testing.expectations import Mismatch
from bunsui.testing.verdict import Verdict
from bunsui.view.safe import safe_lines
from bunsui.view.schema_parts import (
    FORMAT_VERSION,
    Schema,
    anything,
    choice,
    closed,
    document,
    flag,
    listed,
    or_null,
    seconds,
    text,
    texts,
    whole,
)
from bunsui.view.session_words import duration
from bunsui.view.simulation import RUN_STATUSES
from bunsui.view.spans import Line, Role, plain

_MOST_DIFFERENCES = 20
_MOST_MISSED = 12


def verdict_lines(verdict: Verdict, *, prefix: str = "") -> tuple[Line, ...]:
    """Give one line for a test that passed; for others also what was expected and what came.

    `prefix` stands before file names, so that they can be opened from where the reader is.
    """
    test = verdict.test
    symbol, role = ("✓", Role.GOOD) if verdict.passed else ("✗", Role.BAD)
    head: list[tuple[str, Role] | str] = [(f"{symbol} ", role), (test.pipeline, Role.NAME), f"  {test.name}"]
    if verdict.facts is not None and verdict.facts.seconds:
        head.append((f"  {duration(verdict.facts.seconds)}", Role.MUTED))
    if not verdict.passed and test.position is not None:
        head.append((f"  {prefix}{test.position}", Role.MUTED))
    return (Line.of(*head), *(line.indented(4) for line in detail_lines(verdict, prefix=prefix)))


def detail_lines(verdict: Verdict, *, prefix: str = "") -> tuple[Line, ...]:
    """Give what is wrong with a test, or with what it tests; nothing when it passed."""
    lines: list[Line] = []
    if verdict.problem is not None:
        lines.append(Line.of((verdict.problem.summary, Role.BAD)))
        lines += [Line.of((text, Role.HINT)) for text in safe_lines(verdict.problem.hint) if text]
    for mismatch in verdict.mismatches:
        lines += _mismatch(mismatch, prefix)
    if verdict.mismatches and verdict.facts is not None and verdict.facts.error:
        error, cause = verdict.facts.error, verdict.facts.cause
        if not any(mismatch.name in ("error", "cause") for mismatch in verdict.mismatches):
            lines.append(Line.of(("the run failed with ", Role.MUTED), (error, Role.BAD), (f"  {cause[:300]}", Role.MUTED)))
    return tuple(lines)


def verdict_text(verdict: Verdict) -> str:
    """Give the details as plain text, for JUnit."""
    return plain(detail_lines(verdict))


def summary_lines(
    verdicts: Sequence[Verdict], *, untested: Sequence[str] = (), seconds: float | None = None
) -> tuple[Line, ...]:
    """Give the counts, and which pipelines have no test."""
    failed = sum(not verdict.passed for verdict in verdicts)
    passed = len(verdicts) - failed
    parts: list[tuple[str, Role] | str] = []
    if failed:
        parts += [(f"{failed} failed", Role.BAD), ", "]
    parts.append((f"{passed} passed", Role.GOOD if passed else Role.MUTED))
    if seconds is not None:
        parts.append((f" in {seconds:.2f} s", Role.MUTED))
    lines = [Line.of(*parts)]
    if untested:
        lines.append(Line.of((f"without tests: {', '.join(untested)}", Role.MUTED)))
    return tuple(lines)


def coverage_lines(found: Sequence[Coverage]) -> tuple[Line, ...]:
    """Give for each pipeline how much was taken, and what was not."""
    lines: list[Line] = []
    for one in found:
        lines.append(
            Line.of(
                (one.pipeline, Role.NAME),
                f"  states {_share(one.taken_states, one.states)}  branches {_share(one.taken_ways, one.ways)}",
            )
        )
        missed = [f"state {name}" for name in one.missed_states]
        missed += [f"branch {way.state}: {way.label}" for way in one.missed_ways]
        lines += [Line.of((f"not taken: {text}", Role.WARN)).indented(2) for text in missed[:_MOST_MISSED]]
        if len(missed) > _MOST_MISSED:
            lines.append(Line.of((f"… {len(missed) - _MOST_MISSED} more; `--json` gives all", Role.MUTED)).indented(2))
    return tuple(lines)


def report_json(verdicts: Sequence[Verdict], coverage: Sequence[Coverage], *, untested: Sequence[str] = ()) -> dict[str, Json]:
    """Give everything for programs."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "tests",
        "passed": sum(verdict.passed for verdict in verdicts),
        "failed": sum(not verdict.passed for verdict in verdicts),
        "tests": [_verdict_json(verdict) for verdict in verdicts],
        "coverage": [_coverage_json(one) for one in coverage],
        "untested": list(untested),
    }


def _mismatch(mismatch: Mismatch, prefix: str) -> Iterator[Line]:
    place = f"  {prefix}{mismatch.position}" if mismatch.position is not None else ""
    yield Line.of((mismatch.name, Role.STRONG), (place, Role.MUTED))
    if not mismatch.differences:
        yield Line.of(("expected ", Role.MUTED), (_text(mismatch.expected), Role.BEFORE)).indented(2)
        yield Line.of(("got      ", Role.MUTED), (_text(mismatch.actual), Role.AFTER)).indented(2)
        return
    for change in mismatch.differences[:_MOST_DIFFERENCES]:
        yield from (line.indented(2) for line in _difference(change))
    if len(mismatch.differences) > _MOST_DIFFERENCES:
        yield Line.of((f"… {len(mismatch.differences) - _MOST_DIFFERENCES} more places", Role.MUTED)).indented(2)


def _difference(change: Change) -> Iterator[Line]:
    yield Line.of((_place(change.path), Role.NAME))
    if change.operation is not Operation.ADDED:
        yield Line.of(("expected ", Role.MUTED), (_text(change.before), Role.BEFORE)).indented(2)
    else:
        yield Line.of(("expected nothing", Role.MUTED)).indented(2)
    if change.operation is not Operation.REMOVED:
        yield Line.of(("got      ", Role.MUTED), (_text(change.after), Role.AFTER)).indented(2)
    else:
        yield Line.of(("got      nothing", Role.MUTED)).indented(2)


def _place(path: Sequence[str]) -> str:
    """Give the path as one would write it: `publish.means[0].mean`."""
    return "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in path).removeprefix(".")


def _text(value: object) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _share(taken: int, there: int) -> str:
    return f"{taken}/{there} ({100 * taken // there} %)" if there else "0/0"


def _verdict_json(verdict: Verdict) -> dict[str, Json]:
    test, problem, facts = verdict.test, verdict.problem, verdict.facts
    return {
        "pipeline": test.pipeline,
        "name": test.name,
        "file": test.position.file if test.position else None,
        "line": test.position.line if test.position else None,
        "passed": verdict.passed,
        "problem": None if problem is None else {"code": problem.code, "summary": problem.summary, "hint": problem.hint},
        "mismatches": [
            {
                "name": mismatch.name,
                "line": mismatch.position.line if mismatch.position else None,
                "expected": mismatch.expected,
                "actual": mismatch.actual,
            }
            for mismatch in verdict.mismatches
        ],
        "status": facts.status if facts else None,
        "path": list(facts.path) if facts else None,
        "seconds": facts.seconds if facts else None,
    }


def _coverage_json(one: Coverage) -> dict[str, Json]:
    return {
        "pipeline": one.pipeline,
        "states": {"taken": one.taken_states, "all": one.states, "missed": list(one.missed_states)},
        "branches": {
            "taken": one.taken_ways,
            "all": one.ways,
            "missed": [{"state": way.state, "rule": way.place, "label": way.label} for way in one.missed_ways],
        },
    }


def report_schema() -> Schema:
    """Describe what `report_json` gives."""
    return document(
        "tests",
        "Of `test`: the verdicts on all tests, and what they covered.",
        {
            "passed": whole("How many tests passed."),
            "failed": whole("How many did not, or could not be judged."),
            "tests": listed(_verdict_schema(), "The tests, pipeline by pipeline."),
            "coverage": listed(_coverage_schema(), "For each pipeline with tests; empty with --replay."),
            "untested": texts("Pipelines that have no test."),
        },
    )


def _verdict_schema() -> Schema:
    problem = closed(
        "Why it could not be judged, such as a missing mock; null when it could.",
        {"code": text("A stable code; empty for none."), "summary": text("One sentence."), "hint": text("What to do.")},
    )
    mismatch = closed(
        "One expectation that was not met.",
        {
            "name": text("Which: status, path, jobs, output, error, cause, retries or duration."),
            "line": or_null(whole("Its line in the file, from 1; null when the test does not say it.")),
            "expected": anything("What the test says."),
            "actual": anything("What came."),
        },
    )
    return closed(
        "One test.",
        {
            "pipeline": text("The pipeline's name."),
            "name": text("The test's name, or the session that was replayed."),
            "file": or_null(text("From the project's folder; null for a replayed session.")),
            "line": or_null(whole("From 1; null for a replayed session.")),
            "passed": flag("Everything was as expected."),
            "problem": or_null(problem),
            "mismatches": listed(mismatch, "What was not as expected."),
            "status": or_null(choice("How the run ended; null when there was none.", RUN_STATUSES)),
            "path": or_null(texts("The jobs that ran, in the order in which they began; null when there was no run.")),
            "seconds": or_null(seconds("On the virtual clock; null when there was no run.")),
        },
    )


def _coverage_schema() -> Schema:
    way = closed(
        "A way out of a Choice state.",
        {
            "state": text("The Choice state."),
            "rule": or_null(whole("The rule's place, from 0; null for the default.")),
            "label": text("The rule's comment, or where it leads."),
        },
    )
    counted = {"taken": whole("How many were taken."), "all": whole("How many there are.")}
    states = closed("States of the machine.", {**counted, "missed": texts("Those that no test entered.")})
    branches = closed("Ways out of Choice states.", {**counted, "missed": listed(way, "Those that no test took.")})
    members = {"pipeline": text("The pipeline's name."), "states": states, "branches": branches}
    return closed("What the tests of one pipeline took.", members)
