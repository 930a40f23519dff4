"""A pipeline that was applied to the embedded AWS, with the roles that were derived for it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from bunsui.apply.events import ChangeFailed
from bunsui.aws.approvals.table import AwsApprovalsTable
from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.packaging.cache import PackageCache
from bunsui.packaging.packager import FolderPackager
from bunsui.plan.model import Plan
from bunsui.project.files import RootFolder
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.plan import plan_project
from tests.e2e.roles.others import make_what_is_named
from tests.e2e.roles.written import INPUTS
from tests.embedded import EmbeddedAccount
from tests.faults.rooms import Room

PROJECT = """\
version: 1
project: tests
id: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10
environments: {local: {}}
"""
BUCKET = {"ecs-task", "glue-job", "resumed"}
"""Pipelines whose environment has a bucket."""
_CALLS = """\
import os
import boto3


def read(event, context):
    boto3.client("s3").get_object(Bucket=os.environ["BUCKET"], Key="k")
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody="x")
    return {}
"""
_HANDLER = """\
import os


def b(event, context):
    if "LOGIN" in os.environ:
        import boto3

        boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["LOGIN"])
    return {}


def c(event, context):
    return {}
"""
CODE = {
    "code/a.py": _HANDLER,
    "code/calls.py": _CALLS,
    "code/b.pem": "",
    "code/c.py": "",
    "lock.txt": "",
    "other/a.py": _HANDLER,
}
"""The code of functions that pipelines bring along."""
Statement = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One action on one resource that a role permits."""

    role: str
    action: str
    resource: str
    others: Sequence[Statement]
    """All that the role permits beside it."""


