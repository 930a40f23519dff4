"""`permissions`, of an operation or of the pipeline: what the machine's role may do beside what is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bunsui.document.checks.service_calls import unknown_action
from bunsui.document.lowering.values import Lowering
from bunsui.document.yaml.tree import Path
from bunsui.model.pipeline import RolePermission
from bunsui.model.values import Value
from bunsui.operations.aws import FORBIDDEN_SERVICES
from bunsui.operations.integrations.iam_names import is_action

_HANDED_ON = frozenset({"iam:passrole", "sts:assumerole", "sts:tagsession"})
"""What gives a task a role that is there, and changes nobody's permissions."""


def lower_permissions(lowering: Lowering, path: Path, value: Value) -> tuple[RolePermission, ...]:
    """Return the permissions; one that cannot be lowered is left out, with findings."""
    found = []
    for index, entry in enumerate(value if isinstance(value, (list, tuple)) else ()):
        if isinstance(entry, Mapping):
            found.append(_permission(lowering, (*path, index), entry))
    return tuple(one for one in found if one.actions and one.resources)


def _permission(lowering: Lowering, path: Path, entry: Mapping[str, Value]) -> RolePermission:
    condition = lowering.constant((*path, "condition"), entry.get("condition"))
    return RolePermission(
        actions=tuple(_actions(lowering, (*path, "actions"), _as_list(entry.get("actions")))),
        resources=tuple(_as_list(entry.get("resources"))),
        condition=condition if isinstance(condition, Mapping) else {},
    )


def _actions(lowering: Lowering, path: Path, given: Sequence[Value]) -> list[str]:
    names = []
    for index, name in enumerate(given):
        if not isinstance(name, str):
            continue
        if name.partition(":")[0] in FORBIDDEN_SERVICES and name.lower() not in _HANDED_ON:
            lowering.report("BS282", f"a pipeline may not change who is allowed what ({name})", (*path, index),
                            hint="What hands a role on may be said: iam:PassRole, sts:AssumeRole.")  # fmt: skip
            continue
        if not is_action(name):
            lowering.findings.append(unknown_action(lowering.document, name, (*path, index)))
        names.append(name)
    return names


def _as_list(value: Value) -> Sequence[Value]:
    return value if isinstance(value, (list, tuple)) else ()
