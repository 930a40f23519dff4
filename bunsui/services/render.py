"""What a pipeline compiles to, exactly as it would be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.kinds.role import ROLE
from bunsui.model.json import Json
from bunsui.model.values import Reference, Sensitive, Unknown, Value, map_leaves
from bunsui.project.one_pipeline import compile_one
from bunsui.project.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOutcome:
    """The documents of a pipeline, or why there are none."""

    definition: Json
    """None when the pipeline has errors. What is known only after apply stands as text in angle brackets."""
    roles: Mapping[str, Json]
    """By role name: `{trust, policy}`, and `given`, its ARN, where somebody else makes the role: then what it must allow."""
    diagnostics: tuple[Diagnostic, ...]


def render(repository: Repository, name: str) -> RenderOutcome:
    """Return the state machine definition and the IAM documents of a pipeline. Needs no account.

    Raises:
        NotFound: there is no pipeline of that name.

    """
    one = compile_one(repository, name)
    if not one.usable or one.compiled is None:
        return RenderOutcome(definition=None, roles={}, diagnostics=one.diagnostics)
    roles = {
        resource.physical_name: shown({"trust": resource.attributes["trust"], "policy": resource.attributes["policy"]})
        for resource in one.compiled.resources
        if resource.address.kind == ROLE
    }
    for role in one.compiled.given_roles:
        needed = {name: role.needs.attributes[name] for name in ("trust", "policy")}
        roles[role.needs.physical_name] = shown({"given": role.arn, **needed})
    return RenderOutcome(definition=shown(one.compiled.definition), roles=roles, diagnostics=one.diagnostics)


def shown(value: Value) -> Json:
    """Return the value as JSON, with words where apply will put what it learns."""

    def leaf(found: Value) -> Value:
        if isinstance(found, Reference):
            return f"<{found.attribute} of {found.address}, known after apply>"
        if isinstance(found, Unknown):
            return f"<{found.why}>"
        return "<sensitive>" if isinstance(found, Sensitive) else found

    # `leaf` leaves nothing but JSON, which the type of `map_leaves` cannot say.
    return map_leaves(value, leaf)  # type: ignore[return-value]
