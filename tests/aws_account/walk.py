"""The first hour of a project in an account, by bunsui's own commands."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from bunsui.model.gates import APPROVALS_TABLE, STATE_TABLE
from tests.aws_account.account import Account, Command
from tests.aws_account.bench import patient, told

ENVIRONMENT = "day"
TABLES = (STATE_TABLE, APPROVALS_TABLE)

_PROJECT = """\
version: 1
project: {run}
id: {id}
timezone: UTC
environments:
  {environment}: {{account: "{account}", region: {region}, retire_for: 0s}}
"""
_WORKS = """\
version: 1
name: works
timeout: 10m
parameters:
  rows: {type: integer, default: 3}
jobs:
  list:
    operations:
      - type: lambda
        code: {path: code, handler: app.rows, runtime: python3.12, environment: {MODE: day}}
        payload: {rows: "{% $params.rows %}"}
        timeout: 30s
    outputs: {rows: "{% $result.rows %}"}
  each:
    depends_on: [list]
    foreach: {items: "{% $jobs.list.rows %}"}
    operations:
      - {type: wait, for: 1s}
    outputs: {count: "{% $count($result) %}"}
  beside:
    depends_on: [list]
    operations:
      - {type: wait, for: 1s}
schedules:
  - {id: nightly, cron: "0 3 * * ? *"}
"""
_FAILS = """\
version: 1
name: fails
timeout: 10m
jobs:
  first:
    operations:
      - {type: wait, for: 1s}
  second:
    depends_on: [first]
    operations:
      - type: lambda
        code: {path: code, handler: app.divide, runtime: python3.12}
        payload: {by: 0}
        timeout: 30s
"""
_CODE = """\
def rows(event, context):
    return {"rows": list(range(1, event["rows"] + 1))}


