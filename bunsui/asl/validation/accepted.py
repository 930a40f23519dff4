"""Findings that the definition itself accepts: `"Comment": "bunsui: accept ASL011 kept for the old console"`.

The comment of a state accepts findings in that state and all it holds, the comment of a machine those in the machine. A reason
must follow the codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.asl.validation.finding import DefinitionFinding, Path
from bunsui.asl.validation.views import MachineView

_ACCEPT = re.compile(r"bunsui:\s*accept\s+((?:ASL\d{3}[\s,]+)+)(?!ASL\d{3}\b)\S")


def without_accepted(findings: Sequence[DefinitionFinding], machines: Sequence[MachineView]) -> tuple[DefinitionFinding, ...]:
    """Return the findings that no comment accepts."""
    accepted = [(path, codes) for path, codes in _comments(machines) if codes]
    return tuple(
        finding
        for finding in findings
        if not any(finding.code in codes and finding.path[: len(path)] == path for path, codes in accepted)
    )


def _comments(machines: Sequence[MachineView]) -> list[tuple[Path, frozenset[str]]]:
    found = [(machine.path, _codes(machine.fields)) for machine in machines]
    found += [(state.path, _codes(state.fields)) for machine in machines for state in machine.views()]
    return found


def _codes(fields: Mapping[str, Any]) -> frozenset[str]:
    comment = fields.get("Comment")
    if not isinstance(comment, str):
        return frozenset()
    return frozenset(code for match in _ACCEPT.finditer(comment) for code in re.findall(r"ASL\d{3}", match.group(1)))
