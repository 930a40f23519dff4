"""What is read while the files compile is what would have been read afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.errors import Refused, Unavailable
from bunsui.model.address import Address
from bunsui.model.resource import TAG_PROJECT, ActualResource, AppliedResource, DesiredResource
from bunsui.project.compile import compile_project
from bunsui.refresh.full import no_progress, read_actual
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.refresh.prefetch import prefetch
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest
from bunsui.testkit.provider import MemoryAccount, MemoryProvider
from bunsui.testkit.state import MemoryRows, MemoryStateStore, MemoryTable
from tests.fakes.workspace import Workspace, a_workspace
from tests.faults.amount import amount

FATES = ("as applied", "gone", "drifted", "tags of another", "tags lost", "state lost", "not wanted", "not wanted, tags lost")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two pipelines, applied."""
    made = a_workspace(tmp_path_factory.mktemp("ahead"), "raw", "etl")
    made.apply()
    return made


def _after(fate: str, actual: ActualResource) -> ActualResource | None:
    if fate == "gone":
        return None
    if fate == "drifted":
        return replace(actual, attributes={**actual.attributes, "description": "by hand"}, revision="other")
    if fate == "tags of another":
        return replace(actual, tags={**actual.tags, TAG_PROJECT: "another"})
    if fate.endswith("tags lost"):
        return replace(actual, tags={})
    return actual


def _state(workspace: Workspace, applied: dict[Address, AppliedResource]) -> MemoryStateStore:
    scope = workspace.repository.scope
    rows = {(scope.project, scope.environment): MemoryRows(table_exists=True, applied=applied)}
    return MemoryStateStore(scope, MemoryTable(exists=True, owners=dict(workspace.table.owners), scopes=rows))


@pytest.fixture(scope="module")
def wanted(workspace: Workspace) -> tuple[DesiredResource, ...]:
    return compile_project(workspace.repository).resources


@settings(max_examples=amount(20, 50, 500))
@given(data=st.data())
def test_reading_ahead_gives_what_reading_afterwards_gives(
    data: st.DataObject, workspace: Workspace, wanted: tuple[DesiredResource, ...]
) -> None:
    ports, scope = workspace.ports, workspace.repository.scope
    desired: list[DesiredResource] = []
    applied = dict(ports.state.applied())
    memory = replace(workspace.account.memory, objects=dict(workspace.account.objects))
    for item in wanted:
        fate = data.draw(st.sampled_from(FATES), label=str(item.address))
        place = item.address.kind, item.physical_name
        changed = _after(fate, memory.objects.pop(place))
        if changed is not None:
            memory.objects[place] = changed
        if fate == "state lost":
            del applied[item.address]
        if not fate.startswith("not wanted"):
            desired.append(item)
    there = replace(ports, providers=memory.providers(), state=_state(workspace, applied))
    with prefetch(scope, there, everything=True, progress=no_progress) as prefetched:
        assert prefetched.actual(desired) == read_actual(there.providers, scope, desired, applied=applied)


class _Endless(MemoryProvider):
    """Reads until nobody waits for it any more."""

    def __init__(self, kind: str, given_up: threading.Event) -> None:
        super().__init__(kind, MemoryAccount())
        self._given_up = given_up

    def read_owned(self, *_: object, **__: object) -> Sequence[ActualResource]:
        if not self._given_up.wait(timeout=60):
            raise AssertionError("read to its end")
        raise Unavailable("reading-given-up", "nobody waits")


def _endless(ports: ReconcilePorts) -> ReconcilePorts:
    given_up = threading.Event()

    @contextmanager
    def reading() -> Iterator[Callable[[], None]]:
        yield given_up.set

    return replace(ports, providers={kind: _Endless(kind, given_up) for kind in ports.providers}, reading=reading)


def test_files_with_errors_give_up_what_is_being_read(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    workspace.edit("pipelines/raw.yaml", "version: 1", "version: 1\nnonsense: true")
    outcome = plan_project(workspace.repository, _endless(workspace.ports))
    assert outcome.plan is None


def test_a_refused_plan_gives_up_what_is_being_read(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    (tmp_path / "pipelines/raw.yaml").unlink()
    with pytest.raises(Refused) as refusal:
        plan_project(workspace.repository, _endless(workspace.ports))
    assert refusal.value.code == "no-pipeline-files"


def test_findings_in_the_files_come_before_whatever_the_account_says(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.edit("pipelines/raw.yaml", "version: 1", "version: 1\nnonsense: true")

    def refuse() -> None:
        raise Refused("another-account", "the credentials belong to another account")

    outcome = plan_project(workspace.repository, replace(workspace.ports, account_checked=refuse))
    assert any(found.is_error for found in outcome.diagnostics)


@pytest.mark.parametrize("refresh", [Refresh.TOUCHED, Refresh.NONE])
def test_nothing_of_aws_is_read_ahead_when_not_everything_is_wanted(tmp_path: Path, refresh: Refresh) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    outcome = plan_project(workspace.repository, _endless(workspace.ports), PlanRequest(refresh=refresh))
    assert outcome.plan is not None
    assert not outcome.plan.pending
