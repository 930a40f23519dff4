"""What hinted plans found out, in one item beside the state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bunsui.aws.dynamodb import Condition, DynamoDBClient
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks, value_in
from bunsui.errors import Conflict, Missing
from bunsui.kinds.registry import stored_address
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.ports.hints import Verification
from bunsui.stored_words import StoredForm, StoredItem

_KEY = "verification"


class DynamoDBVerificationStore:
    """Implements `bunsui.ports.hints.VerificationStore`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = partition_of(scope)

    def load(self) -> Verification | None:
        """Return what is stored, None when nothing is.

        Raises:
            Refused: the item was written by a newer bunsui.
            Unavailable: the item is damaged.

        """
        item = self._client.get(self._partition, _KEY)
        return value_in([item], StoredForm.VERIFICATION, _verification, name="verification") if item is not None else None

    def store(self, verification: Verification) -> None:
        """Replace what is stored; nothing happens when the table does not exist.

        Raises:
            Conflict: something else is stored than the version that this was made from.

        """
        body = _fitting(verification)
        item = {"pk": self._partition, "sk": _KEY, "version": verification.version + 1, **body}
        unchanged = Condition(text="attribute_not_exists(#pk) OR #version = :version", values={"version": verification.version})
        try:
            self._client.put(item, only_if=unchanged)
        except Missing:
            return


def _fitting(verification: Verification) -> Mapping[str, Any]:
    """Return the one item; of more resources than fit in it, those that were verified last count as not verified."""
    times = sorted(verification.verified.items(), key=lambda item: item[1])
    while True:
        parts = chunks(_document(verification, dict(times)), StoredForm.VERIFICATION)
        if len(parts) == 1:
            return parts[0]
        if not times:
            raise Conflict("verification-too-large", "more resources are doubted than one item can name")
        times = times[: len(times) // 2]


def _document(verification: Verification, verified: Mapping[Address, datetime]) -> dict[str, Json]:
    return {
        "version": verification.version + 1,
        "looked_at": verification.looked_at.isoformat(),
        "verified": _by_time(verified),
        "doubted": _by_time(verification.doubted),
    }


def _by_time(times: Mapping[Address, datetime]) -> dict[str, Json]:
    """Return addresses by time: many share one."""
    found: dict[str, list[str]] = {}
    for address, at in sorted(times.items()):
        found.setdefault(at.isoformat(), []).append(str(address))
    return {at: list(addresses) for at, addresses in found.items()}


def _verification(document: Mapping[str, Any], item: StoredItem) -> Verification:
    return Verification(
        looked_at=datetime.fromisoformat(document["looked_at"]),
        verified=_times(document["verified"], item),
        doubted=_times(document["doubted"], item),
        version=document["version"],
    )


def _times(found: Mapping[str, list[str]], item: StoredItem) -> dict[Address, datetime]:
    return {stored_address(text, item): datetime.fromisoformat(at) for at, addresses in found.items() for text in addresses}
