"""The keys of every binding by its id, in place of which a user may choose others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

_OURS = "bunsui."


def binding_keys() -> Mapping[str, str]:
    """Return the keys that each binding of ours has by itself, by its id.

    What is not imported has no bindings yet: the registry of screens imports every screen.
    """
    return {binding.id: binding.key for binding in named_bindings() if binding.id}


def named_bindings() -> Iterator[Binding]:
    """Yield every binding of ours that has an id, class by class."""
    for kind in sorted(_kinds(DOMNode), key=lambda one: one.__qualname__):
        for binding in vars(kind).get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id:
                yield binding


def as_chosen(binding: BindingType, keys: Mapping[str, str]) -> BindingType:
    """Return the binding with the keys that the user chose for it."""
    if isinstance(binding, Binding) and binding.id is not None and binding.id in keys:
        return replace(binding, key=keys[binding.id], key_display=None)
    return binding


def _kinds(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith(_OURS):
            yield child
        yield from _kinds(child)
