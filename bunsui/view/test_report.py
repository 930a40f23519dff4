"""Verdicts of tests as people read them: what differs place by place, where the test stands, what was covered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bunsui.command_line import Invocation
from bunsui.diff.generic import Change
from bunsui.diff.model import ChangeOperation
from bunsui.testing.coverage import Coverage
from bunsui.testing.expectations import Mismatch
from bunsui.testing.verdict import Verdict
from bunsui.view.commands import completed, hint_lines
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Line, Role, plain

_MOST_DIFFERENCES = 20
_MOST_MISSED = 12


def verdict_lines(verdict: Verdict, *, prefix: str = "") -> tuple[Line, ...]:
    """Return one line for a test that passed; for others also what was expected and what came.

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
    """Return what is wrong with a test, or with what it tests; nothing when it passed."""
    lines: list[Line] = []
    if verdict.problem is not None:
        lines.append(Line.of((verdict.problem.summary, Role.BAD)))
        lines += hint_lines(verdict.problem.hint, Role.HINT)
    for mismatch in verdict.mismatches:
        lines += _mismatch(mismatch, prefix)
    if verdict.mismatches and verdict.facts is not None and verdict.facts.error:
        error, cause = verdict.facts.error, verdict.facts.cause
        if not any(mismatch.name in ("error", "cause") for mismatch in verdict.mismatches):
            lines.append(Line.of(("the run failed with ", Role.MUTED), (error, Role.BAD), (f"  {cause[:300]}", Role.MUTED)))
    return tuple(lines)


def verdict_text(verdict: Verdict, invocation: Invocation) -> str:
    """Return the details as plain text, for JUnit; `invocation` completes the commands that they offer."""
    return plain(completed(item, invocation) for item in detail_lines(verdict))


def summary_lines(
    verdicts: Sequence[Verdict], *, untested: Sequence[str] = (), seconds: float | None = None
) -> tuple[Line, ...]:
    """Return the counts, and which pipelines have no test."""
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
    """Return for each pipeline how much was taken, and what was not."""
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
    if change.operation is not ChangeOperation.ADDED:
        yield Line.of(("expected ", Role.MUTED), (_text(change.before), Role.BEFORE)).indented(2)
    else:
        yield Line.of(("expected nothing", Role.MUTED)).indented(2)
    if change.operation is not ChangeOperation.REMOVED:
        yield Line.of(("got      ", Role.MUTED), (_text(change.after), Role.AFTER)).indented(2)
    else:
        yield Line.of(("got      nothing", Role.MUTED)).indented(2)


def _place(path: Sequence[str]) -> str:
    """Return the path as one would write it: `publish.means[0].mean`."""
    return "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in path).removeprefix(".")


def _text(value: object) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _share(taken: int, there: int) -> str:
    return f"{taken}/{there} ({100 * taken // there} %)" if there else "0/0"
