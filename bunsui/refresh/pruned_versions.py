"""Versions of functions that machines call: those that somebody deleted are found.

A machine's definition names the version of each function. Lambda deletes one although a machine names it, and no list tells of
it: the function bears a tag that says which version runs. So each is asked for, 100 a second for an account; a plan of many
functions leaves that to `drift` and `--refresh full`. A version of a machine cannot be pruned while an alias leads to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bunsui.kinds.lambda_function import DELETED, FUNCTION, VERSION_IN_USE
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.ports.versions import PublishedVersions

FEW = 50
"""Of so many functions each plan asks."""


def find_pruned(
    published: PublishedVersions | None, applied: Mapping[Address, AppliedResource], *, asks_all: bool
) -> frozenset[str]:
    """Return the ARNs of the versions that were applied last and are gone; none where nobody can tell, or there are too many to
    ask, unless `asks_all`."""
    arns = {arn for address, item in applied.items() if address.kind == FUNCTION and (arn := item.outputs.get("version_arn"))}
    if published is None or not arns or (len(arns) > FEW and not asks_all):
        return frozenset()
    return published.find_gone(arns)


def with_pruned(actual: Iterable[ActualResource], pruned: frozenset[str]) -> tuple[ActualResource, ...]:
    """Return what was read, with the functions that differ in that the version in use is gone."""
    return tuple(
        replace(item, attributes={**item.attributes, VERSION_IN_USE: DELETED})
        if item.outputs.get("version_arn") in pruned and not item.is_assumed and not item.unreadable
        else item
        for item in actual
    )
