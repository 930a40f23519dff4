"""A session that succeeded without doing what it is for, or with warnings, is told from one that just succeeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, Session, SessionStatus
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext, open_context
from bunsui.services.session_filter import parse_filter
from bunsui.services.sessions import list_sessions
from bunsui.services.stop import stop_session
from bunsui.services.watch import show_session
from bunsui.sessions.manager import SessionManager
from bunsui.view.sessions.model import detail_lines, session_detail, session_list_lines
from bunsui.view.spans import plain
from tests.fakes.acts import acts_in
from tests.fakes.passing import PassingExecution
from tests.tui.stage import Stage

HEAD = "version: 1\nname: daily\nparameters: {rows: {type: integer, default: 0}}\njobs:\n"
WAIT = "type: wait, for: 1s"
CHECK = 'type: check, that: "{% $params.rows > 5 %}", else: warn, message: "only {% $params.rows %} rows"'


def opened(folder: Path, jobs: str) -> tuple[Stage, SessionContext]:
    stage = Stage(folder)
    stage.write("daily", HEAD + jobs)
    context = open_context(*stage.sessions())
    definition = context.compiled("daily")
    assert definition is not None
    plainly: Mapping[str, Json] = definition  # type: ignore[assignment]  # no part of it stands for another resource's
    stage.execution.machine(context.machine("daily").arn, definition=plainly)
    return stage, context


def ended(folder: Path, jobs: str, *params: str) -> tuple[Stage, SessionContext, Session]:
    stage, context = opened(folder, jobs)
    start_session(context, RunRequest(pipeline="daily", params=params))
    stage.clock.sleep(120)
    (row,) = list_sessions(context)
    return stage, context, row


ENDS = {
    "one job that is skipped": (f'  a: {{when: "{{% $params.rows > 0 %}}", {WAIT}}}\n', True),
    "a cascade behind a job that ran": (
        (
            f"  a: {{{WAIT}}}\n"
            f'  b: {{depends_on: a, when: "{{% $params.rows > 0 %}}", {WAIT}}}\n'
            f"  c: {{depends_on: b, run_if: all_succeeded, {WAIT}}}\n"
        ),
        True,
    ),
    "one of two last jobs": (f'  a: {{{WAIT}}}\n  b: {{when: "{{% $params.rows > 0 %}}", {WAIT}}}\n', False),
    "a join that goes on": (
        f'  a: {{when: "{{% $params.rows > 0 %}}", {WAIT}}}\n  b: {{depends_on: a, run_if: none_failed, {WAIT}}}\n',
        False,
    ),
    "a check that skips": ('  a: {type: check, that: "{% $params.rows > 0 %}", else: skip}\n', True),
    "a messenger is no work": (f"  a: {{{WAIT}}}\n  tell: {{depends_on: a, run_if: any_failed, {WAIT}}}\n", False),
    "behind a messenger nothing was done": (
        f'  a: {{when: "{{% $params.rows > 0 %}}", {WAIT}}}\n  tell: {{depends_on: a, run_if: any_failed, {WAIT}}}\n',
        True,
    ),
    "on_failure and finally are no work": (
        f'  a: {{when: "{{% $params.rows > 0 %}}", {WAIT}}}\non_failure: {{{WAIT}}}\nfinally: {{{WAIT}}}\n',
        True,
    ),
    "a handled failure": (
        (
            f"  a: {{type: fail, error: E, message: m}}\n  b: {{depends_on: a, {WAIT}}}\n"
            f"  c: {{depends_on: a, run_if: any_failed, handles: true, {WAIT}}}\n"
        ),
        False,
    ),
}


@pytest.mark.parametrize(("jobs", "skipped"), ENDS.values(), ids=ENDS)
def test_a_success_without_any_of_the_last_jobs_is_no_success_like_others(jobs: str, skipped: bool, tmp_path: Path) -> None:
    _, context, row = ended(tmp_path, jobs)
    assert (row.status, row.skipped) == (SessionStatus.SUCCEEDED, skipped)
    snapshot = show_session(context, row)
    assert snapshot.session.skipped is skipped
    assert ("none of the last jobs ran" in plain(detail_lines(session_detail(snapshot)))) is skipped
    listed = plain(session_list_lines([row], now=snapshot.taken_at))
    assert ("skipped" in listed, "✓ " in listed) == (skipped, not skipped)


WARNING = {
    "the only operation": f"  a: {{{CHECK}}}\n",
    "an operation before others": f"  a: {{operations: [{{{CHECK}}}, {{{WAIT}}}]}}\n",
    "side by side": f"  a: {{{CHECK}}}\n  b: {{{WAIT}}}\n",
    "in a foreach": f'  a: {{foreach: "{{% [1, 2] %}}", {CHECK}}}\n',
    "of a caught job": f"  a: {{isolate: true, {CHECK}}}\n",
}


@pytest.mark.parametrize("jobs", WARNING.values(), ids=WARNING)
def test_a_warning_marks_the_job_and_the_session(jobs: str, tmp_path: Path) -> None:
    _, context, row = ended(tmp_path, jobs)
    assert (row.status, row.warned) == (SessionStatus.SUCCEEDED, ("a",))
    snapshot = show_session(context, row)
    assert {job.name: job.warnings for job in snapshot.jobs if job.warnings} == {"a": ("only 0 rows",)}
    assert "1 warned" in plain(detail_lines(session_detail(snapshot)))
    assert plain(session_list_lines([row], now=snapshot.taken_at)).splitlines()[-1].startswith("!")


ITEMS = 'foreach: {items: "{% [1..4] %}", as: n, tolerate: 2}, type: check, that: "{% $n < 3 or $params.rows > 5 %}"'


def test_items_that_failed_and_are_tolerated_mark_the_session_in_lists(tmp_path: Path) -> None:
    _, context, row = ended(tmp_path, f"  each: {{{ITEMS}}}\n")
    assert (row.status, row.tolerated) == (SessionStatus.SUCCEEDED, {"each": 2})
    snapshot = show_session(context, row)
    assert "each  2 of 4 items failed, which is tolerated" in plain(detail_lines(session_detail(snapshot)))
    listed = plain(session_list_lines([row], now=snapshot.taken_at)).splitlines()[-1]
    assert listed.startswith("!")
    assert "each: 2 items" in listed
    assert list_sessions(context, status=SessionStatus.SUCCEEDED) == [row]
    assert parse_filter("status:tolerated").fits(row, now=snapshot.taken_at)


def test_items_that_all_went_well_mark_nothing(tmp_path: Path) -> None:
    _, _, row = ended(tmp_path, f"  each: {{{ITEMS}}}\n", "rows=6")
    assert row.tolerated == {}


def test_what_only_a_list_told_of_is_said_to_be_pending(tmp_path: Path) -> None:
    _, context, row = ended(tmp_path, f"  each: {{{ITEMS}}}\n")
    told = replace(row, is_described=False, tolerated={})
    listed = plain(session_list_lines([told], now=context.ports.clock.now())).splitlines()[-1]
    assert "…" in listed


def test_a_check_that_holds_marks_nothing(tmp_path: Path) -> None:
    _, _, row = ended(tmp_path, WARNING["the only operation"], "rows=6")
    assert (row.status, row.warned, row.skipped) == (SessionStatus.SUCCEEDED, (), False)


class Asked(PassingExecution):
    """Counts the histories that are read."""

    histories = 0

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        self.histories += 1
        return super().history(execution_arn, after=after)


@pytest.mark.parametrize(("jobs", "reads"), [(f"  a: {{{WAIT}}}\n", 0), (ENDS["one job that is skipped"][0], 1)])
def test_a_history_is_read_only_where_something_may_be_to_say(jobs: str, reads: int, tmp_path: Path) -> None:
    stage, context = opened(tmp_path, jobs)
    session = start_session(context, RunRequest(pipeline="daily", params=["rows=1"]))
    stage.clock.sleep(60)
    asked = Asked(stage.execution)
    manager = SessionManager(execution=asked, sessions=stage.rows, clock=stage.clock, acts=acts_in(), new_id=str)
    assert manager.sync(session).status is SessionStatus.SUCCEEDED
    assert asked.histories == reads


CLOSING = f"  a: {{type: wait, for: 1m}}\non_failure: {{{WAIT}}}\nfinally: {{wipe: {{{WAIT}}}}}\n"


def test_after_a_stop_the_closing_jobs_are_said_not_to_have_run(tmp_path: Path) -> None:
    stage, context = opened(tmp_path, CLOSING)
    session = start_session(context, RunRequest(pipeline="daily"))
    stage.clock.sleep(2)
    page = plain(detail_lines(session_detail(show_session(context, stop_session(context, session, reason="enough")))))
    assert "on_failure, wipe  did not run: a session runs no job any more when it is stopped" in page


def test_after_the_pipelines_own_timeout_the_closing_jobs_are_said_not_to_have_run(tmp_path: Path) -> None:
    _, context, row = ended(tmp_path, f"{CLOSING}timeout: 5s\n")
    assert row.status is SessionStatus.TIMED_OUT
    page = plain(detail_lines(session_detail(show_session(context, row))))
    assert "on_failure, wipe  did not run: a session runs no job any more when the pipeline's own timeout ends it" in page


def test_a_failure_lets_the_closing_jobs_run_and_says_nothing_of_them(tmp_path: Path) -> None:
    _, context, row = ended(tmp_path, CLOSING.replace("type: wait, for: 1m", "type: fail, error: E, message: m"))
    assert row.status is SessionStatus.FAILED
    assert "did not run" not in plain(detail_lines(session_detail(show_session(context, row))))


def test_the_page_says_of_each_job_what_the_file_says(tmp_path: Path) -> None:
    _, context, row = ended(tmp_path, f"  a: {{description: Bakes pies., {WAIT}}}\n")
    page = plain(detail_lines(session_detail(show_session(context, row))))
    lines = page.splitlines()
    at = next(number for number, line in enumerate(lines) if "✓ a" in line)
    assert lines[at + 1].strip() == "Bakes pies."
