"""`bunsui alerts test`, as a user types it, against a server on the loopback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.hooks import Answer, hooks
from tests.typed import Done, typed

CANARY = "CANARYcanary1234567890"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, channels: str) -> None:
    (folder / "pipelines").mkdir(exist_ok=True)
    (folder / "pipelines" / "p.yaml").write_text("version: 1\nname: p\njobs: {a: {type: wait, for: 5s}}\n")
    (folder / "bunsui.yaml").write_text(
        "version: 1\nproject: told\nid: 00000000-0000-0000-0000-000000000620\n"
        f"environments:\n  local:\n    resident: true\n    channels:\n{channels}"
    )


def test_a_secret_in_clear_text_is_found_and_not_shown(project: Path) -> None:
    write(project, f'      chat: {{type: slack_webhook, url: "https://hooks.slack.com/services/T0/{CANARY}"}}\n')
    for arguments in (("validate",), ("--json", "validate"), ("validate", "--format", "sarif")):
        done: Done = typed(project, *arguments)
        assert done.returncode == 5, arguments
        assert "BS621" in done.stdout + done.stderr
        assert CANARY not in done.stdout + done.stderr, arguments


def test_each_channel_is_tried_and_told_of_without_its_secrets(project: Path) -> None:
    with hooks() as server:
        server.answers = [Answer(), Answer(404, body=f"no {CANARY}".encode())]
        write(
            project,
            f'      first: {{type: webhook, url: "{server.url}/hook"}}\n'
            f'      second: {{type: webhook, url: "{server.url}/hook"}}\n'
            '      third: {type: slack_webhook, url: "${ssm:/nowhere}"}\n',
        )
        done = typed(project, "--json", "alerts", "test")
        tried = json.loads(done.stdout)["channels"]
        assert [(one["channel"], one["outcome"], one["code"]) for one in tried] == [
            ("first", "sent", ""),
            ("second", "failed", "channel-refused"),
            ("third", "failed", "channel-secret"),
        ]
        assert done.returncode == 1
        assert [one.json["facts"][2]["value"] for one in server.taken] == ["first", "second"]
        done = typed(project, "alerts", "test", "first")
        assert (done.returncode, done.stdout.split()) == (0, ["✓", "first", "webhook", "sent"])
        assert "Did you mean first?" in typed(project, "alerts", "test", "frist").stderr
