"""Measures a plan of a project in which nothing changed: `python -m benchmarks.plan [--pipelines N] [--terraform] [--buckets]`.

N pipelines are applied once to the embedded AWS. Then `bunsui plan` runs as a process of its own, through a proxy on this
machine that counts calls by action and delays each; with `--buckets` it also refuses calls past AWS's documented limits. With
`--terraform` Terraform gets the same resources, in an account of its own, and is measured in turns with bunsui.

`--growth 10,100,1000` measures several sizes. Calls are exact; compare times within one run only.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import terraform
from benchmarks.countproxy import AWS_LIMITS, Bucket, Counted, CountingProxy
from benchmarks.keys import credentials_at
from benchmarks.processes import Ran, run
from benchmarks.projects import ENVIRONMENT, Variant, write_project
from bunsui.composition.workspace import Workspace
from bunsui.emulator.launcher.launcher import LocalEndpoint, ensure_running, stop
from bunsui.project.compile import compile_project

OURS, THEIRS = "222222222222", "333333333333"
"""Accounts of the emulator."""
APPLIED_AT_ONCE = 50
"""Pipelines that Terraform applies together."""
BULK = "iam:GetAccountAuthorizationDetails"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What `bunsui.composition.workspace` is asked for."""

    directory: Path
    environment: str | None = ENVIRONMENT
    profile: str | None = None
    region: str | None = None

    def notice(self, message: str) -> None:
        """Print it."""
        print(message, file=sys.stderr)

    def connected(self, traffic: object) -> None:
        """Ignore it: the proxy counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What several runs of one thing showed: medians, and the calls of the last run."""

    name: str
    seconds: float
    spread: tuple[float, float]
    cpu_seconds: float
    peak_mb: float
    counted: Counted

    def line(self, pipelines: int) -> str:
        """Return the row of the table."""
        refused = self.counted.refused.total()
        return (
            f"{self.name:34} {self.seconds:8.2f} {self.spread[0]:7.2f}-{self.spread[1]:<7.2f} {self.cpu_seconds:7.2f} "
            f"{self.peak_mb:6.0f} {self.counted.total:7} {self.counted.total / pipelines:9.3f} {refused:8}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One project in one emulator."""

    work: Path
    upstream: LocalEndpoint
    proxy: CountingProxy
    pipelines: int

    @property
    def project(self) -> Path:
        """The folder of bunsui's project."""
        return self.work / "project"

    def bunsui(self, *arguments: str, url: str | None = None) -> Ran:
        """Run bunsui against the proxy, or another endpoint."""
        hidden = ("AWS_", "BUNSUI_", "CI", "PYTHONDONTWRITEBYTECODE")  # pip compiles what it installs
        environ = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
        command = [sys.executable, "-m", "benchmarks.as_aws", url or self.proxy.url, OURS, "-C", str(self.project)]
        return _checked(run([*command, "--env", ENVIRONMENT, *arguments], environ=environ, folder=self.work))

    def terraform(self, *arguments: str, folder: str = "terraform") -> Ran:
        """Run Terraform against the proxy."""
        environ = terraform.environment(self.work, credentials_at(self.upstream.url, THEIRS))
        command = [terraform.program(), f"-chdir={self.work / folder}", *arguments]
        return _checked(run(command, environ=environ, folder=self.work))


def _checked(ran: Ran) -> Ran:
    if ran.code != 0:
        raise SystemExit(f"the command failed with {ran.code}:\n{ran.output[-3000:]}")
    return ran


@contextmanager
def bench(pipelines: int, variant: Variant, *, with_terraform: bool, folder: Path | None = None) -> Iterator[Bench]:
    """Return a project that was applied to an emulator of its own. With a `folder` both stay there, and a later run goes on
    from them, so that measuring again need not wait for the applies."""
    with tempfile.TemporaryDirectory(prefix="bunsui-bench-") as scratch:
        work = folder or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        upstream = ensure_running(work / "aws")
        try:
            with CountingProxy(upstream.url) as proxy:
                made = Bench(work=work, upstream=upstream, proxy=proxy, pipelines=pipelines)
                if not made.project.exists():
                    write_project(made.project, pipelines=pipelines, variant=variant, account=OURS)
                    applied = made.bunsui("apply", "--yes", url=upstream.url)
                    print(f"  bunsui apply: {applied.seconds:.1f} s", file=sys.stderr)
                if with_terraform:
                    _apply_with_terraform(made)
                yield made
        finally:
            stop(work / "aws")


def _apply_with_terraform(made: Bench) -> None:
    """Return Terraform the same resources: in parts, whose states become one, since the time that an apply takes grows with the
    square of its resources."""
    repository = Workspace(Asked(directory=made.project)).offline
    resources = compile_project(repository).resources
    names = sorted({resource.address.pipeline for resource in resources})
    chunks = [frozenset(names[start : start + APPLIED_AT_ONCE]) for start in range(0, len(names), APPLIED_AT_ONCE)]
    parts = {f"terraform-{number}": chunk for number, chunk in enumerate(chunks)} | {"terraform": frozenset(names)}
    begun = time.monotonic()
    for part, chunk in parts.items():
        if (made.work / part / "terraform.tfstate").exists():
            continue
        shutil.rmtree(made.work / part, ignore_errors=True)
        terraform.write_configuration(
            made.work / part,
            [resource for resource in resources if resource.address.pipeline in chunk],
            scope=repository.scope,
            code=made.project / "code",
            endpoint=made.proxy.url,
        )
        made.terraform("init", "-input=false", "-no-color", folder=part)
        if part == "terraform":
            terraform.write_state(made.work / part, [made.work / one for one in parts if one != part])
        else:
            made.terraform("apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=10", folder=part)
            print(f"  terraform, {part}: {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
    terraform.write_endpoint(made.work / "terraform", scope=repository.scope, endpoint=made.proxy.url)


def measure(made: Bench, chosen: argparse.Namespace) -> list[Row]:
    """Measure everything that was asked for, in turns."""
    made.proxy.latency_seconds = chosen.latency_ms / 1000
    made.proxy.limits = AWS_LIMITS if chosen.buckets else ()
    ways: dict[str, Sequence[str]] = {"bunsui plan": ()}
    if not chosen.bulk_only:
        ways["bunsui plan, no bulk permission"] = (BULK,)
    found: dict[str, list[tuple[Ran, Counted]]] = {}
    for _ in range(chosen.runs):
        for name, denied in ways.items():
            made.proxy.denied = denied
            made.proxy.reset()
            ran = made.bunsui("plan", "--detailed-exitcode")  # 2, a failure here, when it sees a change
            found.setdefault(name, []).append((ran, made.proxy.reset()))
            print(f"  {name}: {ran.seconds:.1f} s", file=sys.stderr, flush=True)
        made.proxy.denied = ()
        if chosen.terraform:
            made.proxy.reset()
            ran = made.terraform("plan", "-detailed-exitcode", "-input=false", "-no-color", "-parallelism=10")
            found.setdefault("terraform plan", []).append((ran, made.proxy.reset()))
            print(f"  terraform plan: {ran.seconds:.1f} s", file=sys.stderr, flush=True)
    return [_row(name, runs) for name, runs in found.items()]


def _row(name: str, runs: Sequence[tuple[Ran, Counted]]) -> Row:
    seconds = [ran.seconds for ran, _ in runs]
    return Row(
        name=name,
        seconds=statistics.median(seconds),
        spread=(min(seconds), max(seconds)),
        cpu_seconds=statistics.median(ran.cpu_seconds for ran, _ in runs),
        peak_mb=max(ran.peak_mb for ran, _ in runs),
        counted=runs[-1][1],
    )


def allowed_seconds(calls: Counter[str], limits: Sequence[tuple[str, Bucket]]) -> float:
    """Return the time that the buckets alone ask for, full at first: that of the slowest action."""
    from fnmatch import fnmatchcase

    waits = [0.0]
    for action, count in calls.items():
        bucket = next((bucket for pattern, bucket in limits if fnmatchcase(action, pattern)), None)
        if bucket is not None:
            waits.append((count - bucket.burst) / bucket.per_second)
    return max(waits)


def report(rows: Sequence[Row], pipelines: int, chosen: argparse.Namespace) -> None:
    """Print the table, the calls by action, and how the rows compare."""
    limits = "AWS's buckets" if chosen.buckets else "no buckets"
    print(f"\n{chosen.variant}, {pipelines} pipelines, {chosen.latency_ms:g} ms, {limits}, median of {chosen.runs}")
    print(f"{'':34} {'wall s':>8} {'spread':>15} {'cpu s':>7} {'MB':>6} {'calls':>7} {'/pipeline':>9} {'refused':>8}")
    for row in rows:
        print(row.line(pipelines))
    for row in rows:
        print(f"  {row.name}: " + ", ".join(f"{action} {count}" for action, count in row.counted.calls.most_common()))
        if chosen.buckets:
            answered = row.counted.calls - row.counted.refused
            least = allowed_seconds(answered, AWS_LIMITS)
            ratio = f"{row.seconds / least:.2f} times that" if least > 0 else "no wait needed"
            print(f"  {row.name}: the buckets alone ask for {least:.1f} s: {ratio}")
    theirs = next((row for row in rows if row.name.startswith("terraform")), None)
    for row in rows if theirs is not None else ():
        if theirs is not None and row is not theirs:
            faster, fewer = theirs.seconds / row.seconds, theirs.counted.total / row.counted.total
            print(
                f"  {row.name}: {faster:.1f} times as fast as Terraform, with 1/{fewer:.1f} of its calls "
                f"and 1/{theirs.peak_mb / row.peak_mb:.1f} of its memory"
            )


def report_growth(sizes: Sequence[int], ours: Sequence[Row]) -> None:
    """Print by which power of the size time and calls grow."""
    if len(sizes) < 2:
        return
    span = math.log(sizes[-1] / sizes[0])
    for what, values in (("wall", [row.seconds for row in ours]), ("cpu", [row.cpu_seconds for row in ours])):
        print(f"growth of {what} from {sizes[0]} to {sizes[-1]} pipelines: N^{math.log(values[-1] / values[0]) / span:.2f}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pipelines", type=int, default=50)
    parser.add_argument("--growth", help="several sizes instead, such as 10,100,1000")
    parser.add_argument(
        "--variant", choices=["plain", "scheduled", "full", "central"], default="full", help="see benchmarks/projects.py"
    )
    parser.add_argument("--latency-ms", type=float, default=40.0, help="delay of each call")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--buckets", action="store_true", help="refuse calls past AWS's documented limits")
    parser.add_argument("--terraform", action="store_true", help="needs TERRAFORM_BIN and TERRAFORM_PROVIDER_MIRROR")
    parser.add_argument("--bulk-only", action="store_true", help=f"leave out the plans without {BULK}")
    parser.add_argument("--json", action="store_true", help="print calls by action as JSON at the end")
    parser.add_argument("--folder", type=Path, help="keep the projects there, one for each size, and begin with what is there")
    chosen = parser.parse_args()
    if chosen.terraform and not terraform.is_there():
        parser.error("set TERRAFORM_BIN and TERRAFORM_PROVIDER_MIRROR for --terraform")
    sizes = [int(size) for size in chosen.growth.split(",")] if chosen.growth else [chosen.pipelines]
    ours: list[Row] = []
    for size in sizes:
        folder = chosen.folder / f"{chosen.variant}-{size}" if chosen.folder else None
        with bench(size, chosen.variant, with_terraform=chosen.terraform, folder=folder) as made:
            rows = measure(made, chosen)
        report(rows, size, chosen)
        ours.append(rows[0])
        if chosen.json:
            print(json.dumps({row.name: dict(row.counted.calls) for row in rows}))
    report_growth(sizes, ours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
