"""Implements `bunsui.ports.beside.BesideReader`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bunsui.aws.beside.finding import Applied, Found
from bunsui.aws.beside.functions import beside_functions
from bunsui.aws.beside.listeners import beside_schedules, beside_the_rest
from bunsui.aws.beside.machines import beside_machines
from bunsui.aws.beside.removal import remove_by_words
from bunsui.aws.connect import Connection
from bunsui.model.address import Address
from bunsui.model.beside import BesideOurs
from bunsui.ports.beside import Depth

_EVERY: tuple[Callable[[Connection, Applied, Depth], Found], ...] = (
    beside_functions,
    beside_machines,
    beside_schedules,
    beside_the_rest,
)


class AwsBesideReader:
    """Asks AWS."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def find(self, applied: Applied, depth: Depth) -> Mapping[Address, tuple[BesideOurs, ...]]:
        """Return what stands beside what was applied, by name."""
        found: dict[Address, list[BesideOurs]] = {}
        for ask in _EVERY:
            for address, one in ask(self._connection, applied, depth):
                found.setdefault(address, []).append(one)
        return {address: tuple(sorted(some, key=lambda one: (one.what, one.name))) for address, some in found.items()}

    def remove(self, one: BesideOurs) -> None:
        """Take it away, by the call that its command makes."""
        remove_by_words(self._connection, one.removal)
