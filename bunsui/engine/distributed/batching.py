"""Groups of items that a child execution gets at once. Source: developer guide, "ItemBatcher (Map)"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bunsui.engine.jsonpath.paths import compact
from bunsui.model.json import Json

__all__ = ["batches"]


def batches(
    items: Sequence[Json], *, most_items: int | None, most_bytes: int | None, shared: Json
) -> Iterator[dict[str, Json]]:
    """Return the inputs of the children: `Items`, and `BatchInput` when there is one.

    A batch ends before it has more than `most_items` items or its input more than `most_bytes` bytes; an item that is too large
    by itself goes alone."""
    frame: dict[str, Json] = {} if shared is None else {"BatchInput": shared}
    empty = len(compact({**frame, "Items": []}).encode("utf-8", "surrogatepass"))
    held: list[Json] = []
    held_bytes = empty
    for item in items:
        added = len(compact(item).encode("utf-8", "surrogatepass")) + 1
        full = most_items is not None and len(held) >= most_items
        heavy = most_bytes is not None and held_bytes + added - 1 > most_bytes
        if held and (full or heavy):
            yield {**frame, "Items": held}
            held, held_bytes = [], empty
        held.append(item)
        held_bytes += added
    if held:
        yield {**frame, "Items": held}
