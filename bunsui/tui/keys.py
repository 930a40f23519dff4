"""Keys typed with an input method switched on: full-width characters count as the ASCII keys that they stand for."""

from __future__ import annotations

from textual import events
from textual.keys import _character_to_key

_FULL_WIDTH_FIRST, _FULL_WIDTH_LAST = 0xFF01, 0xFF5E
_OFFSET = 0xFF01 - 0x21
_SPACE = "\u3000"


def ascii_character(character: str) -> str:
    """Return the ASCII character that a full-width one stands for; others come back as they are."""
    if character == _SPACE:
        return " "
    if len(character) == 1 and _FULL_WIDTH_FIRST <= ord(character) <= _FULL_WIDTH_LAST:
        return chr(ord(character) - _OFFSET)
    return character


def ascii_key(event: events.Key) -> events.Key:
    """Return the key event as if it was typed without an input method."""
    if event.character is None:
        return event
    character = ascii_character(event.character)
    return event if character == event.character else events.Key(_character_to_key(character), character)
