"""Reads the lines of what executions called, the newest first where not all are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bunsui.errors import CloudError
from bunsui.ports.monitoring import ContainerLog, ContainerLogs, LogLine, LogReader
from bunsui.sessions.functions import log_group_of
from bunsui.sessions.logs.called_work import CalledWork, Rivals
from bunsui.sessions.logs.calls import CallKind, TaskCall
from bunsui.sessions.logs.invocations import (
    MARKS,
    SKEW,
    LoggedInvocation,
    invocations_in,
    latest_start,
    marks_of,
    match_invocations,
    owned_lines,
)

LATENESS = timedelta(seconds=15)
"""How long after the end of the work its last lines are waited for: CloudWatch shows lines late, seconds as a rule."""
LONGEST_FUNCTION = timedelta(minutes=16)
"""How long a function that nobody waits for may go on."""
_START_OF_ENVIRONMENT = timedelta(seconds=15)
_APART = timedelta(seconds=60)
"""Calls that lie closer together are looked for at once."""

_LARGEST_PAGE, _SOME_MORE = 10_000, 50

RivalsOf = Callable[[CalledWork, datetime, datetime], Rivals]
"""(whose unnamed calls, first and last instant) -> what other executions called then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line that a task logged."""

    at: datetime
    job: str
    function: str
    """Of Lambda; empty for a container."""
    stream: str
    message: str
    item: str = ""
    container: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLogs:
    """What was found, and what was not."""

    entries: tuple[LogEntry, ...] = ()
    """Oldest first."""
    is_cut: bool = False
    """True when there are earlier lines."""
    others: int = 0
    """Invocations that may be this work's or somebody else's, and are left out."""
    other_lines: int = 0
    """Their lines."""
    missing_ends: int = 0
    """Invocations that have ended and whose last line is not there."""
    unlogged: tuple[str, ...] = ()
    """Containers whose log does not go to CloudWatch Logs, or to a stream that nobody can name, or may not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which lines are wanted."""

    job: str = ""
    """Empty for all; those of the child executions that the job started are its own too."""
    item: str = ""
    """The label of an item of a foreach; empty for all."""
    since: datetime | None = None
    limit: int | None = None
    """The newest so many; None for all."""

    def wanted(self, call: TaskCall) -> bool:
        """Tell whether the lines of the call are."""
        is_job = not self.job or call.job == self.job or call.job.startswith(f"{self.job}/")
        return is_job and (not self.item or call.item == self.item)


@dataclass(slots=True, kw_only=True)
class _Search:
    """What is looked for, and what has been found so far."""

    query: LogQuery
    now: datetime
    rivals: RivalsOf
    entries: list[LogEntry] = field(default_factory=list)
    is_cut: bool = False
    others: int = 0
    other_lines: int = 0
    missing_ends: int = 0
    unlogged: list[str] = field(default_factory=list)

    def result(self) -> TaskLogs:
        entries = sorted(self.entries, key=lambda entry: entry.at)
        surplus = max(len(entries) - self.query.limit, 0) if self.query.limit is not None else 0
        return TaskLogs(
            entries=tuple(entries[surplus:]),
            is_cut=self.is_cut or surplus > 0,
            others=self.others,
            other_lines=self.other_lines,
            missing_ends=self.missing_ends,
            unlogged=tuple(dict.fromkeys(self.unlogged)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """How much of a stream is read."""

    since: datetime | None
    end: datetime
    limit: int | None


class TaskLogReader:
    """Reads the logs of work; remembers where invocations were found, so that a second search asks only for what is new."""

    def __init__(self, logs: LogReader, containers: ContainerLogs | None = None) -> None:
        """Read with these ports; without `containers` nothing of ECS is read."""
        self._logs = logs
        self._containers = containers
        self._invocations: dict[str, LoggedInvocation] = {}
        """By request id."""
        self._definitions: dict[str, Sequence[ContainerLog]] = {}

    def read(self, work: Sequence[CalledWork], query: LogQuery, *, now: datetime, rivals: RivalsOf) -> TaskLogs:
        """Return the lines of the work."""
        search = _Search(query=query, now=now, rivals=rivals)
        calls = [call for one in work for call in one.calls if query.wanted(call)]
        groups = dict.fromkeys(log_group_of(call.target) for call in calls)
        for group in filter(None, groups):
            self._read_function(group, work, search)
        for call in calls:
            if call.kind is CallKind.CONTAINERS and call.task_arn:
                self._read_task(call, search)
        return search.result()

    def _read_function(self, group: str, work: Sequence[CalledWork], search: _Search) -> None:
        calls = {call.request_id: call for one in work for call in _functions(one, group) if call.request_id}
        wanted = [call for call in calls.values() if search.query.wanted(call)]
        self._find(group, wanted, now=search.now)
        mine = {call.request_id: self._invocations[call.request_id] for call in wanted if call.request_id in self._invocations}
        whole = {key for key, one in mine.items() if one.ended_at is not None}
        lost = [call for call in wanted if call.is_answered and call.request_id not in whole]
        search.missing_ends += len(lost)
        self._read_strays(
            group, [call for call in lost if call.request_id not in mine and _is_settled(call, search.now)], search
        )
        unnamed = [replace(one, calls=tuple(open_calls)) for one in work if (open_calls := _unnamed(one, group))]
        if any(search.query.wanted(call) for one in unnamed for call in one.calls):
            taken, unsure = self._unnamed(group, unnamed, calls, search)
            owners = _owners(taken, [call for one in unnamed for call in one.calls])
            calls |= owners
            mine |= {one.request_id: one for one in taken if search.query.wanted(owners[one.request_id])}
            search.others += len(unsure)
            search.other_lines += sum(len(lines) for _, lines in self._lines(group, unsure, search, is_counted=True))
        for is_cut, lines in self._lines(group, list(mine.values()), search):
            search.is_cut = search.is_cut or is_cut
            search.entries += [_entry(calls[key], line) for key, line in lines]

    def _find(self, group: str, calls: Sequence[TaskCall], *, now: datetime) -> None:
        """Look for the beginnings and ends of the invocations that are not known whole."""
        known = self._invocations
        wanted = [call for call in calls if call.request_id not in known or known[call.request_id].ended_at is None]
        for start, end, inside in _windows(wanted, now):
            texts = marks_of(call.request_id for call in inside)
            seen = invocations_in(self._logs.containing(group, texts, start=start, end=end))
            known |= {call.request_id: seen[call.request_id] for call in inside if call.request_id in seen}

    def _unnamed(
        self, group: str, work: Sequence[CalledWork], known: Mapping[str, TaskCall], search: _Search
    ) -> tuple[list[LoggedInvocation], list[LoggedInvocation]]:
        """Return the invocations that are the unnamed calls', and those of which that cannot be told."""
        calls = [call for one in work for call in one.calls]
        start = min(call.started_at for call in calls) - SKEW
        last = max(latest_start(call) for call in calls)
        seen = invocations_in(self._logs.containing(group, MARKS, start=start, end=min(search.now, last + LONGEST_FUNCTION)))
        candidates = {key: one for key, one in seen.items() if key not in known and one.started_at <= last}
        if not candidates:
            return [], []
        others = [search.rivals(one, start, last) for one in work]
        theirs = [call for one in others for call in one.calls if log_group_of(call.target) == group]
        named = {call.request_id for call in theirs if call.request_id}
        left = [one for key, one in candidates.items() if key not in named]
        if not all(one.is_whole for one in others):
            return [], [one for one in left if match_invocations(calls, (), [one])[0]]
        return match_invocations(calls, [call for call in theirs if not call.request_id and not call.was_refused], left)

    def _lines(
        self, group: str, invocations: Sequence[LoggedInvocation], search: _Search, *, is_counted: bool = False
    ) -> Iterator[tuple[bool, list[tuple[str, LogLine]]]]:
        """Return the lines of the invocations, stream by stream: whether there are earlier ones, and the lines; all of them
        when they are only counted."""
        since, limit = (None, None) if is_counted else (search.query.since, search.query.limit)
        streams: dict[str, dict[str, LoggedInvocation]] = {}
        for one in invocations:
            streams.setdefault(one.stream, {})[one.request_id] = one
        for stream, mine in streams.items():
            end = max(one.ended_at + SKEW if one.ended_at else search.now + SKEW for one in mine.values())
            if since is None or end >= since:
                yield self._stream(group, stream, mine, _Reach(since=since, end=end, limit=limit))

    def _stream(
        self, group: str, stream: str, mine: Mapping[str, LoggedInvocation], reach: _Reach
    ) -> tuple[bool, list[tuple[str, LogLine]]]:
        first = min(mine.values(), key=lambda one: one.started_at)
        start = first.started_at - _START_OF_ENVIRONMENT
        lines: list[LogLine] = []
        found: list[tuple[str, LogLine]] = []
        for page in self._logs.backwards(
            group, stream, start=max(start, reach.since or start), end=reach.end, page=_page(reach.limit)
        ):
            lines = [*page, *lines]
            is_whole = _begins_before(lines[0], first)
            found = owned_lines(lines, mine, is_cut=not is_whole)
            if is_whole or (reach.limit is not None and len(found) > reach.limit):
                break
        return (True, found[-reach.limit :]) if reach.limit is not None and len(found) > reach.limit else (False, found)

    def _read_strays(self, group: str, calls: Sequence[TaskCall], search: _Search) -> None:
        """Read the lines that name the request, of functions for which Lambda does not say where invocations begin."""
        for start, end, inside in _windows(calls, search.now):
            ids = {call.request_id: call for call in inside}
            since = search.query.since
            for line in self._logs.containing(group, tuple(ids), start=max(start, since or start), end=end):
                search.entries += [_entry(call, line) for key, call in ids.items() if key in line.message]

    def _read_task(self, call: TaskCall, search: _Search) -> None:
        for container in self._containers_of(call.definition_arn):
            name, prefix = container.container, container.stream_prefix
            stream = f"{prefix}/{name}/{call.task_arn.rpartition('/')[2]}" if prefix else call.containers.get(name, "")
            if not container.group or not stream:
                search.unlogged.append(name)
                continue
            try:
                is_cut, lines = self._container_lines(container.group, stream, call, search)
            except CloudError:
                search.unlogged.append(name)
                continue
            search.is_cut = search.is_cut or is_cut
            search.entries += [_entry(call, line, container=name) for line in lines]

    def _container_lines(self, group: str, stream: str, call: TaskCall, search: _Search) -> tuple[bool, list[LogLine]]:
        start, limit = call.started_at - SKEW, search.query.limit
        start = max(start, search.query.since or start)
        lines: list[LogLine] = []
        for page in self._logs.backwards(group, stream, start=start, end=search.now + SKEW, page=_page(limit)):
            lines = [*page, *lines]
            if limit is not None and len(lines) > limit:
                return True, lines[-limit:]
        return False, lines

    def _containers_of(self, definition_arn: str) -> Sequence[ContainerLog]:
        if self._containers is None or not definition_arn:
            return ()
        if definition_arn not in self._definitions:
            try:
                self._definitions[definition_arn] = self._containers.of_definition(definition_arn)
            except CloudError:  # removed, or forbidden
                self._definitions[definition_arn] = ()
        return self._definitions[definition_arn]


