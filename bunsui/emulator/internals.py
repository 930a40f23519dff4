"""Reaches into the emulator, which has no public interface for this: everything private goes through here.

The emulator's version is pinned (`bunsui.emulator.launcher.lock`), and whoever reaches for something checks that it is there.
"""

from __future__ import annotations

from typing import Any


def inner(owner: object, name: str) -> Any:
    """Return a private attribute; AttributeError, naming both, when the emulator no longer has it."""
    return getattr(owner, name)


def replace_inner(owner: object, name: str, value: object) -> None:
    """Put `value` in the place of a private attribute that must exist."""
    inner(owner, name)
    setattr(owner, name, value)
