"""Compiled pipelines really executed: operation types that need no service, and a runner for many machines at once."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bunsui.asl.model import Branch, Fail, Parallel, Pass
from bunsui.asl.printing import definition_text
from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.diagnostics import has_errors
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation, Pipeline
from bunsui.model.resource import Scope
from bunsui.model.values import Value
from bunsui.operations.contract import EmitContext, Emitted, OperationType
from bunsui.operations.registry import Registry, builtin_registry
from tests.embedded import EmbeddedAccount

SCOPE = Scope(project="tests", environment="local", account="000000000000", region="us-east-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoParams:
    """Returns back a value."""

    value: Value = None
    needs_exit: bool = False
    """Leave the job without shaping the data, as raw states do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakParams:
    """Fails, so that the failure can be caught."""

    error: str = "Test.Broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipParams:
    """Skips its job."""


def _echo(params: EchoParams, operation: Operation, context: EmitContext) -> Emitted:
    state = Pass(output=context.output(context.expression(params.value)), next=context.next)
    if not params.needs_exit:
        return {context.state: state}
    # The state that leaves does not shape the data, but the one before it recorded the result.
    last = context.sub("last")
    return {context.state: Pass(output=state.output, next=last), last: Pass(next=context.next)}


def _break(params: BreakParams, operation: Operation, context: EmitContext) -> Emitted:
    inner = context.sub("inner")
    branch = Branch(start_at=inner, states={inner: Fail(error=params.error, cause="as the test wants it")})
    done = context.sub("done")
    return {
        context.state: Parallel(branches=(branch,), catch=context.catch, next=done),
        done: Pass(output=context.output("'never'"), next=context.next),
    }


def _skip(params: SkipParams, operation: Operation, context: EmitContext) -> Emitted:
    return {context.state: Pass(next=context.skip_job())}


def _nothing(params: object, context: EmitContext) -> tuple[()]:
    return ()


TEST_TYPES: Mapping[str, OperationType] = {
    "echo": OperationType(name="echo", summary="", params=EchoParams, emit=_echo, permissions=_nothing, result="The value."),
    "break": OperationType(name="break", summary="", params=BreakParams, emit=_break, permissions=_nothing, result="Nothing."),
    "skip_me": OperationType(
        name="skip_me", summary="", params=SkipParams, emit=_skip, permissions=_nothing, result="Nothing."
    ),
}


def test_registry() -> Registry:
    """Return the built-in types and those of the tests."""
    return builtin_registry().with_types(TEST_TYPES)


test_registry.__test__ = False  # type: ignore[attr-defined] # pytest would take it for a test


def echo(value: Value, *, name: str = "echo", needs_exit: bool = False) -> Operation:
    """Return an operation that gives back the value."""
    return Operation(id=name, type="echo", params=EchoParams(value=value, needs_exit=needs_exit))


def breaks(error: str = "Test.Broken", *, name: str = "break") -> Operation:
    """Return an operation that fails."""
    return Operation(id=name, type="break", params=BreakParams(error=error))


def skips() -> Operation:
    """Return an operation that skips its job."""
    return Operation(id="skip", type="skip_me", params=SkipParams())


def compiled(pipeline: Pipeline) -> CompiledPipeline:
    """Compile with the test types; there may be warnings, but no errors."""
    found = compile_pipeline(pipeline, scope=SCOPE, registry=test_registry())
    assert not has_errors(found.diagnostics)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A machine to execute."""

    name: str
    definition: Mapping[str, Any]
    payload: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An execution that ended."""

    status: str
    output: Any
    error: str
    cause: str
    events: Sequence[Mapping[str, Any]]

    @property
    def entered(self) -> list[str]:
        """The states entered at the top level, in order."""
        return [e["stateEnteredEventDetails"]["name"] for e in self.events if "stateEnteredEventDetails" in e]

    def exits(self) -> dict[str, Any]:
        """Return the output of every state that was left at the top level, by name."""
        details = [e["stateExitedEventDetails"] for e in self.events if "stateExitedEventDetails" in e]
        return {found["name"]: json.loads(found["output"]) for found in details}


def execute(account: EmbeddedAccount, runs: Sequence[Run], *, seconds: float = 120) -> dict[str, Ended]:
    """Execute machines side by side; give how each ended, by name."""
    client = account.client("stepfunctions")
    role = f"arn:aws:iam::{account.account}:role/any"
    started = {}
    for run in runs:
        text = definition_text(run.definition)
        machine = client.create_state_machine(name=run.name, definition=text, roleArn=role)["stateMachineArn"]
        started[run.name] = client.start_execution(stateMachineArn=machine, name="once", input=json.dumps(run.payload))[
            "executionArn"
        ]
    deadline = time.monotonic() + seconds
    return {name: _ended(client, arn, deadline) for name, arn in started.items()}


def _ended(client: Any, arn: str, deadline: float) -> Ended:
    while (found := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, f"{arn} still runs"
        time.sleep(0.05)
    events = client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    return Ended(
        status=found["status"],
        output=json.loads(found["output"]) if found["status"] == "SUCCEEDED" else None,
        error=found.get("error", ""),
        cause=found.get("cause", ""),
        events=events,
    )
