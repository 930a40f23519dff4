"""Signs for terminals without Unicode."""

from __future__ import annotations

import ast
from pathlib import Path

from rich.cells import cell_len

from bunsui.view.ascii import ascii_signs, spoken_signs
from tests.architecture.trees import nodes_of

ROOT = Path(__file__).parents[3] / "bunsui"
NOT_SHOWN = {"tui/keys.py", "view/safe.py", "view/ascii.py"}
"""They tell characters of others apart."""


def signs() -> set[str]:
    """Every sign of ours that a screen may show."""
    found: set[str] = set()
    for folder in ("view", "tui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.relative_to(ROOT).as_posix() not in NOT_SHOWN:
                nodes = nodes_of(path)
                told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
                texts = [
                    node.value
                    for node in nodes
                    if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
                ]
                found |= {sign for text in texts for sign in text if not sign.isascii()}
    return found


def test_each_sign_of_ours_has_one_of_the_same_width() -> None:
    found = signs()
    assert len(found) > 20
    assert {sign for sign in found if not ascii_signs(sign).isascii()} == set()
    assert {sign for sign in found if not spoken_signs(sign).isascii()} == set()
    assert {sign for sign in found if cell_len(sign) != len(ascii_signs(sign))} == set()


def test_text_of_others_stays() -> None:
    assert ascii_signs("売上 ✓ 集計") == "売上 v 集計"


def test_lines_and_bars_are_not_spoken() -> None:
    assert spoken_signs("│ ● running ▇▇▁") == "  * running    "
