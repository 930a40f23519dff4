"""Items that all start, told by their executions: by what each is recognized, and what it gave.

Source: what `bunsui.compile.foreach.recognized` makes ItemSelector tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.compile.foreach.recognized import DIGEST, KEPT, PLACE, SOURCE, batch_digest
from bunsui.model.json import Json
from bunsui.ports.execution import Execution
from bunsui.sessions.items.reading import UNTOLD_RESULTS, ItemPlan, UnreadItems, told_results
from bunsui.sessions.items.source import ItemSource


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildItem:
    """An item, or a batch of items, that an execution was started for and that ended well."""

    place: int
    """Among all items; of a batch that of its first."""
    digest: str
    source: str
    """s3://BUCKET/KEY; empty where it comes from none."""
    result: Json
    """What it gave, `{}` where nobody read that; None when it was skipped."""
    is_kept: bool
    """True when an earlier attempt had finished it, so that it ended at once: what it gave is told there."""


def child_item(child: Execution) -> ChildItem | None:
    """Return the item of an execution; None where its input does not tell: an earlier bunsui compiled it."""
    given = child.input if isinstance(child.input, Mapping) else {}
    batch = given.get("Items")
    shared = given.get("BatchInput") if batch is not None else given
    places = [_place(one) for one in batch] if isinstance(batch, (list, tuple)) else [_place(given)]
    known = [one for one in places if one is not None]
    if child.output is None or not known or len(known) != len(places):
        return None
    digest = batch_digest(one for _, one in known) if batch is not None else known[0][1]
    source = shared.get(SOURCE) if isinstance(shared, Mapping) else None
    output = child.output
    result: Json = {}
    if isinstance(output, Mapping) and KEPT not in output:
        result = output if output.get("status") == "succeeded" else None
    return ChildItem(
        place=known[0][0],
        digest=digest,
        source=source if isinstance(source, str) else "",
        result=result,
        is_kept=isinstance(output, Mapping) and KEPT in output,
    )


def _place(given: Json) -> tuple[int, str] | None:
    place, digest = (given.get(PLACE), given.get(DIGEST)) if isinstance(given, Mapping) else (None, None)
    return (place, digest) if isinstance(place, int) and isinstance(digest, str) else None


def merge_recognized(told: ItemPlan, unread: UnreadItems, gave: Sequence[ChildItem], source: ItemSource | None) -> ItemPlan:
    """Return the plan with what these items gave, and with those of an earlier attempt (in `told`) that they do not contradict.

    Where one of those of the earlier attempt was another one by then, all that did not start again may be."""
    before = {at for at in told.results if at in told.digests}
    stale = {one.place for one in gave if one.place in before and told.digests[one.place] != one.digest}
    kept = {} if stale else {at: told.results[at] for at in before}
    new = {one.place: one for one in gave if not one.is_kept and one.result is not None}
    confirmed = {one.place for one in gave if one.is_kept and one.place in before - stale}
    results = {
        **kept,
        **{at: told.results[at] for at in confirmed},
        **told_results({at: one.result for at, one in new.items()}, is_read=unread.needs_results),
    }
    digests = {at: told.digests[at] for at in results if at in before} | {at: new[at].digest for at in results if at in new}
    since = source
    if kept.keys() - confirmed and told.source is not None:
        since = told.source
    found = replace(told, results=results, digests=digests, source=since, why_again="" if results else UNTOLD_RESULTS)
    return replace(found, done=max(found.kept, told.done))
