"""Keeping a change that was made outside, in words: what the files would say, what cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bunsui.view.plan.wording import attribute_words
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.services.drafting.outside import KeptOutside

_ROLES = {"+": Role.AFTER, "-": Role.BEFORE, "@": Role.MUTED}


def keeping_lines(kept: KeptOutside) -> Iterator[Line]:
    """Return the differences of the files, then each attribute that stays as the files say it, with the reason."""
    for number, draft in enumerate(kept.drafts):
        if number:
            yield line()
        for text in draft.diff().lines:
            is_head = text.startswith(("+++", "---"))
            yield line(span(text, Role.STRONG if is_head else _ROLES.get(text[:1], Role.MUTED)))
    if kept.left:
        if kept.drafts:
            yield line()
        yield line(span("not kept:", Role.WARN))
        for one in kept.left:
            yield line(span(attribute_words(one.attribute), Role.NAME), span(f": {one.reason}"), indent=2)


def kept_words(kept: KeptOutside) -> str:
    """Return which attributes the files then want as AWS has them."""
    return ", ".join(map(attribute_words, kept.kept))
