"""Compares two versions in turns: `python -m benchmarks.before_after --old REVISION [--pairs N] [--pipelines N]`.

`--old` is a revision of this repository, which is checked out into a folder that goes afterwards, or the folder of a checkout.
The new version is the one that this command belongs to. Each has a project of its own in an account of its own of one embedded
AWS, which it applied; then each command runs once on either side, N times, and the side that begins changes with each pair.

The ratio of user CPU is the median over the pairs, each of two runs that followed one another: other work on the machine then
touches both. Calls are exact. Ends with 1 when the ratio of a command is above `--bound`, or when the new one makes more calls.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.countproxy import Counted, CountingProxy
from benchmarks.processes import Ran, run
from benchmarks.projects import ENVIRONMENT
from bunsui.emulator.launcher.launcher import ensure_running, stop

HERE = Path(__file__).resolve().parent.parent
OFFLINE: dict[str, Sequence[str]] = {"help": ("--help",), "validate": ("validate",)}
ASKING: dict[str, Sequence[str]] = {"plan": ("plan", "--detailed-exitcode")}  # 2, a failure here, when it sees a change
COMMANDS = {**OFFLINE, **ASKING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two versions."""

    name: str
    checkout: Path
    account: str
    work: Path

    @property
    def project(self) -> Path:
        """The folder of its project."""
        return self.work / self.name

    def python(self, *arguments: str) -> Ran:
        """Run this version's modules; ends the benchmark when they fail."""
        hidden = ("AWS_", "BUNSUI_", "CI", "PYTHONDONTWRITEBYTECODE")  # what is compiled at first is not compiled again
        environ = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        ran = run([sys.executable, *arguments], environ={**environ, "PYTHONPATH": str(self.checkout)}, folder=self.work)
        if ran.code != 0:
            raise SystemExit(f"{self.name}: {' '.join(arguments)} failed with {ran.code}:\n{ran.output[-3000:]}")
        return ran

    def bunsui(self, *arguments: str, url: str = "") -> Ran:
        """Run its bunsui, against an endpoint as if that were AWS where one is given."""
        module = ("benchmarks.as_aws", url, self.account) if url else ("bunsui",)
        return self.python("-m", *module, "-C", str(self.project), "--env", ENVIRONMENT, *arguments)

    def prepare(self, url: str, pipelines: int) -> None:
        """Write the project and apply it, and see that it is this version that does."""
        found = self.python("-c", "import bunsui; print(bunsui.__file__)").output.strip()
        if not Path(found).resolve().is_relative_to(self.checkout):
            raise SystemExit(f"{self.name}: {found} is imported, which is not in {self.checkout}")
        write = f"write_project(Path({str(self.project)!r}), pipelines={pipelines}, variant='full', account={self.account!r})"
        self.python("-c", f"from pathlib import Path; from benchmarks.projects import write_project; {write}")
        self.bunsui("apply", "--yes", url=url)


