"""Every row of the three-way table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import TAG_PROJECT_ID, TAG_REGION, ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Reference, Unknown, Value
from bunsui.plan.model import Action, Reason, Risk
from bunsui.plan.three_way import ResourceValues, compare

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")
GROUP = Address("log_group", "orders")
NAME = "/sales--dev--orders"


def wanted(**attributes: Json) -> DesiredResource:
    return DesiredResource(address=GROUP, physical_name=NAME, attributes={"retention_days": 30, "tags": {}, **attributes})


def found(**attributes: Json) -> ActualResource:
    whole = {"retention_days": 30, "tags": {}, **attributes}
    return ActualResource(address=GROUP, physical_name=NAME, attributes=whole, tags=SCOPE.tags(GROUP), revision="1")


def written(**attributes: Json) -> AppliedResource:
    return AppliedResource(address=GROUP, physical_name=NAME, attributes={"retention_days": 30, "tags": {}, **attributes})


A: dict[str, Json] = {"retention_days": 30}
B: dict[str, Json] = {"retention_days": 60}
C: dict[str, Json] = {"retention_days": 90}
OTHER: dict[str, Json] = {"tags": {"team": "x"}}


@pytest.mark.parametrize(
    ("desired", "actual", "applied", "action", "reason"),
    [
        (wanted(**A), found(**A), written(**A), Action.NO_OP, Reason.IN_SYNC),
        (wanted(**B), found(**A), written(**A), Action.UPDATE, Reason.CONFIGURED),
        (wanted(**A), found(**B), written(**A), Action.UPDATE, Reason.DRIFT),
        (wanted(**B), found(**OTHER), written(**A), Action.UPDATE, Reason.CONFIGURED_AND_DRIFT),
        (wanted(**C), found(**B), written(**A), Action.UPDATE, Reason.CONFLICT),
        (wanted(**B), found(**B), written(**A), Action.ADOPT, Reason.ALREADY_THERE),
        (None, found(**A), written(**A), Action.DELETE, Reason.REMOVED),
        (None, found(**B), written(**A), Action.DELETE, Reason.REMOVED_AND_DRIFT),
        (None, None, written(**A), Action.FORGET, Reason.GONE),
        (None, replace(found(**A), holds="objects"), written(**A), Action.NO_OP, Reason.HOLDS),
        (wanted(**B), replace(found(**A), holds="objects"), written(**A), Action.UPDATE, Reason.CONFIGURED),
        (wanted(**A), None, None, Action.CREATE, Reason.NEW),
        (wanted(**A), None, written(**A), Action.CREATE, Reason.DELETED_OUTSIDE),
        (wanted(**A), found(**A), None, Action.ADOPT, Reason.UNKNOWN_ORIGIN),
        (wanted(**B), found(**A), None, Action.UPDATE, Reason.UNKNOWN_ORIGIN),
        (wanted(**A), replace(found(**A), tags={}), None, Action.REFUSE, Reason.NOT_OURS),
        (wanted(**A), replace(found(**A), tags={}), written(**A), Action.REFUSE, Reason.NOT_OURS),
        (None, replace(found(**A), tags={}), written(**A), Action.FORGET, Reason.NOT_OURS),
        (None, found(**A), None, Action.DELETE, Reason.UNKNOWN_ORIGIN),
        (wanted(**A), replace(found(), unreadable="denied"), written(**A), Action.NO_OP, Reason.UNREADABLE),
        (wanted(**B), replace(found(), unreadable="denied"), written(**A), Action.UPDATE, Reason.UNREADABLE),
        (wanted(**A), replace(found(), unreadable="denied"), None, Action.REFUSE, Reason.UNREADABLE),
        (None, replace(found(), unreadable="denied"), written(**A), Action.NO_OP, Reason.UNREADABLE),
    ],
)
def test_each_row_gives_its_action_and_reason(
    desired: DesiredResource | None,
    actual: ActualResource | None,
    applied: AppliedResource | None,
    action: Action,
    reason: Reason,
) -> None:
    change = compare(ResourceValues(address=GROUP, desired=desired, actual=actual, applied=applied), SCOPE)
    assert (change.action, change.reason) == (action, reason)


def test_what_cannot_be_read_shows_what_the_file_changed_since() -> None:
    hidden = replace(found(), unreadable="denied")
    change = compare(ResourceValues(address=GROUP, desired=wanted(**B), actual=hidden, applied=written(**A)), SCOPE)
    assert [(item.before, item.after) for item in change.diff.items] == [(30, 60)]


def test_a_conflict_shows_what_apply_changes_and_what_somebody_changed() -> None:
    change = compare(ResourceValues(address=GROUP, desired=wanted(**C), actual=found(**B), applied=written(**A)), SCOPE)
    assert change.risk is Risk.OVERWRITES_OUTSIDE_CHANGE
    assert [(item.before, item.after) for item in change.diff.items] == [(60, 90)]
    assert [(item.before, item.after) for item in change.drift] == [(30, 60)]


def test_a_refusal_says_which_tags_hand_the_resource_over() -> None:
    stranger = replace(found(**A), tags={"bunsui:project": "other"})
    change = compare(ResourceValues(address=GROUP, desired=wanted(**A), actual=stranger), SCOPE)
    assert "bunsui:project=sales" in change.note
    assert "resource_name" in change.note


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (replace(SCOPE, region="us-east-1"), "is used by dev in eu-west-1"),
        (replace(SCOPE, project_id="two"), "belongs to another project of the name sales (id one)"),
    ],
)
def test_what_another_region_or_project_of_the_name_uses_is_refused_and_its_removal_forgets_it(scope: Scope, told: str) -> None:
    tags = replace(SCOPE, project_id="one").tags(GROUP)
    theirs = replace(found(**B), tags=tags)
    change = compare(ResourceValues(address=GROUP, desired=wanted(**A), actual=theirs, applied=written(**A)), scope)
    assert (change.action, change.reason) == (Action.REFUSE, Reason.NOT_OURS)
    assert told in change.note
    assert compare(ResourceValues(address=GROUP, actual=theirs, applied=written(**A)), scope).action is Action.FORGET


def test_what_tells_neither_region_nor_project_id_is_judged_by_its_names() -> None:
    older = {key: value for key, value in SCOPE.tags(GROUP).items() if key not in (TAG_REGION, TAG_PROJECT_ID)}
    scope = replace(SCOPE, project_id="one")
    assert replace(found(**A), tags=older).owned_by(scope)
    assert not replace(found(**A), tags=older, used_in="us-east-1").owned_by(scope)


def test_another_name_replaces() -> None:
    actual = replace(found(**A), physical_name="/old")
    change = compare(ResourceValues(address=GROUP, desired=wanted(**A), actual=actual, applied=written(**A)), SCOPE)
    assert change.action is Action.REPLACE
    assert change.risk is Risk.REPLACES


def test_an_attribute_that_cannot_change_in_place_replaces() -> None:
    address = Address("state_machine", "orders")
    base: dict[str, Json] = {
        "type": "STANDARD",
        "definition": {},
        "role_arn": "r",
        "tracing": False,
        "alias": "live",
        "logging": {},
        "tags": {},
    }
    desired = DesiredResource(address=address, physical_name="m", attributes={**base, "type": "EXPRESS"})
    actual = ActualResource(address=address, physical_name="m", attributes=base, tags=SCOPE.tags(address))
    applied = AppliedResource(address=address, physical_name="m", attributes=base)
    change = compare(ResourceValues(address=address, desired=desired, actual=actual, applied=applied), SCOPE)
    assert (change.action, change.risk) == (Action.REPLACE, Risk.REPLACES)


def test_a_reference_known_only_after_apply_is_a_change() -> None:
    expected: dict[str, Value] = {"retention_days": 30, "tags": {"role": Unknown()}}
    desired = replace(wanted(), attributes={"retention_days": 30, "tags": {"role": Reference(GROUP, "arn")}})
    trio = ResourceValues(
        address=GROUP, desired=desired, expected=expected, actual=found(tags={"role": "x"}), applied=written(tags={"role": "x"})
    )
    assert compare(trio, SCOPE).action is Action.UPDATE
