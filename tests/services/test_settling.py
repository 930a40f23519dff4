"""A plan right after an apply believes nothing old."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from bunsui.errors import AccessDenied
from bunsui.model.resource import ActualResource, Address
from bunsui.ports.cloud import Provider
from bunsui.services.reading import no_progress
from bunsui.services.settling import FEW, settled, still_there
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
    return settled(read, applied, providers=providers, clock=project.clock, progress=no_progress)


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

    believed = still_there(listed, {item.address for item in a_pipeline("orders")}, providers=project.account.providers())
    assert {item.address.pipeline for item in believed} == {"orders"}
    assert list(believed) == everything(project)


def test_what_the_files_or_the_state_know_is_not_asked_for_again() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    listed = everything(project)
    slow = Slow(project.account.providers()["log_group"], None, times=9)
    providers: dict[str, Any] = {**project.account.providers(), "log_group": slow}

    assert still_there(listed, {item.address for item in listed}, providers=providers) == tuple(listed)
    assert slow.times == 9


def test_what_may_not_be_asked_for_by_itself_is_believed() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    listed = everything(project)

    closed = dict.fromkeys(project.account.providers(), cast("Provider", Closed()))

    assert still_there(listed, (), providers=closed) == tuple(listed)


def test_many_that_nobody_knows_are_believed_since_it_is_the_state_that_is_missing() -> None:
    many = [
        ActualResource(address=Address("role", f"p{number}"), physical_name=f"p{number}", attributes={})
        for number in range(FEW + 1)
    ]

    assert still_there(many, (), providers={}) == tuple(many)


class Closed:
    """A provider that may read nothing by its name."""

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        raise AccessDenied("aws-access-denied", "not allowed")
