"""The service alone, without an emulator behind it: what it asks of other services is answered by functions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bunsui.aws.service_calls import ServiceAnswer, UnusableArguments
from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.emulator.stepfunctions.server import StepFunctions
from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.model.json import Json

HERE = Location("111111111111", "us-east-1")
ROLE = "arn:aws:iam::111111111111:role/any"

Handler = Callable[[Mapping[str, Json]], dict[str, Json]]


@dataclass(slots=True)
class ToldServices:
    """Services that answer what they are told; the others do not exist."""

    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    calls: list[tuple[str, str, Mapping[str, Json]]] = field(default_factory=list)

    def call(
        self,
        service: str,
        action: str,
        arguments: Mapping[str, Json],
        *,
        account: str,
        region: str,
        role_arn: str = "",
        keep_names: bool = False,
    ) -> ServiceAnswer:
        """Answer as told."""
        self.calls.append((service, action, arguments))
        handler = self.handlers.get((service, action))
        if handler is None:
            raise UnusableArguments(f"there is no {service}:{action} in this test")
        output = handler(arguments)
        body = str(output.get("Body", "")).encode()
        return ServiceAnswer(output=output, headers={"content-type": "text"}, status=200, request_id="r-1", body=body)


@dataclass(slots=True)
class Bench:
    """A running service."""

    service: StepFunctions
    services: ToldServices
    events: list[Mapping[str, Any]]

    def ask(self, operation: str, *, at: Location = HERE, **request: Any) -> dict[str, Any]:
        """Return the answer; Refused when there is none."""
        return self.service.answer(at, operation, request).result(timeout=20)

    def machine(self, name: str, definition: Mapping[str, Any], **more: Any) -> str:
        """Create a machine; give its ARN."""
        answer = self.ask("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE, **more)
        return str(answer["stateMachineArn"])

    def start(self, machine: str, payload: Json = None, **more: Any) -> str:
        """Start an execution; give its ARN."""
        answer = self.ask("StartExecution", stateMachineArn=machine, input=json.dumps(payload), **more)
        return str(answer["executionArn"])

    def ran(self, definition: Mapping[str, Any], payload: Json = None) -> dict[str, Any]:
        """Run a definition to its end; give the execution."""
        return self.ended(self.start(self.machine(f"m{time.monotonic_ns()}", definition), payload))

    def ended(self, execution: str, *, seconds: float = 60.0) -> dict[str, Any]:
        """Wait for the execution's end; give it described."""
        deadline = time.monotonic() + seconds
        while (found := self.ask("DescribeExecution", executionArn=execution))["status"] == "RUNNING":
            assert time.monotonic() < deadline, "the execution did not end"
            time.sleep(0.01)
        return found

    def types(self, execution: str) -> list[str]:
        """Return the types of the execution's events."""
        events = self.ask("GetExecutionHistory", executionArn=execution, maxResults=1000)["events"]
        return [event["type"] for event in events]

    def refusal(self, operation: str, **request: Any) -> ApiError:
        """Return the refusal of a request that must be refused."""
        try:
            answer = self.ask(operation, **request)
        except ApiError as refused:
            return refused
        raise AssertionError(f"{operation} was not refused: {answer}")


@contextmanager
def running(
    services: ToldServices | None = None,
    *,
    saved: Mapping[str, Any] | None = None,
    parked: Collection[str] = (),
    ecs_mode: str = "none",
) -> Iterator[Bench]:
    """Return a running service, with what an earlier one saved."""
    services = services or ToldServices()
    services.handlers.setdefault(("cloudwatch", "putMetricData"), lambda _arguments: {})
    events: list[Mapping[str, Any]] = []
    service = StepFunctions(
        services,
        endpoint_url="http://127.0.0.1:1",
        ecs_mode=ecs_mode,
        session=lambda role_arn, name: {"AWS_ACCESS_KEY_ID": f"{role_arn}/{name}"},
        put_event=lambda _place, entry: events.append(entry),
        has_log_group=lambda arn: arn.endswith(":exists:*"),
    )
    if saved is not None:
        service.restore(saved)
    service.start(parked=parked)
    try:
        yield Bench(service, services, events)
    finally:
        service.stop()


def saved(bench: Bench) -> Mapping[str, Any]:
    """Return what would be on disk, through JSON as on disk, once the last change is in it."""
    before = bench.service.pulse()[1]
    time.sleep(0.15)
    deadline = time.monotonic() + 5
    while bench.service.pulse()[1] != before:
        assert time.monotonic() < deadline
        before = bench.service.pulse()[1]
        time.sleep(0.15)
    found = bench.service.snapshot()
    assert found is not None
    document: Mapping[str, Any] = json.loads(json.dumps(found))
    return document


def passing(result: Json = None) -> dict[str, Any]:
    """Return the definition of a machine that gives the result."""
    return {"StartAt": "only", "States": {"only": {"Type": "Pass", "Result": result, "End": True}}}


def waiting(seconds: int = 600) -> dict[str, Any]:
    """Return the definition of a machine that waits."""
    return {"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": seconds, "End": True}}}


def calling(resource: str, arguments: Json = None, **more: Any) -> dict[str, Any]:
    """Return the definition of a machine with one Task."""
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments if arguments is not None else {}, "End": True, **more}
    return {"QueryLanguage": "JSONata", "StartAt": "call", "States": {"call": task}}
