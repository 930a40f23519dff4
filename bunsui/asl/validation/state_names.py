"""The names of states: unique in the whole definition, and of a form that AWS takes.

Source: states-language.net, "States".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bunsui.asl.validation.finding import DefinitionFinding, Path, error
from bunsui.asl.validation.views import MachineView, is_opaque

NAME_LIMIT = 80
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def names(root: Sequence[MachineView]) -> Iterator[DefinitionFinding]:
    """Check the names of all states, which must differ across the whole definition."""
    seen: dict[str, Path] = {}
    for machine in root:
        for name in map(str, machine.states):
            path = (*machine.path, "States", name)
            if name in seen:
                message = f"the name {name} is used twice in the definition"
                yield error(
                    "ASL014", path, message, aws=f"Duplicate State name: {name}", aws_code="DUPLICATE_STATE_NAME", on_key=True
                )
            seen.setdefault(name, path)
            if len(name) > NAME_LIMIT and not is_opaque(name):
                yield _bad_name(path, f"the name of the state {name} is longer than {NAME_LIMIT} characters")
            elif not name or _FORBIDDEN.search(name):
                yield _bad_name(path, f"the name of the state {name!r} is empty or holds control characters")


def _bad_name(path: Path, message: str) -> DefinitionFinding:
    return error("ASL013", path, message, aws_code="INVALID_STATE_NAME", on_key=True)
