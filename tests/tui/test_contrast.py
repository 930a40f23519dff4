"""Every text can be read on every ground on which it may stand: WCAG 2.2, success criterion 1.4.3, asks for 4.5 : 1."""

from __future__ import annotations

import pytest

from bunsui.tui.theme import THEMES
from bunsui.view.spans import Role
from tests.tui.contrast import LEAST, contrast

GROUNDS = ("cursor-row", "cursor-row-quiet", "changed-cell")


def test_black_on_white_has_the_contrast_that_the_definition_gives() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("role", Role)
def test_text_can_be_read_on_every_ground(theme: object, role: Role) -> None:
    found = next(one for one in THEMES if one is theme)
    grounds = [found.background, found.surface, found.panel, *(found.variables[name] for name in GROUNDS)]
    assert all(ground is not None and contrast(found.variables[f"role-{role.value}"], ground) >= LEAST for ground in grounds)
