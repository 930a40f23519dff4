"""Which commit a version was applied from: what the state says of the last one, asked for once."""

from __future__ import annotations

import pytest

from bunsui.errors import Unavailable
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource
from bunsui.sessions.history.commits import AppliedCommits, no_commit


class State:
    """What was applied last: version `arn:2` of the pipeline `daily`, from `abc*`; `down` cannot be read."""

    def __init__(self) -> None:
        self.reads: list[Address] = []

    def read(self, address: Address) -> AppliedResource | None:
        self.reads.append(address)
        if address.pipeline == "down":
            raise Unavailable("unavailable", "try again")
        if address.pipeline != "daily":
            return None
        outputs = {"version_arn": "arn:2"}
        return AppliedResource(address=address, physical_name="m", attributes={}, outputs=outputs, commit="abc*")


@pytest.mark.parametrize(
    ("pipeline", "version", "commit", "reads"),
    [
        ("daily", "arn:2", "abc*", 1),
        ("daily", "arn:1", "", 1),
        ("gone", "arn:2", "", 1),
        ("down", "arn:2", "", 1),
        ("daily", "", "", 0),
    ],
)
def test_a_version_has_the_commit_that_the_state_says_and_is_asked_for_once(
    pipeline: str, version: str, commit: str, reads: int
) -> None:
    state = State()
    commit_of = AppliedCommits(state.read)
    assert (commit_of(pipeline, version), commit_of(pipeline, version)) == (commit, commit)
    assert state.reads == [Address(MACHINE, pipeline)] * reads


def test_where_nothing_is_kept_no_commit_is_known() -> None:
    assert no_commit("daily", "arn:2") == ""
