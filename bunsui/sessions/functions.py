"""The Lambda functions that a machine calls: their names, and where they log."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.sessions.shape import MachineShape


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledFunction:
    """One function, called by one state."""

    job: str
    state: str
    name: str
    log_group: str


def functions_of(shape: MachineShape) -> tuple[CalledFunction, ...]:
    """Return the functions in the order of the definition."""
    found = []
    for state in shape.states.values():
        name = function_name(state.resource)
        if name:
            found.append(CalledFunction(job=state.job, state=state.name, name=name, log_group=log_group_of(state.resource)))
    return tuple(found)


def function_name(resource: str) -> str:
    """Return the function's name out of its ARN or name, version and alias left out; empty when it is not a function."""
    if resource.startswith("arn:"):
        parts = resource.split(":")
        return parts[6] if len(parts) >= 7 and parts[2] == "lambda" and parts[5] == "function" else ""
    return resource.partition(":")[0] if resource and "{" not in resource else ""


def log_group_of(resource: str) -> str:
    """Return Lambda's log group of the function; empty when the resource is not a function."""
    name = function_name(resource)
    return f"/aws/lambda/{name}" if name else ""
