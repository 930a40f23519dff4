"""What the files of pipelines said when they were applied: an item for each, beside the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bunsui.aws.dynamodb import Item, Scalar
from bunsui.aws.stores.item import chunks, value_in
from bunsui.model.applied_text import AppliedText
from bunsui.stored_words import StoredForm, StoredItem

_TEXT = "text#"


def text_key(pipeline: str) -> str:
    """Return the sort key of a pipeline's text; with an empty name what all of them begin with."""
    return f"{_TEXT}{pipeline}"


def text_item(partition: str, text: AppliedText) -> Mapping[str, Scalar] | None:
    """Return the item of a text; None for one that is too large for an item, and is not worth several."""
    parts = chunks(
        {"pipeline": text.pipeline, "text": text.text, "kept_at": text.kept_at.isoformat()}, StoredForm.TEXT
    )  # fmt: skip
    return {"pk": partition, "sk": text_key(text.pipeline), **parts[0]} if len(parts) == 1 else None


def text_in(item: Item, pipeline: str) -> AppliedText:
    """Return back what `text_item` was given.

    Raises:
        Refused: it was written by a newer bunsui.
        Unavailable: it is damaged.

    """
    return value_in([item], StoredForm.TEXT, _text, name=f"text of {pipeline}")


def _text(document: Mapping[str, Any], item: StoredItem) -> AppliedText:
    return AppliedText(
        pipeline=document["pipeline"],
        text=document["text"],
        kept_at=datetime.fromisoformat(document["kept_at"]),
        written_by=item.written_by,
    )
