"""An apply of some changes of a plan: what they need comes along, the rest stays to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.errors import InvalidInput
from bunsui.model.address import Address
from bunsui.plan.digest import change_digest
from bunsui.plan.model import Plan
from bunsui.services.apply.admission import Admission, admit, carry_out
from bunsui.services.apply.request import ApplyRequest, ReviewedDigest, read_targets
from tests.fakes.workspace import Workspace, a_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path, "raw", "etl")


def planned(workspace: Workspace) -> Plan:
    plan = workspace.plan().plan
    assert plan is not None
    return plan


def admitted(workspace: Workspace, *targets: str, digest: ReviewedDigest | None = None) -> Admission:
    request = ApplyRequest(plan=planned(workspace), targets=read_targets(targets), digest=digest)
    return admit(request, workspace.repository, workspace.ports)


def test_a_target_is_applied_with_what_it_needs_and_the_rest_stays_to_do(workspace: Workspace) -> None:
    before = {change.address for change in planned(workspace).pending}
    admission = admitted(workspace, "state_machine.raw")
    for question in admission.questions:
        admission = admission.answered(question)
    list(carry_out(admission, workspace.ports))
    done = before - {change.address for change in planned(workspace).pending}
    assert Address("state_machine", "raw") in done
    assert Address("role", "raw") in done
    assert {address.pipeline for address in done} == {"raw"}


def test_a_target_in_which_nothing_changes_is_refused(workspace: Workspace) -> None:
    refusal = admitted(workspace, "role.nobody").refusal
    assert refusal is not None
    assert (refusal.code, refusal.facts["given"]) == ("unknown-target", "role.nobody")
    with pytest.raises(InvalidInput):
        read_targets(["not an address"])


def test_a_part_of_a_pipeline_is_not_what_was_reviewed(workspace: Workspace) -> None:
    digest = ReviewedDigest(whole=change_digest(planned(workspace)))
    refusal = admitted(workspace, "role.raw", digest=digest).refusal
    assert refusal is not None
    assert refusal.code == "not-as-reviewed"
