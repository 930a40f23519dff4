"""bunsui killed by SIGKILL before and after any of its calls to AWS: one more apply converges, with no work by hand."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from bunsui.plan.digest import rows_digest
from bunsui.plan.saved.saved_plan import checksum
from tests.faults.amount import some
from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import Fate, Mortal
from tests.faults.rooms import Room

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(3600)]

MOMENTS = ("before", "after")
LAW = "1 real SIGKILL on the embedded AWS"


def killed(room: Room, *arguments: str, call: int, moment: str) -> bool:
    """Run a command that is killed at that call; tells whether it came to that."""
    return room.run(*arguments, fate=Fate(call=call, moment=moment, signal=signal.SIGKILL)) == -signal.SIGKILL


def number_of_calls(room: Room, *arguments: str) -> int:
    """How many calls the command makes from its first write on, in a room of its own."""
    process = Mortal(room.order(*arguments, fate=Fate(call=-2, moment="", signal=0)))
    assert process.ended() == 0, process.told()
    sent = process.notes("sent")
    first = next(number for number, call in enumerate(sent) if "CreateTable" in call or "PutItem" in call)
    return len(sent) - first


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_first_apply(room: MakeRoom, figure: Figure, moment: str) -> None:
    total = number_of_calls(room("all"), "apply", "--yes")
    assert total > 80
    points = some(range(total), every=23, merge=6)
    died = 0
    for point in points:
        one = room(f"at{point}")
        died += killed(one, "apply", "--yes", call=point, moment=moment)
        one.apply()
        one.settled()
    assert died >= len(points) - 12  # threads make a few calls more or fewer
    figure(LAW, f"first apply, {moment}: {died} of {len(points)} points died, each converged in one more apply")


def changed(room: Room) -> Room:
    """Everything applied, then one function, a definition and a schedule edited, a pipeline added."""
    room.apply()
    room.workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")
    room.workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 5')
    return room


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_update(room: MakeRoom, figure: Figure, moment: str) -> None:
    total = number_of_calls(changed(room("all")), "apply", "--yes")
    assert total > 20
    points = some(range(total), every=17, merge=4)
    died = 0
    for point in points:
        one = changed(room(f"at{point}"))
        died += killed(one, "apply", "--yes", call=point, moment=moment)
        one.apply()
        one.settled()
    assert died >= len(points) - 12  # threads make a few calls more or fewer
    figure(LAW, f"update, {moment}: {died} of {len(points)} points died, each converged in one more apply")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_saved_plan_continues_with_the_same_command(room: MakeRoom, figure: Figure, moment: str) -> None:
    def planned(name: str) -> Room:
        one = changed(room(name))
        assert one.run("plan", "--out", "plan.json") == 0
        return one

    total = number_of_calls(planned("all"), "apply", "plan.json")
    points = some(range(total), every=17, merge=4)
    died = 0
    for point in points:
        one = planned(f"at{point}")
        if not killed(one, "apply", "plan.json", call=point, moment=moment):
            continue
        died += 1
        again = Mortal(one.order("apply", "plan.json"))
        code = again.ended()
        finished = code == 4 and "plan-finished" in again.told()  # killed after its last write: there is nothing to continue
        assert code == 0 or finished, again.told()
        if finished:
            one.apply()  # the lock that was left runs out
        one.settled()
    assert died >= len(points) - 12  # threads make a few calls more or fewer
    figure("10 apply plan.json killed", f"{moment}: {died} of {len(points)} points died, the same command converged")


@pytest.mark.parametrize("pipeline", ["etl", "raw"])
def test_a_plan_edited_by_hand_with_a_new_digest_is_refused(room: MakeRoom, figure: Figure, pipeline: str) -> None:
    one = changed(room("one"))
    assert one.run("plan", pipeline, "--out", "plan.json") == 0
    before = dict(one.resources())
    found = some(edits(one.folder / "plan.json"), every=9, merge=3)
    for edited in found:
        (one.folder / "edited.json").write_text(edited)
        assert one.run("apply", "edited.json") == 4, edited
        assert one.resources() == before, edited
    assert one.run("apply", "plan.json") == 0
    figure("10 hand-edited plan", f"{len(found)} of {len(found)} edits with digest and checksum computed anew were refused")


def test_an_edit_of_one_pipeline_by_hand_stops_that_one_alone(room: MakeRoom) -> None:
    one = changed(room("one"))
    assert one.run("plan", "--out", "plan.json") == 0
    before = one.resources()
    document = json.loads((one.folder / "plan.json").read_text())
    next(row for row in document["changes"] if row["pipeline"] == "etl" and row["action"] == "no-op")["action"] = "delete"
    (one.folder / "edited.json").write_text(signed(document))

    assert one.run("apply", "edited.json") == 4

    after = one.resources()
    touched = {found.address.pipeline for found in after.values() if found not in before.values()}
    assert "etl" not in touched
    assert "raw" in touched
    assert before.keys() <= after.keys()


def edits(path: Path) -> list[str]:
    """The plan with one thing changed, by somebody who knows how to compute digest and checksum anew."""
    document = json.loads(path.read_text())
    found = []
    for index, row in enumerate(document["changes"]):
        if row["action"] == "no-op":
            changes = [{"action": "delete"}, {"action": "update"}]
        else:
            changes = [{"action": "delete"}, {"before_hash": "0" * 64}, {"after_hash": "0" * 64}, {"revision": "moved"}, {}]
        for change in changes:
            edited = json.loads(path.read_text())
            if change:
                edited["changes"][index].update(change)
            else:
                del edited["changes"][index]
            found.append(signed(edited))
    return found + [signed({**document, key: "1"}) for key in ("account", "region", "environment", "project_id")]


def signed(document: dict[str, Any]) -> str:
    pending = [row for row in document["changes"] if row["action"] != "no-op"]
    rows = ((row["address"], row["action"], row["before_hash"], row["after_hash"]) for row in pending)
    document = {**document, "digest": rows_digest(rows)}
    return json.dumps({**document, "checksum": checksum(document)})
