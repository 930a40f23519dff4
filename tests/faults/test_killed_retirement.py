"""A move and the end of a retirement, killed by SIGKILL before and after any call to AWS: one more apply converges."""

from __future__ import annotations

import signal

import pytest

from bunsui.model.address import Address
from tests.faults.amount import some
from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import Fate, Mortal
from tests.faults.rooms import Room

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(3600)]

MOMENTS = ("before", "after")
LAW = "1 real SIGKILL on the embedded AWS"


def number_of_calls(room: Room, *arguments: str) -> int:
    """How many calls the command makes from its first write on, in a room of its own."""
    process = Mortal(room.order(*arguments, fate=Fate(call=-2, moment="", signal=0)))
    assert process.ended() == 0, process.told()
    sent = process.notes("sent")
    return len(sent) - next(number for number, call in enumerate(sent) if "PutItem" in call)


def killed(room: Room, *arguments: str, call: int, moment: str) -> bool:
    return room.run(*arguments, fate=Fate(call=call, moment=moment, signal=signal.SIGKILL)) == -signal.SIGKILL


def moved(room: Room) -> Room:
    """Everything applied, then a pipeline given another name."""
    room.apply()
    folder = room.folder / "pipelines"
    text = (folder / "raw.yaml").read_text().replace("name: raw\n", "name: cooked\nmoved: {from: raw}\n")
    (folder / "raw.yaml").unlink()
    (folder / "cooked.yaml").write_text(text)
    return room


def removed(room: Room) -> Room:
    """Everything applied, then a pipeline without its file, in an environment that keeps nothing for long."""
    with (room.folder / "bunsui.yaml").open("a") as project:
        project.write("environments: {local: {retire_for: 0s}}\n")
    room.apply()
    (room.folder / "pipelines" / "raw.yaml").unlink()
    room.apply()
    return room


def machine(room: Room, pipeline: str) -> object:
    scope = room.repository.scope
    name = f"{scope.project}--{scope.environment}--{pipeline}"
    return room.ports.providers["state_machine"].read(Address("state_machine", pipeline), name)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_move(room: MakeRoom, figure: Figure, moment: str) -> None:
    points = some(range(number_of_calls(moved(room("all")), "apply", "--yes")), every=13)
    died = 0
    for point in points:
        one = moved(room(f"at{point}"))
        died += killed(one, "apply", "--yes", call=point, moment=moment)
        one.apply()
        one.settled()
        assert machine(one, "raw") is not None
        assert machine(one, "cooked") is not None
        retired = [str(address) for address, item in one.ports.state.applied().items() if item.retired_at is not None]
        assert retired == ["state_machine.raw"]
    assert died >= len(points) - 6  # threads make a few calls more or fewer
    figure(LAW, f"move, {moment}: {died} of {len(points)} points died, each converged in one more apply")


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_end_of_a_retirement(room: MakeRoom, figure: Figure, moment: str) -> None:
    points = some(range(number_of_calls(removed(room("all")), "apply", "--yes")), every=7)
    died = 0
    for point in points:
        one = removed(room(f"at{point}"))
        died += killed(one, "apply", "--yes", call=point, moment=moment)
        one.apply()
        one.settled()
        assert machine(one, "raw") is None
        assert {address.pipeline for address in one.ports.state.applied()} == {"etl"}
    assert died >= len(points) - 6
    figure(LAW, f"end of a retirement, {moment}: {died} of {len(points)} points died, each converged in one more apply")
