"""Failures with one reason are told once, with who may have caused them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bunsui.apply.events import ApplyEvent, ChangeDone, ChangeFailed, ChangeSkipped
from bunsui.model.address import Address
from bunsui.plan.model import Action
from bunsui.ports.ledger import Actor, ApplyRecord
from bunsui.view.apply.summary import is_shared, shared_lines
from bunsui.view.spans import plain

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
OTHER = ApplyRecord(
    id="01",
    operation="apply",
    actor=Actor(who="user/mika", link="https://ci.example/7"),
    begun_at=NOON - timedelta(seconds=60),
    ended_at=NOON - timedelta(seconds=5),
    outcome="complete",
)


def stale(pipeline: str, kind: str = "role") -> ChangeFailed:
    return ChangeFailed(
        address=Address(kind, pipeline), action=Action.CREATE, code="stale-resource", message="moved", hint="plan it"
    )


def shown(*events: ApplyEvent, since: ApplyRecord | None = OTHER) -> str:
    return plain(shared_lines(events, since=since, now=NOON))


def test_many_resources_that_moved_are_one_message_with_who_applied_since() -> None:
    text = shown(*(stale(f"p{number}") for number in range(3)), stale("p0", "log_group"))
    assert text.count("no longer as they were") == 1
    assert "✗ 4 changes were not made" in text
    assert "    p0: log group, role\n" in text
    assert "    the last one before this: apply of user/mika, complete, 5.0 s ago  https://ci.example/7\n" in text
    assert text.count("bunsui plan") == 1


def test_one_resource_that_moved_keeps_its_own_words() -> None:
    text = shown(stale("orders"), since=None)
    assert "✗ could not create role of orders" in text
    assert "plan it" in text
    assert "before this" not in text


def test_an_apply_that_has_not_ended_is_said_to_be_under_way_or_killed() -> None:
    assert "which was killed or is under way" in shown(stale("a"), since=replace(OTHER, ended_at=None))


def test_what_was_not_tried_is_counted_and_named() -> None:
    skipped = [ChangeSkipped(address=Address("role", f"p{n}"), action=Action.CREATE, because="it failed") for n in range(2)]
    assert "- 2 more were not tried" in shown(*skipped)
    assert "p1: role" in shown(*skipped)
    assert "did not create role of p0" in shown(skipped[0])


def test_a_failure_of_its_own_is_told_as_it_happens() -> None:
    own = ChangeFailed(address=Address("role", "a"), action=Action.CREATE, code="access-denied", message="no")
    done = ChangeDone(address=Address("role", "a"), action=Action.CREATE, seconds=1)
    assert not is_shared(own)
    assert not is_shared(done)
    assert is_shared(stale("a"))
