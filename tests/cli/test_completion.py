"""What the shell offers: names from the files, fast, and never an error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bunsui.composition.deployed import shown_file
from bunsui.composition.own_folder import project_folder
from bunsui.folders.configuration import write_own
from bunsui.folders.known_projects import KnownProject
from bunsui.folders.known_projects_text import with_known_project
from bunsui.folders.shown import ADDRESSES, LAST, LISTED, ShownLast
from tests.typed import typed

PROJECT = "version: 1\nproject: sales\nid: 7f3a0000\nenvironments: {prod: {}, proof: {}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bunsui.yaml").write_text(PROJECT)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "a.yaml").write_text("version: 1\nname: orders\njobs: {}\n")
    (tmp_path / "pipelines" / "b.yaml").write_text("version: [\nname: others\n")
    return tmp_path


def offered(folder: Path, words: str) -> list[str]:
    asked = {"_BUNSUI_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = typed(folder, environment={**os.environ, **asked})
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("command", ["run", "graph", "render", "plan", "sessions --pipeline"])
def test_pipelines_are_offered_also_those_with_errors(project: Path, command: str) -> None:
    assert offered(project, f"bunsui {command} o") == ["orders", "others"]
    assert offered(project, f"bunsui {command} or") == ["orders"]


def test_environments_are_offered(project: Path) -> None:
    assert offered(project, "bunsui --env pro") == ["prod", "proof"]


def test_projects_without_files_are_offered_with_their_environments(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path_factory.mktemp("config") / "bunsui" / "projects.toml"
    local = KnownProject(project="shop", environment="local", id="7f3a0000", folder="/shop")
    write_own(file, with_known_project(None, local, file=file))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(file.parent.parent))
    assert offered(project, "bunsui --project s") == ["shop"]
    assert offered(project, "bunsui --project shop --env l") == ["local"]
    assert offered(project, "bunsui --project shop run o") == []
    monkeypatch.setenv("XDG_STATE_HOME", str(file.parent.parent / "state"))
    ShownLast(folder=lambda: shown_file(project, "shop")).keep("local", {LAST: "01KBH3X2J4ABCDEFGHJKMNPQRS"})
    assert offered(project, "bunsui --project shop show 01") == ["01KBH3X2J4ABCDEFGHJKMNPQRS"]
    assert offered(project, "bunsui show 01") == []
    file.write_text("broken")
    assert offered(project, "bunsui --project s") == []


@pytest.mark.parametrize("text", ["[", "", "environments: 1\npipelines: 2\n"])
def test_a_broken_project_offers_nothing_and_tells_nothing(tmp_path: Path, text: str) -> None:
    assert offered(tmp_path, "bunsui run o") == []
    (tmp_path / "bunsui.yaml").write_text(text)
    assert offered(tmp_path, "bunsui run o") == []
    assert offered(tmp_path, "bunsui --env pro") == []


JOBS = """\
version: 1
name: orders
jobs:
  # the first
  extract: {type: wait, for: 1s}
  load:
    type: wait   # not a job
    for: 1s
on_failure:
  mourn: {type: wait, for: 1s}
finally: {type: wait, for: 1s}
schedules: []
"""


def test_jobs_are_offered_of_the_pipeline_that_is_named_or_of_all(project: Path) -> None:
    (project / "pipelines" / "a.yaml").write_text(JOBS)
    (project / "pipelines" / "b.yaml").write_text("version: [\nname: others\njobs:\n    sum:\n        type: wait\n")
    assert offered(project, "bunsui logs --job l") == ["load"]
    assert offered(project, "bunsui logs others --job s") == ["sum"]
    assert offered(project, "bunsui logs others --job l") == []
    assert offered(project, "bunsui resume --from m") == ["mourn"]
    assert offered(project, "bunsui test --init e") == ["extract"]


def test_sessions_and_addresses_are_offered_as_they_were_shown_last(project: Path) -> None:
    shown = ShownLast(folder=lambda: project_folder(project, notice=pytest.fail))
    assert offered(project, "bunsui show 01") == []
    assert offered(project, "bunsui state show r") == []
    shown.keep("prod", {LISTED: ["01AB", "01CD"], LAST: "01EF"})
    shown.keep("prod", {ADDRESSES: ["role.orders", "state_machine.orders"]})
    shown.keep("proof", {LISTED: ["01XY"]})
    assert offered(project, "bunsui --env prod show 01") == ["01AB", "01CD", "01EF"]
    assert offered(project, "bunsui --env proof show 01") == ["01XY"]
    assert offered(project, "bunsui watch 01C") == ["01CD"]
    assert offered(project, "bunsui resume or") == ["orders"]
    assert offered(project, "bunsui --env prod state show r") == ["role.orders"]
    assert offered(project, "bunsui --env proof state rm s") == []


@pytest.mark.parametrize("content", [b"", b"[", b"[]", b'{"prod": 1}', b'{"$format": 99}', b'{"prod": {"listed": {"a": 1}}}'])
def test_what_was_shown_last_may_be_broken(project: Path, content: bytes) -> None:
    project_folder(project, notice=pytest.fail).open().keep_last_session(content)
    for words in ("show 01", "state show r", "logs --job z"):
        assert offered(project, f"bunsui --env prod {words}") == []


def test_commands_are_offered_with_what_they_do_and_none_is_imported(project: Path) -> None:
    asked = {"_BUNSUI_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "bunsui s"}
    done = typed(project, environment={**os.environ, **asked})
    assert '"show":"' in done.stdout
    assert '"run":"' not in done.stdout
    assert offered(project, "bunsui --e") == ["--env"]
    line = "import sys\nfrom bunsui.cli import main\nsys.argv = ['bunsui']\ntry:\n    main.main()\nfinally:\n"
    line += "    print([name for name in sys.modules if name.startswith('bunsui.cli.commands.')], file=sys.stderr)\n"
    asked = {"_BUNSUI_COMPLETE": "complete_bash", "COMP_WORDS": "bunsui ", "COMP_CWORD": "1"}
    fresh = subprocess.run(
        [sys.executable, "-c", line], cwd=project, env={**os.environ, **asked}, capture_output=True, text=True, timeout=60
    )
    assert "show" in fresh.stdout.split()
    assert fresh.stderr.strip() == "[]"


LOADED = """\
import sys
from bunsui.cli import main
sys.argv = ["bunsui"]
try:
    main.main()
finally:
    print(sorted({"boto3", "botocore", "textual"} & set(sys.modules)), file=sys.stderr)
"""


def test_no_account_is_asked_and_no_client_of_aws_is_loaded(project: Path) -> None:
    (project / "pipelines" / "a.yaml").write_text(JOBS)
    for words in ("run o", "logs --job l", "--env prod show 01", "state show r"):
        line = f"bunsui {words}"
        asked = {"_BUNSUI_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
        done = subprocess.run(
            [sys.executable, "-c", LOADED], cwd=project, env={**os.environ, **asked}, capture_output=True, text=True, timeout=60
        )
        assert done.stderr.strip().splitlines()[-1] == "[]", (words, done.stderr)
