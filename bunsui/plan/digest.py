"""Fingerprints of a plan: of what is there, of what is wanted, and of all changes together.

A value that is never shown is in none of them: who has a fingerprint can try values until one fits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from bunsui.kinds.canonical import canonical_json, form_fingerprint
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Json, Value
from bunsui.plan.ignored import without
from bunsui.plan.model import Plan, ResourceChange

_NOTHING_SAID = Lifecycle()


def before_hash(change: ResourceChange) -> str:
    """Give 64 hex digits for what AWS has, without what belongs to others; empty when it has nothing."""
    actual, said = change.actual, change.desired or change.applied
    if actual is None:
        return ""
    ignore = said.lifecycle.ignore if said is not None else ()
    attributes: Mapping[str, Value] = actual.attributes
    return _hash(actual.address.kind, actual.physical_name, without(actual.address.kind, attributes, ignore))


def after_hash(desired: DesiredResource | None) -> str:
    """Give 64 hex digits for what the repository wants, references and code included; empty when it wants nothing."""
    if desired is None:
        return ""
    return _hash(desired.address.kind, desired.physical_name, desired.attributes, desired.lifecycle)


def change_digest(plan: Plan) -> str:
    """Give 64 hex digits that two plans share exactly when they change the same things from and to the same values.

    Neither the commit nor the time nor the state's serial is in it, so that a plan made anew can be compared with a reviewed
    one.
    """
    return rows_digest(change_row(change) for change in plan.pending)


def change_row(change: ResourceChange) -> tuple[str, str, str, str]:
    """Give what a change contributes to the digest: address, action, before, after."""
    return str(change.address), change.action.value, before_hash(change), after_hash(change.desired)


def desired_digest(plan: Plan) -> str:
    """Give 64 hex digits for everything that the repository wants in the planned pipelines, changed or not."""
    wanted = [(str(change.address), after_hash(change.desired)) for change in plan.changes if change.desired is not None]
    return hashlib.sha256(json.dumps(sorted(wanted), separators=(",", ":")).encode()).hexdigest()


def rows_digest(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """Give the digest of the rows, in whatever order they come."""
    text = json.dumps(sorted(rows), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _hash(kind: str, physical_name: str, attributes: object, lifecycle: Lifecycle = _NOTHING_SAID) -> str:
    known: dict[str, Value] = dict(attributes) if isinstance(attributes, dict) else {}
    model = kind_named(kind)
    hidden = {attribute.name for attribute in model.attributes if attribute.sensitive}
    canonical: dict[str, Value] = {name: value for name, value in model.canonical(known).items() if name not in hidden}
    whole: dict[str, Value | Json] = {"name": physical_name, "attributes": canonical}
    if not lifecycle.is_default:
        whole["lifecycle"] = canonical_json(lifecycle.document())
    return form_fingerprint(whole)
