"""`--unmanaged` as a user types it: machines that bunsui did not make, on the embedded AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.cli.conftest import PROJECT, Bunsui, share

pytestmark = pytest.mark.embedded

DEFINITION = {
    "StartAt": "Look",
    "States": {
        "Look": {"Type": "Pass", "Next": "Judge"},
        "Judge": {"Type": "Fail", "Error": "Stock.Empty", "Cause": "nothing is left"},
    },
}


def client_of(endpoint: LocalEndpoint, service: str = "stepfunctions") -> Any:
    keys = endpoint.keys()
    return boto3.client(
        service,
        endpoint_url=endpoint.url,
        region_name=endpoint.region,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
    )


def test_a_machine_made_by_hand_is_listed_explained_and_left_alone(
    tmp_path: Path, shared_folder: Path, embedded: LocalEndpoint
) -> None:
    (tmp_path / "bunsui.yaml").write_text(PROJECT.replace("weights", "looking").replace("6c0f2c4e", "7c0f2c4e"))
    share(shared_folder, tmp_path)
    bunsui = Bunsui(tmp_path)
    client = client_of(embedded)
    machine = client.create_state_machine(
        name="by-hand-stock",
        definition=json.dumps(DEFINITION),
        roleArn="arn:aws:iam::000000000000:role/by-hand",
        tags=[{"key": "team", "value": "stock"}],
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine, name="monday", input="{}")["executionArn"]
    while client.describe_execution(executionArn=execution)["status"] == "RUNNING":
        pass
    listed = json.loads(bunsui("sessions", "--unmanaged", "tag:team=stock", "--json").stdout)["sessions"]
    assert [(one["pipeline"], one["status"]) for one in listed] == [("by-hand-stock", "failed")]
    told = bunsui("show", "--unmanaged", execution)
    assert "Stock.Empty" in told.stdout
    assert "nothing is left" in told.stdout
    for step in told.stderr.splitlines():
        assert not step.startswith("next: ") or "--unmanaged" in step
    again = bunsui("show", listed[0]["id"], "--unmanaged", "by-hand-stock")
    refused = bunsui("show", "#1", "--unmanaged", "by-hand-stock", code=5)
    assert "bunsui sessions --unmanaged by-hand-stock" in refused.stderr, "no list of these machines is remembered"
    assert again.stdout == told.stdout
    assert "ExecutionFailed" in bunsui("events", "--unmanaged", machine).stdout
    watched = bunsui("watch", "--unmanaged", execution, "--plain", code=1)
    assert "Stock.Empty" in watched.stdout
    assert "bunsui resume" not in watched.stderr
    nothing = bunsui("sessions")
    assert "by-hand-stock" not in nothing.stdout
