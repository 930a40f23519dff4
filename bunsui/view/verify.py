"""What `verify` looked at, in lines."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.ports.account import Presence
from bunsui.services.verify.verify import VerifyOutcome
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.spans import Line, Role, line, span

_ROLES = {Presence.THERE: Role.GOOD, Presence.MISSING: Role.BAD, Presence.UNKNOWN: Role.WARN}
_WIDTH = max(len(presence.value) for presence in Presence)


def verification_lines(found: VerifyOutcome, *, prefix: str = "") -> Iterator[Line]:
    """Yield each reference, the findings, how many there are of each sort. `prefix` stands before the files' names."""
    kinds = max((len(one.target.kind) for one in found.looked), default=0)
    for one in found.looked:
        presence = one.found.presence
        yield line(
            span(f"{presence.value:<{_WIDTH}}  ", _ROLES[presence]),
            span(f"{one.target.kind:<{kinds}}  ", Role.MUTED),
            span(one.target.name, Role.NAME),
            span(f"  {', '.join(one.pipelines)}", Role.MUTED),
        )
    if found.looked and found.findings:
        yield line()
    yield from diagnostic_lines(found.findings, prefix=prefix)
    if not found.has_invalid_files:
        yield line(span(_counts(found), Role.STRONG))


def _counts(found: VerifyOutcome) -> str:
    if not found.looked and not found.roles:
        return f"{_count(len(found.pipelines), 'pipeline')} refer to nothing that could be looked at"
    said = [f"{found.count(presence)} {presence.value}" for presence in Presence if found.count(presence)]
    given = f"; {_count(len(found.roles), 'given role')} looked at" if found.roles else ""
    return f"{_count(len(found.looked), 'reference')} of {_count(len(found.pipelines), 'pipeline')}: {', '.join(said)}{given}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