def _functions(work: CalledWork, group: str) -> list[TaskCall]:
    return [call for call in work.calls if log_group_of(call.target) == group]


def _unnamed(work: CalledWork, group: str) -> list[TaskCall]:
    return [call for call in _functions(work, group) if not call.request_id and not call.was_refused]


def _owners(taken: Sequence[LoggedInvocation], calls: Sequence[TaskCall]) -> dict[str, TaskCall]:
    """Return which call each invocation is taken for; of several that run side by side, which item's it is cannot be told."""
    ordered = sorted(calls, key=lambda call: call.started_at)
    told = ordered if len(ordered) == 1 else [replace(call, item="") for call in ordered]
    invocations = sorted(taken, key=lambda one: one.started_at)
    return {one.request_id: call for one, call in zip(invocations, told, strict=False)}


def _page(limit: int | None) -> int:
    """Return how many lines to ask for at once: some are Lambda's or another's."""
    return _LARGEST_PAGE if limit is None else min(limit + _SOME_MORE, _LARGEST_PAGE)


def _windows(calls: Sequence[TaskCall], now: datetime) -> Iterator[tuple[datetime, datetime, list[TaskCall]]]:
    """Return the calls in windows of time that are as few and as short as they may be."""
    ordered = sorted(calls, key=lambda one: one.started_at)
    inside: list[TaskCall] = []
    start = end = ordered[0].started_at if ordered else now
    for call in ordered:
        stop = (call.ended_at or now) + SKEW
        if inside and call.started_at - SKEW > end + _APART:
            yield start, end, inside
            inside = []
        if not inside:
            start, end = call.started_at - SKEW, stop
        inside.append(call)
        end = max(end, stop)
    if inside:
        yield start, end, inside


def _begins_before(head: LogLine, first: LoggedInvocation) -> bool:
    """Tell that nothing of mine stands before a line: it is older than the first invocation, or begins its environment."""
    return head.at < first.started_at or head.message.startswith("INIT_START ")


def _is_settled(call: TaskCall, now: datetime) -> bool:
    return call.ended_at is not None and call.ended_at + LATENESS < now


def _entry(call: TaskCall, line: LogLine, *, container: str = "") -> LogEntry:
    return LogEntry(
        at=line.at,
        job=call.job or call.state,
        function=call.function,
        stream=line.stream,
        message=line.message,
        item=call.item,
        container=container,
    )
