from __future__ import annotations

import json

import pytest

from tests.cli.conftest import FIXED, Bunsui

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def ran(applied_project: Bunsui) -> Bunsui:
    applied_project.write("code/weights.py", FIXED)
    applied_project("apply", "--yes")
    applied_project("run", "weigh", "-p", "unit=pound", "--slot", "2026-01-31")
    return applied_project


def test_the_list_shows_the_session_and_remembers_its_numbers(ran: Bunsui) -> None:
    listed = ran("sessions", "--pipeline", "weigh", "--status", "succeeded")
    assert "2026-01-31" in listed.stdout
    assert "times in Asia/Tokyo" in listed.stderr
    assert "unit=pound" in ran("show", "#1").stdout


def test_the_json_documents_carry_their_version(ran: Bunsui) -> None:
    assert "weigh" in ran("sessions", "status:succ", "p:wei", "since:1d").stdout
    assert "no sessions" in ran("sessions", "commit:fedcba").stdout
    sessions = json.loads(ran("sessions", "--json", "--limit", "1").stdout)
    assert (sessions["format_version"], sessions["kind"], len(sessions["sessions"])) == (1, "sessions", 1)
    page = json.loads(ran("show", "weigh", "--json").stdout)
    assert (page["format_version"], page["kind"]) == (1, "session")
    assert page["session"]["output"] == {"mean": {"table": [{"unit": "pound", "mean": 1.5}]}}
    assert page["failure"] is None


def test_the_tasks_own_log_is_printed_and_hostile_text_shows_literally(ran: Bunsui) -> None:
    logs = ran("logs", "weigh", "--job", "fetch")
    assert "fetching \\x1b[31mred" in logs.stdout
    assert "\x1b" not in logs.stdout
    entries = json.loads(ran("logs", "weigh", "--json").stdout)["entries"]
    assert {entry["job"] for entry in entries} == {"fetch", "mean"}


def test_a_job_is_shown_with_what_it_was_given_and_answered(ran: Bunsui) -> None:
    page = ran("show", "weigh", "--job", "mean").stdout
    assert "✓ mean" in page
    assert "try 1" in page
    document = json.loads(ran("show", "weigh", "--job", "mean", "--json", "--full").stdout)
    assert (document["kind"], document["job"], document["execution"]) == ("job", "mean", 1)
    assert [run["calls"] for run in document["runs"]] == ["lambda:invoke"]
    assert "table" in json.dumps(document["runs"][0]["output"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "01AAAAAA"), "no such session"),
        (("show", "#99"), "no such number"),
        (("sessions", "--status", "sucess"), "Did you mean"),
        (("sessions", "--pipeline", "wiegh"), "Did you mean"),
        (("sessions", "statsu:failed"), "did you mean status:?"),
        (("sessions", "since:yesterday"), "write since:30m"),
        (("logs", "weigh", "--job", "nope"), "no such job"),
        (("show", "weigh", "--job", "nope"), "no such job"),
        (("show", "weigh", "--item", "a"), "--job JOB"),
        (("run", "weigh", "--slot", "someday"), "--slot 2026-01-31"),
        (("run", "weigh", "--timeout", "5"), "90s"),
    ],
)
def test_what_leads_nowhere_is_invalid_input_with_a_way_out(ran: Bunsui, arguments: tuple[str, ...], words: str) -> None:
    assert words in ran(*arguments, code=5).stderr


def test_what_a_newer_bunsui_showed_last_is_neither_believed_nor_written_over(ran: Bunsui) -> None:
    last = ran.folder / ".bunsui" / "last_session"
    kept = last.read_text()
    newer = json.dumps({**json.loads(kept), "$format": 99, "$written_by": "7.1.0"})
    last.write_text(newer)
    try:
        assert "newer-bunsui" in ran("show", "-", code=4).stderr
        assert "cannot be remembered" in ran("show", "weigh").stderr
        assert last.read_text() == newer
    finally:
        last.write_text(kept)
