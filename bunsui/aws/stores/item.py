"""JSON documents as DynamoDB items: compressed, cut to fit, with a checksum, a format and the version that wrote them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from bunsui import __version__
from bunsui.aws.dynamodb import Item, Scalar
from bunsui.errors import Unavailable
from bunsui.model.json import Json
from bunsui.stored_words import StoredForm, StoredItem, written_by

T = TypeVar("T")
CHUNK_BYTES = 300_000
"""A DynamoDB item may have 400 KB with its keys and names."""


def packed(document: Mapping[str, Json]) -> bytes:
    """Return the document compressed, its keys in their order; the same document gives the same bytes."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)


def chunks(document: Mapping[str, Json], form: StoredForm, *, limit_bytes: int = CHUNK_BYTES) -> Sequence[Mapping[str, Scalar]]:
    """Return the attributes of one or more items that hold the document: `body`, `parts`, `sha256` of the whole, `stamp`."""
    body = packed(document)
    parts = [body[start : start + limit_bytes] for start in range(0, len(body), limit_bytes)]
    checksum = hashlib.sha256(body).hexdigest()
    return [{"body": part, "parts": len(parts), "sha256": checksum, **stamp(form)} for part in parts]


def stamp(form: StoredForm) -> dict[str, Scalar]:
    """Return the attributes that say how an item is to be read: `format` and `written_by`."""
    return {"format": form.format, "written_by": __version__}


def stored_item(item: Item, *, name: str) -> StoredItem:
    """Return what a refusal says of an item."""
    return StoredItem(name=name, written_by=written_by(item.get("written_by")))


def value_in(
    items: Sequence[Item],
    form: StoredForm,
    read: Callable[[Mapping[str, Any], StoredItem], T],
    *,
    name: str,
    texts: dict[str, str] | None = None,
) -> T:
    """Return what `read` makes of the document that the items, in order, hold. Items past the first one's `parts` are left from
    a longer one before.

    `name` is what the error calls it. Documents that are read with the same `texts` share their equal texts: those of a whole
    state then take a third of the memory.

    Raises:
        Refused: they were written by a newer bunsui.
        Unavailable: they are damaged.

    """
    item = stored_item(items[0], name=name)
    item.check_format(items[0].get("format"), form)
    document = _document(items, name=name, texts=texts)
    try:
        return read(document, item)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _damaged_error(name, "an item of the state does not hold what it should, so nothing is done with it") from error


def _document(items: Sequence[Item], *, name: str, texts: dict[str, str] | None) -> Mapping[str, Any]:
    first = items[0]
    parts = first.get("parts")
    body = b"".join(
        part for item in items[: parts if isinstance(parts, int) else 0] if isinstance(part := item.get("body"), bytes)
    )
    if hashlib.sha256(body).hexdigest() != first.get("sha256"):
        raise _damaged_error(name, "an item of the state does not match its checksum, so nothing is done with it")
    document: Mapping[str, Any] = json.loads(gzip.decompress(body), object_pairs_hook=_sharing(texts))
    return document


def _damaged_error(name: str, summary: str) -> Unavailable:
    return Unavailable(
        "state-corrupt",
        summary,
        hint="Restore the table to a moment before (point-in-time recovery), or remove the item:\n"
        "the next plan then adopts what AWS has.",
        item=name,
    )


def _sharing(texts: dict[str, str] | None) -> Callable[[list[tuple[str, Json]]], dict[str, Json]] | None:
    if texts is None:
        return None

    def shared(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        return {
            texts.setdefault(key, key): texts.setdefault(value, value) if type(value) is str else value for key, value in pairs
        }

    return shared
