"""Drift that is adopted changes the meant lines and no other byte, however the file is written."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.model.json import Json
from bunsui.services.drafting.adopting import adoptable, write_adopted
from tests.fakes.workspace import Workspace, a_workspace

FILE = "pipelines/styled.yaml"
CHANGES: dict[str, dict[str, Json]] = {
    "schedule": {"expression": "cron(0 5 * * ? *)"},
    "log_group": {"retention_days": 90},
    "state_machine": {"tracing": True},
}
MEANT = ("cron", "retention_days", "tracing")
"""What stands on a line that may change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a file is written."""

    quotes: tuple[str, ...]
    """Around texts, one after the other; empty for none."""
    schedules: str
    logging: str
    tags: str
    comment: str
    ending: str
    is_cut: bool
    order: tuple[int, ...]

    @property
    def text(self) -> bytes:
        """The file."""
        first, second = self.quotes
        says = f" # {self.comment}" if self.comment else ""
        cron = {"": '"0 3 * * ? *"', "'": "'0 3 * * ? *'", '"': '"0 3 * * ? *"'}[first]
        schedules = {
            "flow": f"schedules: [{{id: nightly, cron: {cron}}}]{says}\n",
            "block": f"schedules:{says}\n  # {self.comment}\n  - id: {second}nightly{second}{says}\n    cron: {cron}{says}\n",
            "dense": f"schedules:\n- {{id: nightly, # {self.comment}\n   cron: {cron}}}\n",
        }[self.schedules]
        logging = {
            "flow": f"logging: {{retention_days: 30, level: {second}ERROR{second}}}{says}\n",
            "block": f"logging:\n\n    level: ERROR{says}\n    retention_days:   30{says}\n\n",
        }[self.logging]
        tags = {
            "flow": "tags: {日本: 値, b: c}\n",
            "block": f"tags:\n  a: {second}x{second}{says}\n  # {self.comment}\t\n  b: c\n",
        }[self.tags]
        jobs = f"jobs:\n  only:{says}\n    type: wait\n    for: 1m\n"
        parts = [schedules, logging, tags, f"tracing: false{says}\n", jobs, f"# {self.comment}\n"]
        text = f"# {self.comment}\nversion: 1\nname: {second}styled{second}\n" + "".join(parts[index] for index in self.order)
        text = text.rstrip("\n") if self.is_cut else text
        return text.replace("\n", self.ending).encode()


STYLES = st.builds(
    Style,
    quotes=st.tuples(*[st.sampled_from(["", "'", '"'])] * 2),
    schedules=st.sampled_from(["flow", "block", "dense"]),
    logging=st.sampled_from(["flow", "block"]),
    tags=st.sampled_from(["flow", "block"]),
    comment=st.sampled_from(["at night", "with\ttabs\t", "夜に 🌙", "'quoted' \"both\"", "a: {b: [c", "# twice"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    is_cut=st.booleans(),
    order=st.permutations(range(6)).map(tuple),
)


def adopt_all(folder: Path, style: Style) -> bytes:
    """Apply the file, change everything outside, adopt it, and return the file as it is then."""
    workspace: Workspace = a_workspace(folder, "raw")
    (folder / FILE).write_bytes(style.text)
    assert workspace.apply("styled").is_complete
    for key, actual in workspace.account.objects.items():
        if actual.address is not None and actual.address.pipeline == "styled" and actual.address.kind in CHANGES:
            attributes = {**actual.attributes, **CHANGES[actual.address.kind]}
            workspace.account.objects[key] = replace(actual, attributes=attributes)
    plan = workspace.plan("styled").plan
    assert plan is not None
    drifted = [one for one in plan.pending if one.undoes_outside_change]
    assert {one.address.kind for one in drifted} == CHANGES.keys()
    for one in adoptable(workspace.repository, folder, drifted):
        assert not one.kept.left
        write_adopted(folder, one)
    after = workspace.plan("styled").plan
    assert after is not None
    assert not [one for one in after.pending if one.undoes_outside_change], "the files want what AWS has"
    return (folder / FILE).read_bytes()


def check_style(style: Style) -> None:
    with tempfile.TemporaryDirectory() as folder:
        after = adopt_all(Path(folder), style).decode()
    before = style.text.decode()
    old, new = before.split(style.ending), after.split(style.ending)
    assert len(old) == len(new)
    changed = [(was, now) for was, now in zip(old, new, strict=True) if was != now]
    assert len(changed) == len(CHANGES)
    for was, now in changed:
        assert any(key in was for key in MEANT)
        assert was.partition(" #")[2] == now.partition(" #")[2], "the comment stays"
    assert after.count("\r") == before.count("\r")


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(STYLES)
def test_adopted_drift_changes_the_meant_lines_only(style: Style) -> None:
    check_style(style)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(STYLES)
def test_adopted_drift_changes_the_meant_lines_only_in_500_files(style: Style) -> None:
    check_style(style)
