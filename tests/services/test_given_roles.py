"""Roles that somebody else makes: named, looked at, and never written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.errors import AccessDenied
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Action, Plan
from bunsui.project.compile import compile_project
from bunsui.services.plan import plan_project
from bunsui.services.render import render
from tests.fakes.passing import PassingProvider
from tests.fakes.workspace import Workspace, a_workspace

ACCOUNT = "000000000000"
MACHINE, FUNCTION, SCHEDULER = (f"arn:aws:iam::{ACCOUNT}:role/central/{name}" for name in ("machine", "function", "scheduler"))
ALL = f"{{machine: '{MACHINE}', function: '{FUNCTION}', scheduler: '{SCHEDULER}'}}"
SCHEDULE = 'schedules: [{id: nightly, cron: "0 3 * * ? *"}]'


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A pipeline with functions and a schedule."""
    made = a_workspace(tmp_path, "etl")
    made.edit("pipelines/etl.yaml", "version: 1\n", f"version: 1\n{SCHEDULE}\n")
    return made


def central(workspace: Workspace, name: str, service: str = "states.amazonaws.com") -> None:
    """Somebody else makes a role."""
    statement: dict[str, Json] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust: dict[str, Json] = {"Version": "2012-10-17", "Statement": [statement]}
    workspace.account.objects["role", name] = ActualResource(
        address=Address("role", "none"),
        physical_name=name,
        attributes={"trust": trust},
        outputs={"arn": f"arn:aws:iam::{ACCOUNT}:role/central/{name}"},
    )


def give(workspace: Workspace, roles: str) -> None:
    workspace.edit("pipelines/etl.yaml", "version: 1\n", f"version: 1\nroles: {roles}\n")


def planned(workspace: Workspace) -> Plan:
    plan = workspace.plan().plan
    assert plan is not None
    return plan


def about_roles(found: Mapping[str, object] | tuple[Diagnostic, ...]) -> list[tuple[Severity, str]]:
    return sorted({(item.severity, item.summary) for item in found if isinstance(item, Diagnostic) and item.code == "BS527"})


def test_given_roles_are_named_and_none_is_made(workspace: Workspace) -> None:
    give(workspace, ALL)
    resources = compile_project(workspace.repository).resources
    named = {(item.address.kind, item.attributes.get("role_arn")) for item in resources if "role_arn" in item.attributes}
    assert named == {("state_machine", MACHINE), ("lambda_function", FUNCTION), ("schedule", SCHEDULER)}
    assert not [item for item in resources if item.address.kind == "role"]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (f"{{machine: '{MACHINE}'}}", {"extract.read", "scheduler"}),
        (f"{{function: '{FUNCTION}'}}", {"", "scheduler"}),
        (f"{{scheduler: '{SCHEDULER}'}}", {"", "extract.read"}),
    ],
)
def test_what_is_left_out_is_made(workspace: Workspace, given: str, made: set[str]) -> None:
    give(workspace, given)
    roles = {item.address.name for item in compile_project(workspace.repository).resources if item.address.kind == "role"}
    assert made <= roles
    assert not {"", "extract.read", "scheduler"} - made <= roles


def test_a_pipeline_names_its_own_roles_over_the_environments(workspace: Workspace) -> None:
    environment = f"environments: {{local: {{roles: {{machine: '{FUNCTION}', scheduler: '{SCHEDULER}'}}}}}}"
    workspace.edit("bunsui.yaml", "version: 1\n", f"version: 1\n{environment}\n")
    give(workspace, f"{{machine: '{MACHINE}'}}")
    (pipeline,) = compile_project(workspace.repository).documents.pipelines
    assert (pipeline.roles.machine, pipeline.roles.function, pipeline.roles.scheduler) == (MACHINE, None, SCHEDULER)


def test_what_is_no_role_is_a_finding_with_a_place(workspace: Workspace) -> None:
    give(workspace, "{machine: central}")
    outcome = workspace.plan()
    assert [(found.code, found.position is not None) for found in outcome.diagnostics if found.is_error] == [("BS105", True)]


def test_a_given_role_is_never_written_and_the_next_plan_is_empty(workspace: Workspace) -> None:
    for name, service in (("machine", "states"), ("function", "lambda"), ("scheduler", "scheduler")):
        central(workspace, name, f"{service}.amazonaws.com")
    give(workspace, ALL)
    assert about_roles(planned(workspace).diagnostics) == []
    assert workspace.apply().is_complete
    assert not [call for call in workspace.account.calls if call[1] == "role"]
    assert not planned(workspace).pending


def test_giving_a_role_removes_the_one_that_bunsui_made_when_no_session_needs_it_any_more(workspace: Workspace) -> None:
    workspace.apply()
    central(workspace, "machine")
    give(workspace, f"{{machine: '{MACHINE}'}}")
    changes = {change.address: change.action for change in planned(workspace).pending}
    assert changes[Address("role", "etl")] is Action.RETIRE
    assert changes[Address("state_machine", "etl")] is Action.UPDATE
    workspace.account.calls.clear()
    assert workspace.apply().is_complete
    written = [(verb, kind) for verb, kind, _ in workspace.account.calls if kind in {"role", "state_machine"}]
    assert written == [("update", "state_machine"), ("retire", "role")]
    workspace.clock.sleep(15 * 24 * 3600)
    assert workspace.apply().is_complete
    assert [(verb, kind) for verb, kind, _ in workspace.account.calls][-1] == ("delete", "role")


def test_a_role_that_is_not_there_is_found_before_the_apply(workspace: Workspace) -> None:
    give(workspace, f"{{machine: '{MACHINE}'}}")
    assert about_roles(planned(workspace).diagnostics) == [
        (Severity.WARNING, f"the role {MACHINE} does not exist in this account, or trusts no service")
    ]


def test_a_role_that_trusts_another_service_is_found_before_the_apply(workspace: Workspace) -> None:
    central(workspace, "machine", "lambda.amazonaws.com")
    give(workspace, f"{{machine: '{MACHINE}'}}")
    assert about_roles(planned(workspace).diagnostics) == [
        (Severity.WARNING, f"the role {MACHINE} does not trust states.amazonaws.com")
    ]


class Denied(PassingProvider):
    """A caller who may not look at roles."""

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        raise AccessDenied("access-denied", "no")


def test_without_the_permission_it_is_unknown(workspace: Workspace) -> None:
    give(workspace, f"{{machine: '{MACHINE}'}}")
    ports = workspace.ports
    providers = {kind: Denied(made) if kind == "role" else made for kind, made in ports.providers.items()}
    outcome = plan_project(workspace.repository, replace(ports, providers=providers))
    assert about_roles(outcome.diagnostics) == [
        (Severity.INFO, f"whether states.amazonaws.com may take on the role {MACHINE} is unknown")
    ]


def test_what_a_given_role_must_allow_is_rendered(workspace: Workspace) -> None:
    give(workspace, f"{{machine: '{MACHINE}'}}")
    roles = render(workspace.repository, "etl").roles
    (machine,) = [role for role in roles.values() if isinstance(role, dict) and "given" in role]
    assert machine["given"] == MACHINE
    assert "states.amazonaws.com" in json.dumps(machine["trust"])
    assert "lambda:InvokeFunction" in json.dumps(machine["policy"])
