"""BS523: a raw definition that calls a function or a machine without saying which version of it.

Operations say so at once, where they stand (BS271); this looks at states that nobody compiled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.values import Value
from bunsui.plan.definitions import every_state
from bunsui.plan.model import Plan

CODE = "BS523"

_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[^:]+:[^:]+:function:[^:]+")
_TASK_DEFINITION = re.compile(r"(arn:aws[a-z-]*:ecs:[^:]+:[^:]+:task-definition/)?[A-Za-z0-9_-]+")
_NAMED = 5


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find unpinned references of raw machines that are new or change."""
    for change in plan.pending:
        facts = plan.pipelines.get(change.address.pipeline)
        if change.desired is None or facts is None or facts.jobs:
            continue
        names = [name for name, state in every_state(change.desired.attributes.get("definition")) if _is_unpinned(state)]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary=f"not pinned to a version, so it changes under running sessions: {', '.join(names[:_NAMED])}{more}",
                hint="Name a version or an alias of the function, or a revision of the task definition.",
                subject=str(change.address),
            )


def _is_unpinned(state: Mapping[str, Value]) -> bool:
    resource = state.get("Resource")
    if state.get("Type") != "Task" or not isinstance(resource, str):
        return False
    given = state.get("Arguments", state.get("Parameters"))
    arguments: Mapping[str, Value] = given if isinstance(given, Mapping) else {}
    if ":states:::lambda:invoke" in resource:
        function = arguments.get("FunctionName")
        return isinstance(function, str) and ("Qualifier" not in arguments) and _is_bare(function)
    if ":states:::ecs:runTask" in resource:
        task = arguments.get("TaskDefinition")
        return isinstance(task, str) and _TASK_DEFINITION.fullmatch(task) is not None
    return _FUNCTION.fullmatch(resource) is not None


def _is_bare(function: str) -> bool:
    """True for an ARN or a name without a version; an expression that the run evaluates is neither."""
    return _FUNCTION.fullmatch(function) is not None or re.fullmatch(r"[A-Za-z0-9_-]+", function) is not None
