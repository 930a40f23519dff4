"""Rewrites pipeline files for today's meaning of the language; writes nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.document.formatting.file_format import kind_of
from bunsui.document.schema.published import PIPELINE
from bunsui.document.upgrading.file_upgrade import UpgradedFile, upgrade_file
from bunsui.document.yaml.reader import read_document


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeOutcome:
    """What became of the files."""

    changed: Mapping[str, UpgradedFile]
    """By their names the files that are to be written."""
    files: tuple[str, ...]
    """All that were looked at."""
    diagnostics: tuple[Diagnostic, ...]
    """Why files cannot be read."""
    notes: tuple[Diagnostic, ...] = ()
    """What is left to the authors."""


def upgrade_files(contents: Mapping[str, bytes]) -> UpgradeOutcome:
    """Rewrite the pipelines among the files, by their names."""
    changed: dict[str, UpgradedFile] = {}
    findings: list[Diagnostic] = []
    notes: list[Diagnostic] = []
    for file, content in contents.items():
        if kind_of(file) != PIPELINE:
            continue
        intake = read_document(file, content)
        findings += intake.diagnostics
        if intake.document is None:
            continue
        new = upgrade_file(intake.document, content)
        notes += new.notes
        if new.steps:
            changed[file] = new
    return UpgradeOutcome(changed=changed, files=tuple(contents), diagnostics=tuple(findings), notes=tuple(notes))
