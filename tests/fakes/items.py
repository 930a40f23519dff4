"""The table of the stores in memory, item by item, so that the real adapters read and write raw items quickly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bunsui.aws.dynamodb import NOTHING, Condition, DynamoDBClient, Item, Scalar
from bunsui.errors import Conflict

_TERM = re.compile(r"#(\w+) (=|<=) :(\w+)")
_MISSING = re.compile(r"attribute_not_exists\(#(\w+)\)")


class ItemTable(DynamoDBClient):
    """Stands for one table; counts what is written."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self.items = {(str(item["pk"]), str(item["sk"])): item for item in items}
        self.writes = 0

    def ensure_table(self, *, with_managed_key: bool = False) -> bool:
        return False

    def has_recovery(self) -> bool:
        return True

    def get(self, pk: str, sk: str) -> Item | None:
        return self.items.get((pk, sk))

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        at_least: str = "",
        newest_first: bool = False,
        equal: Mapping[str, Scalar] | None = None,
        page_size: int | None = None,
    ) -> Iterator[Item]:
        wanted = (equal or {}).items()
        found = [
            item
            for item in self.items.values()
            if item.get("pk") == pk and str(item["sk"]).startswith(prefix) and str(item["sk"]) >= at_least
        ]
        yield from sorted(
            (item for item in found if wanted <= item.items()), key=lambda item: str(item["sk"]), reverse=newest_first
        )

    def get_all(self, keys: Sequence[tuple[str, str]]) -> Iterator[Item]:
        return (self.items[key] for key in dict.fromkeys(keys) if key in self.items)

    def write(
        self,
        puts: Sequence[tuple[Item, Condition | None]],
        *,
        deletes: Sequence[tuple[str, str, Condition | None]] = (),
    ) -> None:
        for item, condition in puts:
            self._check(str(item["pk"]), str(item["sk"]), condition)
        for pk, sk, condition in deletes:
            self._check(pk, sk, condition)
        for item, _ in puts:
            self._put(item)
        for pk, sk, _ in deletes:
            self.delete(pk, sk)

    def put(self, item: Item, *, only_if: Condition | None = None) -> None:
        self._check(str(item["pk"]), str(item["sk"]), only_if)
        self._put(item)

    def put_all(self, items: Sequence[Item]) -> None:
        for item in items:
            self._put(item)

    def transact(
        self,
        *,
        puts: Sequence[Item] = (),
        deletes: Sequence[tuple[str, str]] = (),
        only_if: tuple[str, str, Condition],
        over: Mapping[str, Condition] = NOTHING,
    ) -> None:
        self._check(*only_if)
        for item in puts:
            self._check(str(item["pk"]), str(item["sk"]), over.get(str(item["sk"])))
        for item in puts:
            self._put(item)
        for key in deletes:
            self.delete(*key)

    def delete(self, pk: str, sk: str) -> None:
        self.writes += 1
        self.items.pop((pk, sk), None)

    def _put(self, item: Item) -> None:
        self.writes += 1
        self.items[str(item["pk"]), str(item["sk"])] = dict(item)

    def _check(self, pk: str, sk: str, condition: Condition | None) -> None:
        """Hold a condition of the few forms that the stores use against the item."""
        if condition is None:
            return
        item = self.items.get((pk, sk), {})
        if not _holds(condition.text, item, condition):
            raise Conflict("condition-failed", "the condition does not hold")


def _holds(text: str, item: Item, condition: Condition) -> bool:
    """Evaluate a condition of the forms that the stores use."""
    for word, together in ((" OR ", any), (" AND ", all)):
        parts = _split(text, word)
        if len(parts) > 1:
            return together(_holds(part, item, condition) for part in parts)
    if text.startswith("("):
        return _holds(text[1:-1], item, condition)
    missing = _MISSING.fullmatch(text)
    if missing is not None:
        return missing[1] not in item
    found = _TERM.fullmatch(text)
    assert found is not None, text
    here, given = item.get(found[1]), condition.values[found[3]]
    if found[2] == "<=":
        return isinstance(here, int) and isinstance(given, int) and here <= given
    return here == given


def _split(text: str, word: str) -> list[str]:
    """Split at the word where no parenthesis is open."""
    parts = [""]
    for piece in re.split(f"({word}|[()])", text):
        whole = parts[-1].count("(") == parts[-1].count(")")
        if piece == word and whole:
            parts.append("")
        else:
            parts[-1] += piece
    return parts
