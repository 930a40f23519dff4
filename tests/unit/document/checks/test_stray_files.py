"""Files that look like pipelines beside the others, patterns that find nothing, files that are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.load import Documents, load_pipelines
from bunsui.document.project_reading import read_project
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder

SCOPE = Scope(project="p", environment="local", account="000000000000", region="us-east-1")
JOBS = "jobs: {a: {operations: [{type: wait, for: 1s}]}}\n"


def write(root: Path, name: str, text: str = "") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or f"version: 1\nname: {path.stem}\n{JOBS}", encoding="utf-8")


def load(root: Path, *, patterns: str = "", named: tuple[str, ...] = (), today: date | None = None) -> Documents:
    said = f"pipelines: {patterns}\n" if patterns else ""
    project = read_project("bunsui.yaml", f"version: 1\nproject: p\nid: 00000000\n{said}".encode()).project("local")
    project = replace(project, rules=replace(project.rules, today=today))
    return load_pipelines(RootFolder(root), project, registry=builtin_registry(), scope=SCOPE, named=named)


def told(documents: Documents, code: str) -> list[Diagnostic]:
    return [finding for finding in documents.diagnostics if finding.code == code]


@pytest.mark.parametrize("stray", ["pipelines/b.yml", "pipelines/team/b.yaml", "pipelines/a/b/c.yml"])
def test_a_pipeline_that_no_pattern_finds_is_told_with_its_name(tmp_path: Path, stray: str) -> None:
    write(tmp_path, "pipelines/a.yaml")
    write(tmp_path, stray)
    (finding,) = told(load(tmp_path, patterns='["pipelines/*.yaml"]'), "BS221")
    assert finding.severity is Severity.WARNING
    assert finding.position is not None
    assert finding.position.file == stray
    assert f"the pipeline {Path(stray).stem}" in finding.detail


def test_the_default_patterns_find_both_endings_at_any_depth(tmp_path: Path) -> None:
    for name in ("pipelines/a.yaml", "pipelines/b.yml", "pipelines/team/c.yaml"):
        write(tmp_path, name)
    assert load(tmp_path).diagnostics == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pipelines/values.yml", "version: 1\nname: x\n"),
        ("pipelines/compose.yml", "services: {}\n"),
        ("pipelines/a.test.yml", "version: 1\njobs: {}\n"),
        ("pipelines/.hidden/b.yml", ""),
        ("elsewhere/b.yml", ""),
        ("pipelines/b.txt", ""),
    ],
)
def test_what_is_no_pipeline_or_lies_elsewhere_is_not_told(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, "pipelines/a.yaml")
    write(tmp_path, name, text)
    assert told(load(tmp_path, patterns='["pipelines/*.yaml"]'), "BS221") == []


def test_more_files_than_are_read_are_not_looked_through(tmp_path: Path) -> None:
    write(tmp_path, "pipelines/a.yaml")
    (tmp_path / "pipelines" / "data").mkdir()
    for number in range(2_001):
        (tmp_path / "pipelines" / "data" / f"{number}.yaml").touch()
    assert load(tmp_path, patterns='["pipelines/*.yaml"]').diagnostics == ()


def test_a_stray_file_that_cannot_be_parsed_is_told_too(tmp_path: Path) -> None:
    write(tmp_path, "pipelines/a.yaml")
    write(tmp_path, "pipelines/b.yml", "version: 1\nname: b\njobs:\n  - {\n")
    assert len(told(load(tmp_path, patterns='["pipelines/*.yaml"]'), "BS221")) == 1


def test_a_definition_and_code_that_a_pipeline_uses_are_not_stray(tmp_path: Path) -> None:
    write(tmp_path, "pipelines/a.yaml", "version: 1\nname: a\ndefinition: m/one.yml\n")
    write(tmp_path, "pipelines/m/one.yml", "version: 1\nStartAt: A\nStates: {A: {Type: Succeed}}\njobs: 1\n")
    assert told(load(tmp_path, patterns='["pipelines/*.yaml"]'), "BS221") == []


def test_a_pattern_that_finds_nothing_is_told_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, "pipelines/a.yaml")
    (finding,) = told(load(tmp_path, patterns='["pipelines/*.yaml", "pipelins/*.yaml"]'), "BS222")
    assert finding.position is not None
    assert (finding.position.file, finding.position.line, finding.position.column) == ("bunsui.yaml", 4, 33)
    assert told(load(tmp_path, patterns='["pipelines/*.yaml", "pipelines/**/*.yml"]'), "BS222") == []


@pytest.mark.parametrize("named", ["b.yml", ".hidden/b.yaml", "other/b.yaml"])
def test_a_named_file_is_read_and_that_no_pattern_finds_it_is_told(tmp_path: Path, named: str) -> None:
    write(tmp_path, "pipelines/a.yaml")
    write(tmp_path, named, f"version: 1\nname: b\ncolour: red\n{JOBS}")
    found = load(tmp_path, named=(named,))
    assert named in found.files
    assert {finding.code for finding in found.diagnostics if finding.position and finding.position.file == named} == {
        "BS101",
        "BS221",
    }


def test_a_named_file_that_a_pattern_finds_is_nothing_to_tell(tmp_path: Path) -> None:
    write(tmp_path, "pipelines/a.yaml")
    assert load(tmp_path, named=("pipelines/a.yaml",)).diagnostics == ()


TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ('cron: "0 0 31 2 ? *"', "there is no such day"),
        ('cron: "0 0 30 2 ? *"', "there is no such day"),
        ('cron: "0 0 31 4,6,9,11 ? *"', "there is no such day"),
        ('cron: "0 0 29 2 ? 2027"', "there is no such day"),
        ('cron: "0 3 * * ? 2020-2021"', "all its starts are past"),
        ("at: 2020-01-01T00:00:00", "all its starts are past"),
        ("at: 2026-11-20T00:00:00", "all its starts are past"),
    ],
)
def test_a_schedule_that_never_starts_is_a_warning_at_its_place(tmp_path: Path, schedule: str, why: str) -> None:
    write(tmp_path, "pipelines/a.yaml", f"version: 1\nname: a\nschedules:\n  - {{id: s, {schedule}}}\n{JOBS}")
    (finding,) = load(tmp_path, today=TODAY).diagnostics
    assert (finding.code, finding.severity) == ("BS223", Severity.WARNING)
    assert finding.summary == f"the schedule s never starts: {why}"
    assert finding.position is not None
    assert finding.position.line == 4


@pytest.mark.parametrize(
    "schedule",
    [
        'cron: "0 0 29 2 ? *"',
        'cron: "0 3 1 1 ? 2060"',
        'cron: "0 0 31 2 ? *", enabled: false',
        "at: 2026-11-29T00:00:00",
        "rate: 5 minutes",
    ],
)
def test_a_schedule_that_starts_once_or_is_disabled_is_no_warning(tmp_path: Path, schedule: str) -> None:
    write(tmp_path, "pipelines/a.yaml", f"version: 1\nname: a\nschedules:\n  - {{id: s, {schedule}}}\n{JOBS}")
    assert load(tmp_path, today=TODAY).diagnostics == ()


@pytest.mark.parametrize(
    ("written", "sent"),
    [("5 minute", "5 minutes"), ("1 minutes", "1 minute"), ("1 hour", "1 hour"), ("2 days", "2 days")],
)
def test_a_rate_is_sent_in_the_number_that_eventbridge_wants(tmp_path: Path, written: str, sent: str) -> None:
    write(tmp_path, "pipelines/a.yaml", f"version: 1\nname: a\nschedules:\n  - {{id: s, rate: {written}}}\n{JOBS}")
    (pipeline,) = load(tmp_path, today=TODAY).pipelines
    assert [schedule.expression for schedule in pipeline.schedules] == [f"rate({sent})"]
