"""What cannot be carried over, told where it stands: only its author knows what was meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bunsui.asl.expressions import beginning_of, form_of, gives_truth, sequence_over
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.upgrading.conditions import expression_of
from bunsui.document.upgrading.retries import BEFORE, silent_retries
from bunsui.document.upgrading.splices import children
from bunsui.document.yaml.tree import Document, DocumentNode, Path

CODE = "BS360"
_SURE = re.compile(r"\$result|-?[0-9]+(\.[0-9]+)?|\$count\([^()]*\)")
"""Expressions that give something whatever there is, beside those of which `bunsui.asl.expressions` knows it."""


def upgrade_notes(document: Document, changed: Collection[Path]) -> Iterator[Diagnostic]:
    """Return what is left to the author; `changed` are the places that are rewritten."""
    jobs = children(children(document.root).get("jobs"))
    for name, job in jobs.items():
        path: Path = ("jobs", name)
        yield from _condition(document, children(job).get("when"), (*path, "when"), changed)
        yield from _items(document, children(children(job).get("foreach")).get("items"), (*path, "foreach", "items"), changed)
        yield from _outputs(document, job, path)
        yield from _behind(document, jobs, name)
    for path, _ in silent_retries(document.root):
        if (*path, "errors") not in changed:
            yield note(
                document,
                path,
                "retry without errors retried throttling and infrastructure alone, and retries every error now",
                f"Add errors: [{', '.join(BEFORE)}] where that was meant.",
            )


def _condition(document: Document, node: DocumentNode | None, path: Path, changed: Collection[Path]) -> Iterator[Diagnostic]:
    expression = expression_of(node)
    if node is None or not isinstance(node.value, str) or path in changed:
        return
    if not expression or not gives_truth(expression):
        yield note(
            document,
            path,
            "when took any value for true or false, and fails the job now where it gives neither",
            "Write an expression that gives true or false; (…) ? true : false counts every value as before.",
        )


def _items(document: Document, node: DocumentNode | None, path: Path, changed: Collection[Path]) -> Iterator[Diagnostic]:
    expression = expression_of(node)
    if expression.startswith("[") and path not in changed:
        yield note(
            document,
            path,
            "items in brackets were one item, the whole list, and are one for each member now",
            "Write another pair of brackets around them where one was meant.",
        )
    elif node is not None and isinstance(node.value, str) and not expression:
        yield note(document, path, "items must be a list now, and fail the job otherwise", "Write $list(…) around them.")


def _outputs(document: Document, job: DocumentNode, path: Path) -> Iterator[Diagnostic]:
    """An output of which nobody can tell that it gives something; and one that goes over the results of a foreach."""
    entries = children(children(job).get("outputs"))
    found = {name: expression_of(entry) for name, entry in entries.items() if isinstance(entry.value, str)}
    if "foreach" in (job.keys or {}):
        lists = [name for name, text in found.items() if text and sequence_over(text) == "result"]
        if lists:
            yield note(
                document,
                (*path, "outputs"),
                f"{', '.join(lists)} of {path[-1]}: a list for any number of items now; one result was no list before",
                "Read it as a list where it is used.",
            )
        found = {name: text for name, text in found.items() if name not in lists}
    doubtful = [name for name, text in found.items() if text and not _gives_something(text)]
    if doubtful:
        yield note(
            document,
            (*path, "outputs"),
            f"a run in which {' or '.join(doubtful)} of {path[-1]} gives nothing fails now; the output was left out",
            "Write {value: …, default: …} where it may be absent.",
        )


def _gives_something(text: str) -> bool:
    return gives_truth(text) or form_of(text).is_list or bool(beginning_of(text)) or _SURE.fullmatch(text) is not None


def _behind(document: Document, jobs: object, name: str) -> Iterator[Diagnostic]:
    """A job that goes on behind a skip, and went on behind a job that a failure had kept from running."""
    assert isinstance(jobs, dict)
    rules = {one: children(node).get("run_if") for one, node in jobs.items()}
    rule = rules[name]
    if rule is None or rule.value != "none_failed":
        return
    behind = [one for one in _needs(jobs[name]) if one in jobs and _needs(jobs[one])]
    catches = any(children(node).get("isolate") for node in jobs.values())
    catches = catches or any(one is not None and one.value in ("any_failed", "all_done") for one in rules.values())
    if behind and catches:
        yield note(
            document,
            ("jobs", name, "run_if"),
            f"{name} does not run any more where a failure kept {' or '.join(behind)} from running; that counted as a skip",
            "Write run_if: all_done where it is to run all the same.",
        )


def _needs(job: DocumentNode) -> list[str]:
    needs = children(job).get("depends_on")
    value = needs.value if needs is not None else []
    return [value] if isinstance(value, str) else [str(one) for one in value] if isinstance(value, list) else []


def note(document: Document, path: Path, summary: str, hint: str) -> Diagnostic:
    """Return what is told at a place, or the nearest that there is."""
    return document.finding(CODE, summary, path, on_key=True, severity=Severity.WARNING, hint=hint)
