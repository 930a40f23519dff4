"""Which removals wait, what stays with what, and in which order a move goes: whole plans, told in a few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource
from bunsui.plan.model import Action, Reason, ResourceChange, Retirement, Risk
from bunsui.plan.retirement import Blockers, RetirementPolicy, in_two_steps

AT = datetime(2026, 1, 31, tzinfo=UTC)
KEPT = timedelta(days=14)
KINDS = {"m": "state_machine", "r": "role", "f": "lambda_function", "l": "log_group", "s": "schedule", "g": "schedule_group"}
KINDS |= {"a": "alert_rule"}
EVERYTHING = (
    "m",
    "r",
    "l",
    "f:load",
    "r:load",
    "l:load",
    "f:save",
    "r:save",
    "l:save",
    "s:daily",
    "g",
    "r:scheduler",
    "a:failed",
)
"""What a pipeline may have, by the first letter of its kind and its name."""
NEEDS = {"m": ("r", "f:load", "f:save", "l"), "f:load": ("r:load", "l:load"), "f:save": ("r:save", "l:save")}
NEEDS |= {"s:daily": ("m", "r:scheduler", "g"), "a:failed": ("m",), "r:scheduler": ("m",)}


def at(text: str, pipeline: str = "orders") -> Address:
    kind, _, name = text.partition(":")
    return Address(KINDS[kind], pipeline, name)


def short(address: Address) -> str:
    letter = next(letter for letter, kind in KINDS.items() if kind == address.kind)
    return f"{letter}:{address.name}" if address.name else letter


DRIFT = DiffItem(
    section=Section.ATTRIBUTE, subject="x", path=(), operation=ChangeOperation.CHANGED, before="a", after="b", attribute="x"
)


def leaving(address: Address, action: Action = Action.DELETE) -> ResourceChange:
    actual = ActualResource(address=address, physical_name="x", attributes={})
    return ResourceChange(
        address=address,
        physical_name="x",
        action=action,
        reason=Reason.REMOVED,
        risk=Risk.DESTROYS,
        actual=actual,
        drift=(DRIFT,),
    )


def staying(address: Address, action: Action = Action.NO_OP) -> ResourceChange:
    desired = DesiredResource(address=address, physical_name="x", attributes={})
    return ResourceChange(address=address, physical_name="x", action=action, reason=Reason.IN_SYNC, desired=desired)


def wrote(address: Address, retired_at: datetime | None = None) -> AppliedResource:
    needs = tuple(at(need, address.pipeline) for need in NEEDS.get(short(address), ()))
    return AppliedResource(address=address, physical_name="x", attributes={}, depends_on=needs, retired_at=retired_at)


def policy(holds: dict[Address, Blockers] | None = None, moved: dict[str, str] | None = None) -> RetirementPolicy:
    return RetirementPolicy(as_of=AT, kept_for=KEPT, holds=holds or {}, moved=moved or {})


def told(changes: dict[Address, ResourceChange]) -> dict[str, str]:
    """Return what becomes of each, and what stays with it."""
    found = {}
    for address, change in changes.items():
        keeps = change.retirement.keeps if change.retirement is not None else ()
        with_it = f" with {' '.join(map(short, keeps))}" if keeps else ""
        said = "" if change.retirement is None else " over" if change.retirement.is_over else " waits"
        found[short(address)] = f"{change.action.value}{said}{with_it}"
    return found


def removed(*there: str, known: bool = True, stays: tuple[str, ...] = (), **more: object) -> dict[str, str]:
    """Return what becomes of resources that all leave, apart from those that stay."""
    changes = {at(one): staying(at(one)) if one in stays else leaving(at(one)) for one in there}
    applied = {at(one): wrote(at(one)) for one in there} if known else {}
    return told(in_two_steps(changes, applied, policy(**more)))  # type: ignore[arg-type]


GOES = dict.fromkeys(("s:daily", "g", "r:scheduler"), "delete")
STAYS = dict.fromkeys(("r", "l", "f:load", "r:load", "l:load", "f:save", "r:save", "l:save", "a:failed"), "no-op waits")


def test_a_machine_is_retired_with_all_that_it_needs_and_all_that_tells_of_it() -> None:
    with_it = "a:failed f:load f:save l l:load l:save r r:load r:save"
    expected = {**STAYS, **GOES, "m": f"retire waits with {with_it}"}
    assert removed(*EVERYTHING) == expected
    assert removed(*reversed(EVERYTHING)) == expected


def test_where_the_state_knows_nothing_all_that_is_made_earlier_stays() -> None:
    forgotten = removed(*EVERYTHING, known=False)
    assert {name: forgotten[name] for name in STAYS} == STAYS
    assert forgotten["m"].startswith("retire waits with a:failed f:load f:save l l:load l:save r r:load")
    assert forgotten["s:daily"] == "delete"


@pytest.mark.parametrize("known", [True, False])
def test_a_function_that_left_its_machine_is_retired_with_its_own_role_and_log(known: bool) -> None:
    there = ("m", "f:load", "r:load", "l:load", "r:save", "l:save", "s:daily", "g", "r:scheduler")
    assert removed(*there, known=known, stays=("m",)) == {
        **GOES,
        "m": "no-op",
        "f:load": "retire waits with l:load r:load",
        "r:load": "no-op waits",
        "l:load": "no-op waits",
        "r:save": "retire waits",
        "l:save": "delete",
    }


def test_without_a_machine_nothing_has_to_wait() -> None:
    assert removed("r", "l", "f:load", "r:load") == dict.fromkeys(("r", "l", "f:load", "r:load"), "delete")
    other = {at("f:load"): leaving(at("f:load")), at("m", "other"): staying(at("m", "other"))}
    assert in_two_steps(other, {}, policy())[at("f:load")].action is Action.DELETE
    gone = {at("f:load"): leaving(at("f:load")), at("m"): replace(leaving(at("m")), actual=None, action=Action.FORGET)}
    assert in_two_steps(gone, {}, policy())[at("f:load")].action is Action.DELETE


def test_a_role_with_another_name_waits_and_the_scheduler_s_does_not() -> None:
    found = removed("m", "r:@old", "r:scheduler@old", stays=("m",))
    assert found == {"m": "no-op", "r:@old": "retire waits", "r:scheduler@old": "delete"}


def test_what_waits_says_since_when_and_is_no_risk_any_more() -> None:
    since = AT - timedelta(days=3)
    changes = {at(one): leaving(at(one)) for one in ("m", "r", "l")}
    applied = {at("m"): wrote(at("m"), since), at("r"): wrote(at("r")), at("l"): wrote(at("l"))}
    found = in_two_steps(changes, applied, policy({at("m"): Blockers(running=("one",))}))
    waits = Retirement(since=since, until=since + KEPT, running=("one",))
    note = "retired, kept until 2026-02-11 00:00 UTC; and while a session runs: one"
    quiet = {"action": Action.NO_OP, "reason": Reason.RETIRED, "risk": Risk.NONE, "drift": ()}
    assert found == {
        at("m"): replace(leaving(at("m")), **quiet, note=note, retirement=replace(waits, keeps=(at("l"), at("r")))),  # type: ignore[arg-type]
        at("r"): replace(leaving(at("r")), **quiet, retirement=waits),  # type: ignore[arg-type]
        at("l"): replace(leaving(at("l")), **quiet, retirement=waits),  # type: ignore[arg-type]
    }


def test_what_begins_to_wait_says_for_how_long_and_keeps_its_reason() -> None:
    changes = {at("m"): leaving(at("m")), at("r"): leaving(at("r"))}
    found = in_two_steps(changes, {at("m"): wrote(at("m"))}, policy())
    assert found[at("m")] == replace(
        leaving(at("m")),
        action=Action.RETIRE,
        risk=Risk.RETIRES,
        note="kept 14 days for its sessions, then deleted by an apply",
        retirement=Retirement(keeps=(at("r"),)),
    )
    drifted = {at("m"): replace(leaving(at("m")), reason=Reason.REMOVED_AND_DRIFT)}
    moved = in_two_steps(drifted, {}, policy(moved={"orders": "sales"}))
    assert moved[at("m")].reason is Reason.REMOVED_AND_DRIFT


def test_when_the_time_is_over_everything_goes_but_what_another_one_still_needs() -> None:
    there = {at(one): leaving(at(one)) for one in ("m", "r", "f:load", "r:load", "l:load")}
    long_ago = AT - 2 * KEPT
    applied = {one: wrote(one, long_ago if one == at("m") else None) for one in there}
    over = in_two_steps(there, applied, policy({at("m"): Blockers()}))
    assert told(over) == dict.fromkeys(("m", "r", "f:load", "r:load", "l:load"), "delete over")
    old = at("m:@old")
    shared = {**there, old: leaving(old)}
    holding = {**applied, old: AppliedResource(address=old, physical_name="o", attributes={}, depends_on=(at("r"),))}
    for holds in ({at("m"): Blockers()}, {at("m"): Blockers(), at("r"): Blockers()}):
        found = told(in_two_steps(shared, holding, policy(holds)))
        assert (found["m"], found["f:load"], found["r"], found["m:@old"]) == (
            "delete over", "delete over", "no-op waits", "retire waits with l:load r"
        )  # fmt: skip


def test_in_a_move_the_new_machine_comes_first_and_the_old_starts_end_before_the_new_ones_begin() -> None:
    old = {at(one): leaving(at(one)) for one in ("m", "s:daily", "g")}
    old |= {at("l"): staying(at("l")), at("s:other"): staying(at("s:other"), Action.CREATE)}
    new = {at(one, "sales"): staying(at(one, "sales"), Action.CREATE) for one in ("m", "s:daily", "r")}
    new[at("s:kept", "sales")] = staying(at("s:kept", "sales"), Action.UPDATE)
    third = {at("s:daily", "third"): staying(at("s:daily", "third"), Action.CREATE)}
    before = {address: replace(change, depends_on=(at("r", "x"),)) for address, change in {**old, **new, **third}.items()}
    found = in_two_steps(before, {}, policy(moved={"gone": "nowhere", "orders": "sales"}))
    more = {address: change.depends_on[1:] for address, change in found.items() if change.depends_on[1:]}
    heir = at("m", "sales")
    assert more == {
        at("m"): (heir,),
        at("s:daily"): (heir,),
        at("g"): (heir,),
        at("s:daily", "sales"): (at("s:daily"),),
    }
    assert all(change.depends_on[0] == at("r", "x") for change in found.values())
    apart = in_two_steps(
        {address: change for address, change in before.items() if address != heir}, {}, policy(moved={"orders": "sales"})
    )
    assert {change.depends_on for change in apart.values()} == {(at("r", "x"),)}
