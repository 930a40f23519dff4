"""Variables of other tools, or of Step Functions, answered with those of bunsui."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from bunsui.asl.expressions import FUNCTIONS, VariableUse

_THEIRS = {
    **dict.fromkeys(("output", "outputs", "response", "answer", "results", "data", "body"), "result"),
    **dict.fromkeys(("input", "inputs", "parameters", "param", "args", "event", "config", "conf", "vars", "var"), "params"),
    **dict.fromkeys(("task", "tasks", "step", "steps", "needs", "job", "nodes"), "jobs"),
    **dict.fromkeys(("row", "element", "elem", "value", "each", "it", "current", "matrix"), "item"),
    **dict.fromkeys(("error", "exception", "failure"), "errors"),
    **dict.fromkeys(("run", "execution", "context", "workflow"), "session"),
}
"""A name of theirs -> ours."""
_VALUES = {
    **dict.fromkeys(("ds", "today", "date", "execution_date", "logical_date"), "$session.date"),
    **dict.fromkeys(("now", "timestamp", "ts"), "$session.slot"),
    **dict.fromkeys(("weekday", "day_of_week"), "$session.weekday"),
    **dict.fromkeys(("env", "environment", "secrets"), 'a parameter with default: "${var.NAME}", as $params.NAME'),
}
"""What stands for a whole value of theirs."""
_OF_STATES = {
    ("result",): "$result",
    ("context", "Execution", "Input"): "$params",
    ("context", "Execution", "Name"): "$session.id",
    ("context", "Execution", "Id"): "$session.id",
    ("context", "Execution", "StartTime"): "$session.slot",
    ("context", "Map", "Item", "Value"): "$item",
    ("errorOutput",): "$errors.JOB",
}
"""`$states` of Step Functions (developer guide, "Reserved variable: $states")."""


def variable_hint(use: VariableUse, names: Collection[str], *, at_operation: bool, item: str) -> str:
    """Return what to do about a variable that there is not. `names` can be read, the item of a foreach is called `item`;
    `at_operation` tells that the expression stands in one."""
    near = difflib.get_close_matches(use.name, sorted(names), n=1, cutoff=0.6)
    known = _meant_variable(use.name, use.path, names, item=item)
    if known and (use.name == "states" or not near):
        return known
    if use.name == "result" and at_operation:
        return "No operation ran before this one."
    if use.name in ("jobs", "result", "ops", "params"):
        return "It cannot be read in this place."
    if use.name in FUNCTIONS:
        return f"${use.name} is a function: call it."
    readable = ", ".join(f"${name}" for name in sorted(names))
    return f"Did you mean ${near[0]}?" if near else f"Here can be read: {readable}."


def _meant_variable(name: str, path: Sequence[str], names: Collection[str], *, item: str) -> str:
    if name == "states":
        return _of_states(tuple(path), item)
    if name in _VALUES:
        return f"Read {_VALUES[name]}."
    ours = _THEIRS.get(name, "")
    if ours == "item":
        ours = item
    return f"Write ${'.'.join((ours, *path))}." if ours in names else ""


def _of_states(path: tuple[str, ...], item: str) -> str:
    for theirs, ours in _OF_STATES.items():
        if path[: len(theirs)] == theirs:
            root = f"${item}" if ours == "$item" else ours
            return f"Write {'.'.join((root, *path[len(theirs) :]))}."
    return "bunsui makes the data flow: read $params, $session, $jobs.NAME or $ops.ID."