@dataclass(slots=True)
class Compared:
    """The runs of one command on both sides; runs at the same place of the lists are a pair."""

    old: list[tuple[Ran, Counted]] = field(default_factory=list)
    new: list[tuple[Ran, Counted]] = field(default_factory=list)

    def ratio(self, measure: str) -> float:
        """Return the median of new through old of a measure of `Ran`."""
        return statistics.median(getattr(new, measure) / getattr(old, measure) for (old, _), (new, _) in self._pairs())

    def calls(self) -> tuple[int, int]:
        """Return how many calls the last runs made."""
        return self.old[-1][1].total, self.new[-1][1].total

    def more_calls(self) -> dict[str, int]:
        """Return by how many the calls of each action differ; nothing when they are the same."""
        old, new = self.old[-1][1].calls, self.new[-1][1].calls
        return {action: new[action] - old[action] for action in sorted({*old, *new}) if new[action] != old[action]}

    def line(self, name: str) -> str:
        """Return the row of the table."""
        (old_calls, new_calls), user = self.calls(), self._medians("user_seconds")
        old_mb, new_mb = self._medians("peak_mb")
        return (
            f"{name:10} {user[0]:8.2f} {user[1]:8.2f} {self.ratio('user_seconds'):6.3f} {self.ratio('seconds'):6.3f}"
            f" {old_mb:8.1f} {new_mb:8.1f} {self.ratio('peak_mb'):6.3f} {old_calls:7} {new_calls:7}"
        )

    def _pairs(self) -> Iterator[tuple[tuple[Ran, Counted], tuple[Ran, Counted]]]:
        return zip(self.old, self.new, strict=True)

    def _medians(self, measure: str) -> tuple[float, float]:
        old, new = ([getattr(ran, measure) for ran, _ in runs] for runs in (self.old, self.new))
        return statistics.median(old), statistics.median(new)


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Yield the folder of a checkout of the revision; one that is a folder already is taken as it is."""
    if Path(revision).is_dir():
        yield Path(revision).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="bunsui-old-") as scratch:
        folder = Path(scratch).resolve() / "checkout"
        git = ["git", "-C", str(HERE), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", str(folder), revision], check=True)
        try:
            yield folder
        finally:
            subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def measure(old: Side, new: Side, proxy: CountingProxy, pairs: int) -> dict[str, Compared]:
    """Run every command on both sides so many times, in turns. What the first run of each compiles or fills is not counted."""
    found = {name: Compared() for name in COMMANDS}
    for side in (old, new):
        for name, arguments in COMMANDS.items():
            side.bunsui(*arguments, url=proxy.url if name in ASKING else "")
    for number in range(pairs):
        for name, arguments in COMMANDS.items():
            for side in (old, new) if number % 2 == 0 else (new, old):
                proxy.reset()
                ran = side.bunsui(*arguments, url=proxy.url if name in ASKING else "")
                runs = found[name].old if side is old else found[name].new
                runs.append((ran, proxy.reset()))
        print(f"  pair {number + 1} of {pairs}", file=sys.stderr, flush=True)
    return found


def report(found: dict[str, Compared]) -> None:
    """Print the table, and which calls are others."""
    print(f"{'':10} {'user CPU, s':^17} {'ratio of':^13} {'peak memory, MB':^24} {'calls':^15}")
    print(
        f"{'command':10} {'old':>8} {'new':>8} {'user':>6} {'wall':>6} {'old':>8} {'new':>8} {'ratio':>6} {'old':>7} {'new':>7}"
    )
    for name, compared in found.items():
        print(compared.line(name))
        for action, more in compared.more_calls().items():
            print(f"  {action} {more:+}")


def main() -> int:
    """Measure, print, and tell whether the new version keeps within the bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--old", required=True, help="a revision of this repository, or the folder of a checkout")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--pipelines", type=int, default=100)
    parser.add_argument("--latency-ms", type=float, default=5.0, help="delay of each call")
    parser.add_argument("--bound", type=float, default=1.03, help="the greatest ratio of user CPU that passes")
    chosen = parser.parse_args()
    with checked_out(chosen.old) as checkout, tempfile.TemporaryDirectory(prefix="bunsui-bench-") as scratch:
        work = Path(scratch)
        old = Side(name="old", checkout=checkout, account="222222222222", work=work)
        new = Side(name="new", checkout=HERE, account="333333333333", work=work)
        upstream = ensure_running(work / "aws")
        try:
            for side in (old, new):
                side.prepare(upstream.url, chosen.pipelines)
            with CountingProxy(upstream.url, latency_seconds=chosen.latency_ms / 1000) as proxy:
                found = measure(old, new, proxy, chosen.pairs)
        finally:
            stop(work / "aws")
    report(found)
    ratios = [compared.ratio("user_seconds") for compared in found.values()]
    more = [new_calls > old_calls for old_calls, new_calls in map(Compared.calls, found.values())]
    return int(max(ratios) > chosen.bound or any(more))


if __name__ == "__main__":
    sys.exit(main())
