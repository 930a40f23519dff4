"""Damaged projects, seeded: `python -m tests.faults.malformed FIRST COUNT` checks some and prints what it saw as JSON.

Run as a process of its own, under limits of memory and processor time, so that a crash of the interpreter or a runaway shows as
what it is. With `--reach` it also tells which lines of the packages that read files were reached, which takes longer.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bunsui.diagnostics import Diagnostic

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
READERS = (ROOT / "bunsui" / "document", ROOT / "bunsui" / "asl")
"""The packages that read what users write."""

MEMORY_BYTES = 300 * 1024 * 1024
SECONDS = 2.0
"""What one damaged project may take, at most."""

Files = Mapping[str, bytes]

PROJECT = b'version: 1\nproject: cases\nid: 00000000-cases\npipelines: ["**/*.yaml"]\n'
RAW = b"version: 1\nname: raw\ndefinition: defs/machine.asl.json\nsubstitutions: {function: x}\n"


@dataclass(frozen=True)
class InMemory:
    """Files in memory."""

    files: Files

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        found = (name for name in self.files if any(fnmatch(name, pattern.replace("**/", "*")) for pattern in patterns))
        return sorted(name for name in found if name != "bunsui.yaml")

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        from bunsui.document.files import file_refused

        if path not in self.files or len(self.files[path]) > limit_bytes:
            raise file_refused(path, "it does not exist, or is too large")
        return self.files[path]

    def folder(self, path: str) -> Sequence[Any]:
        from bunsui.document.files import file_refused
        from bunsui.ports.source import FolderEntry

        inside = [name for name in self.files if name.startswith(f"{path}/")]
        if not inside:
            raise file_refused(path, "it does not exist")
        return [FolderEntry(path=name[len(path) + 1 :], executable=False, content=self.files[name]) for name in sorted(inside)]


@cache
def sources() -> tuple[Files, ...]:
    """The projects that are damaged: every mistake that has a case of its own, golden ones, our examples, raw definitions."""
    found: list[Files] = []
    for folder in sorted([*(TESTS / "cases" / "errors").iterdir(), *(TESTS / "cases" / "asl").iterdir()]):
        files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        found.append({"bunsui.yaml": PROJECT, **files})
    everything = (TESTS / "unit" / "document" / "everything.yaml").read_bytes()
    found += [{"bunsui.yaml": PROJECT, "pipeline.yaml": everything, "functions/fetch/app.py": b""}] * 20
    ours = [path for path in (ROOT / "pipelines").rglob("*") if path.is_file()]
    examples = {str(path.relative_to(ROOT)): path.read_bytes() for path in ours}
    found.append({"bunsui.yaml": (ROOT / "bunsui.yaml").read_bytes(), **examples})
    for path in sorted((TESTS / "asl_corpus").glob("*.json"))[::2]:
        found.append({"bunsui.yaml": PROJECT, "raw.yaml": RAW, "defs/machine.asl.json": path.read_bytes()})
    return tuple(found)


BOMBS: Mapping[str, bytes] = {
    "depth": b"a: " + b"[" * 60_000,
    "braces": b"{a: " * 20_000,
    "aliases": b"a: &a [x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n",
    "size": b"a: " + b"x" * 2_000_000,
    "lines": b"- a\n" * 120_000,
    "surrogates": b'a: "\\ud800\\udfff"\n',
    "nul": b"a: \x00\n",
    "mark": "\ufeffversion: 1\n".encode(),
    "not utf-8": b"\xff\xfe\x00\x01",
    "half a character": "a: 日".encode()[:-1],
    "keys": b"".join(b"k%d: 1\n" % number for number in range(30_000)),
    "one long line": b"a: " + b"b: " * 100_000,
    "anchors": b"".join(b"- &a%d x\n" % number for number in range(50_000)),
    "numbers": b"a: " + b"9" * 200_000,
    "escape": b'a: "' + b"\\x1b" * 100_000 + b'"\n',
}


def damaged(seed: int) -> Files:
    """Give a project with a mistake or more in one of its files, each seed another."""
    from tests.unit.asl.validation.test_fuzz import damage
    from tests.unit.document.mutation import mutated

    lot = random.Random(seed)
    files = dict(lot.choice(sources()))
    texts = sorted(name for name in files if name.endswith((".yaml", ".json", ".txt")) and name != "problems.txt")
    victim = lot.choice(texts)
    if lot.random() < 0.005:
        files[victim] = BOMBS[lot.choice(sorted(BOMBS))]
    elif victim.endswith(".json") and lot.random() < 0.7:
        definition = json.loads(files[victim])
        for _ in range(lot.randint(1, 4)):
            definition = damage(definition, lot)
        files[victim] = json.dumps(definition).encode()
    elif lot.random() < 0.97:
        files[victim] = mutated(files[victim].decode(errors="replace"), seed)
    return files


def check(files: Files, folder: Path | None = None) -> Sequence[Diagnostic]:
    """Validate the project as `bunsui validate` does, in the folder or in memory."""
    from bunsui.document.files import RootFolder
    from bunsui.document.project_reading import read_project
    from bunsui.model.resource import Scope
    from bunsui.services.edges import Repository
    from bunsui.services.validate import validate

    read = read_project("bunsui.yaml", files.get("bunsui.yaml", PROJECT))
    if read.document is None:
        assert any(finding.is_error for finding in read.diagnostics)
        return read.diagnostics
    repository = Repository(
        source=InMemory(files) if folder is None else RootFolder(folder),
        project=read.project("local"),
        scope=Scope(project="p", environment="local", account="000000000000", region="us-east-1"),
    )
    return validate(repository, project_findings=read.diagnostics).diagnostics


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


def on_disk(files: Files, seed: int) -> Sequence[Diagnostic]:
    """Check the project in a real folder with something in the way: a link that leaves it, a pipe, a folder, no permission."""
    import os

    lot = random.Random(seed)
    root = Path(tempfile.mkdtemp())
    try:
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        trap = root / lot.choice(sorted(files))
        trap.unlink()
        lot.choice(
            (
                lambda: trap.symlink_to("/etc/hostname"),
                lambda: trap.symlink_to("../../outside.yaml"),
                lambda: trap.symlink_to(trap.name),
                lambda: os.mkfifo(trap),
                trap.mkdir,
                lambda: None,
            )
        )()
        return check({key: value for key, value in files.items() if root / key != trap or key == "bunsui.yaml"}, root)
    finally:
        shutil.rmtree(root)


class Reach:
    """Which lines of the readers were executed."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self._within = tuple(f"{folder}/" for folder in READERS)

    def __enter__(self) -> Reach:
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        return self._line if frame.f_code.co_filename.startswith(self._within) else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line

    def share(self) -> tuple[float, list[str]]:
        """Give the share of the lines inside functions that were reached, and those that were not."""
        possible = {(str(path), line) for folder in READERS for path in folder.rglob("*.py") for line in lines_in(path)}
        missing = sorted(f"{Path(file).relative_to(ROOT)}:{line}" for file, line in possible - self.seen)
        return 1 - len(missing) / len(possible), missing


