"""How slips of the pen are told: their place, their remedy, and one finding for each.

python -m benchmarks.slips [--seed 1] [--count 200] [--show] [--examples]

With `--examples` the slips are made in every example of the repository, its cases and its documentation, and the kinds are
listed; otherwise in one file that holds a little of everything.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from bunsui.aws.offered_calls import BotocoreModels
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.load import load_pipelines
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from tests.checked_text import findings_of_text
from tests.example_files import OneFile, example_files, project_of
from tests.slips import Slip, slips

_SCOPE = Scope(project="p", environment="local", account="000000000000", region="us-east-1")
ASKED = ("place", "remedy", "one")


def judged(slip: Slip, findings: tuple[Diagnostic, ...]) -> dict[str, bool]:
    """Return whether the place is right, the remedy is, and there is one finding only; all of the first finding."""
    first = findings[0]
    words = f"{first.summary} {first.hint} {first.detail}"
    helps = bool(
        first.hint or first.detail or re.search(r"key \w+ is missing|\bwrite |must be at (least|most) ", first.summary)
    )
    lines = range(slip.line - 1, slip.line + 2) if slip.kind in ("a lost line", "an indentation") else (slip.line,)
    place = any(finding.position is not None and finding.position.line in lines for finding in findings[:1])
    if slip.kind == "a lost line":
        place = slip.meant in words or place
    return {"place": place, "remedy": helps and slip.meant in words, "one": len(findings) == 1}


def figures(seed: int, count: int, *, show: bool = False) -> tuple[Counter[str], int]:
    """Return how many slips in the one file were told right in each respect, and how many were told at all."""
    right: Counter[str] = Counter()
    told = 0
    for slip in slips(seed, count):
        found = tuple(finding for finding in findings_of_text(slip.text) if finding.severity is not Severity.INFO)
        told += bool(found)
        right.update(_counted(slip, found, show=show))
    return right, told


def figures_of_examples(seed: int, each: int, *, show: bool = False) -> dict[str, Counter[str]]:
    """Return the same for slips in every example, by kind; `told` and `all` are counted beside."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for name, folder, text in example_files():
        before = Counter(_said(_findings(name, folder, text)))
        for slip in slips(seed, each, text):
            found = tuple(_new(_findings(name, folder, slip.text), before))
            kinds[slip.kind].update(["all", *(["told"] if found else []), *_counted(slip, found, show=show)])
    return kinds


def _counted(slip: Slip, found: tuple[Diagnostic, ...], *, show: bool) -> list[str]:
    """Return in which respects the slip was told right, or that it was not told."""
    verdict = judged(slip, found) if found else {"silent": True, "told": False}
    if show and not all(verdict.get(name) for name in ASKED):
        wrong = [name for name in ASKED if not verdict.get(name)] if found else "SILENT"
        print(wrong, slip.kind, slip.line, slip.text.splitlines()[max(slip.line - 1, 0)].strip(), "| meant", slip.meant)
        for finding in found[:3]:
            print("      ", finding.position, finding.code, finding.summary, "|", finding.hint or finding.detail)
    return [name for name, good in verdict.items() if good]


def _findings(name: str, folder: Path, text: str) -> tuple[Diagnostic, ...]:
    documents = load_pipelines(
        OneFile(folder, name, text), project_of(name), registry=builtin_registry(), scope=_SCOPE, services=BotocoreModels()
    )
    return tuple(finding for finding in documents.diagnostics if finding.severity is not Severity.INFO)


def _said(findings: tuple[Diagnostic, ...]) -> list[tuple[str, str]]:
    return [(finding.code, finding.summary) for finding in findings]


def _new(findings: tuple[Diagnostic, ...], before: Counter[tuple[str, str]]) -> Iterator[Diagnostic]:
    """Return the findings that the file did not have before the slip."""
    left = Counter(before)
    for finding, said in zip(findings, _said(findings), strict=True):
        if left[said] > 0:
            left[said] -= 1
        else:
            yield finding


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--examples", action="store_true")
    options = parser.parse_args()
    if options.examples:
        _print_examples(options.seed, options.count, show=options.show)
        return
    right, told = figures(options.seed, options.count, show=options.show)
    for name in ASKED:
        print(f"{name:7} {right[name]:4} of {told}  {right[name] / told:.1%}")
    print(f"silent  {right['silent']:4} of {options.count}")


def _print_examples(seed: int, count: int, *, show: bool) -> None:
    files = len(example_files())
    kinds = figures_of_examples(seed, max(count // files, 10), show=show)
    whole: Counter[str] = sum(kinds.values(), Counter())
    print(f"{files} files, {whole['all']} slips, {whole['silent']} of them silent")
    for name, counts in [*sorted(kinds.items()), ("all", whole)]:
        shown = "  ".join(f"{asked} {counts[asked] / max(counts['told'], 1):6.1%}" for asked in ASKED)
        print(f"{name:26} {counts['told']:4} told  {shown}")


if __name__ == "__main__":
    main()
