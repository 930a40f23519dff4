"""Whether a resource is still as the plan saw it, right before something is done to it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bunsui.apply.step import check_absent, check_reference, read_unmoved
from bunsui.errors import NotOwned, Refused
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, DesiredResource
from bunsui.plan.model import Action, Reason, ResourceChange
from bunsui.retry import Retrying
from bunsui.testkit.clock import ManualClock
from tests.fakes.project import SCOPE


def unmoved(change: ResourceChange, found: ActualResource | None, *, rereads: bool = True) -> SimpleNamespace:
    """Return what the checks look at of a step whose resource is found so in AWS."""
    provider = SimpleNamespace(read=lambda address, name: found)
    return SimpleNamespace(
        change=change, provider=provider, scope=SCOPE, rereads_creates=rereads, retrying=Retrying(clock=ManualClock())
    )


ROLE = Address("role", "orders")
OURS = ActualResource(
    address=ROLE, physical_name="x", attributes={"path": "/"}, outputs={"arn": "a"}, tags=SCOPE.tags(ROLE), revision="1"
)
WANTED = ResourceChange(
    address=ROLE,
    physical_name="x",
    action=Action.CREATE,
    reason=Reason.NEW,
    desired=DesiredResource(address=ROLE, physical_name="x", attributes={"path": "/"}),
    actual=OURS,
)


@pytest.mark.parametrize(
    ("found", "rereads", "code"),
    [
        (None, True, ""),
        (OURS, True, "stale-resource"),
        (OURS, False, ""),
        (replace(OURS, tags={}), True, "not-owned"),
        (replace(OURS, tags={}), False, ""),
        (replace(OURS, tags={}, claimable="Lambda made it"), True, ""),
        (replace(OURS, claimable="Lambda made it"), True, "stale-resource"),
    ],
)
def test_what_is_to_be_made_must_not_be_there_by_now(found: ActualResource | None, rereads: bool, code: str) -> None:
    step: Any = unmoved(WANTED, found, rereads=rereads)
    if not code:
        check_absent(step)
        return
    with pytest.raises((Refused, NotOwned)) as refused:
        check_absent(step)
    assert refused.value.code == code
    assert refused.value.facts["name"] == "x"
    assert "bunsui plan orders" in refused.value.hint


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (OURS, ""),
        (None, "it is gone"),
        (replace(OURS, tags={}), "it no longer carries our tags"),
        (replace(OURS, outputs={"arn": "b"}), "it was replaced"),
        (replace(OURS, outputs={}), "it was replaced"),
        (replace(OURS, outputs={"arn": "a", "more": "m"}), ""),
        (replace(OURS, revision="2", attributes={}), ""),
        (replace(OURS, unreadable="denied", tags={}, outputs={}), ""),
    ],
)
def test_what_a_change_relies_on_must_still_be_what_it_names(found: ActualResource | None, what: str) -> None:
    step: Any = unmoved(WANTED, found)
    if not what:
        check_reference(step)
        return
    with pytest.raises(Refused) as refused:
        check_reference(step)
    assert (refused.value.code, what in str(refused.value.facts)) == ("stale-resource", True)


@pytest.mark.parametrize(
    ("found", "reason", "words"),
    [
        (OURS, Reason.CONFIGURED, ""),
        (None, Reason.CONFIGURED, "it is gone since"),
        (replace(OURS, tags={}), Reason.CONFIGURED, "no longer carries our tags"),
        (replace(OURS, tags={}, claimable="x"), Reason.CONFIGURED, "no longer carries our tags"),
        (replace(OURS, tags={}, claimable="x"), Reason.TAKEN_OVER, ""),
        (replace(OURS, tags={}), Reason.TAKEN_OVER, "no longer carries our tags"),
        (replace(OURS, revision="2"), Reason.CONFIGURED, "it was changed since"),
    ],
)
def test_what_is_to_be_changed_must_be_as_the_plan_saw_it(found: ActualResource | None, reason: Reason, words: str) -> None:
    step: Any = unmoved(replace(WANTED, reason=reason), found)
    if not words:
        assert read_unmoved(step) is found
        return
    with pytest.raises((Refused, NotOwned)) as refused:
        read_unmoved(step)
    assert words in refused.value.summary


def test_what_was_assumed_is_compared_by_value_and_what_could_not_be_read_not_at_all() -> None:
    assumed = replace(WANTED, actual=replace(OURS, is_assumed=True))
    moved = replace(OURS, revision="2")
    assert read_unmoved(unmoved(assumed, moved)) is moved  # type: ignore[arg-type]
    with pytest.raises(Refused):
        read_unmoved(unmoved(assumed, replace(OURS, attributes={"path": "/other"})))  # type: ignore[arg-type]
    unread = replace(WANTED, actual=replace(OURS, unreadable="denied"))
    assert read_unmoved(unmoved(unread, moved)) is moved  # type: ignore[arg-type]
    unsaid = replace(WANTED, actual=replace(OURS, revision=""))
    assert read_unmoved(unmoved(unsaid, moved)) is moved  # type: ignore[arg-type]
