"""plan, apply, destroy, status and init as a user types them, on the embedded AWS."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from jsonschema import Draft202012Validator

from bunsui.emulator.launcher.launcher import ensure_running, stop
from bunsui.folders.project import data_folder
from bunsui.view.documents.plan import plan_schema
from tests.cli.conftest import share
from tests.typed import Done, Typing, started, typed, without_ours

pytestmark = pytest.mark.embedded


def bunsui(folder: Path, *arguments: str) -> Done:
    return typed(folder, *arguments, environment=without_ours(BUNSUI_ENV="local"))


@pytest.fixture
def folder(tmp_path: Path, shared_folder: Path) -> Path:
    """A project with one raw pipeline."""
    share(shared_folder, tmp_path)
    assert bunsui(tmp_path, "init", "--template", "raw").returncode == 0
    return tmp_path


@pytest.fixture
def lone_folder(tmp_path: Path) -> Iterator[Path]:
    """The same whose embedded AWS is its own, begins with the test and is gone at its end."""
    assert bunsui(tmp_path, "init", "--template", "raw").returncode == 0
    try:
        yield tmp_path
    finally:
        stop(data_folder(tmp_path))


def applying(folder: Path) -> Typing:
    """An apply whose first change is done."""
    process = started(folder, "apply", "--yes", environment=without_ours(BUNSUI_ENV="local"))
    process.until_told("✓ created")
    return process


def edit(folder: Path, seconds: int) -> None:
    path = folder / "pipelines/definitions/raw.asl.json"
    document = json.loads(path.read_text())
    document["States"]["Wait"]["Seconds"] = seconds
    path.write_text(json.dumps(document))


def test_from_nothing_to_a_pipeline_and_back(lone_folder: Path) -> None:
    folder = lone_folder
    planned = bunsui(folder, "plan", "--detailed-exitcode")
    assert planned.returncode == 2, planned.stderr
    assert planned.stdout.endswith("Plan: 3 to create\n")
    assert "next: bunsui -e local apply" in planned.stderr

    document = json.loads(bunsui(folder, "plan", "--json").stdout)
    Draft202012Validator(plan_schema()).validate(document)

    unasked = bunsui(folder, "apply")
    assert unasked.returncode == 5
    assert "--yes" in unasked.stderr

    applied = bunsui(folder, "apply", "--auto-approve")
    assert applied.returncode == 0, applied.stderr
    assert "✓ created state machine of raw" in applied.stderr
    assert applied.stdout.splitlines()[-1].startswith("Applied 3 changes in ")

    again = bunsui(folder, "plan", "--detailed-exitcode")
    assert again.returncode == 0, again.stdout
    assert again.stdout.startswith("No changes: 1 pipeline, 3 resources")

    edit(folder, 2)
    comment = bunsui(folder, "plan", "--markdown").stdout
    assert "<details>" in comment
    assert "state Wait: seconds 1 → 2" in comment
    result = json.loads(bunsui(folder, "apply", "--yes", "--json").stdout)
    assert [(item["address"], item["status"]) for item in result["changes"]] == [("state_machine.raw", "done")]

    assert "in sync" in bunsui(folder, "status").stdout
    assert json.loads(bunsui(folder, "status", "--json").stdout)["pipelines"][0]["standing"] == "in sync"

    trail = json.loads(bunsui(folder, "--json", "audit").stdout)
    assert (trail["whole"], [record["serial"] for record in trail["applies"]]) == (True, [2, 1])
    assert bunsui(folder, "audit", "--anchor", trail["head"]).returncode == 0
    assert bunsui(folder, "audit", "--anchor", "0" * 64).returncode == 1

    refused = bunsui(folder, "destroy", "--confirm", "prod")
    assert refused.returncode == 5
    gone = bunsui(folder, "destroy", "--confirm", "local")
    assert gone.returncode == 0, gone.stderr
    assert bunsui(folder, "plan").stdout.endswith("Plan: 3 to create\n")


def test_findings_in_the_files_are_shown_with_their_place(folder: Path) -> None:
    (folder / "pipelines/raw.yaml").write_text("version: 1\nname: raw\ndefinition: nowhere.json\n")
    done = bunsui(folder, "plan")
    assert done.returncode == 5
    assert "pipelines/raw.yaml:3:" in done.stderr
    assert "bunsui -e local validate" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_formats_at_once_are_invalid(folder: Path) -> None:
    assert bunsui(folder, "plan", "--json", "--markdown").returncode == 5


def test_ctrl_c_stops_cleanly_and_the_next_apply_finishes(folder: Path) -> None:
    assert bunsui(folder, "init", "--template", "etl").returncode == 0
    assert bunsui(folder, "plan").returncode == 0  # the embedded AWS runs
    process = applying(folder)
    process.send_signal(signal.SIGINT)
    ended = process.ended()
    assert ended.returncode == 130, ended.stderr
    assert "stopping after what runs now" in ended.stderr
    assert "Stopped: " in ended.stdout
    assert bunsui(folder, "apply", "--yes").returncode == 0
    assert bunsui(folder, "plan", "--detailed-exitcode").returncode == 0


@pytest.mark.slow
def test_after_kill_9_at_any_moment_one_more_apply_converges(folder: Path) -> None:
    assert bunsui(folder, "init", "--template", "fanout").returncode == 0
    assert bunsui(folder, "plan").returncode == 0
    for number in range(6):
        edit(folder, number + 2)
        source = folder / "functions/fanout/fanout.py"
        source.write_text(source.read_text() + f"# {number}\n")
        process = started(folder, "apply", "--yes", environment=without_ours(BUNSUI_ENV="local"))
        time.sleep(0.1 + number * 0.1)
        process.send_signal(signal.SIGKILL)
        process.ended()
    assert bunsui(folder, "apply", "--yes").returncode == 0
    after = bunsui(folder, "plan", "--detailed-exitcode")
    assert after.returncode == 0, after.stdout


def test_what_somebody_did_outside_is_named_and_undone_or_refused(folder: Path) -> None:
    assert bunsui(folder, "apply", "--yes").returncode == 0
    endpoint = ensure_running(data_folder(folder))
    states = boto3.client(
        "stepfunctions",
        endpoint_url=endpoint.url,
        region_name=endpoint.region,
        aws_access_key_id=endpoint.keys().access_key,
        aws_secret_access_key=endpoint.keys().secret_key,
    )
    machines = states.get_paginator("list_state_machines").paginate().build_full_result()["stateMachines"]
    project = json.loads(bunsui(folder, "plan", "--json").stdout)["project"]
    (arn,) = (machine["stateMachineArn"] for machine in machines if machine["name"].startswith(f"{project}--"))
    definition = json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"])
    definition["States"]["Wait"]["Seconds"] = 99
    states.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))

    drifted = bunsui(folder, "plan", "--detailed-exitcode")
    assert drifted.returncode == 2
    assert "~ update state machine  changed outside bunsui" in drifted.stdout
    assert "state Wait: seconds 99 → 1" in drifted.stdout
    assert bunsui(folder, "apply", "--yes").returncode == 0
    assert bunsui(folder, "plan", "--detailed-exitcode").returncode == 0

    states.untag_resource(resourceArn=arn, tagKeys=["bunsui:project"])
    refused = bunsui(folder, "apply", "--yes")
    assert refused.returncode == 4
    assert "no longer carries our tags" in refused.stderr
    tags = [{"key": "bunsui:project", "value": project}]
    states.tag_resource(resourceArn=arn, tags=tags)

    states.delete_state_machine(stateMachineArn=arn)
    gone = bunsui(folder, "plan")
    assert "+ create state machine  deleted outside bunsui" in gone.stdout
    assert bunsui(folder, "apply", "--yes").returncode == 0
    assert bunsui(folder, "plan", "--detailed-exitcode").returncode == 0


def test_a_saved_plan_is_applied_once_and_refused_when_edited(folder: Path) -> None:
    assert bunsui(folder, "plan", "--out", "plan.json").returncode == 0
    document = json.loads((folder / "plan.json").read_text())
    Draft202012Validator(plan_schema()).validate(document)
    (folder / "edited.json").write_text(json.dumps({**document, "commit": "another"}))
    edited = bunsui(folder, "apply", "edited.json")
    assert edited.returncode == 4
    assert "plan-edited" in edited.stderr
    applied = bunsui(folder, "apply", "plan.json")
    assert applied.returncode == 0, applied.stderr
    again = bunsui(folder, "apply", "plan.json")
    assert again.returncode == 4
    assert "plan-finished" in again.stderr
    assert bunsui(folder, "apply", "nowhere.json").returncode == 5


@pytest.mark.slow
def test_who_comes_second_is_told_who_is_first(folder: Path) -> None:
    assert bunsui(folder, "init", "--template", "etl").returncode == 0
    assert bunsui(folder, "plan").returncode == 0
    process = applying(folder)
    process.send_signal(signal.SIGKILL)
    process.ended()
    second = bunsui(folder, "apply", "--yes", "--lock-timeout", "0s")
    assert second.returncode == 3
    assert "somebody else works on this environment" in second.stderr
    lock = next(line.split()[-1] for line in second.stderr.splitlines() if line.split()[:1] == ["lock"])
    assert bunsui(folder, "unlock", lock, "--yes").returncode == 0
    assert bunsui(folder, "apply", "--yes", "--lock-timeout", "0s").returncode == 0
    assert bunsui(folder, "plan", "--detailed-exitcode").returncode == 0
