"""How the bucket is encrypted that somebody else made for an environment, where a plan changes what reads from it."""

from __future__ import annotations

from bunsui.errors import CloudError, Missing
from bunsui.kinds.bucket import BUCKET
from bunsui.model.address import ENVIRONMENT, Address
from bunsui.plan.checks.given_bucket import given_bucket
from bunsui.plan.model import GivenBucket, Plan
from bunsui.ports.cloud import Provider


def look_at_given_bucket(plan: Plan, buckets: Provider | None) -> GivenBucket | None:
    """Return how the bucket stands; None where there is none, or nothing changes that reads from it. Nothing is decided by
    this."""
    bucket = given_bucket(plan)
    if bucket is None or buckets is None:
        return None
    try:
        found = buckets.read(Address(BUCKET, ENVIRONMENT), bucket.name)
    except Missing:
        found = None
    except CloudError:
        return GivenBucket(is_there=True, encryption=None)
    if found is None:
        return GivenBucket(is_there=False, encryption=None)
    encryption = found.attributes.get("encryption")
    return GivenBucket(is_there=True, encryption=encryption if isinstance(encryption, str) else None)
