"""`bunsui doctor`, as typed where nothing else works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Bunsui
from tests.typed import typed, without_ours

PROD = """\
version: 1
project: shop
id: 0c7d1e52-3f66-4c0e-9a3f-5d6f1f4b7a10
environments:
  prod: {account: "111111111111", region: eu-west-1, profile: acme}
"""
AWAY = {"HTTPS_PROXY": "http://ann:hunter2@127.0.0.1:9", "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": ""}


def outcomes(folder: Path, *arguments: str, code: int, **variables: str) -> dict[str, str]:
    done = typed(folder, "--json", *arguments, "doctor", environment=without_ours(**variables))
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    return {f"{one['area']} {one['name']}": one["outcome"] for one in json.loads(done.stdout)["checks"]}


def test_without_network_and_credentials_it_tells_both(tmp_path: Path) -> None:
    (tmp_path / "bunsui.yaml").write_text(PROD)
    (tmp_path / "aws").write_text("[profile acme]\nregion = eu-west-1\n")
    config = {"AWS_CONFIG_FILE": str(tmp_path / "aws"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    found = outcomes(tmp_path, "-e", "prod", code=1, **AWAY, **config)
    assert found["project environment"] == "ok"
    assert (found["network endpoints"], found["network clock"]) == ("failed", "skipped")
    assert (found["credentials credentials"], found["credentials caller"]) == ("failed", "skipped")
    assert found["state table"] == "skipped"


@pytest.mark.parametrize("text", ["version: [\n", "version: 7\nunknown: x\n", "\0", ""])
def test_a_broken_project_file_is_one_of_the_checks(tmp_path: Path, text: str) -> None:
    (tmp_path / "bunsui.yaml").write_text(text)
    found = outcomes(tmp_path, code=1, **AWAY)
    assert found["project bunsui.yaml"] == "failed"
    assert found["machine Python"] == "ok"


def test_a_profile_that_is_not_there_and_keys_in_files_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "bunsui.yaml").write_text(PROD)
    for variables in ({"AWS_CONFIG_FILE": "/nonexistent"}, {"AWS_CONFIG_FILE": str(tmp_path)}, {"AWS_MAX_ATTEMPTS": "many"}):
        found = outcomes(tmp_path, "-e", "prod", code=1, **AWAY, **variables)
        assert "failed" in {outcome for name, outcome in found.items() if name.startswith(("network", "credentials"))}


def test_in_local_it_looks_at_the_embedded_aws_and_starts_none(tmp_path: Path, applied_project: Bunsui) -> None:
    (tmp_path / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: 0c7d1e52-3f66-4c0e-9a3f-5d6f1f4b7a10\n")
    assert outcomes(tmp_path, code=0)["embedded AWS process"] == "skipped"
    assert not (tmp_path / ".bunsui").exists()
    running = outcomes(applied_project.folder, code=0)
    assert (running["embedded AWS process"], running["embedded AWS caller"]) == ("ok", "ok")


def test_the_text_ends_with_the_counts(tmp_path: Path) -> None:
    done = typed(tmp_path, "doctor", environment=without_ours(**AWAY))
    assert done.stdout.splitlines()[0] == "machine"
    assert " failed, " in done.stdout.splitlines()[-1]
