"""Draws a sample of mutations, runs the tests of each one's package, and prints which were killed: `python -m tests.mutation`.

The tree is copied first; nothing that runs here writes into the tree it was started in.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.mutation.edit import Edit, applied
from tests.mutation.operators import edits
from tests.mutation.packages import PACKAGES

ENOUGH = 0.9
"""The share of a sample that must be killed, what is listed as equivalent apart."""
BUDGET_SECONDS = 8.0
"""Processor time of the tests that a mutant is given; the broadest that touch its line are left out beyond it."""
_COPIED = ("bunsui", "tests", "schemas", "pipelines", "docs", "pyproject.toml", "bunsui.yaml", "README.md", "CHANGELOG.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A file with one edit."""

    path: str
    edit: Edit
    text: str
    """The whole file, with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a mutant."""

    seed: str
    mutant: Mutant
    outcome: str
    """`killed`, `time limit` (killed, too), `survived` or `untouched` (no test runs the line: it survives)."""
    by: str
    cpu: float
    """Seconds of processor time."""


def main() -> int:
    """Run the samples; 1 when too few of one were killed."""
    options = _options()
    print(f"{options.mutants} mutants for each seed ({', '.join(options.seed)}), equal shares of {', '.join(options.package)}")
    equivalent = listed_equivalents((Path(__file__).parent / "survivors.md").read_text(encoding="utf-8"))
    for path, before, after in stale(equivalent):
        print(f"listed as equivalent, but not there any more: {path}\n    - {before}\n    + {after}")
    fates: list[Fate] = []
    with tempfile.TemporaryDirectory(prefix="bunsui-mutants-") as folder:
        copy = _copied(Path(folder))
        for package in options.package:
            with PackageServer(copy, Path(folder) / package, package) as server:
                print(f"\n{package}: {server.tests} tests, recorded in {server.recording_seconds:.0f} s", flush=True)
                for seed in options.seed:
                    for mutant in draw(copy, package, -(-options.mutants // len(options.package)), seed):
                        fates.append(server.fate(seed, mutant))
                        _show(fates[-1], equivalent)
    return max([_sum(seed, [fate for fate in fates if fate.seed == seed], equivalent) for seed in options.seed])


def _options() -> argparse.Namespace:
    packages = [package.name for package in PACKAGES]
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    today = datetime.now(UTC).date().isoformat()
    parser.add_argument(
        "--seed", nargs="+", default=[today], help="a date, or any text (default: today); several are several samples"
    )
    parser.add_argument("--mutants", type=int, default=150, help="how many are drawn for a seed (default: 150)")
    parser.add_argument("--package", nargs="+", choices=packages, default=packages, help="packages under bunsui (default: all)")
    return parser.parse_args()


def _copied(folder: Path) -> Path:
    """Return a copy of the tree that this file stands in, compiled files included."""
    root, copy = Path(__file__).parents[2], folder / "tree"
    copy.mkdir()
    for name in _COPIED:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        else:
            shutil.copy2(source, copy / name)
    return copy


def draw(root: Path, package: str, count: int, seed: str) -> list[Mutant]:
    """Return that many mutants of a package: lines are drawn with equal chances, then one edit of each."""
    chance = random.Random(f"{seed}:{package}")
    paths = sorted((root / "bunsui" / package).rglob("*.py"))
    sources = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in paths}
    by_line: dict[tuple[str, int], list[Edit]] = {}
    for path, source in sources.items():
        for edit in edits(source):
            by_line.setdefault((path, edit.line), []).append(edit)
    lines = list(by_line)
    chance.shuffle(lines)
    drawn: list[Mutant] = []
    for path, number in lines:
        edit = chance.choice(by_line[path, number])
        text = applied(sources[path], edit)
        if text is not None:
            drawn.append(Mutant(path=path, edit=edit, text=text))
        if len(drawn) == count:
            break
    return sorted(drawn, key=lambda mutant: (mutant.path, mutant.edit.line))


class PackageServer:
    """The process that runs the tests of a package, and what it recorded of them."""

    def __init__(self, copy: Path, scratch: Path, package: str) -> None:
        (scratch / "tmp").mkdir(parents=True)
        environment = {**os.environ, "PYTHONPATH": str(copy), "TMPDIR": str(scratch / "tmp"), "PYTHONHASHSEED": "0"}
        self._copy, self._own = copy, f"tests/unit/{package}/"
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.server", package, str(scratch)],
            cwd=copy,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        recorded = self._answer()
        if recorded.get("code") != 0:
            raise SystemExit(f"the tests of {package} fail without any mutation:\n{(scratch / 'log').read_text()[-3000:]}")
        self._seconds: dict[str, float] = recorded["seconds"]
        self._touching: dict[tuple[str, int], set[str]] = {}
        self._importing: dict[str, set[str]] = {}
        """By path, the tests that run anything of it."""
        self._breadth = {test: len(lines) for test, lines in recorded["touched"].items()}
        """How many statements a test runs: one that runs few is about them."""
        for test, lines in recorded["touched"].items():
            for path, line in lines:
                self._touching.setdefault((path, line), set()).add(test)
                self._importing.setdefault(path, set()).add(test)
        self.tests = len(self._seconds)
        self.recording_seconds: float = recorded["cpu"]

    def __enter__(self) -> PackageServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.kill()
        self._server.communicate()

    def fate(self, seed: str, mutant: Mutant) -> Fate:
        """Run the tests that touch a mutant's line, those that touch the least first, until one fails."""
        tests = self.relevant(mutant.path, mutant.edit)
        if not tests:
            return Fate(seed=seed, mutant=mutant, outcome="untouched", by="", cpu=0.0)
        with _replaced(self._copy / mutant.path, mutant.text):
            assert self._server.stdin is not None
            print(json.dumps({"tests": tests}), file=self._server.stdin, flush=True)
            answer = self._answer()
        by = answer["failed"] or ""
        match answer["code"], answer["signal"]:
            case ((0 | 5), None):
                outcome = "survived"
            case _, None:
                outcome = "killed"
            case _, _:
                outcome = "time limit"
        return Fate(seed=seed, mutant=mutant, outcome=outcome, by=by, cpu=answer["cpu"])

    def relevant(self, path: str, edit: Edit) -> dict[str, float]:
        """Return the tests to run and the seconds that each takes, those that are about the least first.

        What runs at import belongs to no test. The package's own that run no function of it are about what stands in its
        modules, and come first, then those that run anything of the file, then all others."""
        if edit.at_import:
            still = {test for test in self._seconds if test.startswith(self._own) and not self._breadth[test]}
            importing = self._importing.get(path, set())
            others = self._seconds.keys() - importing - still
            return self._within_budget([test for found in (still, importing, others) for test in self._ordered(found)])
        first, last = edit.span
        found = self._touching.get((path, edit.line)) or {
            test for line in range(first, last + 1) for test in self._touching.get((path, line), ())
        }
        return self._within_budget(self._ordered(found))

    def _ordered(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self._breadth[test], self._seconds[test], test))

    def _within_budget(self, tests: Sequence[str]) -> dict[str, float]:
        """Return those of these tests that take no longer than the budget together, one at least; what does not fit is passed
        over for what comes behind it."""
        chosen: dict[str, float] = {}
        left = BUDGET_SECONDS
        for test in tests:
            if not chosen or self._seconds[test] <= left:
                chosen[test] = self._seconds[test]
                left -= self._seconds[test]
        return chosen

    def _answer(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        answer: dict[str, Any] = json.loads(self._server.stdout.readline() or "{}")
        return answer


@contextmanager
def _replaced(path: Path, text: str) -> Iterator[None]:
    """Let a file of the copy have another text; no compiled file fits it, since it seems to be of another time."""
    before, times = path.read_text(encoding="utf-8"), path.stat()
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + 10_000_000_000))
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def listed_equivalents(text: str) -> set[tuple[str, str, str]]:
    """Return path, line before and line after of every mutant that `survivors.md` calls equivalent.

    An entry is a heading that names the file, and a difference of one line."""
    found: set[tuple[str, str, str]] = set()
    path = before = ""
    for line in text.splitlines():
        if line.startswith("### `"):
            path = line.split("`")[1]
        elif line.startswith("- ") and path:
            before = line[2:].strip()
        elif line.startswith("+ ") and path:
            found.add((path, before, line[2:].strip()))
    return found


