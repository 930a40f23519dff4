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
from bunsui.sessions.items.reading import UNTOLD_RESULTS, ItemPlan, UnreadItems, told_results

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
    on_reading: Callable[[int], None] = no_notice
    """Told how many executions are about to be read, one call each."""

    def complete(self, items: Mapping[str, ItemPlan]) -> dict[str, ItemPlan]:
        """Return the plans with what the executions of items tell; without jobs of which none succeeded."""
        whole = {job: item if item.unread is None else self._read(item, item.unread) for job, item in items.items()}
        return {job: item for job, item in whole.items() if item is not None}

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
        told = replace(item, total=item.total or counts.total, done=item.done + succeeded)
        if not told.done:
            return None
        if told.why_again or not succeeded:
            return told
        if succeeded > MOST_EXECUTIONS:
            most = f"{MOST_EXECUTIONS:,} executions are the most that are read, one call each"
            return told.without_kept(f"{most}, and {succeeded:,} items succeeded")
        self.on_reading(succeeded)
        arns = [child.arn for child in map_runs.succeeded_children(unread.run)]
        found = {at: result for at, result in self._results(arns).items() if at < told.total}
        results = {**item.results, **told_results(found, is_read=unread.needs_results)}
        return replace(told, results=results, executions_read=len(arns), why_again="" if results else UNTOLD_RESULTS)

    def _results(self, arns: Sequence[str]) -> dict[int, Json]:
        """Return what the items gave that succeeded, by their place; `{}` where nobody read it."""
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            told = map(_place_and_result, pool.map(self.execution.describe, arns))
            return dict(one for one in told if one is not None)


def _place_and_result(child: Execution) -> tuple[int, Json] | None:
    """Return the place of a child's item and what it gave; None for one that was skipped, and where it does not tell."""
    index = child.input.get("index") if isinstance(child.input, Mapping) else None
    if not isinstance(index, int) or child.output is None:
        return None
    if not isinstance(child.output, Mapping):
        return index, {}
    return (index, child.output) if child.output.get("status") == "succeeded" else None
