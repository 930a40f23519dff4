"""60 kinds of outside change: each is told, alone and with all others of its kind; of what nobody touched nothing is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.comparison import difference
from tests.contracts.beside import ADDITIONS
from tests.contracts.conftest import Cloud
from tests.contracts.outside import GONE, NOT_OURS, ROWS, Row
from tests.contracts.specimens import KINDS
from tests.contracts.test_frugal_reads import bench_of, recorded
from tests.contracts.test_provider_contract import Bench
from tests.faults.amount import some

KINDS_OF_MOTO = frozenset(KINDS) - {"lambda_function", "state_machine"}
"""Of functions it drops settings, of machines it publishes no versions."""


def told(bench: Bench, applied: Mapping[Address, AppliedResource]) -> set[str]:
    """What differs from what was applied, as a bulk read sees it."""
    [(address, before)] = applied.items()
    found = bench.provider.read_owned(bench.cloud.scope, [bench.specimen.desired], applied=applied)
    if not found:
        return {GONE}
    [actual] = found
    seen: ActualResource = actual
    assert not seen.unreadable
    differs = {item.attribute for item in difference(address.kind, before.attributes, seen.attributes).items}
    return differs if seen.owned_by(bench.cloud.scope) else {*differs, NOT_OURS}


def restore(bench: Bench) -> None:
    """Make it as it was, as an apply would; what is not ours any more, or gone, as it was made."""
    actual = bench.read()
    if actual is not None and actual.owned_by(bench.cloud.scope):
        bench.provider.update(bench.specimen.resource, actual)
        return
    if actual is not None:
        bench.provider.delete(actual)
    bench.provider.create(bench.specimen.resource)


@pytest.mark.parametrize("kind", KINDS)
def test_each_outside_change_is_told_and_an_untouched_account_has_none(cloud: Cloud, kind: str) -> None:
    if cloud.name == "moto" and kind not in KINDS_OF_MOTO:
        pytest.skip("moto keeps too little of it")
    bench = bench_of(cloud, kind)
    bench.create()
    rows: list[tuple[str, Row]] = [(name, row) for name, row in ROWS.items() if row[0] == kind]
    missed = []
    for name, (_, attribute, change) in some(rows, every=3):
        applied = recorded(bench)
        assert told(bench, applied) == set(), "untouched"
        change(cloud.outsider, applied[bench.specimen.resource.address])
        if attribute not in told(bench, applied):
            missed.append(name)
        restore(bench)
    assert missed == []


def test_there_are_more_than_sixty() -> None:
    assert len(ROWS) + len(ADDITIONS) >= 80


@pytest.mark.parametrize("kind", KINDS)
def test_several_changes_at_once_are_all_told(cloud: Cloud, kind: str) -> None:
    if cloud.name == "moto" and kind not in KINDS_OF_MOTO:
        pytest.skip("moto keeps too little of it")
    bench = bench_of(cloud, kind)
    bench.create()
    applied = recorded(bench)
    at_once = {
        attribute: change
        for one, attribute, change in ROWS.values()
        if one == kind and attribute not in (GONE, NOT_OURS, "alias")
    }
    for change in at_once.values():
        change(cloud.outsider, applied[bench.specimen.resource.address])
    assert at_once.keys() <= told(bench, applied)
    restore(bench)
    assert told(bench, applied) == set()
