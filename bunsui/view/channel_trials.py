"""What became of the trial of channels, in lines."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.services.channels.trial import ChannelTrial, TrialOutcome
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span

_MARKS = {
    TrialOutcome.SENT: ("✓", Role.GOOD),
    TrialOutcome.FAILED: ("✗", Role.BAD),
    TrialOutcome.NOT_FROM_HERE: ("?", Role.WARN),
}


def trial_lines(trial: ChannelTrial, width: int) -> Iterator[Line]:
    """Yield what became of one channel; `width` is that of the longest name."""
    mark, role = _MARKS[trial.outcome]
    said = f"{safe(trial.channel):<{width}}  {safe(trial.type)}  {trial.outcome.value}"
    yield line(span(f"{mark} ", role), span(said))
    if trial.outcome is TrialOutcome.SENT:
        return
    yield line(span(f"    {safe(trial.problem)} [{safe(trial.code)}]"))
    for name, value in trial.facts.items():
        yield line(span(f"    {safe(name)}: {safe(value, limit=300)}", Role.MUTED))
    if trial.remedy:
        for text in trial.remedy.splitlines():
            yield line(span(f"    {safe(text)}"))
    if trial.may_pass:
        yield line(span("    It may help to try again.", Role.MUTED))
