"""What is decided of one resource, whole, for every combination of its values: `tests/cases/plan-combinations.txt`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

from bunsui.diff.model import DiffItem
from bunsui.model.json import Json
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource
from bunsui.plan.model import ResourceChange
from bunsui.plan.three_way import ResourceValues, compare
from bunsui.ports.ledger import JournalEntry
from tests.unit.plan.test_three_way import GROUP, SCOPE, found, wanted, written

EXPECTED = Path(__file__).parents[2] / "cases" / "plan-combinations.txt"
B: dict[str, Json] = {"retention_days": 60}
C: dict[str, Json] = {"tags": {"cost": "7"}}
PROTECTED = Lifecycle(prevent_destroy=True)
LEFT = Lifecycle(ignore=(IgnoredPlace(attribute="tags"),))
DESIRED: dict[str, DesiredResource | None] = {
    "nothing": None,
    "A": wanted(),
    "B": wanted(**B),
    "A with tags left to others": replace(wanted(), lifecycle=LEFT),
    "A, protected, of another name": replace(wanted(), lifecycle=PROTECTED, physical_name="/new"),
}
ACTUAL: dict[str, ActualResource | None] = {
    "nothing": None,
    "A": found(),
    "B": found(**B),
    "A with tags": found(**C),
    "A assumed": replace(found(), is_assumed=True),
    "unknown": replace(found(), unreadable="denied"),
    "somebody's A": replace(found(), tags={}),
    "somebody's B to claim": replace(found(**B), tags={}, claimable="Lambda made it"),
}
APPLIED: dict[str, AppliedResource | None] = {
    "nothing": None,
    "A": written(),
    "B, protected": replace(written(**B), lifecycle=PROTECTED),
    "A, unknown since": replace(written(), is_known=False),
}
PENDING: dict[str, JournalEntry | None] = {
    "": None,
    " while writing A": JournalEntry(
        address=GROUP, physical_name="/log", action="update", steps=("update",), intended=written()
    ),
    " while it went": JournalEntry(address=GROUP, physical_name="/log", action="delete", steps=("delete",)),
}


def items(found: tuple[DiffItem, ...]) -> str:
    return ", ".join(f"{'.'.join((item.attribute, *map(str, item.path)))} {item.before} to {item.after}" for item in found)


def told(change: ResourceChange) -> str:
    assert change.newly_allowed == (), "no role"
    parts = [f"{change.action.value}, {change.reason.value}", change.risk.value if change.risk.value != "none" else ""]
    parts += [f"{name}: {items(found)}" for name, found in (("diff", change.diff.items), ("drift", change.drift)) if found]
    if change.applied is not None and change.actual is not None:
        parts += [f"applied {' '.join(f'{key}={value}' for key, value in change.applied.attributes.items())}"]
    return "; ".join(part for part in (*parts, change.note) if part)


def lines() -> Iterator[str]:
    for (want, desired), (mark, pending) in product(DESIRED.items(), PENDING.items()):
        yield f"wanted {want}{mark}"
        for (there, actual), (known, applied) in product(ACTUAL.items(), APPLIED.items()):
            values = ResourceValues(address=GROUP, desired=desired, actual=actual, applied=applied, pending=pending)
            if (desired, actual, applied, pending) != (None, None, None, None):
                yield f"  {there}, applied {known}: {told(compare(values, SCOPE))}"


def test_every_combination_is_decided_as_recorded(update_cases: bool) -> None:
    text = "".join(f"{line}\n" for line in lines())
    if update_cases:
        EXPECTED.write_text(text, encoding="utf-8")
    assert text == EXPECTED.read_text(encoding="utf-8")


def test_a_change_holds_what_it_was_made_from() -> None:
    want, needs = DESIRED["B"], (replace(GROUP, pipeline="other"),)
    values = ResourceValues(address=GROUP, desired=want, actual=found(), applied=written(), needs=needs)
    change = compare(values, SCOPE)
    assert (change.address, change.physical_name, change.desired) == (GROUP, found().physical_name, want)
    assert (change.actual, change.applied, change.depends_on) == (found(), written(), needs)
    renamed = compare(replace(values, desired=DESIRED["A, protected, of another name"]), SCOPE)
    assert renamed.physical_name == "/new"
    assert (
        compare(
            replace(values, desired=None, actual=None, applied=None, pending=PENDING[" while it went"]), SCOPE
        ).physical_name
        == "/log"
    )
