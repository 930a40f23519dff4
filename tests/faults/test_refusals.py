"""Each refusal that passes by itself ends well in one command: by the table at once, over the wire under `slow`."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from benchmarks.countproxy import CountingProxy
from benchmarks.projects import ENVIRONMENT, write_project
from bunsui.apply.iam_propagation import IAM_PROPAGATION
from bunsui.apply.retry import WRITE_POLICIES
from bunsui.aws.errors import client_error
from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.errors import AccessDenied
from bunsui.retry import policy_for
from tests.faults.conftest import Figure
from tests.faults.refusals import SCENARIOS, Scenario, answer_of

HOUSE = Path(__file__).parents[2]
COMMANDS = {
    "plan": ("plan",),
    "apply": ("apply", "--yes"),
    "destroy": ("destroy", "--yes", "--confirm", ENVIRONMENT),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_executor_repeats_each_refusal_or_its_provider_knows_another_way(name: str) -> None:
    for refusal in SCENARIOS[name].refusals:
        told = ClientError({"Error": {"Code": refusal.code, "Message": refusal.message}}, refusal.operation)
        error = client_error(told, refusal.service, refusal.operation)
        knows_another_way = refusal.fair_answer is not None or isinstance(error, AccessDenied)
        assert (policy_for(error, (IAM_PROPAGATION, *WRITE_POLICIES)) is not None) is not knows_another_way


class Refusing:
    """Answers the first calls of a scenario instead of the endpoint behind the proxy."""

    def __init__(self, scenario: Scenario) -> None:
        self.refusals = scenario.refusals
        self.left = [refusal.times for refusal in scenario.refusals]
        self.given: set[str] = set()

    def answer(self, action: str, head: bytes, body: bytes) -> bytes | None:
        """What is answered; None lets the call through."""
        for number, refusal in enumerate(self.refusals):
            wanted = f"{'states' if refusal.service == 'stepfunctions' else refusal.service}:{refusal.operation}"
            if action == wanted and self.left[number] > 0 and refusal.holding.encode() in head + body:
                self.left[number] -= 1
                self.given.add(refusal.operation)
                return answer_of(refusal)
        return None


@pytest.mark.slow
@pytest.mark.embedded
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SCENARIOS)
def test_one_command_gets_over_each_refusal(embedded: LocalEndpoint, tmp_path: Path, figure: Figure, name: str) -> None:
    scenario = SCENARIOS[name]
    account = str(10**11 + secrets.randbelow(9 * 10**11))
    project = tmp_path / "project"
    project.mkdir()
    write_project(project, pipelines=1, variant="full", account=account)
    if scenario.after_apply:
        with CountingProxy(embedded.url) as proxy:
            assert ended(proxy.url, account, project, "apply").returncode == 0
        (project / "code" / "report.py").write_text("def handler(event, context):\n    return 2\n")
    refusing = Refusing(scenario)
    with CountingProxy(embedded.url, trail=refusing) as proxy:
        done = ended(proxy.url, account, project, scenario.command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert refusing.given == {refusal.operation for refusal in scenario.refusals}
    figure("16 refusals that pass", f"{name}: one {scenario.command} ended with 0")


def ended(url: str, account: str, project: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run the command as if the endpoint were AWS."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "BUNSUI_"))}
    words = [sys.executable, "-m", "benchmarks.as_aws", url, account, "-C", str(project), "--env", ENVIRONMENT]
    return subprocess.run(
        [*words, *COMMANDS[command]],
        env={**environment, "PYTHONPATH": str(HOUSE)},
        cwd=project,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
