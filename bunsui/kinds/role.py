"""IAM role with one inline policy.

Attributes: path · trust (policy document) · policy (document of the one inline policy "bunsui") · boundary (ARN or null)
· description · tags. Outputs: arn. Source of the limits: "IAM and AWS STS quotas"; those of roles and trust policies may be
raised.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind, Limit
from bunsui.kinds.ownership import key_value
from bunsui.model.address import Address, is_pipeline
from bunsui.model.names import ROLE_NAME_LIMIT
from bunsui.model.resource import ActualResource

POLICY_NAME = "bunsui"
"""The name of the one inline policy."""

INLINE_POLICY = Limit(what="characters of the inline policy", most=10_240, is_fixed=True)
"""Of all inline policies together, white space not counted."""
TRUST_POLICY = Limit(what="characters of the trust policy", most=2_048)
SCHEDULER = "scheduler"
"""The name of a pipeline's role that only starts sessions: none that was started needs it."""
_KEYS = {"": "machine", SCHEDULER: SCHEDULER}
"""Which key of `roles:` stands for a role, by the name in its address; every other is a function's."""


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    return "iam", "tag-role", "--role-name", actual.physical_name, "--tags", *key_value(tags)


def _way_around(address: Address) -> str:
    if not is_pipeline(address.pipeline):
        return "give the environment another name in bunsui.yaml"
    key = _KEYS.get(address.name, "function")
    return f"name a role that somebody makes: `roles: {{{key}: ROLE-ARN}}` in the pipeline's file"


ROLE = "role"
"""The kind's name."""

KIND = Kind(
    name=ROLE,
    title="role",
    word="role",
    attributes=(
        Attribute(name="path", default="/", replaces=True, held=False),
        Attribute(name="trust", comparison=Comparison.POLICY, default={}, effect=Effect.RUNNING_SESSIONS, limit=TRUST_POLICY),
        Attribute(name="policy", comparison=Comparison.POLICY, default={}, effect=Effect.RUNNING_SESSIONS, limit=INLINE_POLICY),
        Attribute(name="boundary", effect=Effect.RUNNING_SESSIONS),
        Attribute(name="description", default="", effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn",),
    name_limit=ROLE_NAME_LIMIT,
    rank=20,
    hand_over=_hand_over,
    way_around=_way_around,
    quota=Limit(what="roles of this project alone", most=1_000),
    serves_sessions=True,
    listed_events=("DeleteRole",),
    events=(
        "CreateRole",
        "UpdateRole",
        "UpdateRoleDescription",
        "UpdateAssumeRolePolicy",
        "PutRolePolicy",
        "DeleteRolePolicy",
        "PutRolePermissionsBoundary",
        "DeleteRolePermissionsBoundary",
        "TagRole",
        "UntagRole",
    ),
    is_global=True,
    may_be_listed_whole=True,
)
