"""Each folder under `tests/cases/errors` is a mistake that people make, with everything that is said about it.

`pytest --update-cases` rewrites `problems.txt`; read the difference like code.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.aws.offered_calls import BotocoreModels
from bunsui.diagnostics import Diagnostic, sorted_diagnostics
from bunsui.document.load import load_pipelines
from bunsui.document.project_reading import read_project
from bunsui.model.resource import Scope
from bunsui.notifications.registry import builtin_channels
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder

CASES = Path(__file__).parents[2] / "cases" / "errors"
PROJECT = b'version: 1\nproject: cases\nid: 00000000-cases\npipelines: ["pipeline*.yaml"]\n'


def findings_of(folder: Path) -> tuple[Diagnostic, ...]:
    own = folder / "bunsui.yaml"
    project = read_project("bunsui.yaml", own.read_bytes() if own.exists() else PROJECT)
    if project.document is None:
        return sorted_diagnostics(project.diagnostics)
    scope = Scope(project="cases", environment="local", account="000000000000", region="us-east-1")
    documents = load_pipelines(
        RootFolder(folder),
        project.project("local"),
        registry=builtin_registry(),
        scope=scope,
        services=BotocoreModels(),
        channel_types=builtin_channels(),
    )
    return documents.diagnostics


def written(findings: tuple[Diagnostic, ...]) -> str:
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.position}: {finding.severity.value} {finding.code} {finding.summary}")
        lines += [f"    {part}" for part in (finding.detail, finding.hint) if part]
        lines += [f"    accepted: {finding.accepted.reason}"] if finding.accepted is not None else []
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_a_mistake_is_explained(name: str, update_cases: bool) -> None:
    found = written(findings_of(CASES / name))
    expected = CASES / name / "problems.txt"
    if update_cases:
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_every_finding_has_a_place_in_the_file(name: str) -> None:
    findings = findings_of(CASES / name)
    assert findings
    for finding in findings:
        assert finding.position is not None
        lines = (CASES / name / finding.position.file).read_bytes().decode("utf-8", errors="replace").split("\n")
        assert 1 <= finding.position.line <= len(lines)
        assert 1 <= finding.position.column <= len(lines[finding.position.line - 1]) + 1


def test_there_are_many_different_mistakes() -> None:
    folders = [folder for folder in CASES.iterdir() if (folder / "problems.txt").exists()]
    assert len(folders) >= 40
