"""A type of channels from a distribution of its own: found by its entry point, checked, sent on; not told on by a resident."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.fakes.hooks import hooks

ROOT = Path(__file__).parents[2]
MODULE = '''
"""A type of channels."""

import json
from dataclasses import dataclass
from typing import ClassVar

from bunsui.notifications.contract import ChannelType
from bunsui.notifications.fields import CONFIG, HookAddress
from bunsui.notifications.outgoing import HttpPost
from bunsui.notifications.references import SecretTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class ChimeParams:
    """A room."""

    __pydantic_config__: ClassVar = CONFIG
    url: HookAddress
    """Where."""


def _outgoing(params, notification):
    return HttpPost(url=SecretTemplate(params.url), body=json.dumps({"Content": notification.subject}), key=notification.key)


TYPE = ChannelType(name="chime", summary="A room", params=ChimeParams, outgoing=_outgoing, example="type: chime")
'''


def bunsui(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BUNSUI_", "CI", "GITHUB_"))}
    return subprocess.run(
        [sys.executable, "-m", "bunsui", *arguments],
        capture_output=True,
        text=True,
        cwd=folder / "project",
        env={**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder / "site")]), "BUNSUI_LOCAL_IDLE_MINUTES": "1"},
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def test_a_type_of_a_package_is_sent_on_and_refused_for_the_resident(tmp_path: Path) -> None:
    installed = tmp_path / "site" / "chime_channel-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: chime-channel\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[bunsui.notifications]\nchime = chime_channel:TYPE\n")
    (tmp_path / "site" / "chime_channel.py").write_text(MODULE)
    project = tmp_path / "project"
    (project / "pipelines").mkdir(parents=True)
    (project / "pipelines" / "p.yaml").write_text("version: 1\nname: p\njobs: {a: {type: wait, for: 5s}}\n")
    with hooks() as server:
        (project / "bunsui.yaml").write_text(
            "version: 1\nproject: told\nid: 00000000-0000-0000-0000-000000000625\nenvironments:\n  local:\n    resident: true\n"
            f'    channels:\n      room: {{type: chime, url: "{server.url}/room"}}\n'
        )
        try:
            refused = bunsui(tmp_path, "validate")
            assert refused.returncode == 5
            assert "the type chime of the channel room comes from chime_channel" in refused.stdout + refused.stderr
            done = bunsui(tmp_path, "alerts", "test")
            assert done.returncode == 0, done.stdout + done.stderr
            assert server.taken[0].json == {"Content": "bunsui: a test of the channel room"}
        finally:
            bunsui(tmp_path, "local", "stop")
