"""JSON documents as DynamoDB items: compressed, cut to fit, with a checksum and a format version."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from bunsui.aws.dynamodb import Item, Scalar
from bunsui.errors import Unavailable
from bunsui.model.values import Json

FORMAT = 1
"""The version of the documents inside; a newer one is refused, never guessed at."""
CHUNK_BYTES = 300_000
"""A DynamoDB item may have 400 KB with its keys and names."""


def packed(document: Mapping[str, Json]) -> bytes:
    """Give the document compressed, its keys in their order; the same document gives the same bytes."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)


def chunks(document: Mapping[str, Json], *, limit_bytes: int = CHUNK_BYTES) -> Sequence[Mapping[str, Scalar]]:
    """Give the attributes of one or more items that hold the document: `body`, `parts`, `sha256` of the whole, `format`."""
    body = packed(document)
    parts = [body[start : start + limit_bytes] for start in range(0, len(body), limit_bytes)]
    checksum = hashlib.sha256(body).hexdigest()
    return [{"body": part, "parts": len(parts), "sha256": checksum, "format": FORMAT} for part in parts]


def document_in(items: Sequence[Item], *, name: str, texts: dict[str, str] | None = None) -> Mapping[str, Json]:
    """Give the document that the items, in order, hold. Items past the first one's `parts` are left from a longer one before.

    `name` is what the error calls it. Documents that are read with the same `texts` share their equal texts: those of a whole
    state then take a third of the memory.

    Raises:
        Unavailable: the items are damaged, or written by a newer bunsui.

    """
    first = items[0]
    if first.get("format") != FORMAT:
        raise Unavailable(
            "state-newer",
            "an item of the state was written by another version of bunsui",
            hint="Use the newest bunsui.",
            item=name,
            format=first.get("format"),
            known=FORMAT,
        )
    parts = first.get("parts")
    body = b"".join(
        part for item in items[: parts if isinstance(parts, int) else 0] if isinstance(part := item.get("body"), bytes)
    )
    if hashlib.sha256(body).hexdigest() != first.get("sha256"):
        raise Unavailable(
            "state-corrupt",
            "an item of the state does not match its checksum, so nothing is done with it",
            hint="Restore the table to a moment before (point-in-time recovery), or remove the item:\n"
            "the next plan then adopts what AWS has.",
            item=name,
        )
    document: Mapping[str, Json] = json.loads(gzip.decompress(body), object_pairs_hook=_sharing(texts))
    return document


def _sharing(texts: dict[str, str] | None) -> Callable[[list[tuple[str, Json]]], dict[str, Json]] | None:
    if texts is None:
        return None

    def shared(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        return {
            texts.setdefault(key, key): texts.setdefault(value, value) if type(value) is str else value for key, value in pairs
        }

    return shared
