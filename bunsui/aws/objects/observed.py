"""What every provider says about an object that it read or wrote, with a revision that both sides compute alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource
from bunsui.ports.cloud import ResolvedResource, Written


def revision_of(attributes: Mapping[str, Json], outputs: Mapping[str, str]) -> str:
    """Return 16 hex digits that change whenever an attribute or an output does.

    A write computes it from what it wrote and a read from what it read; they agree when AWS has what was written, so no read is
    needed after a write to know the revision."""
    text = json.dumps([attributes, outputs], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def observed_resource(
    address: Address,
    physical_name: str,
    *,
    attributes: Mapping[str, Json],
    outputs: Mapping[str, str],
    tags: Mapping[str, str],
) -> ActualResource:
    """Return what was read."""
    return ActualResource(
        address=address,
        physical_name=physical_name,
        attributes=attributes,
        outputs=outputs,
        tags=tags,
        revision=revision_of(attributes, outputs),
    )


def written(resource: ResolvedResource, outputs: Mapping[str, str]) -> Written:
    """Return what a write left behind."""
    return Written(outputs=outputs, revision=revision_of(resource.attributes, outputs))
