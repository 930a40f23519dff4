"""A plan right after an apply believes nothing old."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bunsui.errors import AccessDenied
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.ports.cloud import Provider
from bunsui.refresh.consistency import FEW, read_until_consistent, without_deleted
from bunsui.refresh.full import no_progress
from tests.fakes.project import SCOPE, Project, a_pipeline


class Slow:
    """A provider that gives an old value for the first few reads."""

    def __init__(self, inner: Provider, old: ActualResource | None, times: int) -> None:
        self._inner, self._old, self.times = inner, old, times

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        self.times -= 1
        return self._old if self.times >= 0 else self._inner.read(address, physical_name)


def settle(project: Project, read: list[ActualResource], slow: Slow | None = None) -> tuple[ActualResource, ...]:
    providers = dict(project.account.providers())
    if slow is not None:
        providers["log_group"] = slow  # type: ignore[assignment]
    applied = project.state.applied()
    return read_until_consistent(read, applied, providers=providers, clock=project.clock, progress=no_progress)


def everything(project: Project) -> list[ActualResource]:
    return [item for provider in project.account.providers().values() for item in provider.read_owned(SCOPE, ())]


def test_an_old_value_is_read_again_until_it_is_the_new_one() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    current = everything(project)
    stale = [replace(item, attributes={"retention_days": 7}) if item.address.kind == "log_group" else item for item in current]
    old = next(item for item in stale if item.address.kind == "log_group")
    slow = Slow(project.account.providers()["log_group"], old, times=2)
    begun = project.clock.now()
    assert sorted(settle(project, stale, slow), key=str) == sorted(current, key=str)
    assert project.clock.now() - begun == timedelta(seconds=0.5 + 1 + 1.5)


def test_schedules_of_one_name_in_several_groups_do_not_hide_each_other() -> None:
    project = Project()
    read = [
        ActualResource(
            address=Address("schedule", pipeline, "daily"), physical_name="daily", attributes={"group": f"shop--{pipeline}"}
        )
        for pipeline in ("orders", "refunds")
    ]
    assert list(settle(project, read)) == read


def test_a_resource_that_is_not_listed_yet_is_read_by_name() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    current = everything(project)
    assert sorted(settle(project, current[1:]), key=str) == sorted(current, key=str)


def test_a_real_change_is_believed_after_half_a_minute() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    project.account.change("log_group", "sales--dev--orders", retention_days=7)
    begun = project.clock.now()
    found = settle(project, everything(project))
    assert next(item for item in found if item.address.kind == "log_group").attributes["retention_days"] == 7
    assert project.clock.now() - begun == timedelta(seconds=30)


def test_what_was_written_long_ago_is_believed_at_once() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    project.account.change("log_group", "sales--dev--orders", retention_days=7)
    project.clock.sleep(61)
    begun = project.clock.now()
    settle(project, everything(project))
    assert project.clock.now() == begun


def test_what_only_a_list_still_shows_is_not_there() -> None:
    project = Project()
    project.converge((*a_pipeline("orders"), *a_pipeline("refunds")))
    listed = everything(project)
    for item in listed:
        if item.address.pipeline == "refunds":
            project.account.providers()[item.address.kind].delete(item)

    believed = without_deleted(listed, {item.address for item in a_pipeline("orders")}, providers=project.account.providers())
    assert {item.address.pipeline for item in believed} == {"orders"}
    assert list(believed) == everything(project)


def test_what_the_files_or_the_state_know_is_not_asked_for_again() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    listed = everything(project)
    slow = Slow(project.account.providers()["log_group"], None, times=9)
    providers: dict[str, Any] = {**project.account.providers(), "log_group": slow}

    assert without_deleted(listed, {item.address for item in listed}, providers=providers) == tuple(listed)
    assert slow.times == 9


def test_what_may_not_be_asked_for_by_itself_is_believed() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    listed = everything(project)

    closed = dict.fromkeys(project.account.providers(), cast("Provider", Closed()))

    assert without_deleted(listed, (), providers=closed) == tuple(listed)


def test_many_that_nobody_knows_are_believed_since_it_is_the_state_that_is_missing() -> None:
    many = [
        ActualResource(address=Address("role", f"p{number}"), physical_name=f"p{number}", attributes={})
        for number in range(FEW + 1)
    ]

    assert without_deleted(many, (), providers={}) == tuple(many)


class Closed:
    """A provider that may read nothing by its name."""

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        raise AccessDenied("aws-access-denied", "not allowed")


@pytest.mark.parametrize(("age", "is_fresh"), [(59.999, True), (60, False)])
def test_a_write_is_fresh_for_less_than_a_minute(age: float, is_fresh: bool) -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    project.account.change("log_group", "sales--dev--orders", retention_days=7)
    written = project.clock.now() - timedelta(seconds=age)
    applied = {address: replace(item, written_at=written) for address, item in project.state.applied().items()}
    slow = Slow(project.account.providers()["log_group"], None, times=0)
    providers: dict[str, Any] = {**project.account.providers(), "log_group": slow}
    read_until_consistent(everything(project), applied, providers=providers, clock=project.clock, progress=no_progress)
    assert (slow.times < 0) is is_fresh


@pytest.mark.parametrize(("count", "are_asked"), [(50, True), (51, False)])
def test_a_few_that_nobody_knows_are_asked_for_and_more_are_not(count: int, are_asked: bool) -> None:
    unknown = [ActualResource(address=Address("role", f"p{n}"), physical_name=f"p{n}", attributes={}) for n in range(count)]
    gone: dict[str, Any] = {"role": Slow(cast("Provider", None), None, times=2 * count)}
    assert without_deleted(unknown, (), providers=gone) == (() if are_asked else tuple(unknown))


def test_what_cannot_be_read_and_what_is_only_assumed_is_not_read_again() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    for mark in ({"unreadable": "not allowed"}, {"is_assumed": True}):
        read = [replace(item, attributes={}, **mark) for item in everything(project)]
        begun = project.clock.now()
        assert sorted(settle(project, read), key=str) == sorted(read, key=str)
        assert project.clock.now() == begun
