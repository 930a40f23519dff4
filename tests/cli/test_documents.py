"""Every place of the command line that prints a JSON document, reached by a command as typed; each answer is validated."""

from __future__ import annotations

import ast
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Any

import pytest

import bunsui.cli
from bunsui.cli.output import Output
from bunsui.cli.output_schema import documents
from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.plan.marker import PlanMarker
from tests.cli.conftest import BROKEN, PIPELINE, PROJECT, SLOW, Bunsui, share
from tests.cli.test_testing import LATE
from tests.cli.test_unmanaged import client_of
from tests.documents import problem_with
from tests.fakes.forges import PULL, FakeGitHub, serving
from tests.typed import Typing, live, started, typed, without_ours

pytestmark = pytest.mark.embedded

CLI = Path(bunsui.cli.__file__).parent
ASKED = """\
version: 1
name: asked
schedules: [{id: yearly, cron: "0 3 1 1 ? *"}]
jobs:
  ask: {type: approval, message: Go on, deadline: 1h}
"""
PRINTERS = ("document", "foreign")
CODES = (Output.document.__code__, Output.foreign.__code__)


def places() -> Iterator[tuple[str, str]]:
    """The files and functions that have a document printed, of bunsui's own or in a format of others."""
    for path in sorted(CLI.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PRINTERS:
                        yield path.relative_to(CLI).as_posix(), function.name


def watched(found: Path, folder: Path, arguments: tuple[str, ...], environment: dict[str, str], streams: Path) -> None:
    """Be the command, and note in a file which functions had a document printed."""

    def seen(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in CODES and frame.f_back is not None:
            caller = frame.f_back.f_code
            with found.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([Path(caller.co_filename).relative_to(CLI).as_posix(), caller.co_name]) + "\n")

    sys.setprofile(seen)
    live(folder, arguments, environment, streams)


@dataclass
class Walk:
    """Types commands in a project, one after the other, and remembers what they printed and where."""

    folder: Path
    found: Path
    printed: set[str] = field(default_factory=set)

    def __call__(self, *arguments: str, code: int = 0, folder: Path | None = None, job: Mapping[str, str] | None = None) -> Any:
        asked = (*arguments, "--json")
        done = Typing(folder or self.folder, asked, without_ours(**(job or {})), partial(watched, self.found)).ended()
        assert done.returncode == code, f"{arguments}: {done.stdout}{done.stderr}"
        document = json.loads(done.stdout)
        self.printed.add(document.get("kind", "") if isinstance(document, dict) else "")
        return document

    @property
    def reached(self) -> set[tuple[str, str]]:
        """The files and functions that had a document printed."""
        lines = self.found.read_text(encoding="utf-8").splitlines()
        return {(path, name) for path, name in map(json.loads, lines)}


def _offline(walk: Walk, empty: Path) -> None:
    walk("init", "--template", "raw")
    walk("validate")
    walk("fmt", "--diff")
    walk("upgrade")
    walk("validate", "--format", "sarif")
    walk("graph", "weigh")
    walk("graph", "own.asl.json")
    walk("simulate", "slow")
    walk("test", "work")
    walk("explain", "BS505")
    walk("doctor")
    walk("render", "slow")
    walk("projects")
    walk("permissions", "plan", "--account", "123456789012")
    (empty / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: shop-1\n")
    for command in ("status", "logs", "stop", "reset"):
        walk("local", command, "--yes", folder=empty)


def _reviewed(walk: Walk) -> None:
    """The comment of a plan, posted by a job of CI, and found again by the one after the merge."""
    head, merge = "1" * 40, "e" * 40
    event = walk.folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": PULL, "head": {"sha": head}}}))
    marker = PlanMarker(project="printed", environment="local", digest="a" * 64)
    (walk.folder / "comment.md").write_text(f"{marker.text}### Plan\n")
    with serving(FakeGitHub(head=head, merged_as=merge)) as forge:
        job = {"CI": "true", "BUNSUI_ENV": "local", "GITHUB_RUN_ID": "17", **forge.environ()}
        walk("ci", "comment", "comment.md", job={**job, "GITHUB_EVENT_PATH": str(event)})
        walk("ci", "digest", job={**job, "GITHUB_SHA": merge})


def _reconciled(walk: Walk) -> None:
    walk("plan")
    walk("apply", "--yes")
    walk("local", "env")
    walk("apply", "--yes")
    walk("status")
    walk("morning")
    walk("audit")
    walk("audit", "--anchor", "0" * 64, code=1)
    address = walk("state", "list")["resources"][0]["address"]
    walk("state", "show", address)
    walk("state", "history")
    walk("state", "mv", address, f"{address}.moved")
    walk("state", "rm", f"{address}.moved", "--yes")
    walk("state", "rebuild", "--yes")
    walk("apply", "--yes")


def _run(walk: Walk) -> None:
    session = walk("run", "slow", "--no-wait")["session"]["id"]
    walk("stop", session)
    walk("checkpoints", session)
    walk("events", session)
    walk("resume", session, "--no-wait")
    walk("stop", session)
    walk("run", "weigh", code=1)
    walk("take", "weigh", "--note", "looks", "--until", "4h")
    walk("stop", "status:running", "--yes")
    walk("run", "weigh", "--plan")
    walk("backfill", "weigh", "2026-01-31", "--plan")
    walk("backfill", "weigh", "2026-01-31", "--yes", code=1)
    walk("show", "-")
    walk("show", "-", "--job", "fetch")
    walk("sessions")
    walk("logs", "weigh", "--follow")
    walk("test", "--replay", "1", "weigh")
    walk("recover")
    walk("recover", "--strategy", "restart")
    walk("recover", "--strategy", "restart", "--out", "recovery.json")
    walk("recover", "recovery.json", "--yes")
    walk("graph", "slow", "--update-estimates")
    _ask(walk)


def _ask(walk: Walk) -> None:
    """A session that waits until somebody approves."""
    walk("run", "asked", "--no-wait")
    limit = monotonic() + 60
    while not walk("approvals")["gates"]:
        assert monotonic() < limit, "the gate is not open"
        sleep(0.5)
    walk("approve", "asked", "--note", "looked at")


def _deployed(walk: Walk) -> None:
    """What stands beside an apply: what was deployed, what others changed, what would be missing."""
    asked = walk.folder / "pipelines/asked.yaml"
    asked.write_text(asked.read_text().replace("Go on", "Go on now"))
    walk("apply", "asked", "--yes")
    walk("history", "asked")
    walk("rollback", "asked", "--reason", "worse", "--yes")
    walk("rollback", "asked", "--release", "--reason", "mended", "--yes")
    walk("pause", "asked", "--reason", "looks", "--yes")
    walk("unpause", "asked", "--reason", "mended", "--yes")
    walk("drift")
    walk("verify")
    walk("alerts", "test", code=5)
    walk("alerts", "list")
    walk("resident", "status", code=1)
    walk("resident", "logs", code=1)


def _imported(walk: Walk, client: Any) -> None:
    """Machines that others made, and a definition that no machine has."""
    text = '{"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}'
    role = "arn:aws:iam::000000000000:role/by-hand"
    machine = client.create_state_machine(name="printed-by-hand", definition=text, roleArn=role)["stateMachineArn"]
    walk("unmanaged")
    walk("import", machine, "--read-only")
    walk("import", machine, "--yes")
    walk("import", machine, "--yes")
    walk("import", "--tag", "nobody=has-it", "--yes", code=1)
    walk("import", "own.asl.json", "--yes")


def _broken(walk: Walk) -> None:
    """What a dead apply leaves, then files with errors, then nothing at all."""
    code = walk.folder / "code/weights.py"
    code.write_text(code.read_text() + "# another\n")
    process = started(walk.folder, "apply", "--yes")
    process.until_told("✓ updated")
    process.send_signal(signal.SIGKILL)
    process.ended()
    told = typed(walk.folder, "apply", "--yes", "--lock-timeout", "0s").stderr
    lock = next(line.split()[-1] for line in told.splitlines() if line.split()[:1] == ["lock"])
    walk("unlock", lock, "--yes")
    bad = walk.folder / "pipelines/bad.yaml"
    bad.write_text("version: [\n")
    walk("plan", code=5)
    bad.unlink()
    walk("destroy", "--confirm", "local")
    walk("destroy", "--confirm", "local")


@pytest.mark.slow
@pytest.mark.timeout(1200)  # every command, one after the other
def test_every_document_that_is_printed_obeys_its_schema(shared_folder: Path, embedded: LocalEndpoint, tmp_path: Path) -> None:
    folders: Mapping[str, Path] = {name: tmp_path / name for name in ("project", "empty")}
    for folder in folders.values():
        folder.mkdir()
    project = Bunsui(folders["project"])
    share(shared_folder, project.folder)
    project.write("bunsui.yaml", PROJECT.replace("weights", "printed").replace("6c0f2c4e", "7d1f2c4e"))
    for name, text in (("weigh", PIPELINE), ("slow", SLOW), ("asked", ASKED)):
        project.write(f"pipelines/{name}.yaml", text)
    project.write("code/weights.py", BROKEN)
    walk = Walk(folder=project.folder, found=tmp_path / "found")
    project.write("pipelines/work.yaml", LATE)
    project.write("own.asl.json", '{"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}')
    _offline(walk, folders["empty"])
    _reviewed(walk)
    (project.folder / "pipelines/work.yaml").unlink()
    _reconciled(walk)
    _run(walk)
    _deployed(walk)
    _imported(walk, client_of(embedded))
    _broken(walk)
    assert walk.reached == set(places())
    assert walk.printed == {*documents(), "findings", ""}


@pytest.mark.parametrize(
    ("document", "is_plan"),
    [({"kind": "status"}, False), ({"kind": "unheard"}, False), ({"digest": ""}, False), ({"digest": ""}, True), ([], False)],
)
def test_the_check_at_the_door_finds_what_is_wrong(document: Any, is_plan: bool) -> None:
    assert problem_with(document, is_plan=is_plan) is not None
