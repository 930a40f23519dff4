"""Old versions are removed: of a machine, and of the functions that its versions name.

Never removed are the newest ones, what an alias leads to, what a running session uses, what a session that failed could still
be redriven on, what somebody else published, and a function version that a version of the machine that stays names. It is
looked at once in as many updates as versions are kept, so that it costs nothing in most applies.

Sources: Step Functions quotas (1,000 versions of a machine); API reference of DeleteStateMachineVersion (executions go on;
refused while an alias leads to the version).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bunsui.errors import Conflict
from bunsui.model.session import SessionStatus
from bunsui.ports.execution import ExecutionClient, ExecutionSummary
from bunsui.ports.versions import VersionStore

REDRIVABLE = timedelta(days=14)
LIMIT = 1000
"""How many versions a machine may have."""
NEAR = 900
OURS = "bunsui "
"""Begins the description of every version that bunsui publishes."""

_LISTED = 1000
_UNSUCCESSFUL = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What is looked at."""

    machine_arn: str
    function_arns: tuple[str, ...]
    """Unqualified; the functions that the machine names now."""
    kept: int
    """How many of the newest versions stay in any case."""
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """The versions that sessions need."""

    versions: frozenset[str]
    is_whole: bool
    """False when there may be more sessions than were listed; then nothing is removed."""
    any_without: bool
    """True when one of them runs on no version, so that nobody knows which code it calls."""


def is_due(version_arn: str, kept: int) -> bool:
    """Tell whether publishing this version is the time to look: at every `kept`-th, from twice as many on."""
    number = number_of(version_arn)
    return number >= 2 * kept and number % kept == 0


def number_of(version_arn: str) -> int:
    """Return the number at the end of a version's ARN; 0 when there is none."""
    text = version_arn.rpartition(":")[2]
    return int(text) if text.isdigit() else 0


def remove_old(retention: Retention, store: VersionStore, execution: ExecutionClient | None) -> Sequence[str]:
    """Remove what nobody needs, oldest first; give what is worth telling."""
    versions = sorted(store.machine_versions(retention.machine_arn), key=number_of, reverse=True)
    needed = _needed_by(retention, execution)
    if not needed.is_whole:
        return [f"old versions stay: there may be more than {_LISTED} sessions that need them", *_warning(len(versions))]
    stays = {*versions[: retention.kept], *needed.versions, *store.routed(retention.machine_arn)}
    removed = 0
    for version in reversed(versions):
        found = store.machine_version(version) if version not in stays else None
        if found is None:
            continue
        if found.description.startswith(OURS) and _is_removed(store.remove_machine_version, version):
            removed += 1
        else:
            stays.add(version)
    left = [version for version in versions if version in stays]
    told = [f"removed {removed} old version{'s' if removed != 1 else ''} of the machine"] if removed else []
    if retention.function_arns and not needed.any_without:
        told += _remove_functions(retention, left, store)
    return [*told, *_warning(len(left))]


def _needed_by(retention: Retention, execution: ExecutionClient | None) -> Needed:
    if execution is None:
        return Needed(versions=frozenset(), is_whole=True, any_without=False)
    running = execution.executions(retention.machine_arn, limit=_LISTED, status=SessionStatus.RUNNING)
    found: list[ExecutionSummary] = list(running)
    is_whole = len(running) < _LISTED
    for status in _UNSUCCESSFUL:
        ended = execution.executions(retention.machine_arn, limit=_LISTED, status=status)
        late = [one for one in ended if one.stopped_at is None or one.stopped_at + REDRIVABLE > retention.as_of]
        found += late
        is_whole = is_whole and (len(ended) < _LISTED or len(late) < len(ended))
    return Needed(
        versions=frozenset(one.version_arn for one in found if one.version_arn),
        is_whole=is_whole,
        any_without=any(not one.version_arn for one in found),
    )


def _remove_functions(retention: Retention, machine_versions: Iterable[str], store: VersionStore) -> list[str]:
    described = [store.machine_version(version) for version in machine_versions]
    named = {function for version in described if version is not None for function in version.functions}
    removed = 0
    for function in retention.function_arns:
        versions = sorted(store.function_versions(function), key=lambda version: version.number, reverse=True)
        for version in reversed(versions[retention.kept :]):
            is_free = version.arn not in named and not version.is_routed and version.description.startswith(OURS)
            removed += is_free and _is_removed(store.remove_function_version, version.arn)
    return [f"removed {removed} old version{'s' if removed != 1 else ''} of its functions"] if removed else []


def _is_removed(remove: Callable[[str], None], version_arn: str) -> bool:
    """Remove a version; False when an alias was led to it since."""
    try:
        remove(version_arn)
    except Conflict:
        return False
    return True


def _warning(count: int) -> list[str]:
    if count < NEAR:
        return []
    return [f"the machine has {count} versions, and Step Functions takes {LIMIT}: see which of them are still needed"]
