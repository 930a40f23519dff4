"""Items that have executions of their own: which ones succeeded and what they gave, read from the children of their map run.

Step Functions tells neither in the parent's history nor in bulk: one call lists up to 1,000 children that succeeded, and each
is described by a call of its own. So they are read only where nothing else prevents that they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from bunsui.errors import CloudError
from bunsui.model.json import Json
from bunsui.ports.execution import Execution, ExecutionClient, MapRunReader
from bunsui.ports.objects import ObjectLists
from bunsui.sessions.items.children import child_item, merge_recognized
from bunsui.sessions.items.reading import UNTOLD_RESULTS, ItemPlan, UnreadItems, told_results
from bunsui.sessions.items.source import ItemSource, why_source_changed

PER_SECOND = 10
"""Calls of DescribeExecution that the smaller regions allow for long, shared by everybody in the account; others allow 15."""
BURST = 250
"""So many they allow at once."""
MOST_EXECUTIONS = 10_000
"""Of one job that are read: 17 minutes at that rate."""
_AT_ONCE = 8
"""Calls under way together; `bunsui.aws.rate_limit` sets the pace."""


def no_notice(executions: int) -> None:
    """Tell nobody how many executions are about to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRuns:
    """Reads the children of map runs."""

    execution: ExecutionClient
    map_runs: MapRunReader | None
    lists: ObjectLists | None = None
    """None where nobody can look whether the objects that items come from are the same."""
    on_reading: Callable[[int], None] = no_notice
    """Told how many executions are about to be read, one call each."""

    def complete(self, items: Mapping[str, ItemPlan]) -> dict[str, ItemPlan]:
        """Return the plans with what the executions of items tell; without jobs of which none succeeded."""
        whole = {
            job: self._check(item) if item.unread is None else self._read(item, item.unread) for job, item in items.items()
        }
        return {job: item for job, item in whole.items() if item is not None}

    def _check(self, item: ItemPlan) -> ItemPlan:
        """Return the plan without kept items where the object that they come from may be another one by now."""
        if item.source is None or item.is_kept_anyway or not item.kept:
            return item
        why = why_source_changed(item.source, item.total, self.lists)
        return replace(item.without_kept(why), may_be_kept=True) if why else item

    def _read(self, item: ItemPlan, unread: UnreadItems) -> ItemPlan | None:
        item = replace(item, unread=None)
        if self.map_runs is None:
            return item.without_kept(item.why_again or UNTOLD_RESULTS)
        try:
            return self._count(item, unread, self.map_runs)
        except CloudError as error:
            return item.without_kept(item.why_again or f"their executions cannot be read: {error.summary}")

    def _count(self, item: ItemPlan, unread: UnreadItems, map_runs: MapRunReader) -> ItemPlan | None:
        counts = map_runs.counts(unread.run)
        succeeded = counts.done - counts.failed
        if unread.is_recognized:  # all items started, so that those that were kept before are among them
            told = replace(item, total=counts.total or item.total, done=max(item.done, succeeded))
        else:
            told = replace(item, total=item.total or counts.total, done=item.done + succeeded)
        if not told.done:
            return None
        if told.why_again or not succeeded:
            return self._check(told)
        if succeeded > MOST_EXECUTIONS * unread.batch:
            return told.without_kept(_too_many(succeeded))
        arns = [child.arn for child in map_runs.succeeded_children(unread.run)]
        if len(arns) > MOST_EXECUTIONS:
            return told.without_kept(_too_many(len(arns)))
        if not unread.is_recognized:
            self.on_reading(len(arns))
            gave = (_place_and_result(child) for child in self._describe(arns))
            found = {one[0]: one[1] for one in gave if one is not None and one[0] < told.total}
            results = {**item.results, **told_results(found, is_read=unread.needs_results)}
            return replace(told, results=results, executions_read=len(arns), why_again="" if results else UNTOLD_RESULTS)
        return self._recognize(told, unread, arns)

    def _recognize(self, told: ItemPlan, unread: UnreadItems, arns: Sequence[str]) -> ItemPlan:
        """Return the plan where all items started, recognized by what their executions were given. The first of these tells
        which object they come from, so that the others are not read in vain."""
        first = [] if told.is_kept_anyway else [child_item(child) for child in self._describe(arns[:1])]
        address = next((one.source for one in first if one is not None), "")
        source = ItemSource(address=address, since=unread.run_at, most_listed=unread.most_listed) if address else None
        if source is not None and (why := why_source_changed(source, told.total, self.lists)):
            return replace(told.without_kept(why), may_be_kept=True, executions_read=1)
        self.on_reading(len(arns))
        gave = [one for child in self._describe(arns) if (one := child_item(child)) is not None]
        merged = replace(merge_recognized(told, unread, gave, source), executions_read=len(arns))
        return merged if merged.source == source else self._check(merged)

    def _describe(self, arns: Sequence[str]) -> list[Execution]:
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return list(pool.map(self.execution.describe, arns))


def _too_many(succeeded: int) -> str:
    most = f"{MOST_EXECUTIONS:,} executions are the most that are read, one call each"
    return f"{most}, and {succeeded:,} items succeeded"


def _place_and_result(child: Execution) -> tuple[int, Json] | None:
    """Return the place of a child's item and what it gave; None for one that was skipped, and where it does not tell."""
    index = child.input.get("index") if isinstance(child.input, Mapping) else None
    if not isinstance(index, int) or child.output is None:
        return None
    if not isinstance(child.output, Mapping):
        return index, {}
    return (index, child.output) if child.output.get("status") == "succeeded" else None
