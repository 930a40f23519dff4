"""What a base of screens leaves to those that are shown, each of them has: Textual makes a class with holes without a word."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from textual.dom import DOMNode

import bunsui.tui
from bunsui.tui.screens.polled import PolledScreen


def shown_classes() -> Iterator[type[DOMNode]]:
    """Yield the screens and widgets of the house that nothing else is made of."""
    for module in pkgutil.walk_packages(bunsui.tui.__path__, "bunsui.tui."):
        found = vars(import_module(module.name)).values()
        yield from (one for one in found if isinstance(one, type) and issubclass(one, DOMNode) and not one.__subclasses__())


def holes(shown: type[DOMNode]) -> list[str]:
    """Return what a class inherits and nobody wrote."""
    return [name for name in dir(shown) if getattr(getattr(shown, name, None), "__isabstractmethod__", False)]


def test_nothing_that_is_shown_lacks_what_its_base_leaves_to_it() -> None:
    ours = {one for one in shown_classes() if one.__module__.startswith("bunsui.")}
    assert len(ours) > 30
    assert {one.__qualname__: holes(one) for one in ours if holes(one)} == {}


def test_a_hole_is_seen() -> None:
    assert set(holes(PolledScreen)) == {"subjects", "show_nothing_but"}
