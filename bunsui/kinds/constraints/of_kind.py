"""What AWS refuses of a resource as a whole: the constraints that its kind's attributes have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.kinds.constraints.broken import BrokenConstraint
from bunsui.kinds.constraints.environment import broken_environment
from bunsui.kinds.constraints.tags import broken_tags
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.schedule_group import SCHEDULE_GROUP
from bunsui.model.values import Value


def broken_constraints(kind: str, attributes: Mapping[str, Value]) -> Iterator[BrokenConstraint]:
    """Yield what AWS refuses of a resource with these attributes; a value that only apply can know breaks nothing."""
    yield from broken_tags(_known_texts(attributes.get("tags"), unknown="x"), scheduled=kind == SCHEDULE_GROUP)
    if kind == FUNCTION:
        yield from broken_environment(_known_texts(attributes.get("environment"), unknown=""))


def _known_texts(value: Value, *, unknown: str) -> dict[str, str]:
    members = value.items() if isinstance(value, Mapping) else ()
    return {name: member if isinstance(member, str) else unknown for name, member in members}
