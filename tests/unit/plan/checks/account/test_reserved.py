"""Maps that call a function more often at once than Lambda lets it run are found before they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bunsui.diagnostics import Severity
from bunsui.document.rules import Rules
from bunsui.errors import AccessDenied, Throttled
from bunsui.model.address import Address
from bunsui.model.values import Reference
from bunsui.plan.build import with_looked_up
from bunsui.plan.fan_out import FanOut, fan_outs
from bunsui.plan.model import Plan
from bunsui.refresh.reserved_concurrency import reserved_concurrency
from tests.fakes.project import Project, a_pipeline

MACHINE = Address("state_machine", "orders")
OWN = Reference(address=Address("lambda_function", "orders", "load"), attribute="version_arn")
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:load"
CALL = "arn:aws:states:::lambda:invoke"


def calls(function: object, *, resource: str = CALL, key: str = "Arguments") -> dict[str, Any]:
    task = {"Type": "Task", "Resource": resource, key: {"FunctionName": function}, "End": True}
    return {"StartAt": "load", "States": {"load": task}}


def a_map(inner: Mapping[str, Any], *, mode: str = "INLINE", **fields: object) -> dict[str, Any]:
    processor = {**inner, "ProcessorConfig": {"Mode": mode}}
    return {"StartAt": "each", "States": {"each": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}}}


@pytest.mark.parametrize(
    ("definition", "at_once"),
    [
        (a_map(calls(FUNCTION), MaxConcurrency=8), 8),
        (a_map(calls(FUNCTION, key="Parameters"), MaxConcurrency=8), 8),
        (a_map(calls(FUNCTION, resource=f"{CALL}.waitForTaskToken"), MaxConcurrency=8), 8),
        (a_map(calls("-", resource=FUNCTION), MaxConcurrency=8), 8),
        (a_map(calls(FUNCTION)), 40),
        (a_map(calls(FUNCTION), mode="DISTRIBUTED"), 10_000),
        (a_map(a_map(calls(FUNCTION), MaxConcurrency=3), MaxConcurrency=5), 15),
    ],
)
def test_the_widths_of_the_maps_around_a_call_are_multiplied(definition: dict[str, Any], at_once: int) -> None:
    assert list(fan_outs(definition)) == [FanOut(map="each", state="load", function=FUNCTION, at_once=at_once)]


@pytest.mark.parametrize(
    "definition",
    [
        calls(FUNCTION),
        a_map(calls("{% $params.function %}"), MaxConcurrency=8),
        a_map(calls(FUNCTION), MaxConcurrency="{% $params.width %}"),
        a_map(calls(FUNCTION), MaxConcurrencyPath="$.width"),
        a_map(calls(FUNCTION, resource="arn:aws:states:::sqs:sendMessage"), MaxConcurrency=8),
        "no definition",
        {"States": {"odd": "no state", "each": {"Type": "Map", "ItemProcessor": 3}}},
    ],
)
def test_what_only_a_run_can_tell_is_no_fan_out(definition: object) -> None:
    assert list(fan_outs(definition)) == []  # type: ignore[arg-type]


@dataclass
class Limits:
    """Lambda, with what is reserved by name."""

    amounts: Mapping[str, int] = field(default_factory=dict)
    failure: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def reserved(self, function: str) -> int | None:
        self.asked.append(function)
        if self.failure is not None:
            raise self.failure
        return self.amounts.get(function)


def a_plan(function: str | Reference) -> Plan:
    plan = Project().plan(a_pipeline("orders"))
    machine = next(change for change in plan.changes if change.address == MACHINE)
    assert machine.desired is not None
    definition = a_map(calls(function), MaxConcurrency=8)
    desired = replace(machine.desired, attributes={**machine.desired.attributes, "definition": definition})
    changes = [replace(change, desired=desired) if change is machine else change for change in plan.changes]
    return replace(plan, changes=tuple(changes), diagnostics=())


def found(function: str, limits: Limits) -> list[tuple[Severity, str]]:
    plan = a_plan(function)
    checked = with_looked_up(plan, Rules(), reserved=reserved_concurrency(plan, limits))
    return [(item.severity, item.summary) for item in checked.diagnostics]


def test_a_map_wider_than_what_is_reserved_is_a_warning() -> None:
    assert found(f"{FUNCTION}:live", Limits({FUNCTION: 5})) == [
        (
            Severity.WARNING,
            (
                "each calls load up to 8 times at once, "
                "and its function runs 5 times at once at most: the other calls are throttled"
            ),
        )
    ]


@pytest.mark.parametrize("amounts", [{FUNCTION: 8}, {}])
def test_a_map_that_fits_or_a_function_without_a_limit_is_no_finding(amounts: dict[str, int]) -> None:
    assert found(FUNCTION, Limits(amounts)) == []


def test_without_the_permission_it_is_unknown_and_not_in_order() -> None:
    ((severity, summary),) = found("load:7", Limits(failure=AccessDenied("access-denied", "no")))
    assert severity is Severity.INFO
    assert "unknown" in summary


def test_a_failure_of_aws_costs_the_answer_and_not_the_plan() -> None:
    ((severity, summary),) = found("load", Limits(failure=Throttled("throttled", "later")))
    assert severity is Severity.INFO
    assert "unknown" in summary


@pytest.mark.parametrize("written", ["load", "load:live", "load:7"])
def test_lambda_is_asked_for_the_function_without_its_version(written: str) -> None:
    limits = Limits()
    found(written, limits)
    assert limits.asked == ["load"]


def test_a_function_that_is_not_there_yet_is_not_asked_about() -> None:
    limits = Limits()
    assert reserved_concurrency(a_plan(OWN), limits) == {}
    assert limits.asked == []
