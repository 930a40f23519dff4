"""Drift: what was changed outside is told whatever the files say; what stands beside ours is told and is no drift."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.errors import NotFound
from bunsui.model.beside import BesideOurs
from bunsui.plan.model import Reason
from bunsui.services.overview.drift import DriftReport, find_drift
from bunsui.view.drift_view import drift_lines
from tests.fakes.workspace import Workspace, a_workspace

THEIRS = BesideOurs(what="alias", name="theirs", effect="leads elsewhere")
OPEN = BesideOurs(what="function URL", name="https://x", effect="lets anybody in", is_risky=True)


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path)
    assert made.apply().failed == 0
    return made


def drift(project: Workspace, *names: str) -> DriftReport:
    return find_drift(project.repository, project.ports, names=names)


def told(report: DriftReport) -> list[tuple[str, str]]:
    return [(str(change.address), change.reason.value) for change in report.drifted]


def test_an_untouched_account_has_no_drift(project: Workspace) -> None:
    report = drift(project)
    assert (report.drifted, report.unreadable, report.beside) == ((), (), ())
    assert report.resources == len(project.account.objects)


def test_what_was_changed_and_deleted_is_told_field_by_field(project: Workspace) -> None:
    name = next(name for kind, name in project.account.objects if kind == "log_group")
    function = next(name for kind, name in project.account.objects if kind == "lambda_function")
    project.account.change("log_group", name, retention_days=1)
    del project.account.objects["lambda_function", function]

    report = drift(project)

    changed, gone = sorted(report.drifted, key=lambda change: change.address)[::-1]
    assert {changed.reason, gone.reason} == {Reason.DRIFT, Reason.DELETED_OUTSIDE}
    text = "\n".join(line.text for line in drift_lines(report))
    assert "2 of" in text
    assert "was deleted" in text
    assert "retention" in text


def test_files_that_changed_or_have_errors_are_no_drift(project: Workspace) -> None:
    project.edit("pipelines/etl.yaml", "jobs:", "jobs: [")
    assert told(drift(project)) == []


def test_what_others_put_beside_ours_is_told_and_is_no_drift(project: Workspace) -> None:
    function = next(name for kind, name in project.account.objects if kind == "lambda_function")
    project.beside.found = {("lambda_function", function): (THEIRS, OPEN)}
    project.beside.for_drift = frozenset({"alias"})

    report, plan = drift(project), project.plan().plan

    assert told(report) == []
    assert [(found.code, found.severity.value) for found in report.beside] == [("BS534", "warning"), ("BS534", "info")]
    assert plan is not None
    assert not plan.pending
    assert [found.summary.split(", ")[0].partition(" carries ")[2] for found in plan.diagnostics if found.code == "BS534"] == [
        "the function URL https://x"
    ]


def test_a_name_that_nothing_has_is_refused(project: Workspace) -> None:
    with pytest.raises(NotFound):
        drift(project, "orderz")
    assert drift(project, "etl").resources == len(project.account.objects)
