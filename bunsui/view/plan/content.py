"""What a pipeline is made of, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.kinds.state_machine import MACHINE
from bunsui.plan.definitions import every_state
from bunsui.plan.model import Action, ResourceChange
from bunsui.view.plan.wording import kind_words


def content(changes: Sequence[ResourceChange]) -> str:
    """Return in a sentence what a pipeline is made of."""
    counts: dict[str, int] = {}
    states = 0
    for change in changes:
        if change.action is not Action.FORGET:
            counts[change.address.kind] = counts.get(change.address.kind, 0) + 1
        attributes = change.desired.attributes if change.desired else {}
        states += sum(1 for _ in every_state(attributes.get("definition")))
    words = []
    for kind, count in counts.items():
        text = f"{count} {kind_words(kind)}{'s' if count > 1 else ''}"
        words.append(f"{text} with {states} state{'s' if states != 1 else ''}" if kind == MACHINE and states else text)
    return ", ".join(words)
