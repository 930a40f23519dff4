"""A schedule or a rule starts what its role lets it; with `local: {iam: warn}` it starts it all the same, and that is told."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from bunsui.emulator.access.judged import ENFORCE, WARN, Judge
from bunsui.emulator.access.ledger import CallLedger
from bunsui.emulator.internals import inner
from bunsui.emulator.patches.rule_targets import why_not

ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/starter"
MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:m"
SCHEDULE = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/group/nightly"


@pytest.fixture
def role() -> Iterator[dict[str, object]]:
    """A role that trusts the scheduler and permits nothing."""
    iam = pytest.importorskip("ministack.services.iam")
    from ministack.core.responses import request_scope

    made: dict[str, object] = {"AttachedPolicies": [], "InlinePolicies": {}}
    made["AssumeRolePolicyDocument"] = trust("scheduler.amazonaws.com")
    with request_scope(ACCOUNT, "us-east-1"):
        inner(iam, "_roles")["starter"] = made
        yield made
        del inner(iam, "_roles")["starter"]


def trust(service: str) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})


def permit(role: dict[str, object], resource: str) -> None:
    statement = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": resource}
    role["InlinePolicies"] = {"p": json.dumps({"Statement": [statement]})}


def asked(mode: str) -> tuple[str, list[str]]:
    """Return why the schedule may not start the machine, and what was warned of."""
    told: list[str] = []
    return why_not(Judge(CallLedger(), mode=mode, warn=told.append), ROLE, f"{MACHINE}:live", source=SCHEDULE), told


def test_a_role_that_may_not_start_the_machine_starts_it_only_with_a_warning(role: dict[str, object]) -> None:
    refused, _ = asked(ENFORCE)
    assert f"is not authorized to perform: states:StartExecution on resource: {MACHINE}" in refused
    assert asked(WARN) == ("", [refused])

    permit(role, MACHINE)
    assert asked(ENFORCE) == asked(WARN) == ("", [])


def test_a_role_that_does_not_trust_the_scheduler_starts_it_only_with_a_warning(
    role: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    permit(role, MACHINE)
    role["AssumeRolePolicyDocument"] = trust("lambda.amazonaws.com")
    refused, _ = asked(ENFORCE)
    assert "does not trust scheduler.amazonaws.com" in refused
    with caplog.at_level(logging.WARNING, "bunsui.emulator"):
        assert asked(WARN) == ("", [])
    assert refused in caplog.text
