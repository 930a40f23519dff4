"""The environment that bunsui is started in changes nothing: each command answers in it as it does in a plain one."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bunsui.emulator.launcher.launcher import stop
from bunsui.services.init import init_project
from tests.faults.amount import ALL
from tests.faults.commands import EVERY
from tests.faults.conftest import Figure
from tests.faults.environments import ENVIRONMENTS, Surroundings
from tests.unit.checkout.test_tree import git

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(3600)]

LAW = "17 the environment changes nothing"
CPU_BUDGET_SECONDS = 3000
SAMPLE = 3
BUNSUI = Path(sys.executable).with_name("bunsui")
_ROOTS_OWN = "-dac_override,-dac_read_search"
_SETPRIV = shutil.which("setpriv") if os.geteuid() == 0 else None
AS_ANYBODY = (_SETPRIV, f"--bounding-set={_ROOTS_OWN}", f"--inh-caps={_ROOTS_OWN}") if _SETPRIV else ()
"""Root reads and writes whatever the mode says; here nobody does."""
PLAIN = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "BUNSUI_LOCAL_IDLE_MINUTES": "120"}
"""The embedded AWS must outlive the commands that only look at files, however busy the machine is."""
_VOLATILE = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{12,64}|\d+(\.\d+)?( ?(ms|s|min|h|d|MiB|KiB)\b)?|just now")
_BARS = re.compile(r"\\u(?:258[0-9a-f]|2502)")
_ESCAPES = re.compile(r"(?:\\(?:U[0-9a-f]{8}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}))+|\x1b\[[0-9;]*m")
"""Runs of them: JSON writes a character beyond 16 bits as two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What somebody who typed a command gets."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A project that was applied and ran once, and a folder beside it."""

    project: Path
    base: Path

    def answer(self, command: Sequence[str], around: Surroundings) -> Outcome:
        """Type the command in these surroundings."""
        words = {"base": self.base, "project": self.project, "trap": self.base / "trap.sh", "path": PLAIN["PATH"]}
        environment = PLAIN | {"HOME": str(self.base / "home"), "TMPDIR": str(self.base / "tmp")}
        for name, text in around.variables.items():
            environment.pop(name, None)
            if text is not None:
                environment[name] = text.format(**words)
        line = f'{around.before or ":"}; exec "$0" "$@" {around.streams}'
        done = subprocess.run(
            [*AS_ANYBODY, "/bin/sh", "-c", line, str(BUNSUI), *command],
            cwd=self.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=120,
        )
        return Outcome(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    base = tmp_path_factory.mktemp("surroundings")
    project = base / "水"
    init_project(project, template="etl")
    pipeline = project / "pipelines/etl.yaml"
    pipeline.write_text(re.sub("description: .*", "description: 夜間の処理 🌙", pipeline.read_text(), count=1))
    (project / "wait.asl.json").write_text('{"StartAt": "水", "States": {"水": {"Type": "Succeed"}}}')
    for name in ("home", "tmp"):
        (base / name).mkdir()
    (project / "evil").mkdir()
    ran = base / "ran"
    for name in ("yaml", "json", "typer", "contextlib", "botocore"):
        (project / "evil" / f"{name}.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
        (project / f"{name}.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    for where in (base / "trap.sh", project / "git", project / "evil/git", project / "evil/python3"):
        where.write_text(f"#!/bin/sh\ntouch {ran}\n")
        where.chmod(0o755)
    git(project, "init", "-q", "-b", "main")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "first")
    made = Place(project=project, base=base)
    plain = Surroundings()
    try:
        for command in (("apply", "--yes"), ("run", "etl")):
            done = made.answer(command, plain)
            assert done.code == 0, done.err + done.out
        yield made
    finally:
        stop(project / ".bunsui/local")


def same(text: str) -> str:
    """Return what is compared: without times, names that are made anew, colours, and where lines end."""
    plain = _BARS.sub("", text.encode("ascii", "backslashreplace").decode())
    return re.sub(r"\s+", " ", _VOLATILE.sub("0", _ESCAPES.sub("?", plain)))


def undone(place: Place, command: Sequence[str]) -> None:
    if command[0] == "init":
        subprocess.run(["rm", "-rf", str(place.project / "new")], check=True)


def differences(place: Place, command: Sequence[str], names: Sequence[str]) -> list[str]:
    """Type the command in these environments, and tell where it answered otherwise than in a plain one."""
    plain = place.answer(command, Surroundings())
    undone(place, command)
    found = []
    for name in names:
        around = ENVIRONMENTS[name]
        other = place.answer(command, around)
        what = f"{' '.join(command)} in {name}"
        if command[0] in around.prevents:
            if other.code == 0 or around.prevents[command[0]] not in other.err or (place.project / "new").exists():
                found.append(f"{what}: exit code {other.code}, or something is left\n{other.err[-900:]}")
            continue
        undone(place, command)
        if other.code != plain.code:
            found.append(f"{what}: exit code {other.code}, not {plain.code}\n{other.err[-900:]}")
        elif around.shows and same(other.out) != same(plain.out):
            found.append(f"{what}: prints\n{other.out[:700]}\nnot\n{plain.out[:700]}")
        if "Traceback" in other.out + other.err or "Exception ignored" in other.err:
            found.append(f"{what}: a traceback\n{other.err[-900:]}")
        if (place.base / "ran").exists():
            (place.base / "ran").unlink()
            found.append(f"{what}: ran a program of the checkout")
    return found


def test_what_cannot_be_started_is_told_and_leaves_nothing(place: Place) -> None:
    prevented = [(command, name) for name, around in ENVIRONMENTS.items() for command in EVERY if command[0] in around.prevents]
    assert prevented
    assert [line for command, name in prevented for line in differences(place, command, [name])] == []


@pytest.mark.skipif(not ALL, reason="the whole matrix belongs to `make faults`")
@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_every_command_answers_the_same_in_every_environment(place: Place, figure: Figure, command: tuple[str, ...]) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = differences(place, command, list(ENVIRONMENTS))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert not found, "\n\n".join(found)
    assert spent < CPU_BUDGET_SECONDS / len(EVERY)
    figure(LAW, f"{' '.join(command)}: the same in {len(ENVIRONMENTS)} environments, {spent:.0f} s of CPU")


def test_a_sample_of_commands_answers_the_same_in_a_sample_of_environments(place: Place) -> None:
    drawn = random.Random(10)
    pairs = [(drawn.choice(EVERY), drawn.choice(list(ENVIRONMENTS))) for _ in range(SAMPLE)]
    found = [line for command, name in pairs for line in differences(place, command, [name])]
    assert not found, "\n\n".join(found)
