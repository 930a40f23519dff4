"""Rewrites a pipeline file of an earlier bunsui, so that it goes on meaning what it did.

| before | now |
|---|---|
| `run_if: none_failed_or_skipped` | `run_if: all_succeeded`, its name now |
| `run_if: any_failed` | the same with `handles: true`: such a job used to make a success of the session |
| `when: "{% $jobs.a.n > 0 %}"` | `when: "{% ($jobs.a.n > 0) ? true : false %}"`: what is no truth value used to count as one |
| `foreach: {items: "{% $jobs.a.files %}"}` | `items: "{% $list(…) %}"`: one value used to be one item, nothing none |
| `retry: {attempts: 3}` | the same with `errors: [throttling, infrastructure]`, which used to be meant |

Only these places of the text change. What they do not carry over is told at its place (BS360). A file with a form that no
earlier bunsui took was written for today's meaning, and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.document.upgrading.conditions import condition_splices, item_splices
from bunsui.document.upgrading.notes import note, upgrade_notes
from bunsui.document.upgrading.retries import retry_splices
from bunsui.document.upgrading.splices import Splice, SplicedText, UpgradeStep, apply_splices, children, expected_data
from bunsui.document.upgrading.todays_forms import todays_form
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document

_OLD_DEFAULT = "none_failed_or_skipped"
_NEW_DEFAULT = "all_succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradedFile:
    """A file, and what it is now."""

    after: bytes
    steps: tuple[UpgradeStep, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    """What means something else now and is for its author to decide, where it stands in the file before the changes."""


def upgrade_file(document: Document, content: bytes) -> UpgradedFile:
    """Return the file in today's language; `document` is what was read of the content.

    They are the same bytes when nothing is to change. A place that is written so that more would have to be touched is told.
    """
    text = content.decode("utf-8")
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    old = SplicedText(document=document, text=text.removeprefix("\ufeff"))
    splices = [*_rules(old), *condition_splices(old), *item_splices(old), *retry_splices(old)]
    today = todays_form(document)
    if today is not None:
        told = "this is of today's language, so that nothing in the file is taken for what an earlier bunsui meant"
        hint = "Where the file is older, take the form out, upgrade it, and put the form in again."
        return UpgradedFile(after=content, notes=(note(document, today, told, hint),) if splices else ())
    notes = tuple(upgrade_notes(document, {splice.path for splice in splices}))
    kept = [splice for splice in splices if _does(old, [splice])]
    if not kept or not _does(old, kept):
        return UpgradedFile(after=content, notes=(*_by_hand(document, splices), *notes))
    steps = tuple(splice.step for splice in sorted(kept, key=lambda one: one.start))
    by_hand = _by_hand(document, [splice for splice in splices if splice not in kept])
    return UpgradedFile(after=(mark + apply_splices(old.text, kept)).encode(), steps=steps, notes=(*by_hand, *notes))


def _does(old: SplicedText, splices: list[Splice]) -> bool:
    """Tell whether the changed text says what it is to say, and nothing else."""
    document = old.document
    after = read_document(document.file, apply_splices(old.text, splices).encode()).document
    return after is not None and after.data == expected_data(document.data, splices)


def _by_hand(document: Document, splices: list[Splice]) -> tuple[Diagnostic, ...]:
    """Tell what cannot be changed without touching more of the text."""
    told = "this is written in a form that is not taken apart"
    return tuple(note(document, splice.path, f"{told}: {splice.step.summary}", "Change it by hand.") for splice in splices)


def _rules(old: SplicedText) -> Iterator[Splice]:
    """Rename the old default; a job that says `handles`, be it `false`, was thought about and stays."""
    for name, job in children(children(old.document.root).get("jobs")).items():
        rule, path = children(job).get("run_if"), ("jobs", name)
        if rule is None:
            continue
        if rule.value == _OLD_DEFAULT:
            summary = f"{name}: run_if {_OLD_DEFAULT} is called {_NEW_DEFAULT}"
            yield from old.replaced(rule, _OLD_DEFAULT, _NEW_DEFAULT, (*path, "run_if"), summary)
        elif rule.value == "any_failed" and "handles" not in (job.keys or {}):
            summary = f"{name}: handles: true, as it made the session succeed; say false if it only tells of failures"
            yield from old.added(job, "handles", True, path, summary, beside="run_if")
