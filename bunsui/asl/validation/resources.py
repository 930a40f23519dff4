"""The Resource of Tasks: ARNs, integrations with their patterns, and what Express does not run.

Source: developer guide, "Integrating services with Step Functions" and "Choosing workflow type"; refusals as recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.asl.validation.finding import DefinitionFinding, Path, error, warning
from bunsui.asl.validation.integrations import OPTIMISED, READERS, WRITERS
from bunsui.asl.validation.views import StateView, is_opaque

_INTEGRATION = re.compile(
    r"arn:[\w-]+:states:[\w-]*:[\w-]*:(?!activity:|stateMachine:|execution:|express:|mapRun:)(?P<call>.+)"
)
_SDK = re.compile(r"aws-sdk:[a-z][a-zA-Z0-9]*:[a-z][a-zA-Z0-9]*")
_ACTIVITY = re.compile(r"arn:[\w-]+:states:[^:]*:[^:]*:activity:.+")
_ARN = re.compile(r"arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S.*")
_PATTERNS = ("waitForTaskToken", "sync:2", "sync")


def split(resource: str) -> tuple[str, str] | None:
    """Return the call and the pattern of an integration: `("ecs:runTask", "sync")`; None for functions and activities."""
    found = _INTEGRATION.fullmatch(resource)
    if not found:
        return None
    call = found["call"]
    for pattern in _PATTERNS:
        if call.endswith(f".{pattern}"):
            return call.removesuffix(f".{pattern}"), pattern
    return call, ""


def resource(state: StateView) -> Iterator[DefinitionFinding]:
    """Check the Resource of a Task."""
    said = state.fields.get("Resource")
    if state.type != "Task" or not isinstance(said, str) or is_opaque(said):
        return
    path = (*state.path, "Resource")
    if _is_path(said) or not _ARN.fullmatch(said):
        hint = "A Resource is an ARN, such as arn:aws:states:::lambda:invoke."
        yield error("ASL040", path, f"{said[:120]} is no ARN", aws=_unknown_resource(said), hint=hint)
        return
    if _ACTIVITY.fullmatch(said) and state.machine.kind == "EXPRESS":
        words = "Express state machine does not support Activity ARN"
        yield error("ASL042", path, "Express state machines run no activities", aws=words)
    parts = split(said)
    if parts is None:
        return
    call, pattern = parts
    yield from _check_integration(call, pattern, said, path)
    if state.machine.kind == "EXPRESS" and pattern:
        yield _not_express(pattern, path)
    if pattern == "waitForTaskToken":
        yield from _token(state)


def _check_integration(call: str, pattern: str, said: str, path: Path) -> Iterator[DefinitionFinding]:
    if call.startswith("aws-sdk:"):
        if not _SDK.fullmatch(call):
            hint = "The form is aws-sdk:service:action, both beginning in lower case, such as aws-sdk:s3:getObject."
            yield error("ASL040", path, f"{call} is no call of the AWS SDK", aws=_unknown_resource(said), hint=hint)
        elif pattern.startswith("sync"):
            yield error("ASL041", path, f"calls of the AWS SDK do not support .{pattern}", aws=_unknown_resource(said))
        return
    service, _, action = call.partition(":")
    actions = OPTIMISED.get(service)
    if actions is None:
        message = f"{service} is no optimised integration that bunsui knows"
        yield warning("ASL040", path, message, hint="Most calls are reached by arn:aws:states:::aws-sdk:service:action.")
    elif action not in actions:
        hint = f"Optimised are {', '.join(sorted(actions))}; others are reached by aws-sdk:{service}:{action}."
        yield error("ASL040", path, f"{call} is no optimised integration", aws=_unknown_resource(said), hint=hint)
    elif pattern and pattern not in actions[action]:
        yield error("ASL041", path, f"{call} does not support .{pattern}", aws=_unknown_resource(said))


def _not_express(pattern: str, path: Path) -> DefinitionFinding:
    # AWS's own text has two spaces before the place in one of the cases.
    shown = ".sync" if pattern.startswith("sync") else ".waitForTaskToken"
    tail = "" if shown == ".sync" else " "
    words = f"Express state machine does not support '{shown}' service integration{tail}"
    return error("ASL042", path, f"Express state machines do not support {shown}", aws=words)


def _token(state: StateView) -> Iterator[DefinitionFinding]:
    sent = state.fields.get("Parameters", state.fields.get("Arguments"))
    if sent is None or is_opaque(sent):
        return
    text = json.dumps(sent, default=str)
    if "Task" not in text and "$$" not in text and "context" not in text and "${" not in text:
        message = "the task waits for a token that it does not pass on"
        hint = "Pass $$.Task.Token, or $states.context.Task.Token in JSONata, to whoever answers."
        yield warning("ASL043", (*state.path, "Resource"), message, hint=hint)


def credentials(state: StateView) -> Iterator[DefinitionFinding]:
    """Check the Credentials of a Task."""
    found = state.fields.get("Credentials")
    if isinstance(found, Mapping) and not is_opaque(found) and not {"RoleArn", "RoleArn.$"} & set(found):
        words = "The field 'RoleArn' is required but was missing"
        yield error("ASL002", (*state.path, "Credentials"), "Credentials need a RoleArn", aws=words)


def outside_calls(state: StateView) -> Iterator[DefinitionFinding]:
    """Check the Resource of an ItemReader and of a ResultWriter."""
    for name, allowed in (("ItemReader", READERS), ("ResultWriter", WRITERS)):
        holder = state.fields.get(name)
        if not isinstance(holder, Mapping) or is_opaque(holder):
            continue
        said: Any = holder.get("Resource")
        path = (*state.path, name, "Resource")
        if said is None and name == "ResultWriter":
            continue
        if said is None:
            yield error("ASL002", (*state.path, name), f"{name} has no Resource", aws=_REQUIRED)
        elif not isinstance(said, str):
            yield error("ASL004", path, "Resource must be a string", aws="Expected value of type [STRING]")
        elif not is_opaque(said) and (split(said) or ("", ""))[0].removeprefix("aws-sdk:") not in allowed:
            hint = f"One of {', '.join(sorted(allowed))}."
            yield error("ASL040", path, f"{name} cannot call {said[:120]}", aws=_unknown_resource(said), hint=hint)


_REQUIRED = "These fields are required: [Resource]"


def _is_path(said: str) -> bool:
    return said.startswith("$")


def _unknown_resource(said: str) -> str:
    return (
        f"The resource provided {said} is not recognized. The value is not a valid resource ARN, "
        "or the resource is not available in this region."
    )
