"""Machines, roles and functions that a question needs, made without bunsui; all of them are swept away by their names."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from tests.aws_account.account import Account

T = TypeVar("T")
Statement = Mapping[str, Any]

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
ANYTHING: Statement = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": "*"}
_PATIENCE_SECONDS = 90.0
"""So long IAM may take to tell its own changes; AWS names no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How an execution ended."""

    status: str
    output: Any
    error: str
    cause: str
    events: tuple[Mapping[str, Any], ...]


class Bench:
    """Makes what a question needs, under the names of this run."""

    def __init__(self, account: Account, question: str) -> None:
        self.account = account
        self.name = f"{account.run}-{question}"
        self.states = account.client("stepfunctions")

    def arn(self, service: str, rest: str) -> str:
        """Return an ARN in the account and region."""
        return f"arn:aws:{service}:{self.account.region}:{self.account.number}:{rest}"

    def role(self, part: str, service: str, *statements: Statement, condition: Statement | None = None) -> str:
        """Make a role that a service takes on; return its ARN. IAM tells others of it seconds later."""
        iam = self.account.client("iam")
        trust: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        trust["Principal"] = {"Service": f"{service}.amazonaws.com"} if "." not in service else {"AWS": service}
        if condition is not None:
            trust["Condition"] = condition
        name = f"{self.name}-{part}"[:64]
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="bunsui", PolicyDocument=_policy(*statements))
        return str(made["Role"]["Arn"])

    def machine(self, part: str, definition: Mapping[str, Any], role_arn: str, **more: Any) -> str:
        """Make a machine, as soon as its role can be taken on; return its ARN."""
        made = patient(
            lambda: self.states.create_state_machine(
                name=f"{self.name}-{part}"[:80], definition=json.dumps(definition), roleArn=role_arn, **more
            ),
            "AccessDeniedException",
        )
        return str(made["stateMachineArn"])

    def plain(self, part: str = "plain") -> str:
        """Make a machine that does nothing; return its ARN."""
        return self.machine(part, PASS, self.role(part, "states"))

    def function(self, part: str, source: str, **more: Any) -> str:
        """Make a function of one file, `app.py`; return its ARN."""
        functions = self.account.client("lambda")
        role_arn = self.role(f"{part}-role", "lambda")
        made = patient(
            lambda: functions.create_function(
                FunctionName=f"{self.name}-{part}"[:64],
                Runtime="python3.12",
                Handler="app.handler",
                Role=role_arn,
                Code={"ZipFile": zipped(source)},
                **more,
            ),
            "InvalidParameterValueException",
        )
        functions.get_waiter("function_active_v2").wait(FunctionName=made["FunctionName"])
        return str(made["FunctionArn"])

    def run(self, arn: str, payload: Any = None, *, seconds: float = 180.0) -> Ended:
        """Run a machine, version or alias to its end."""
        started = self.states.start_execution(stateMachineArn=arn, input=json.dumps({} if payload is None else payload))
        return self.ended(started["executionArn"], seconds=seconds)

    def ended(self, execution_arn: str, *, seconds: float = 180.0) -> Ended:
        """Return how an execution ends."""
        deadline = time.monotonic() + seconds
        while True:
            found = patient(lambda: self.states.describe_execution(executionArn=execution_arn), "ExecutionDoesNotExist")
            if found["status"] != "RUNNING" or time.monotonic() > deadline:
                break
            time.sleep(1.0)
        events = patient(lambda: self.states.get_execution_history(executionArn=execution_arn), "ExecutionDoesNotExist")
        return Ended(
            status=found["status"],
            output=json.loads(found["output"]) if "output" in found else None,
            error=found.get("error", ""),
            cause=found.get("cause", ""),
            events=tuple(events["events"]),
        )


def patient(call: Callable[[], T], *codes: str, seconds: float = _PATIENCE_SECONDS) -> T:
    """Return what the call gives, repeated each second while it is refused with one of these codes."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except ClientError as refused:
            if code_of(refused) not in codes or time.monotonic() > deadline:
                raise
        time.sleep(1.0)


def code_of(refused: ClientError) -> str:
    """Return the code of a refusal."""
    return str(refused.response.get("Error", {}).get("Code", ""))


def told(refused: ClientError) -> dict[str, str]:
    """Return code and sentence of a refusal."""
    return {"code": code_of(refused), "message": str(refused.response.get("Error", {}).get("Message", ""))}


def zipped(source: str) -> bytes:
    """Return a package with the file `app.py`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("app.py", source)
    return content.getvalue()


def _policy(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
