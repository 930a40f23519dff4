"""What resources may reference of each other, growing while an apply runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock

from bunsui.command_line import command_line
from bunsui.errors import Refused
from bunsui.model.address import Address
from bunsui.model.values import Reference
from bunsui.plan.model import ResourceChange
from bunsui.ports.storage import StateStore


class Outputs:
    """Outputs by address; safe to use from several threads."""

    def __init__(self, changes: Iterable[ResourceChange], state: StateStore) -> None:
        """Begin with what the plan read from AWS, else remembers; `state` is asked for resources outside the plan."""
        self._state = state
        self._lock = Lock()
        self._known: dict[Address, Mapping[str, str]] = {}
        self._made: set[Address] = set()
        for change in changes:
            source = change.actual if change.actual is not None and change.actual.outputs else change.applied
            if source is not None:
                self._known[change.address] = source.outputs

    def record(self, address: Address, outputs: Mapping[str, str], *, is_new: bool = False) -> None:
        """Take over what a write left behind; `is_new` when there was no such object before it."""
        with self._lock:
            self._known[address] = outputs
            if is_new:
                self._made.add(address)

    def is_made(self, address: Address) -> bool:
        """Tell whether this apply made the object, so that it is another one than who named it before meant."""
        with self._lock:
            return address in self._made

    def of(self, reference: Reference) -> str:
        """Return the value that the reference stands for.

        Raises:
            Refused: `unresolved-reference`, when the target was never written.

        """
        with self._lock:
            known = self._known.get(reference.address)
        if known is None:
            remembered = self._state.applied().get(reference.address)
            known = remembered.outputs if remembered is not None else {}
        if reference.attribute not in known:
            raise Refused(
                "unresolved-reference",
                "a resource that this one needs does not exist",
                hint=f"Apply the pipeline that it belongs to first:\n  {command_line('apply', reference.address.pipeline)}",
                needs=reference.address,
                attribute=reference.attribute,
            )
        return known[reference.attribute]
