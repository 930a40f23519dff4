"""What became of files that were formatted or upgraded, as JSON documents."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.document.formatting.file_format import FormatStatus
from bunsui.document.upgrading.splices import UpgradeStep
from bunsui.services.rewriting.formatting import FormatOutcome
from bunsui.services.rewriting.upgrade import UpgradeOutcome
from bunsui.view.commands import Offering


class FormattedFilePart(Shape):
    """A file."""

    file: str = member("From where the command was started.")
    status: FormatStatus = member(
        "`formatted` when it is not in the style yet, `kept` when it has a form that is not taken apart, `invalid` when"
        " it cannot be read."
    )
    reason: str = member("Why it is kept or invalid; else empty.")


class FormatDocument(Shape, kind="format"):
    """Of `fmt`: files in the language's style."""

    written: bool = member("Whether the formatted files were written: not with --check and --diff.")
    files: tuple[FormattedFilePart, ...] = member("Every file that was looked at.")


class UpgradePart(ShapeOf[UpgradeStep]):
    """A change of a file."""

    file: str = member("From where the command was started.", of=None)
    line: int = member("Its line before the change, from 1.")
    summary: str = member("What changes, and why.")


class UpgradeNotePart(Shape):
    """A place that an author decides about."""

    file: str = member("From where the command was started.")
    line: int = member("Its line before the changes, from 1.")
    summary: str = member("What means something else.")
    hint: Offering = member("What to write.")


class UpgradeDocument(Shape, kind="upgrade"):
    """Of `upgrade`: pipelines of an earlier bunsui, rewritten."""

    written: bool = member("Whether the files were written: not with --check.")
    changes: tuple[UpgradePart, ...] = member("Every change.")
    notes: tuple[UpgradeNotePart, ...] | Absent = member(
        "What means something else now, and is left to the author.", default=ABSENT
    )


def formatting_document(outcome: FormatOutcome, *, prefix: str, is_written: bool) -> FormatDocument:
    """Return the document of `bunsui fmt --json`; `prefix` stands before the files' names."""
    files = tuple(
        FormattedFilePart(
            file=prefix + one.file,
            status=one.status,
            reason=one.reason or "".join(f"{finding.code} {finding.summary}" for finding in one.diagnostics[:1]),
        )
        for one in outcome.files
    )
    return FormatDocument(written=is_written, files=files)


def upgrade_document(outcome: UpgradeOutcome, *, is_written: bool) -> UpgradeDocument:
    """Return the document of `bunsui upgrade --json`."""
    changes = tuple(UpgradePart.of(step, file=file) for file, new in outcome.changed.items() for step in new.steps)
    notes = tuple(
        UpgradeNotePart(
            file=found.position.file if found.position else "",
            line=found.position.line if found.position else 1,
            summary=found.summary,
            hint=Offering(found.hint),
        )
        for found in outcome.notes
    )
    return UpgradeDocument(written=is_written, changes=changes, notes=notes)