def stale(equivalent: set[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the listed mutants that can be drawn no more."""
    root = Path(__file__).parents[2]
    possible: set[tuple[str, str, str]] = set()
    for path in {path for path, _, _ in equivalent if (root / path).exists()}:
        found = edits((root / path).read_text(encoding="utf-8"))
        possible |= {(path, edit.before.strip(), edit.after.strip()) for edit in found}
    return sorted(equivalent - possible)


def _is_listed(fate: Fate, equivalent: set[tuple[str, str, str]]) -> bool:
    edit = fate.mutant.edit
    return (
        fate.outcome in {"survived", "untouched"} and (fate.mutant.path, edit.before.strip(), edit.after.strip()) in equivalent
    )


def _show(fate: Fate, equivalent: set[tuple[str, str, str]]) -> None:
    edit = fate.mutant.edit
    outcome = "equivalent" if _is_listed(fate, equivalent) else fate.outcome
    by = f" by {fate.by}" if fate.by else ""
    print(f"{outcome:<10} {fate.mutant.path}:{edit.line}  {edit.operator}  [{fate.cpu:.1f} s]{by}")
    print(f"    - {edit.before.strip()}\n    + {edit.after.strip()}", flush=True)


def _sum(seed: str, fates: Sequence[Fate], equivalent: set[tuple[str, str, str]]) -> int:
    """Print the figures of a sample; 1 when too few were killed."""
    print(f"\nseed {seed}")
    print(f"{'':<10}{'drawn':>7}{'killed':>8}{'by limit':>10}{'survived':>10}{'equivalent':>12}{'score':>8}{'s each':>8}")
    packages = dict.fromkeys(fate.mutant.path.split("/")[1] for fate in fates)
    rows = {package: [fate for fate in fates if fate.mutant.path.split("/")[1] == package] for package in packages}
    share = 1.0
    for name, row in {**rows, "all": fates}.items():
        counts = Counter("equivalent" if _is_listed(fate, equivalent) else fate.outcome for fate in row)
        killed, alike = counts["killed"] + counts["time limit"], counts["equivalent"]
        share = killed / max(1, len(row) - alike)
        survived, each = len(row) - killed - alike, sum(fate.cpu for fate in row) / len(row)
        print(f"{name:<10}{len(row):>7}{killed:>8}{counts['time limit']:>10}{survived:>10}{alike:>12}{share:>8.1%}{each:>8.1f}")
    return int(share < ENOUGH)


if __name__ == "__main__":
    raise SystemExit(main())
