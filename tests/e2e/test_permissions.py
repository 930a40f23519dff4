"""What each kind of caller really calls is in the policy that `bunsui permissions` prints for it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.countproxy import CountingProxy
from benchmarks.projects import ENVIRONMENT, write_project
from bunsui.aws.permissions import Purpose, grants
from bunsui.emulator.launcher.launcher import LocalEndpoint

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PREFIXES = {"stepfunctions": "states", "resourcegroupstaggingapi": "tagging"}
"""How a request's signature calls a service."""


@dataclass(frozen=True)
class Account:
    """A project with functions, schedules and machines, and an account that counts the calls."""

    project: Path
    account: str
    proxy: CountingProxy

    def calls(self, *arguments: str) -> set[str]:
        """Return what a command called."""
        self.proxy.reset()
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BUNSUI_", "CI"))}
        command = [sys.executable, "-m", "benchmarks.as_aws", self.proxy.url, self.account, "-C", str(self.project)]
        done = subprocess.run(
            [*command, "--env", ENVIRONMENT, *arguments],
            env={**environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        # S3's calls have no name on the wire; tests/contracts/test_printed_policies.py has those
        return {call for call in self.proxy.reset().calls if "/" not in call}


@pytest.fixture
def account(tmp_path: Path, embedded: LocalEndpoint) -> Iterator[Account]:
    number = str(10**11 + secrets.randbelow(10**11))
    write_project(tmp_path / "project", pipelines=2, variant="full", account=number)
    with CountingProxy(embedded.url) as proxy:
        yield Account(project=tmp_path / "project", account=number, proxy=proxy)


def granted(purpose: Purpose) -> set[str]:
    return {f"{PREFIXES.get(grant.service, grant.service)}:{name}" for grant in grants(purpose) for name in grant.operations}


def test_each_caller_calls_only_what_its_policy_grants(account: Account) -> None:
    assert account.calls("apply", "--yes") <= granted(Purpose.APPLY)
    assert account.calls("plan") <= granted(Purpose.PLAN)
    assert account.calls("run", "p0000") <= granted(Purpose.RUN)
    for command in (["sessions"], ["show", "-"], ["logs", "-"]):
        assert account.calls(*command) <= granted(Purpose.RUN)
    file = account.project / "pipelines" / "p0001.yaml"
    file.write_text(file.read_text().replace("timeout: 2h", "timeout: 3h"))
    assert account.calls("apply", "--yes", "--refresh", "touched") <= granted(Purpose.APPLY)
    assert account.calls("destroy", "--yes", "--confirm", ENVIRONMENT) <= granted(Purpose.APPLY)