class Applied(Room):
    """Pipelines that were applied, and what they name of others."""

    def __init__(self, folder: Path, endpoint: LocalEndpoint, name: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Begin with a project of these documents by their names; `name` is the one that is run."""
        super().__init__(folder, endpoint, "raw")
        self.name = name
        for file in (folder / "pipelines").rglob("*"):
            if file.is_file():
                file.unlink()
        text = PROJECT.replace("{}", "{bucket: managed}") if name in BUCKET else PROJECT
        (folder / "bunsui.yaml").write_text(text)
        for name, document in documents.items():
            head = {"version": 1, "logging": {"level": "OFF"}}
            text = yaml.safe_dump(_localised({**head, **document, "name": name}, self.account), sort_keys=False)
            (folder / "pipelines" / f"{name}.yaml").write_text(text)
        for path, text in CODE.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        self.there = EmbeddedAccount(endpoint=endpoint, account=self.account, region=endpoint.region)

    @cached_property
    def ports(self) -> ReconcilePorts:
        cache = PackageCache(self.folder / ".cache", key=bytes(32))
        packager = FolderPackager(RootFolder(self.folder), lambda: cache, for_this_machine=True)
        found = providers(self.connection, identity=StsIdentity(self.connection), packager=packager)
        approvals = AwsApprovalsTable(self.connection)
        return replace(super().ports, providers=found, packager=packager, approvals=approvals)

    def plan(self) -> Plan:
        outcome = plan_project(self.repository, self.ports)
        assert outcome.plan is not None, [f"{one.code} {one.summary}" for one in outcome.diagnostics if one.is_error]
        return outcome.plan

    def begin(self) -> None:
        """Make what others have, and apply."""
        plan = self.plan()
        wanted = [change.desired for change in plan.changes if change.desired is not None]
        named = [arn for one in wanted for arn in _arns_in(one.attributes)]
        make_what_is_named(self.there, named, except_for=[one.physical_name for one in wanted])
        events = list(apply_plan(plan, self.ports))
        problems = [f"{one.address}: {one.message}" for one in events if isinstance(one, ChangeFailed)]
        assert not problems, problems

    @cached_property
    def roles(self) -> Mapping[str, Sequence[Statement]]:
        """The statements of each role, by its name."""
        iam, found = self.there.client("iam"), {}
        for change in self.plan().changes:
            if change.address.kind == "role" and change.address.pipeline == self.name:
                name = change.physical_name
                found[name] = _statements(iam.get_role_policy(RoleName=name, PolicyName=self._policy(name))["PolicyDocument"])
        return found

    def _policy(self, role: str) -> str:
        (name,) = self.there.client("iam").list_role_policies(RoleName=role)["PolicyNames"]
        return str(name)

    def parts(self) -> Iterator[Part]:
        """Yield each action on each resource that a role permits; of what the roles of several functions permit alike, and of
        functions of ours that are invoked alike, the first."""
        seen = set()
        for part in self._every_part():
            kind = (part.action, _OWN.sub("", part.role), _OWN.sub("", part.resource))
            if kind not in seen:
                seen.add(kind)
                yield part

    def _every_part(self) -> Iterator[Part]:
        for role, statements in self.roles.items():
            for place, statement in enumerate(statements):
                rest = [one for number, one in enumerate(statements) if number != place]
                for action in statement["Action"]:
                    for resource in statement["Resource"]:
                        others = [*rest, *_without(statement, action, resource)]
                        yield Part(role=role, action=action, resource=resource, others=others)

    def permit(self, role: str, statements: Sequence[Statement]) -> None:
        """Let a role have these statements alone."""
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements) or [_NOTHING]})
        self.there.client("iam").put_role_policy(RoleName=role, PolicyName=self._policy(role), PolicyDocument=document)

    def outcome(self) -> str:
        """Change the machine to what it is, run it; return its status, with the cause where it failed."""
        states = self.there.client("stepfunctions")
        machine = f"arn:aws:states:us-east-1:{self.account}:stateMachine:tests--local--{self.name}"
        role = states.describe_state_machine(stateMachineArn=machine)["roleArn"]
        try:
            states.update_state_machine(stateMachineArn=machine, roleArn=role)
        except ClientError as error:
            return str(error)
        given = json.dumps({"params": INPUTS.get(self.name, {})})
        started = states.start_execution(stateMachineArn=f"{machine}:live", input=given)["executionArn"]
        deadline = time.monotonic() + 300
        while (found := states.describe_execution(executionArn=started))["status"] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return str(found["status"]) if found["status"] == "SUCCEEDED" else f"{found.get('error')}: {found.get('cause')}"


def _arns_in(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("arn:"):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _arns_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _arns_in(item)


_ACCOUNT = re.compile(r"\b(1{12}|111122223333)\b")
_BUCKET = re.compile(r"(?<=s3://)[a-z-]+|(?<=arn:aws:s3:::)[a-z-]+")


def _localised(value: Any, account: str) -> Any:
    """Return a document with this account in place of the one of the documentation; names of buckets are one account's only."""
    if isinstance(value, str):
        return _BUCKET.sub(rf"\g<0>-{account}", _ACCOUNT.sub(account, value))
    if isinstance(value, Mapping):
        return {
            key: f"{item}-{account}" if key == "bucket" and isinstance(item, str) else _localised(item, account)
            for key, item in value.items()
        }
    return [_localised(item, account) for item in value] if isinstance(value, (list, tuple)) else value


_NOTHING: Statement = {"Effect": "Deny", "Action": ["iam:DeleteAccountAlias"], "Resource": ["*"]}
"""A policy needs a statement."""
_OWN = re.compile(r"(?<=--)j[0-9]+--[a-z-]+")
"""What tells the functions of the operations of one type apart."""


def _without(statement: Statement, action: str, resource: str) -> Iterator[Statement]:
    actions = [one for one in statement["Action"] if one != action]
    resources = [one for one in statement["Resource"] if one != resource]
    if actions:
        yield {**statement, "Action": actions}
    if resources:
        yield {**statement, "Action": [action], "Resource": resources}


def _statements(document: Any) -> Sequence[Statement]:
    found: Sequence[Statement] = (json.loads(document) if isinstance(document, str) else document)["Statement"]
    return found