def divide(event, context):
    print("dividing")
    return {"part": 1 / event["by"]}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the walk, as it went."""

    name: str
    went: bool
    code: int
    seconds: float
    told: str
    """The end of what was said; only of a step that did not go well."""


class Walk:
    """A project in an account, and how its steps went."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self.steps: list[Step] = []
        self.seen: dict[str, Any] = {}
        """What was looked at between the steps."""

    def go(self) -> None:
        """Walk to the end; what does not go well is told, and the next step is tried."""
        self._write()
        self._commands(
            ("it is valid", 0, "validate"),
            ("a plan has changes", 2, "plan", "--detailed-exitcode"),
            ("apply", 0, "apply", "--yes"),
            ("run, in the same second", 0, "run", "works", "--wait"),
            ("a second plan is empty", 0, "plan", "--detailed-exitcode"),
            ("a failure", 1, "run", "fails", "--wait"),
            ("it is explained", 0, "show", "fails"),
            ("its logs are there", 0, "logs", "fails"),
        )
        self._look("point_in_time_recovery", self._recovery)
        self._mend()
        self._commands(("the mended code", 0, "apply", "--yes"), ("resume", 0, "resume", "fails", "--wait"))
        self._look("printed_permissions", self._permitted)
        self._outside()
        self._commands(
            ("somebody's change is told", 2, "plan", "--detailed-exitcode"),
            ("it is undone", 0, "apply", "--yes", "--accept-drift"),
            ("a plan after it is empty", 0, "plan", "--detailed-exitcode"),
            ("destroy", 0, "destroy", "--yes", "--confirm", ENVIRONMENT),
            ("all again at once", 0, "apply", "--yes"),
            ("and away", 0, "destroy", "--yes", "--confirm", ENVIRONMENT),
        )

    def _write(self) -> None:
        (self.folder / "pipelines").mkdir(parents=True)
        (self.folder / "code").mkdir()
        scope = {"run": self.account.run, "account": self.account.number, "region": self.account.region}
        identity = f"01{secrets.token_hex(12).upper()}"
        files = {
            "bunsui.yaml": _PROJECT.format(**scope, id=identity, environment=ENVIRONMENT),
            "pipelines/works.yaml": _WORKS,
            "pipelines/fails.yaml": _FAILS,
            "code/app.py": _CODE,
        }
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def _commands(self, *steps: tuple[Any, ...]) -> None:
        for name, code, *arguments in steps:
            self._noted(name, code, self.account.bunsui(self.folder, "--env", ENVIRONMENT, *arguments))

    def _noted(self, name: str, code: int, done: Command) -> None:
        went = done.code == code
        said = "" if went else (done.stdout + done.stderr)[-1500:]
        self.steps.append(Step(name=name, went=went, code=done.code, seconds=done.seconds, told=said))
        print(f"{'ok  ' if went else 'FAIL'} {name}: exit {done.code}, {done.seconds} s", flush=True)

    def _look(self, name: str, look: Callable[[], Any]) -> None:
        try:
            self.seen[name] = look()
        except ClientError as refused:
            self.seen[name] = told(refused)

    def _recovery(self) -> str:
        found = self.account.client("dynamodb").describe_continuous_backups(TableName=STATE_TABLE)
        return str(found["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"])

    def _mend(self) -> None:
        (self.folder / "pipelines/fails.yaml").write_text(_FAILS.replace("by: 0", "by: 2"), encoding="utf-8")

    def _outside(self) -> None:
        states = self.account.client("stepfunctions")
        machines = states.list_state_machines()["stateMachines"]
        arn = next(
            (one["stateMachineArn"] for one in machines if one["name"] == f"{self.account.run}--{ENVIRONMENT}--works"), ""
        )
        if arn:
            states.tag_resource(resourceArn=arn, tags=[{"key": "by", "value": "somebody"}])
            states.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": True})

    def _permitted(self) -> Mapping[str, Any]:
        """Plan with no more than the policy that bunsui prints for it."""
        printed = self.account.bunsui(self.folder, "--env", ENVIRONMENT, "permissions", "plan")
        self._noted("the permissions that a plan needs", 0, printed)
        if printed.code != 0:
            return {}
        iam, name = self.account.client("iam"), f"{self.account.run}-plan"
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": self.account.number}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="printed", PolicyDocument=printed.stdout)
        tokens = self.account.client("sts")
        keys = patient(lambda: tokens.assume_role(RoleArn=made["Arn"], RoleSessionName="plan"), "AccessDenied")["Credentials"]
        time.sleep(15.0 if self.account.is_aws else 0.0)  # until IAM has told everybody
        variables = {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
        if self.account.is_aws:
            done = self.account.bunsui(self.folder, "--env", ENVIRONMENT, "plan", "--detailed-exitcode", keys=variables)
            self._noted("a plan with the printed permissions", 0, done)
        return {"bytes": len(printed.stdout)}


def absent_tables(account: Account) -> tuple[str, ...]:
    """Return those of bunsui's tables that are not there; a run that makes them takes them away."""
    there = set(account.client("dynamodb").list_tables()["TableNames"])
    return tuple(table for table in TABLES if table not in there)


def remove_tables(account: Account, tables: Sequence[str]) -> list[str]:
    """Remove bunsui's tables that this run made, unless somebody else has used them since; return what is left and why."""
    client, left = account.client("dynamodb"), []
    there = set(client.list_tables()["TableNames"])
    for table in (one for one in tables if one in there):
        items = client.scan(TableName=table, Limit=1000)
        foreign = [item for item in items["Items"] if account.run not in json.dumps(item, default=str)]
        if foreign or "LastEvaluatedKey" in items:
            left.append(f"table {table}: somebody else's items are in it")
            continue
        client.update_table(TableName=table, DeletionProtectionEnabled=False)
        client.get_waiter("table_exists").wait(TableName=table)
        client.delete_table(TableName=table)
        client.get_waiter("table_not_exists").wait(TableName=table)
    return left
