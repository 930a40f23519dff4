"""What asks whether referred objects are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bunsui.aws.connect import Connection
    from bunsui.ports.account import ReferenceReader


def reference_reader(connection: Connection) -> ReferenceReader:
    """Return the reader of an account."""
    from bunsui.aws.references.reader import AwsReferenceReader  # deferred: few commands look

    return AwsReferenceReader(connection)
