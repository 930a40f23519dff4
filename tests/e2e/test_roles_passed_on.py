"""A machine's role must be allowed to pass on the roles of a container; where that is only warned of, the container runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.folder import Announcement, DataFolder, read_announcement
from tests.e2e.test_roles_judged import allow, role_of, run
from tests.embedded import EmbeddedAccount

pytestmark = pytest.mark.embedded


@pytest.fixture
def containers(embedded_folder: Path, embedded_account: EmbeddedAccount) -> Iterator[Announcement]:
    """The embedded AWS while it runs commands of containers; roles are enforced again afterwards."""
    running = read_announcement(DataFolder(embedded_folder.resolve()))
    assert running is not None
    assert control.set_containers(running, "process")
    yield running
    assert control.set_containers(running, "none")
    assert control.set_iam(running, "enforce")


def test_what_a_role_may_not_pass_on_is_refused_or_only_warned_of(
    containers: Announcement, embedded_account: EmbeddedAccount, embedded_folder: Path
) -> None:
    account, tasks = embedded_account, embedded_account.client("ecs")
    passed = f"arn:aws:iam::{account.account}:role/of-the-task"
    tasks.create_cluster(clusterName="c")
    tasks.register_task_definition(
        family="t",
        taskRoleArn=passed,
        containerDefinitions=[{"name": "main", "image": "i", "memory": 64, "command": [sys.executable, "-c", "pass"]}],
    )
    rule = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
    role = role_of(account, *(allow(one) for one in ("ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks", *rule)))
    task = {"Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": {"Cluster": "c", "TaskDefinition": "t"}}

    refused = run(account, role, **task)
    assert refused["error"] == "ECS.AccessDeniedException"
    assert f"is not authorized to perform: iam:PassRole on resource: {passed}" in refused["cause"]

    assert control.set_iam(containers, "warn")
    assert run(account, role, **task)["status"] == "SUCCEEDED"
    warned = f"done all the same, as local.iam says: User: arn:aws:sts::{account.account}"
    log = DataFolder(embedded_folder.resolve()).log.read_text()
    assert any(warned in line and f"iam:PassRole on resource: {passed}" in line for line in log.splitlines())
