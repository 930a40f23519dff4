from __future__ import annotations

import json
import re

import pytest

from tests.cli.conftest import BROKEN, FIXED, PIPELINE, Bunsui

pytestmark = pytest.mark.embedded

SESSION = re.compile(r"session ([0-9A-Z]{26})")


def test_a_failing_run_shows_why_and_is_resumed_after_the_fix(applied_project: Bunsui) -> None:
    bunsui = applied_project
    bunsui.write("code/weights.py", BROKEN)
    bunsui("apply", "--yes")

    failed = bunsui("run", "weigh", code=1)
    found = SESSION.search(failed.stdout)
    assert found is not None
    for words in ("✗ mean", "ValueError", "could not convert string to float: 'x'", "weights.py", "in mean"):
        assert words in failed.stdout, words
    assert f"bunsui resume {found[1]}" in failed.stderr
    assert "what a resume keeps of 1 completed job" in failed.stderr

    bunsui.write("code/weights.py", FIXED)
    bunsui("apply", "--yes")
    resumed = bunsui("resume", "weigh")
    assert SESSION.findall(resumed.stdout) == [found[1]]
    assert "↺ fetch" in resumed.stdout
    assert "keeps  fetch" in resumed.stderr
    assert re.search(r"unit +mean\n +gram +1\.5\n", resumed.stdout)

    shown = json.loads(bunsui("show", "-", "--json").stdout)
    assert [attempt["kind"] for attempt in shown["session"]["attempts"]] == ["run", "resume"]
    assert [job["status"] for job in shown["jobs"]] == ["restored", "succeeded"]
    bunsui("resume", found[1], code=5)


@pytest.mark.slow
def test_a_resume_says_that_the_files_were_not_applied_yet(applied_project: Bunsui) -> None:
    bunsui = applied_project
    bunsui.write("code/weights.py", BROKEN)
    bunsui("apply", "--yes")
    bunsui("run", "weigh", code=1)
    bunsui.write(
        "pipelines/weigh.yaml", PIPELINE.replace("timeout: 1m\n    outputs: {table", "timeout: 2m\n    outputs: {table")
    )
    try:
        told = bunsui("resume", "weigh", code=1).stderr
        assert "the files differ from what is applied in mean" in told
        bunsui("apply", "--yes")
        assert "the files differ" not in bunsui("resume", "weigh", code=1).stderr
    finally:
        bunsui.write("pipelines/weigh.yaml", PIPELINE)
        bunsui("apply", "--yes")


def test_a_run_without_waiting_prints_the_session_alone(applied_project: Bunsui) -> None:
    started = applied_project("run", "slow", "--no-wait")
    session = started.stdout.strip()
    assert re.fullmatch(r"[0-9A-Z]{26}", session)
    assert f"bunsui watch {session}" in started.stderr
    waited = applied_project("watch", session, "--timeout", "1s", code=7)
    assert "the run goes on" in waited.stderr
    assert re.search(r"^\d\d:\d\d:\d\d  nap started$", waited.stdout, re.MULTILINE)
    assert "cancelled" in applied_project("stop", session, "--reason", "enough").stderr
    page = applied_project("show", session).stdout
    assert "■ nap" in page
    assert "enough" in page
    applied_project("stop", session, code=5)
    ended = applied_project("watch", session, "--notify", code=1)
    assert re.search(r"  slow cancelled after .*$", ended.stdout, re.MULTILINE)
    assert "no terminal whose bell" in ended.stderr
    assert "\a" not in ended.stdout + ended.stderr


def test_wrong_parameters_start_nothing(applied_project: Bunsui) -> None:
    before = json.loads(applied_project("sessions", "--json").stdout)["sessions"]
    refused = applied_project("run", "weigh", "--param", "unit=gramm", "--param", "colour=red", code=5)
    assert "did you mean gram?" in refused.stderr
    assert "no such parameter" in refused.stderr
    assert json.loads(applied_project("sessions", "--json").stdout)["sessions"] == before


def test_an_unknown_pipeline_is_answered_with_the_one_that_was_meant(applied_project: Bunsui) -> None:
    assert "`weigh`" in applied_project("run", "wiegh", code=5).stderr
