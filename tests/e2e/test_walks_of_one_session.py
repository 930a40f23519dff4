"""Every order in which a session fails, is redriven elsewhere, resumed and stopped, on the embedded AWS, whose lists lag.

The laws are those of `tests/services/test_session_laws.py`: never two running executions by bunsui's hand, and the row says
what Step Functions says after one look.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.sessions import Field, field_in
from bunsui.errors import BunsuiError
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import look_at_sessions
from bunsui.services.stop import stop_session
from tests.faults.amount import ALL

pytestmark = pytest.mark.embedded

WALKS = 2000 if ALL else 2
STEPS = 14
BUCKET = "walks"
PIPELINE = """\
version: 1
name: walk
parameters: {key: {type: string, default: mode}}
jobs:
  first:
    operations:
      - type: aws
        action: s3:getObject
        arguments: {Bucket: walks, Key: "{% $params.key %}"}
        resources: ["arn:aws:s3:::walks/*"]
    outputs: {mode: "{% $result.Body %}"}
  pause:
    depends_on: first
    when: "{% $jobs.first.mode = 'wait' %}"
    operations: [{type: wait, for: 1h}]
  last:
    depends_on: [first, pause]
    run_if: none_failed
    operations:
      - type: aws
        action: s3:getObject
        arguments: {Bucket: walks, Key: "{% $params.key & '-last' %}"}
        resources: ["arn:aws:s3:::walks/*"]
"""
RUNNING = SessionStatus.RUNNING


@dataclass
class Account:
    """The project on its embedded AWS, with a machine for each walk: copies of the one that was applied."""

    place: Field
    clients: dict[str, Any] = field(default_factory=dict)
    definition: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = self.place.client(service)
        return self.clients[service]

    def lag(self, seconds: float) -> None:
        self.place.lag(seconds)

    def walk(self) -> SessionContext:
        """Return a context whose only pipeline is a copy that nobody ran yet."""
        context = self.place.context
        name = f"walk-{secrets.token_hex(4)}"
        pipeline = replace(context.pipelines["walk"], name=name)
        compiled = context.compiled("walk")
        alone = replace(context, pipelines={name: pipeline}, compiled=lambda _: compiled)
        states, machine = self.client("stepfunctions"), alone.machine(name)
        if not self.definition:
            self.definition = states.describe_state_machine(stateMachineArn=context.machine("walk").arn)
        made = states.create_state_machine(
            name=machine.arn.rpartition(":")[2],
            definition=self.definition["definition"],
            # The pipeline's own role trusts Step Functions for the pipeline's machine alone.
            roleArn=f"{self.definition['roleArn']}-of-walks",
            publish=True,
        )
        routes = [{"stateMachineVersionArn": made["stateMachineVersionArn"], "weight": 100}]
        states.create_state_machine_alias(name="live", routingConfiguration=routes)
        return alone


class Walk:
    """People act on one session, some of them on a stale row."""

    def __init__(self, account: Account, chance: Random) -> None:
        self.account, self.chance = account, chance
        self.context = account.walk()
        (self.pipeline,) = self.context.pipelines
        self.machine = self.context.machine(self.pipeline)
        self.key = self.pipeline
        self.told: list[str] = []
        self._become("", last=False)
        self.session_id = start_session(self.context, RunRequest(pipeline=self.pipeline, params=(f"key={self.key}",))).id
        self.seen = [self.row]

    @property
    def row(self) -> Session:
        row = self.context.ports.sessions.get(self.session_id)
        assert row is not None
        return row

    @property
    def executions(self) -> list[dict[str, Any]]:
        """What Step Functions has, without lag."""
        self.account.lag(0)
        found: list[dict[str, Any]] = self.account.client("stepfunctions").list_executions(stateMachineArn=self.machine.arn)[
            "executions"
        ]
        return found

    def run(self) -> None:
        steps: list[Callable[[], object]] = [
            lambda: self._become(self.chance.choice(["", "wait", "go"]), last=self.chance.random() < 0.6),
            lambda: self._act(self._look),
            lambda: self.seen.append(self.row),
            lambda: self._act(lambda: self.context.manager.sync(self._stale(), target_arn=self.machine.alias_arn)),
            lambda: self._act(lambda: stop_session(self.context, self._stale(), reason="enough")),
            lambda: self._act(lambda: resume_session(self.context, self._stale())),
            self._redrive,
        ]
        names = ("become", "list", "look", "sync", "stop", "resume", "redrive")
        for _ in range(STEPS):
            number = self.chance.randrange(len(steps))
            self.told.append(names[number])
            steps[number]()
            running = [one["name"] for one in self.executions if one["status"] == "RUNNING"]
            assert len(running) <= 1, self.told
            self.account.lag(self.chance.choice([0, 1, 5, 30]))
        self.account.lag(0)
        self._settle()

    def _settle(self) -> None:
        """End what waits for an hour or leave it, then look once: the row is what Step Functions has."""
        (row,) = self._look()
        turns = {attempt.turn for attempt in row.attempts}
        for one in self.executions:
            redrives = one.get("redriveCount", 0)
            assert {(one["executionArn"], turn) for turn in range(redrives + 1)} <= turns, self.told
        latest = row.latest
        assert latest is not None
        truth = self.context.ports.execution.describe(latest.execution_arn)
        assert (row.status, latest.redrive) == (truth.status, truth.redrive_count), self.told
        if row.status is RUNNING:
            assert stop_session(self.context, row, reason="the end").status is SessionStatus.CANCELLED

    def _look(self) -> Sequence[Session]:
        """Look at the machine once, as `bunsui sessions --pipeline` does."""
        return look_at_sessions(self.context, SessionQuery(pipeline=self.pipeline)).sessions

    def _become(self, mode: str, *, last: bool) -> None:
        """Decide how jobs end from now on: an object that is not there fails the one that reads it."""
        s3 = self.account.client("s3")
        for key, body in ((self.key, mode), (f"{self.key}-last", "x" if last else "")):
            if body:
                s3.put_object(Bucket=BUCKET, Key=key, Body=body.encode())
            else:
                s3.delete_object(Bucket=BUCKET, Key=key)

    def _redrive(self) -> None:
        """A person in the console redrives one of the executions, while none runs."""
        found = self.executions
        if all(one["status"] != "RUNNING" for one in found):
            states = self.account.client("stepfunctions")
            with contextlib.suppress(states.exceptions.ExecutionNotRedrivable):
                states.redrive_execution(executionArn=self.chance.choice(found)["executionArn"])

    def _stale(self) -> Session:
        return self.chance.choice([*self.seen[-3:], self.row])

    def _act(self, action: Callable[[], object]) -> None:
        with contextlib.suppress(BunsuiError):
            action()


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder: Path = tmp_path_factory.mktemp("walks") / "project"
    with field_in(folder, **{"pipelines/walk.yaml": PIPELINE}) as made:
        found = Account(made)
        found.client("s3").create_bucket(Bucket=BUCKET)
        yield found


@pytest.mark.slow
@pytest.mark.timeout(7200 if ALL else 300)
def test_whatever_happens_to_a_session_its_row_comes_to_the_truth(account: Account) -> None:
    for number in range(WALKS):
        Walk(account, Random(number)).run()