def lines_in(path: Path) -> Iterator[int]:
    """The lines of the functions of a file that can be executed."""

    def inside(code: CodeType) -> Iterator[int]:
        for part in code.co_consts:
            if isinstance(part, CodeType):
                is_class = "__qualname__" in part.co_names and part.co_name[:1].isupper()
                if not is_class:
                    yield from (line for _, _, line in part.co_lines() if line and line != part.co_firstlineno)
                yield from inside(part)

    return inside(compile(path.read_text(), str(path), "exec"))


def _most_memory() -> int:
    """The most memory that this program held, in bytes. `getrusage` would count what its parent held when it was started."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def main() -> None:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    reach = Reach()
    resource.setrlimit(resource.RLIMIT_CPU, (3000, 3000))
    took: list[float] = []
    wrong: list[str] = []
    findings = 0

    def run() -> None:
        nonlocal findings
        for seed in range(first, first + count):
            files = damaged(seed)
            begun = time.process_time()
            try:
                found = on_disk(files, seed) if seed % 25 == 0 else check(files)
            except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
                wrong.append(f"seed {seed}: {type(error).__name__}: {error}")
                continue
            took.append(time.process_time() - begun)
            findings += len(found)
            wrong.extend(f"seed {seed}: {what}" for what in unlocated(found, files))

    if "--reach" in sys.argv:
        with reach:
            run()
    else:
        run()
    took.sort()
    seen: dict[str, Any] = {
        "cases": count,
        "findings": findings,
        "wrong": wrong[:20],
        "p99": took[int(len(took) * 0.99)],
        "longest": took[-1],
        "memory": _most_memory(),
    }
    if "--reach" in sys.argv:
        seen["share"], seen["missing"] = reach.share()
    sys.stdout.write(json.dumps(seen) + "\n")


if __name__ == "__main__":
    main()
