"""Damaged projects, checked: `python -m tests.faults.malformed FIRST COUNT` checks some and prints what it saw as JSON.

Run as a process of its own, under limits of memory and processor time, so that a crash of the interpreter or a runaway shows as
what it is. With `--reach` it also tells which lines of the packages that read files were reached, which takes longer; with
`--progress` it says on stderr how far it has come.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from bunsui.diagnostics import Diagnostic
from tests.faults.damaged import PROJECT, Files, damaged
from tests.faults.reach import Reach

MEMORY_BYTES = 300 * 1024 * 1024
SECONDS = 2.0
"""What one damaged project may take, at most."""
TODAY = date(2027, 6, 1)
"""After the end of some acceptances."""
PROCESSOR_SECONDS = 7_200
"""What a whole run may take, at most."""


@dataclass(frozen=True)
class InMemory:
    """Files in memory."""

    files: Files

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        from bunsui.document.globs import glob_pattern

        matchers = [glob_pattern(pattern) for pattern in patterns]
        return sorted(name for name in self.files if any(matcher.fullmatch(name) for matcher in matchers))

    def holds(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        from bunsui.project.files import file_refused

        if path not in self.files or len(self.files[path]) > limit_bytes:
            raise file_refused(path, "it does not exist, or is too large")
        return self.files[path]

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[Any]:
        from bunsui.ports.source import FolderEntry
        from bunsui.project.files import file_refused

        inside = [name for name in self.files if name.startswith(f"{path}/")]
        if not inside:
            raise file_refused(path, "it does not exist")
        return [FolderEntry(path=name[len(path) + 1 :], executable=False, content=self.files[name]) for name in sorted(inside)]

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        return []

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[Any]:
        return []


class Parameters:
    """A parameter store with two names, as `bunsui plan` asks one for `${ssm:…}`."""

    def parameter(self, path: str) -> str | Sequence[str]:
        """Return what the name stands for."""
        from bunsui.errors import InvalidInput

        known: dict[str, str | Sequence[str]] = {"/a/b": "found", "/list": ["x", "y"]}
        if path not in known:
            raise InvalidInput("no-parameter", "there is no such parameter", hint="Make it.")
        return known[path]

    def look_up(self, kind: str, name: str) -> str | Sequence[str]:
        """Return what the name stands for."""
        return self.parameter(f"/{name}")


def check(files: Files, folder: Path | None = None, *, parameters: Parameters | None = None) -> Sequence[Diagnostic]:
    """Validate the project as `bunsui validate` does, in the folder or in memory; with parameters, as `bunsui plan` does."""
    from bunsui.aws.offered_calls import BotocoreModels
    from bunsui.document.project_reading import read_project
    from bunsui.model.resource import Scope
    from bunsui.project.files import RootFolder
    from bunsui.project.repository import Repository
    from bunsui.services.validate import validate

    read = read_project("bunsui.yaml", files.get("bunsui.yaml", PROJECT))
    if read.document is None:
        assert any(finding.is_error for finding in read.diagnostics)
        return read.diagnostics
    project = read.project(read.default_environment)
    project = replace(project, rules=project.rules.on(TODAY))
    environment = project.environment
    repository = Repository(
        source=InMemory(files) if folder is None else RootFolder(folder),
        project=project,
        scope=Scope(
            project=project.name,
            environment=environment.name,
            account=environment.account or "000000000000",
            region=environment.region,
        ),
        is_local=environment.is_local,
        parameters=parameters,
        services=BotocoreModels(),
    )
    outcome = validate(repository, project_findings=read.diagnostics)
    assert outcome.pipelines or outcome.diagnostics or not outcome.files
    return outcome.diagnostics


def rewrite(files: Files) -> Sequence[Diagnostic]:
    """Format and upgrade the YAML files as `fmt` and `upgrade` do; what was formatted is not formatted once more."""
    from bunsui.operations.registry import builtin_registry
    from bunsui.services.rewriting.formatting import format_files
    from bunsui.services.rewriting.upgrade import upgrade_files

    texts = {name: content for name, content in files.items() if name.endswith((".yaml", ".yml"))}
    formatted, upgraded = format_files(texts, builtin_registry()), upgrade_files(texts)
    again = format_files({one.file: one.after for one in formatted.formatted}, builtin_registry())
    assert not again.formatted, [one.file for one in again.formatted]
    assert not again.diagnostics
    return (*formatted.diagnostics, *upgraded.diagnostics)


def unlocated(findings: Sequence[Diagnostic], files: Files) -> list[str]:
    """Findings without a place in a file that exists."""
    wrong = []
    for finding in findings:
        position = finding.position
        text = files[position.file].decode("utf-8", errors="replace") if position and position.file in files else None
        lines = (text or "").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if (
            position is None
            or text is None
            or not 1 <= position.line <= len(lines)
            or not 1 <= position.column <= len(lines[position.line - 1]) + 1
        ):
            wrong.append(f"{finding.code} {finding.summary} {position}")
    return wrong


def on_disk(files: Files, seed: int) -> tuple[Sequence[Diagnostic], Files]:
    """Check the project in a real folder with something in the way: a link that leaves it, a pipe, a folder. Gives the files as
    they lie there, too: a link may have led to another file."""
    lot = random.Random(seed)
    root = Path(tempfile.mkdtemp())
    try:
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        others = [name for name in sorted(files) if name != "bunsui.yaml"]
        if others:
            _trap(root / lot.choice(others), root, lot)
        return check(files, root), {name: _lying(root / name, root) for name in (*files, *_below(root))}
    finally:
        shutil.rmtree(root)


def _below(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in root.rglob("*")]


def _lying(path: Path, root: Path) -> bytes:
    inside = path.exists() and path.resolve().is_relative_to(root.resolve())
    return path.read_bytes() if inside and path.is_file() else b""


def _trap(path: Path, root: Path, lot: random.Random) -> None:
    path.unlink()
    lot.choice(
        (
            lambda: path.symlink_to("/etc/hostname"),
            lambda: path.symlink_to("../../outside.yaml"),
            lambda: path.symlink_to(path.name),
            lambda: path.symlink_to(root),
            lambda: path.symlink_to(root / "bunsui.yaml"),
            lambda: os.mkfifo(path),
            path.mkdir,
            lambda: path.write_bytes(b"x" * 1_200_000),
            lambda: (path.parent / "bad\x1bname.yaml").write_bytes(b""),
            lambda: None,
            lambda: shutil.rmtree(path.parent) if path.parent != root else None,
            lambda: _linked(path.parent, root) if path.parent != root else None,
        )
    )()


def _linked(folder: Path, root: Path) -> None:
    """Let a link stand where the folder was, which then lies elsewhere in the project."""
    moved = root / "moved"
    folder.rename(moved)
    folder.symlink_to(moved)


@dataclass
class Seen:
    """What was seen of all cases."""

    processor: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    findings: int = 0
    codes: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)

    def take(self, seed: int) -> None:
        """Check the project of this seed."""
        files = damaged(seed)
        begun, begun_wall = time.process_time(), time.monotonic()
        try:
            if seed % 25 == 0:
                found, files = on_disk(files, seed)
            else:
                found = check(files, parameters=Parameters() if seed % 3 == 0 else None)
        except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
            self.wrong.append(f"seed {seed}: {type(error).__name__}: {error}")
            return
        took, took_wall = time.process_time() - begun, time.monotonic() - begun_wall
        try:
            rewritten = rewrite(files)
        except Exception as error:  # noqa: BLE001 - as above
            self.wrong.append(f"seed {seed}, rewritten: {type(error).__name__}: {error}")
            return
        self.processor.append(took)
        self.wall.append(took_wall)
        self.slowest = max(self.slowest, (took, seed))
        self.findings += len(found)
        self.codes |= {finding.code for finding in found}
        self.wrong.extend(f"seed {seed}: {what}" for what in unlocated((*found, *rewritten), files))

    def told(self) -> dict[str, Any]:
        """Return the figures; times in seconds, memory in bytes."""
        return {
            "cases": len(self.processor),
            "findings": self.findings,
            "codes": len(self.codes),
            "wrong": self.wrong[:20],
            "p50": _quantile(self.processor, 0.5),
            "p99": _quantile(self.processor, 0.99),
            "p99_wall": _quantile(self.wall, 0.99),
            "longest": self.slowest[0],
            "longest_seed": self.slowest[1],
            "memory": _most_memory(),
        }


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def _most_memory() -> int:
    """The most memory that this program held, in bytes. `getrusage` would count what its parent held when it was started."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def main() -> None:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    seen, reach = Seen(), Reach()

    def run() -> None:
        for number, seed in enumerate(range(first, first + count), start=1):
            seen.take(seed)
            if "--progress" in sys.argv and number % 5_000 == 0:
                sys.stderr.write(json.dumps({"done": number, **seen.told()}) + "\n")

    if "--reach" in sys.argv:
        with reach:
            run()
    else:
        run()
    told = seen.told()
    if "--reach" in sys.argv:
        told["share"], told["missing"] = reach.share()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
