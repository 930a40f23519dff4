"""Machines of others: which are meant, and that their sessions are told without owning anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from bunsui.errors import InvalidInput, NotFound
from bunsui.model.failures import ErrorClass
from bunsui.model.resource import Scope
from bunsui.model.session import SessionStatus
from bunsui.ports.machines import ListedMachine
from bunsui.services.history.events import session_events
from bunsui.services.run import RunRequest, start_session
from bunsui.services.sessions import Recollection, find_session, list_sessions
from bunsui.services.watch import as_looked_at, show_session
from bunsui.services.without_files.unmanaged import chosen_machines, unmanaged_context
from bunsui.sessions.snapshot import SessionFailure
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.view.sessions.advice import next_steps
from tests.fakes.acts import acts_in
from tests.fakes.session_room import Room

HEAD = "arn:aws:states:eu-west-1:111111111111"
NIGHTLY = f"{HEAD}:stateMachine:nightly"
SCOPE = Scope(project="", environment="unmanaged", account="111111111111", region="eu-west-1")


@dataclass
class Catalogue:
    """A list of machines in memory."""

    names: Sequence[str] = ("fast", "nightly", "weekly")

    def machines(self) -> Sequence[ListedMachine]:
        return [ListedMachine(arn=f"{HEAD}:stateMachine:{name}", name=name, is_express=name == "fast") for name in self.names]

    def tags(self) -> Mapping[str, Mapping[str, str]]:
        return {}

    def with_tag(self, key: str, value: str) -> Sequence[str]:
        return [NIGHTLY] if (key, value) == ("team", "data") else []


def chosen(asked: str) -> list[str]:
    return [machine.name for machine in chosen_machines(Catalogue(), asked)]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("all", ["fast", "nightly", "weekly"]),
        ("nightly", ["nightly"]),
        ("tag:team=data", ["nightly"]),
        ("tag:team=other", []),
        (NIGHTLY, ["nightly"]),
        (f"{NIGHTLY}:live", ["nightly"]),
        (f"{NIGHTLY}:7", ["nightly"]),
        (f"{HEAD}:execution:nightly:6f1c", ["nightly"]),
    ],
)
def test_machines_are_meant_by_name_arn_tag_or_all(asked: str, names: list[str]) -> None:
    assert chosen(asked) == names


def test_a_machine_that_is_not_there_is_an_error_with_the_one_that_was_probably_meant() -> None:
    with pytest.raises(NotFound) as caught:
        chosen("nightli")
    assert "nightly" in caught.value.hint


@pytest.mark.parametrize("asked", ["tag:team", "tag:=data", "arn:aws:s3:::bucket", "arn:aws:states:eu-west-1:1:activity:a"])
def test_what_names_no_machine_is_refused(asked: str) -> None:
    with pytest.raises(InvalidInput):
        chosen(asked)


def outside(room: Room, name: str) -> str:
    """Start an execution as the console does."""
    return room.execution.start(room.machine.arn, name=name, payload={"region": "us"})


def test_what_runs_there_is_listed_and_explained_without_a_row() -> None:
    room = Room()
    room.failing = {"load"}
    arn = outside(room, "6f1c0f9a-by-hand")
    room.clock.sleep(60)
    machine = ListedMachine(arn=room.machine.arn, name=room.machine.arn.rpartition(":")[2])
    rows = MemorySessionRepository()
    ports = room.context.ports
    context = unmanaged_context(
        [machine],
        ports=type(ports)(
            execution=ports.execution,
            sessions=rows,
            logs=ports.logs,
            clock=ports.clock,
            caller_arn="",
            acts=acts_in(),
            new_id=ports.new_id,
        ),
        scope=SCOPE,
        source=room.context.repository.source,
    )
    (listed,) = list_sessions(context)
    assert (listed.pipeline, listed.status) == (machine.name, SessionStatus.FAILED)
    found = find_session(context, arn, recollection=Recollection())
    assert found.id == listed.id
    snapshot = show_session(context, found)
    assert snapshot.failure is not None
    assert (snapshot.failure.job, snapshot.failure.error) == ("load", "ValueError")
    assert "bunsui" not in snapshot.failure.hint, "there is no file of ours to mend"
    assert [step.command.split()[1] for step in next_steps(snapshot)] == ["logs", "events"]
    assert any(event.job == "load" and event.error for event in session_events(context, found).events)
    assert list(room.sessions.find_prefix("0", limit=5)) == [], "the project's own rows stay as they were"


@pytest.mark.parametrize("arn", [NIGHTLY.replace("eu-west-1", "us-east-1"), NIGHTLY.replace("111111111111", "222222222222")])
def test_a_machine_of_another_region_or_account_is_refused_rather_than_found_empty(arn: str) -> None:
    room = Room()
    machines = chosen_machines(Catalogue(), arn)
    with pytest.raises(InvalidInput, match="elsewhere"):
        unmanaged_context(machines, ports=room.context.ports, scope=SCOPE, source=room.context.repository.source)


@pytest.mark.parametrize(
    ("hint", "kept"),
    [
        ("Fix the code, run `bunsui apply`, then resume.", ""),
        ("It ended by itself: see its lines. Fix it, run `bunsui apply`, then resume.", "It ended by itself: see its lines."),
        ("Raise `memory`, or let it hold less; run `bunsui apply`, then resume.", "Raise `memory`, or let it hold less."),
        ("Somebody stopped it.", "Somebody stopped it."),
    ],
)  # fmt: skip
def test_of_a_hint_for_machines_of_others_the_parts_that_need_no_file_are_told(hint: str, kept: str) -> None:
    room = Room()
    failure = SessionFailure(error="E", cause="", message="", error_class=ErrorClass.CODE, hint=hint)
    session = start_session(room.context, RunRequest(pipeline="daily"))
    seen = replace(show_session(room.context, session), failure=failure)
    told = as_looked_at(replace(room.context, is_managed=False), seen).failure
    assert told is not None
    assert told.hint == kept
