"""Fingerprints of a plan: of what is there, of what is wanted, and of all changes together.

A value that is never shown is in none of them: who has a fingerprint can try values until one fits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from bunsui.kinds.canonical.json import canonical_json, form_fingerprint
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import parse_address
from bunsui.model.json import Json
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Value
from bunsui.plan.exclusive import removed_beside
from bunsui.plan.ignore_rules import without
from bunsui.plan.model import Plan, ResourceChange

_NOTHING_SAID = Lifecycle()

Row: TypeAlias = tuple[str, str, str, str]
"""What a change contributes: address, action, before, after."""


def before_hash(change: ResourceChange) -> str:
    """Return 64 hex digits for what AWS has, without what belongs to others; empty when it has nothing."""
    actual, said = change.actual, change.desired or change.applied
    if actual is None:
        return ""
    ignore = said.lifecycle.ignore if said is not None else ()
    attributes: Mapping[str, Value] = actual.attributes
    removed = [[one.what, one.name] for one in removed_beside(change)]
    kept = without(actual.address.kind, attributes, ignore)
    return _hash(actual.address.kind, actual.physical_name, kept, removed=removed)


def after_hash(desired: DesiredResource | None) -> str:
    """Return 64 hex digits for what the repository wants, references and code included; empty when it wants nothing."""
    if desired is None:
        return ""
    return _hash(desired.address.kind, desired.physical_name, desired.attributes, desired.lifecycle)


def change_digest(plan: Plan) -> str:
    """Return 64 hex digits that two plans share exactly when they change the same things from and to the same values.

    Neither the commit nor the time nor the state's serial is in it, so that a plan made anew can be compared with a reviewed
    one. It is the digest of the digests of the plan's pipelines, so that a list of these proves itself.
    """
    return whole_digest(pipeline_digests(plan).values())


def pipeline_digests(plan: Plan) -> dict[str, str]:
    """Return 64 hex digits for the changes of each pipeline that changes, by its name."""
    return digests_of(change_row(change) for change in plan.pending)


def digests_of(rows: Iterable[Row]) -> dict[str, str]:
    """Return 64 hex digits for the rows of each pipeline, by its name, in whatever order the rows come."""
    by_pipeline: dict[str, list[Row]] = {}
    for row in rows:
        by_pipeline.setdefault(parse_address(row[0]).pipeline, []).append(row)
    return {name: _digest(sorted(mine)) for name, mine in by_pipeline.items()}


def whole_digest(digests: Iterable[str]) -> str:
    """Return the digest of the digests of pipelines, in whatever order they come."""
    return _digest(sorted(digests))


def change_row(change: ResourceChange) -> Row:
    """Return what a change contributes to the digest: address, action, before, after."""
    return str(change.address), change.action.value, before_hash(change), after_hash(change.desired)


def desired_digest(plan: Plan) -> str:
    """Return 64 hex digits for everything that the repository wants in the planned pipelines, changed or not."""
    wanted = [(str(change.address), after_hash(change.desired)) for change in plan.changes if change.desired is not None]
    return _digest(sorted(wanted))


def rows_digest(rows: Iterable[Row]) -> str:
    """Return the digest of a whole plan with these rows, in whatever order they come."""
    return whole_digest(digests_of(rows).values())


def _digest(rows: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()


def _hash(
    kind: str,
    physical_name: str,
    attributes: Mapping[str, Value],
    lifecycle: Lifecycle = _NOTHING_SAID,
    *,
    removed: Sequence[Json] = (),
) -> str:
    model = kind_named(kind)
    hidden = {attribute.name for attribute in model.attributes if attribute.sensitive}
    canonical: dict[str, Value] = {name: value for name, value in model.canonical(attributes).items() if name not in hidden}
    whole: dict[str, Value | Json] = {"name": physical_name, "attributes": canonical}
    if not lifecycle.is_default:
        whole["lifecycle"] = canonical_json(lifecycle.document())
    if removed:
        whole["beside"] = canonical_json(list(removed))
    return form_fingerprint(whole)
