"""A secret put into a function by hand, and one in the address of the CI run, are nowhere in what bunsui prints or keeps."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from bunsui.emulator.launcher.launcher import ensure_running, stop
from bunsui.services.init import init_project

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.embedded, pytest.mark.slow]
CANARY = "canary-4b1d7e90"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    init_project(tmp_path, template="etl")
    try:
        yield tmp_path
    finally:
        stop(tmp_path / ".bunsui" / "local")


def bunsui(folder: Path, *arguments: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BUNSUI_", "CI", "GITHUB_"))}
    ours = {"PYTHONPATH": str(ROOT), "BUNSUI_ENV": "local", "BUNSUI_LOCAL_IDLE_MINUTES": "10"}
    link = f"https://robot:{CANARY}@ci.example/runs/7?token={CANARY}"
    done = subprocess.run(
        [sys.executable, "-m", "bunsui", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**kept, **ours, "BUILD_URL": link},
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_canary_is_in_no_output_no_plan_file_and_no_item_of_the_state(folder: Path) -> None:
    assert "Applied" in bunsui(folder, "apply", "--yes")
    endpoint = ensure_running(folder / ".bunsui" / "local")
    keys = endpoint.keys()
    access = {"aws_access_key_id": keys.access_key, "aws_secret_access_key": keys.secret_key}
    session = boto3.Session(region_name=endpoint.region, **access)
    functions = session.client("lambda", endpoint_url=endpoint.url)
    name = functions.list_functions()["Functions"][0]["FunctionName"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {"TOKEN": CANARY}})

    said = [bunsui(folder, "plan"), bunsui(folder, "--json", "plan"), bunsui(folder, "plan", "--markdown", "--context", "9")]
    assert all("TOKEN" in text for text in said), said
    commands = (
        ("plan", "--out", "plan.json"), ("status",), ("--json", "status"), ("state", "rebuild", "--yes"),
        ("--json", "state", "list"),
        ("plan",),
        ("apply", "--yes"),
        ("state", "history"), ("--json", "audit"), ("--json", "state", "list"),
    )  # fmt: skip
    said += [bunsui(folder, *command) for command in commands]
    assert "https://ci.example/runs/7" in said[-2]
    assert all(CANARY not in text for text in said)
    assert CANARY not in (folder / "plan.json").read_text()

    tables = session.client("dynamodb", endpoint_url=endpoint.url)
    kept = [item for table in tables.list_tables()["TableNames"] for item in tables.scan(TableName=table)["Items"]]
    assert len(kept) > 10
    for item in kept:
        body = item.get("body", {}).get("B", b"")
        text = json.dumps(item, default=str) + (gzip.decompress(body).decode() if body[:2] == b"\x1f\x8b" else "")
        assert CANARY not in text
