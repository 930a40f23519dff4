"""An import, killed by SIGKILL before and after any call to AWS: one owner afterwards, and the next import finishes it."""

from __future__ import annotations

import signal

import pytest

from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Action
from tests.faults.amount import some
from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import Fate, Mortal
from tests.faults.rooms import Room

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(3600)]

LAW = "1 real SIGKILL on the embedded AWS"
TEXT = '{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "End": true}}}'


def make(room: Room, name: str) -> None:
    """Make a machine as somebody does who knows nothing of bunsui."""
    role = f"arn:aws:iam::{room.account}:role/theirs"
    room.by_hand.writer("stepfunctions").create_state_machine(
        name=name, definition=TEXT, roleArn=role, tags=[{"key": "team", "value": "data"}]
    )


def found(room: Room, name: str) -> ActualResource:
    actual = room.ports.providers[MACHINE].read(Address(MACHINE, name), name)
    assert actual is not None
    return actual


def check_nothing_is_lost(room: Room, name: str) -> bool:
    """Tell whether the machine is ours; where it is, its files say what it is, and no plan would take it away."""
    actual = found(room, name)
    assert actual.tags["team"] == "data"
    file = room.folder / "pipelines" / f"{name}.yaml"
    is_ours = actual.owned_by(room.repository.scope)
    if is_ours:
        assert file.exists()
        assert file.with_suffix(".asl.json").read_bytes() == TEXT.encode()
    changes = [change for change in room.plan().changes if change.address.pipeline == name]
    assert not {change.action for change in changes} & {Action.DELETE, Action.CREATE, Action.REPLACE, Action.RETIRE}
    return is_ours


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_import(room: MakeRoom, figure: Figure, moment: str) -> None:
    one = room("one", "raw")
    assert one.run("apply", "--yes") == 0
    make(one, "first")
    process = Mortal(one.order("import", "first", "--yes", fate=Fate(call=-2, moment="", signal=0)))
    assert process.ended() == 0, process.told()
    points = some(range(len(process.notes("sent"))), every=6)
    died = ours = 0
    for point in points:
        name = f"machine-{point}"
        make(one, name)
        died += one.run("import", name, "--yes", fate=Fate(call=point, moment=moment, signal=signal.SIGKILL)) < 0
        is_ours = check_nothing_is_lost(one, name)
        ours += is_ours
        again = ("apply", "--yes") if is_ours and point % 2 else ("import", name, "--yes")
        assert one.run(*again) == 0
        actual = found(one, name)
        assert actual.owned_by(one.repository.scope)
        assert actual.attributes["alias"] == "live"
        assert not one.plan().pending
        assert not one.ports.ledger.journal.pending()  # a lock that nobody needed since is taken over by the next write
    assert died
    figure(LAW, f"import, {moment}: {died} of {len(points)} points died, {ours} of the machines were ours by then")
