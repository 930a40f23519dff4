"""What `doctor` found, in lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bunsui.services.doctor.checks import Check, CheckOutcome, Diagnosis
from bunsui.view.commands import hint_lines
from bunsui.view.spans import Line, Role, line, span

_ROLES = {
    CheckOutcome.OK: Role.GOOD,
    CheckOutcome.WARNING: Role.WARN,
    CheckOutcome.FAILED: Role.BAD,
    CheckOutcome.SKIPPED: Role.MUTED,
}
_NEXT = "next: "
_INDENT = 2
_WORD = max(len(outcome.value) for outcome in CheckOutcome)


def diagnosis_lines(found: Diagnosis) -> Iterator[Line]:
    """Yield the checks by area, each with its next step, then how many came out how."""
    width = max((len(check.name) for check in found.checks), default=0)
    for area, checks in groupby(found.checks, key=lambda check: check.area):
        yield line(span(area.value, Role.STRONG))
        for check in checks:
            yield from _check_lines(check, width)
    yield line()
    counts = ", ".join(f"{found.count(outcome)} {outcome.value}" for outcome in CheckOutcome)
    where = f" in {found.environment}" if found.environment else ""
    yield line(span(f"bunsui {found.version}{where}: {counts}", Role.STRONG))


def _check_lines(check: Check, width: int) -> Iterator[Line]:
    facts = "".join(f"  {name}: {text}" for name, text in check.facts.items())
    yield line(
        span(f"{check.outcome.value:<{_WORD}}  ", _ROLES[check.outcome]),
        span(f"{check.name:<{width}}  ", Role.NAME if check.outcome is not CheckOutcome.SKIPPED else Role.MUTED),
        span(check.says, Role.MUTED if check.outcome is CheckOutcome.SKIPPED else Role.TEXT),
        span(facts, Role.MUTED),
        indent=_INDENT,
    )
    under = _INDENT + _WORD + 2
    for number, item in enumerate(hint_lines(check.next_step)):
        label = (span(_NEXT, Role.HINT),) if number == 0 else ()
        yield Line(parts=(*label, *item.parts), indent=under + (0 if label else len(_NEXT)))
