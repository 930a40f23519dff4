"""Every row of the three-way table, made to happen on the embedded AWS: what plan says of it, and what apply makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.model.address import parse_address
from bunsui.model.resource import TAG_PROJECT
from bunsui.plan.model import Action, Reason, ResourceChange, Risk
from bunsui.services.apply.patience import Patience
from bunsui.services.state import remove_state
from tests.faults.rooms import Room

pytestmark = pytest.mark.embedded

MACHINE = parse_address("state_machine.raw")
DEFINITION = "pipelines/definitions/raw.asl.json"


@pytest.fixture
def room(tmp_path: Path, embedded: LocalEndpoint) -> Room:
    """A raw pipeline, applied, more than a minute ago."""
    made = Room(tmp_path / "room", embedded, "raw")
    assert made.apply().is_complete
    made.clock.sleep(120)
    return made


def states(room: Room) -> Any:
    return room.by_hand.writer("stepfunctions")


def arn(room: Room) -> str:
    return room.ports.state.applied()[MACHINE].outputs["arn"]


def wait_in_file(room: Room, seconds: int) -> None:
    """What the pull request says."""
    path = room.folder / DEFINITION
    document = json.loads(path.read_text())
    document["States"]["Wait"]["Seconds"] = seconds
    path.write_text(json.dumps(document))


def wait_in_console(room: Room, seconds: int, *, published: bool = False) -> None:
    """What somebody sets by hand, and publishes behind the alias or not."""
    definition = json.loads(states(room).describe_state_machine(stateMachineArn=arn(room))["definition"])
    definition["States"]["Wait"]["Seconds"] = seconds
    answer = states(room).update_state_machine(stateMachineArn=arn(room), definition=json.dumps(definition), publish=published)
    if published:
        routing = [{"stateMachineVersionArn": answer["stateMachineVersionArn"], "weight": 100}]
        states(room).update_state_machine_alias(stateMachineAliasArn=f"{arn(room)}:live", routingConfiguration=routing)


def tag_in_console(room: Room) -> None:
    states(room).tag_resource(resourceArn=arn(room), tags=[{"key": "by", "value": "hand"}])


def untagged(room: Room) -> None:
    states(room).untag_resource(resourceArn=arn(room), tagKeys=[TAG_PROJECT])


def deleted_in_console(room: Room) -> None:
    states(room).delete_state_machine(stateMachineArn=arn(room))


def removed_from_files(room: Room) -> None:
    """The file goes; another pipeline stays, since a checkout without any is an error."""
    (room.folder / "pipelines/raw.yaml").rename(room.folder / "pipelines/other.yaml")
    room.workspace.edit("pipelines/other.yaml", "name: raw", "name: other")


def forgotten(room: Room) -> None:
    """The state is lost."""
    remove_state(room.ports, [str(address) for address in room.ports.state.applied()], patience=Patience())


def both(*what: Callable[[Room], None]) -> Callable[[Room], None]:
    def happen(room: Room) -> None:
        for one in what:
            one(room)

    return happen


ROWS: dict[str, tuple[Callable[[Room], None], Action, Reason]] = {
    "same, same": (lambda room: None, Action.NO_OP, Reason.IN_SYNC),
    "changed, same": (lambda room: wait_in_file(room, 5), Action.UPDATE, Reason.CONFIGURED),
    "same, changed": (lambda room: wait_in_console(room, 9), Action.UPDATE, Reason.DRIFT),
    "changed, changed elsewhere": (
        both(lambda room: wait_in_file(room, 5), tag_in_console),
        Action.UPDATE,
        Reason.CONFIGURED_AND_DRIFT,
    ),
    "changed, changed to another value": (
        both(lambda room: wait_in_file(room, 5), lambda room: wait_in_console(room, 9, published=True)),
        Action.UPDATE,
        Reason.CONFLICT,
    ),
    "changed, changed to the same value": (
        both(lambda room: wait_in_file(room, 5), lambda room: wait_in_console(room, 5, published=True)),
        Action.ADOPT,
        Reason.ALREADY_THERE,
    ),
    "removed, same": (removed_from_files, Action.RETIRE, Reason.REMOVED),
    "removed, changed": (both(tag_in_console, removed_from_files), Action.RETIRE, Reason.REMOVED_AND_DRIFT),
    "removed, absent": (both(deleted_in_console, removed_from_files), Action.FORGET, Reason.GONE),
    "present, absent": (deleted_in_console, Action.CREATE, Reason.DELETED_OUTSIDE),
    "present, never applied, as desired": (forgotten, Action.ADOPT, Reason.UNKNOWN_ORIGIN),
    "present, never applied, different": (
        both(lambda room: wait_in_file(room, 5), forgotten),
        Action.UPDATE,
        Reason.UNKNOWN_ORIGIN,
    ),
    "removed, never applied": (both(removed_from_files, forgotten), Action.RETIRE, Reason.UNKNOWN_ORIGIN),
}


def change_of(room: Room) -> ResourceChange:
    return next(change for change in room.plan().changes if change.address == MACHINE)


@pytest.mark.parametrize("row", [pytest.param(row, marks=[pytest.mark.slow] * (number % 2)) for number, row in enumerate(ROWS)])
def test_each_row_gives_its_action_and_reason_and_one_apply_settles_it(room: Room, row: str) -> None:
    happens, action, reason = ROWS[row]
    happens(room)
    change = change_of(room)
    assert (change.action, change.reason) == (action, reason)
    if room.plan().pending:
        assert room.apply().is_complete
    room.clock.sleep(120)
    assert not [f"{left.address} {left.action} {left.reason}" for left in room.plan().pending]


@pytest.mark.parametrize("is_known", [True, False])
def test_what_lost_our_tags_is_refused_with_what_would_hand_it_over(room: Room, is_known: bool) -> None:
    machine = arn(room)
    untagged(room)
    if not is_known:
        forgotten(room)
    change = change_of(room)
    assert (change.action, change.reason) == (Action.REFUSE, Reason.NOT_OURS)
    tags = f"key={TAG_PROJECT},value={room.repository.scope.project}"
    assert (tags if is_known else f"`bunsui import {machine.rpartition(':')[2]}`") in change.note
    states(room).tag_resource(resourceArn=machine, tags=[{"key": TAG_PROJECT, "value": room.repository.scope.project}])
    room.apply()
    assert not room.plan().pending


def test_a_conflict_shows_all_three_values(room: Room) -> None:
    wait_in_file(room, 5)
    wait_in_console(room, 9, published=True)
    change = change_of(room)
    assert change.risk is Risk.OVERWRITES_OUTSIDE_CHANGE
    assert (9, 5) in [(item.before, item.after) for item in change.diff.items]
    assert (1, 9) in [(item.before, item.after) for item in change.drift]
