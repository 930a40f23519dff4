"""The engine against the reference suite of JSONata: a score, and a list in which each case that differs has its reason."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.faults.amount import ALL
from tests.unit.engine.jsonata.reference_suite import Case, Verdict, judge, read_cases

CASES = Path(__file__).parents[3] / "cases" / "jsonata"
TOLD = json.loads((CASES / "suite-differences.json").read_text())
DIFFERENCES: dict[str, str] = TOLD["differences"]
SLOW: dict[str, str] = TOLD["slow"]
"""Cases of seconds each: judged by `make faults` alone."""
SHARES = 4


def archive() -> Path:
    """Return the pinned archive, as `make` laid it; skip where no registry answered."""
    pinned = re.search(r"^(\S+)==(\S+) --hash=sha256:(\w+)$", (CASES / "suite.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    name, version, digest = pinned.groups()
    path = Path(sys.prefix) / "reference" / f"{name.replace('-', '_')}-{version}.tar.gz"
    if not path.exists():
        pytest.skip("the reference suite of JSONata is not here: no registry answered `make test`")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    return path


@cache
def cases() -> tuple[Case, ...]:
    return tuple(read_cases(archive()))


@pytest.mark.parametrize("share", range(SHARES))
def test_what_differs_from_the_reference_has_its_reason(share: int) -> None:
    judged = [case for case in cases() if ALL or case.name not in SLOW][share::SHARES]
    found = {case.name: verdict for case in judged if (verdict := judge(case)[0]) is not Verdict.RIGHT}
    assert [name for name, verdict in found.items() if verdict is Verdict.WRONG] == []
    assert found.keys() == DIFFERENCES.keys() & {case.name for case in judged}


def test_the_score() -> None:
    groups = Counter(case.name.partition("/")[0] for case in cases())
    assert (len(groups), groups.total()) == (102, 1655)
    not_in_aws = sum(name.startswith("function-eval/") for name in DIFFERENCES)
    had = groups.total() - not_in_aws
    assert (had - (len(DIFFERENCES) - not_in_aws)) / had >= 0.99
    assert all(len(reason) > 10 for reason in DIFFERENCES.values())
